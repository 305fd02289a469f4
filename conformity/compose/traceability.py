"""The document ``traceability``: from requirements to evidence, digests, probes and reviewers, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformity.catalog.rows import ItemLaw
from conformity.compose.items import fill
from conformity.compose.layout import Maker, parts
from conformity.compose.material import Material
from conformity.compose.tracing import anchor, evidence_of, users
from conformity.compose.words import VERDICTS, fact, facts, linked, quoted, recorded, table, told
from conformity.model.document import Block, Cell, Item, Link, Row, Section
from conformity.model.evidence import Observation
from conformity.model.finding import Finding
from conformity.model.manifest import SignOff

_OUTCOMES = {"measured": "Measured", "not_available": "No number", "error": "Failed"}
_STANCES = {"confirms": "Confirms", "reserves": "With a reservation", "denies": "Denies"}


def compose(material: Material) -> tuple[Section, ...]:
    """Return the checks of completeness and the tables that lead both ways."""
    used = users(material)
    makers: dict[str, Maker] = {"forward": _forward, "backward": _backward, "reviewed": _reviewed}
    contents: dict[str, Sequence[Block]] = {
        "requirements": [_requirements(material)],
        "observations": [_observations(material, used)],
        "artefacts": [_artefacts(material, used)],
        "reviewers": _reviewers(material),
        "tools": [_tools(material), _software(material)],
    }
    return parts(material, makers, contents)


def _forward(material: Material, row: ItemLaw) -> Item:
    """Return whether every requirement has a finding."""
    without = [name for name in material.planned if name not in material.findings]
    content = [
        facts(
            fact("Requirements in the plan", recorded(len(material.planned))),
            fact("With a finding", recorded(len(material.planned) - len(without))),
        )
    ]
    open = [f"{name} has no finding; judge the plan again." for name in without]
    return fill(material, row, content, status="partly" if without else "filled", open=open)


def _backward(material: Material, row: ItemLaw) -> Item:
    """Return how many observations speak to a requirement; the others are named in the table."""
    used = users(material)
    idle = sum(one.id not in used for one in material.evidence.observations)
    content = [
        facts(
            fact("Observations", recorded(len(material.evidence.observations))),
            fact("That speak to no requirement", recorded(idle)),
        )
    ]
    return fill(material, row, content, status="filled")


def _reviewed(material: Material, row: ItemLaw) -> Item:
    """Return how many requirements somebody signed for."""
    signed = {name for one in material.manifest.sign_offs for name in one.requirements}
    concerned = [one for one, planned in material.planned.items() if planned.applies != "no"]
    done = sum(one in signed for one in concerned)
    content = [
        facts(
            fact("Requirements that concern the system, or may", recorded(len(concerned))),
            fact("That somebody signed for", recorded(done)),
        )
    ]
    if done == len(concerned):
        return fill(material, row, content, status="filled")
    status = "partly" if done else "missing"
    open = ["A named person signs for the documents of each requirement that is left."]
    return fill(material, row, content, status=status, open=open)  # type: ignore[arg-type] # both are statuses


def _requirements(material: Material) -> Block:
    """Return every requirement with its verdict and what that rests on."""
    rows = [
        Row(
            id=anchor("r", name),
            cells=(
                told(planned.requirement.ref),
                told(planned.requirement.title),
                told(_verdict(material.findings.get(name))),
                linked(*_evidence_links(evidence_of(material.findings.get(name)))),
                linked(*_declared_links(material, name)),
            ),
        )
        for name, planned in material.planned.items()
    ]
    heads = ["Citation", "Requirement", "Verdict", "Observations", "Exhibits and sign-offs"]
    return table(heads, rows, widths=[16, 22, 12, 30])


def _verdict(finding: Finding | None) -> str:
    """Return the verdict on a requirement."""
    return VERDICTS[finding.verdict] if finding else "No finding"


def _evidence_links(names: Iterable[str]) -> list[Link]:
    """Return links to observations."""
    return [Link(text=name, to=anchor("e", name)) for name in names]


def _declared_links(material: Material, requirement_id: str) -> list[Link]:
    """Return links to the exhibits and sign-offs of a requirement."""
    finding = material.findings.get(requirement_id)
    declared = finding.declared if finding else None
    if declared is None:
        return []
    exhibits = [Link(text=name, to=anchor("d", name)) for name in declared.exhibits]
    signed = [Link(text=name, to=anchor("o", name)) for name in declared.sign_offs]
    return [*exhibits, *signed]


def _observations(material: Material, used: Mapping[str, Sequence[str]]) -> Block:
    """Return every observation with probe, subject, time and the requirements that it speaks to."""
    rows = [_observation(material, one, used) for one in material.evidence.observations]
    heads = ["Observation", "Probe and version", "Artefact", "Outcome", "Requirements"]
    return table(heads, rows, widths=[14, 24, 14, 11])


def _observation(material: Material, one: Observation, used: Mapping[str, Sequence[str]]) -> Row:
    """Return one observation as a row."""
    speaks_to = used.get(one.id, ())
    links = [_requirement_link(material, name) for name in speaks_to]
    return Row(
        id=anchor("e", one.id),
        cells=(
            recorded(one.id),
            Cell(
                links=(Link(text=f"{one.probe} {one.probe_version}", to=anchor("p", one.probe)),),
                origin="record",
            ),
            linked(Link(text=one.subject, to=anchor("d", one.subject))),
            told(_OUTCOMES[one.outcome]),
            linked(*links) if links else told("None"),
        ),
    )


def _requirement_link(material: Material, name: str) -> Link:
    """Return a link to a requirement under its citation."""
    planned = material.planned.get(name)
    return Link(text=planned.requirement.ref if planned else name, to=anchor("r", name))


def _artefacts(material: Material, used: Mapping[str, Sequence[str]]) -> Block:
    """Return every subject and exhibit with its digest and the observations of it."""
    rows = []
    for record in material.evidence.subjects:
        seen = [one for one in material.evidence.observations if one.subject == record.id]
        reached = dict.fromkeys(name for one in seen for name in used.get(one.id, ()))
        rows.append(
            Row(
                id=anchor("d", record.id),
                cells=(
                    recorded(record.id),
                    quoted(material.title_of(record.id)),
                    recorded((record.sha256 or record.problem or "").removeprefix("sha256:")),
                    linked(*_evidence_links(one.id for one in seen)),
                    recorded(len(reached)),
                ),
            )
        )
    heads = ["Artefact", "What it is", "SHA-256", "Observations", "Requirements reached"]
    return table(heads, rows, widths=[12, 18, 24, 36])


def _reviewers(material: Material) -> list[Block]:
    """Return every sign-off with the requirements, and whether the digests signed for are those found."""
    rows = [_reviewer(material, one) for one in material.manifest.sign_offs]
    heads = ["Sign-off", "Reviewer", "Stance", "Requirements", "Signed for"]
    if not rows:
        return [facts(fact("Sign-offs", told("Nobody has signed.")))]
    return [table(heads, rows, widths=[14, 24, 12, 22])]


def _reviewer(material: Material, one: SignOff) -> Row:
    """Return one sign-off as a row."""
    links = [_requirement_link(material, name) for name in one.requirements]
    same = all(_unchanged(material, seal.exhibit, seal.sha256) for seal in one.over)
    state = (
        "The digests are those found." if same else "A document has changed since; it must be signed anew."
    )
    over = [Link(text=seal.exhibit, to=anchor("d", seal.exhibit)) for seal in one.over]
    return Row(
        id=anchor("o", one.id),
        cells=(
            recorded(one.id),
            quoted(f"{one.by.name}, {one.by.function}, {one.signed_on}"),
            told(_STANCES[one.stance]),
            linked(*links),
            told(state, *over),
        ),
    )


def _unchanged(material: Material, exhibit: str, sha256: str) -> bool:
    """Tell whether an exhibit is as it was when somebody signed for it."""
    record = material.records.get(exhibit)
    return record is not None and record.sha256 == sha256


def _tools(material: Material) -> Block:
    """Return every probe that took part, with its version and how many observations it made."""
    made: dict[str, list[Observation]] = {}
    for one in material.evidence.observations:
        made.setdefault(one.probe, []).append(one)
    rows = [
        Row(
            id=anchor("p", name),
            cells=(
                recorded(name),
                told(material.probe_titles.get(name, name)),
                recorded(", ".join(sorted({str(one.probe_version) for one in several}))),
                linked(*_evidence_links(one.id for one in several)),
            ),
        )
        for name, several in made.items()
    ]
    heads = ["Probe", "What it asks", "Version", "Observations"]
    return table(heads, rows, title="Probes", widths=[26, 28, 8])


def _software(material: Material) -> Block:
    """Return the software and the platform."""
    packages = [(recorded(one.name), recorded(one.version)) for one in material.evidence.software]
    rows = [
        (recorded("conformity"), recorded(material.assessment.tool.removeprefix("conformity "))),
        *packages,
        (told("Platform"), recorded(material.evidence.platform)),
    ]
    return table(["Software", "Version"], rows, title="Software", widths=[40])
