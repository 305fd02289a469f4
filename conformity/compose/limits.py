"""The document ``limits``: what can be measured of the law, what was not measured, and what numbers hide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformity.compose.layout import parts
from conformity.compose.material import Material
from conformity.compose.tracing import evidence_of
from conformity.compose.words import recorded, said, table, told
from conformity.model.document import Block, Cell, Section
from conformity.model.finding import Finding
from conformity.model.plan import PlannedRequirement
from conformity.model.requirement import Automation

_LEVELS: tuple[tuple[Automation, str], ...] = (
    ("measured", "The core can be measured"),
    ("partly", "Indicators can be measured"),
    ("declared", "A statement can be recorded"),
)


def compose(material: Material) -> tuple[Section, ...]:
    """Return the counts by level and article, what was not measured, and the limits of the methods."""
    rows = [row for row in material.assessment.plan.requirements if row.applies != "no"]
    contents: dict[str, Sequence[Block]] = {
        "levels": _levels(material, rows),
        "articles": [_articles(rows)] if rows else [],
        "unmeasured": _listed(
            [
                row
                for row in rows
                if row.requirement.automation != "declared" and not _measured(material, row)
            ],
            _why,
        ),
        "statements": _listed(
            [row for row in rows if row.requirement.automation == "declared"],
            lambda row: "; ".join(need.item for need in row.requirement.evidence),
        ),
        "numbers": _numbers(material),
    }
    return parts(material, {}, contents)


def _levels(material: Material, rows: Sequence[PlannedRequirement]) -> list[Block]:
    """Return for each level how many requirements there are, and for how many there is something."""
    aside = len(material.assessment.plan.requirements) - len(rows)
    made = []
    for level, title in _LEVELS:
        some = [row for row in rows if row.requirement.automation == level]
        made.append(
            (
                told(title),
                recorded(len(some)),
                recorded(sum(_measured(material, row) for row in some)),
                recorded(sum(_signed(material, row) for row in some)),
                recorded(sum(_verdict(material, row) == "met" for row in some)),
            )
        )
    heads = ["Level", "Requirements", "Something measured", "Signed for by a person", "Met"]
    note = f"Requirements that do not concern this system in this role, and are not counted: {aside}."
    return [table(heads, made, widths=[36, 15, 17, 19]), said(note)]


def _articles(rows: Sequence[PlannedRequirement]) -> Block:
    """Return how many requirements of each level every article has."""
    names = list(dict.fromkeys(row.requirement.article for row in rows))
    made = []
    for name in names:
        levels = [row.requirement.automation for row in rows if row.requirement.article == name]
        made.append((told(name), *(recorded(levels.count(level)) for level, _ in _LEVELS)))
    return table(["Article", *(title for _, title in _LEVELS)], made, widths=[22, 26, 26])


def _listed(rows: Sequence[PlannedRequirement], last: Callable[[PlannedRequirement], str]) -> list[Block]:
    """Return requirements with one more thing about each."""
    if not rows:
        return [said("None.")]
    made: list[tuple[Cell, ...]] = [
        (told(row.requirement.ref), told(row.requirement.title), told(last(row))) for row in rows
    ]
    return [table(["Citation", "Requirement", "What is missing"], made, widths=[20, 28])]


def _why(row: PlannedRequirement) -> str:
    """Return why nothing was measured for a requirement that could be measured, at least in part."""
    items = "; ".join(need.item for need in row.requirement.evidence if need.kind == "measured")
    if not row.requirement.probes and row.requirement.rule is None:
        return f"This tool has no probe for it: {items}." if items else "This tool has no probe for it."
    return "There is a probe for it, but nothing handed in gave it a number."


def _numbers(material: Material) -> list[Block]:
    """Return the limits of every probe that gave numbers."""
    giving = {one.probe for one in material.evidence.observations if one.measurements}
    rows = [
        (told(probe.title), told(limit))
        for probe in material.assessment.plan.probes
        if probe.id in giving
        for limit in probe.limits
    ]
    return [table(["Method", "Limit"], rows, widths=[28])] if rows else [said("Nothing was measured.")]


def _measured(material: Material, row: PlannedRequirement) -> bool:
    """Tell whether a number was measured that speaks to a requirement; a document is none."""
    seen = (material.observations.get(name) for name in evidence_of(_finding(material, row)))
    return any(one is not None and one.measurements and not one.probe.startswith("declared/") for one in seen)


def _signed(material: Material, row: PlannedRequirement) -> bool:
    """Tell whether a person's statement counts for a requirement."""
    finding = _finding(material, row)
    return bool(finding and finding.declared and finding.declared.sign_offs)


def _verdict(material: Material, row: PlannedRequirement) -> str:
    """Return the verdict on a requirement; empty when there is none."""
    finding = _finding(material, row)
    return finding.verdict if finding else ""


def _finding(material: Material, row: PlannedRequirement) -> Finding | None:
    """Return the finding on a requirement."""
    return material.findings.get(row.requirement.id)
