"""What speaks to a requirement, as blocks: readings, measurements without a bound, exhibits, sign-offs."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.compose.figures import block, caveats, readings, whole_figures
from conformity.compose.material import Material
from conformity.compose.words import quoted, recorded, said, table, told
from conformity.model.document import Block, Cell
from conformity.model.evidence import Observation
from conformity.model.finding import Finding

_EXHIBITS = "declared/"
_STANCES = {"confirms": "Confirms", "reserves": "Confirms with a reservation", "denies": "Denies"}


def measured_blocks(material: Material, findings: Sequence[Finding]) -> list[Block]:
    """Return what was measured for requirements: readings against bounds, then figures without one.

    Exhibits are left to :func:`declared_blocks`, though a probe looks at them too.
    """
    bounded = readings(findings)
    seen = {row.evidence for row in bounded}
    named = dict.fromkeys(name for one in findings for name in one.evidence if name not in seen)
    found = [material.observations[name] for name in named if name in material.observations]
    others = [one for one in found if not one.probe.startswith(_EXHIBITS)]
    spoken = [one for one in others if one.outcome != "not_available"]
    silent = len(others) - len(spoken)
    blocks = block("Measured against bounds that the provider fixed", bounded)
    unbounded = [row for one in spoken for row in whole_figures(one)]
    blocks += block("Measured, without a bound", unbounded, 12)
    blocks += caveats(material, [*bounded, *unbounded])
    if spoken:
        blocks.append(observation_table(material, spoken))
    if silent:
        blocks.append(said(f"Steps that could give no number: {silent}. The report tells why."))
    return blocks


def observation_table(material: Material, observations: Sequence[Observation]) -> Block:
    """Return which observations there are, on what, and how they came out."""
    outcomes = {"measured": "Measured", "not_available": "No number", "error": "Failed"}
    return table(
        ["Observation", "Probe", "Subject", "Outcome"],
        [
            (
                recorded(one.id),
                told(material.probe_titles.get(one.probe, one.probe)),
                quoted(material.title_of(one.subject)),
                told(outcomes[one.outcome]),
            )
            for one in observations
        ],
        title="Observations that speak to it",
        widths=[18, 34, 34],
    )


def declared_blocks(material: Material, findings: Sequence[Finding]) -> list[Block]:
    """Return what was handed in and signed for requirements."""
    declared = [one.declared for one in findings if one.declared is not None]
    exhibits = list(dict.fromkeys(name for one in declared for name in one.exhibits))
    signed = list(dict.fromkeys(name for one in declared for name in one.sign_offs))
    blocks: list[Block] = []
    if exhibits:
        blocks.append(exhibit_table(material, exhibits))
    if signed:
        blocks.append(sign_off_table(material, signed))
    return blocks


def exhibit_table(material: Material, exhibits: Sequence[str]) -> Block:
    """Return the exhibits with file, date and digest."""
    return table(
        ["Exhibit", "File", "Dated", "SHA-256"],
        [_exhibit(material, name) for name in exhibits],
        title="Handed in",
        widths=[28, 24, 11],
    )


def sign_off_table(material: Material, sign_offs: Sequence[str]) -> Block:
    """Return who signed what, word for word."""
    return table(
        ["Signed by", "Stance", "Statement"],
        [_sign_off(material, name) for name in sign_offs],
        title="Signed for",
        widths=[26, 16],
    )


def _exhibit(material: Material, name: str) -> tuple[Cell, ...]:
    """Return the row of one exhibit."""
    exhibit, record = material.exhibits.get(name), material.records.get(name)
    digest = record.sha256 if record else None
    return (
        quoted(exhibit.title if exhibit else name),
        quoted(exhibit.path if exhibit else ""),
        recorded(exhibit.dated if exhibit else None),
        recorded(digest.removeprefix("sha256:") if digest else None),
    )


def _sign_off(material: Material, name: str) -> tuple[Cell, ...]:
    """Return the row of one sign-off."""
    signed = material.sign_offs.get(name)
    if signed is None:
        return (recorded(name), recorded(None), recorded(None))
    return (
        quoted(f"{signed.by.name}, {signed.by.function}, {signed.signed_on}"),
        told(_STANCES[signed.stance]),
        quoted(signed.statement),
    )
