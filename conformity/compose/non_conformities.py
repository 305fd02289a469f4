"""The document ``non_conformities``: the register, with owners, actions, days, and what closed an entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformity.compose.catalogued import sections_of
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.obstacles import blocking
from conformity.compose.words import fact, facts, quoted, recorded, said, table, told
from conformity.model.base import RequirementId
from conformity.model.document import Block, Cell, Item, Row
from conformity.model.document import Section as Part
from conformity.model.nonconformity import Closure, NonConformity, Severity

_GRADES: tuple[tuple[Severity, str], ...] = (
    ("critical", "Critical"),
    ("major", "Major"),
    ("minor", "Minor"),
)
_VERDICTS = {
    "met": "Met",
    "not_met": "Not met",
    "undetermined": "Undetermined",
    "not_collected": "Not collected",
    "not_applicable": "Not applicable",
}
_HEADS = ("Entry", "Requirement", "Why it is open", "What is to be done", "Owner and day")


def compose(material: Material) -> tuple[Part, ...]:
    """Return how the register stands, its open entries by kind, and the closed ones."""
    register = material.assessment.non_conformities or ()
    still = [entry for entry in register if entry.state == "open"]
    content: dict[str, Sequence[Block]] = {
        "state": _state(material, register),
        "missed": _open(material, [one for one in still if one.kind == "missed"]),
        "gaps": _open(material, [one for one in still if one.kind == "gap"]),
        "declared": _open(material, [one for one in still if one.kind == "declared"]),
        "closed": _closed(register, material),
    }
    items = {"state": (_corrections(material, still), _waiting(material, still))}
    return sections_of(material, items, content)


def _state(material: Material, register: Sequence[NonConformity]) -> list[Block]:
    """Return how many entries there are, and from which version they were carried on."""
    before = material.assessment.previous
    known = [
        fact("Version of the assessment", recorded(material.manifest.edition.version)),
        fact(
            "Version before",
            recorded(f"{before.version}, {before.sha256}") if before else told("None was handed in."),
        ),
    ]
    counts = Counter((one.state, one.severity) for one in register)
    rows = [
        (told(title), recorded(counts["open", grade]), recorded(counts["closed", grade]))
        for grade, title in _GRADES
    ]
    graded = [one for grade, _ in _GRADES for one in register if one.severity == grade]
    rules = dict.fromkeys(one.severity_rule for one in graded)
    blocks: list[Block] = [facts(*known), table(["Severity", "Open", "Closed"], rows, widths=[40, 30])]
    if rules:
        blocks.append(said("The Act has no grades of severity. The rules used here:"))
        blocks.extend(said(rule) for rule in rules)
    return blocks


def _corrections(material: Material, still: Sequence[NonConformity]) -> Item:
    """Return whether the provider named owner, action and day for all that is missed."""
    missed = [one for one in still if one.kind != "gap"]
    open_ones = [one for one in missed if not one.planned]
    late = [one for one in missed if one.due and one.due < material.assessment.assessed_at.date()]
    asked = [
        f"{one.id}: name owner, action and day in `non_conformities` of the manifest." for one in open_ones
    ]
    asked += [f"{one.id} was due on {one.due} and is still open." for one in late]
    row = material.row("corrections")
    if not missed:
        return fill(material, row, status="not_applicable", reason="No requirement is missed.")
    if not asked:
        return fill(material, row, status="filled")
    return fill(material, row, status="partly" if len(open_ones) < len(missed) else "missing", open=asked)


def _waiting(material: Material, still: Sequence[NonConformity]) -> Item:
    """Return how many entries block a declaration, and how many do not."""
    waiting = len(blocking(material.assessment))
    content = [
        facts(
            fact("Open entries that block", recorded(waiting)),
            fact("Open entries that do not", recorded(len(still) - waiting)),
        )
    ]
    asked = material.planned.get(RequirementId("art47.1"))
    if asked is not None and asked.applies == "no":
        return fill(material, material.row("waiting"), status="not_applicable", reason=asked.reason)
    if not waiting:
        return fill(material, material.row("waiting"), content, status="filled")
    open_point = "Deal with every entry that blocks; `conformity declare` lists them."
    return fill(material, material.row("waiting"), content, status="missing", open=[open_point])


def _open(material: Material, entries: Sequence[NonConformity]) -> list[Block]:
    """Return open entries: under each rule a table for each grade; nothing when there are none."""
    blocks: list[Block] = []
    for rule in dict.fromkeys(one.rule for one in entries):
        blocks.append(said(rule))
        for grade, title in _GRADES:
            rows = [_row(material, one) for one in entries if (one.rule, one.severity) == (rule, grade)]
            if rows:
                blocks.append(table(_HEADS, rows, title=title, widths=[14, 14, 20, 35]))
    return blocks


def _row(material: Material, entry: NonConformity) -> Row:
    """Return one open entry."""
    action = quoted(entry.corrective_action) if entry.planned else told(entry.corrective_action)
    if entry.remarks is not None:
        action = quoted(f"{entry.corrective_action} ({entry.remarks})")
    return Row(
        id=entry.id,
        cells=(
            recorded(entry.id),
            _requirement(material, entry),
            told(f"{_VERDICTS[entry.verdict]}. {entry.reason}"),
            action,
            _owner_and_day(entry),
        ),
    )


def _requirement(material: Material, entry: NonConformity) -> Cell:
    """Return the name of the requirement; its id where the plan does not hold it any more."""
    planned = material.planned.get(entry.requirement)
    return told(planned.requirement.title) if planned else recorded(entry.requirement)


def _owner_and_day(entry: NonConformity) -> Cell:
    """Return who answers and until when."""
    since = f"Open since {entry.opened_on} (version {entry.opened_in})."
    if entry.owner is None:
        return told(f"Nobody is named (the provider answers). No day is fixed. {since}")
    if entry.due is None:
        return told(f"{entry.owner}. No day is fixed. {since}")
    return told(f"{entry.owner}. Due by {entry.due}. {since}")


def _closed(entries: Sequence[NonConformity], material: Material) -> list[Block]:
    """Return the closed ones among entries with what closed them; nothing when there are none."""
    rows = [_closed_row(one, one.closure, material) for one in entries if one.closure is not None]
    if not rows:
        return []
    return [
        table(["Entry", "Requirement", "Closed on", "Because", "By evidence"], rows, widths=[15, 15, 12, 28])
    ]


def _closed_row(entry: NonConformity, closure: Closure, material: Material) -> Row:
    """Return one closed entry."""
    named = [*closure.evidence, *closure.sign_offs, *closure.exhibits, closure.evidence_sha256]
    return Row(
        id=entry.id,
        cells=(
            recorded(entry.id),
            _requirement(material, entry),
            recorded(closure.on),
            told(closure.reason),
            recorded(", ".join(named)),
        ),
    )
