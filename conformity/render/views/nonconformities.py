"""The register of non-conformities as the report prints it: what is planned, and gaps drawn together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformity.model.nonconformity import Closure, NonConformity
from conformity.render.views.context import Context, Link
from conformity.render.views.limits import cut
from conformity.render.views.verdicts import Mark, mark

MOST_ROWS = 60
"""Rows of the register that are printed; the worst come first."""

_MOST_NAMED = 5
"""Requirements with nothing collected that are named one by one."""

_GRADES = ("critical", "major", "minor")


@dataclass(frozen=True)
class RegisterRow:
    """One entry of the register, or several of which everything but the requirement is the same."""

    anchor: str
    """Its place."""
    severity: str
    """How grave it is."""
    blocks: str
    """Whether a declaration of conformity must wait for it."""
    mark: Mark
    """How the requirement stands now."""
    n: str
    """How many requirements there are, or empty for one."""
    about: tuple[Link, ...]
    """The findings, or the articles where they are too many."""
    owner: str
    """Who answers for it."""
    action: str
    """What will be done."""
    due: str
    """By when."""
    state: str
    """Since when it is open, or what closed it."""
    evidence: tuple[Link, ...]
    """What it was closed by."""


@dataclass(frozen=True)
class RegisterView:
    """The register."""

    rows: tuple[RegisterRow, ...]
    """Its rows."""
    more: str
    """How many rows are not printed, or empty."""
    rules: tuple[str, ...]
    """By which rules entries are as grave as they are."""


def register_view(context: Context, places: Mapping[str, str]) -> RegisterView:
    """Return the register: open entries before closed ones, graver ones first.

    Args:
        context: the records and the language.
        places: where the report tells of each article, by its name.
    """
    entries = context.assessment.non_conformities or ()
    shown, more = cut(context, _groups(entries), MOST_ROWS, "entries")
    return RegisterView(
        rows=tuple(_row(context, group, number, places) for number, group in enumerate(shown, start=1)),
        more=more,
        rules=tuple(dict.fromkeys(one.severity_rule for one in sorted(entries, key=_grade))),
    )


def places_in_register(context: Context) -> dict[str, str]:
    """Return where the register tells of each requirement, by the requirement's id."""
    shown = _groups(context.assessment.non_conformities or ())[:MOST_ROWS]
    found: dict[str, str] = {}
    for number, group in enumerate(shown, start=1):
        for one in group:
            found.setdefault(one.requirement, f"nc-{number}")
    return found


def _groups(entries: Sequence[NonConformity]) -> tuple[tuple[NonConformity, ...], ...]:
    """Return the entries; those for which nothing is planned and all else is the same stand together."""
    found: dict[tuple[object, ...], list[NonConformity]] = {}
    for one in entries:
        alone = one.planned or one.closure is not None
        same = (one.severity, one.verdict, one.blocks, one.owner, one.opened_on, one.opened_in)
        found.setdefault((one.id,) if alone else same, []).append(one)
    ordered = sorted(found.values(), key=lambda group: (group[0].state == "closed", _grade(group[0])))
    return tuple(tuple(group) for group in ordered)


def _grade(entry: NonConformity) -> int:
    """Return how grave an entry is, the gravest first."""
    return _GRADES.index(entry.severity)


def _row(
    context: Context, group: Sequence[NonConformity], number: int, places: Mapping[str, str]
) -> RegisterRow:
    """Return one row; everything but the requirement is the same in all of its entries."""
    words, one = context.words["register"], group[0]
    day = context.locale.day(one.due) if one.due else words["no_day"]
    opened = words["opened"].format(day=context.locale.day(one.opened_on), version=one.opened_in)
    return RegisterRow(
        anchor=f"nc-{number}",
        severity=words["severities"][one.severity],
        blocks=words["blocks"] if one.blocks else "",
        mark=mark(context, one.verdict),
        n=context.plural("open", "for", len(group)) if len(group) > 1 else "",
        about=tuple(_about(context, group, places)),
        owner=one.owner or words["nobody"],
        action=_action(context, group),
        due=day if one.state == "open" else "",
        state=_closed(context, one.closure) if one.closure else opened,
        evidence=context.evidence_links(one.closure.evidence) if one.closure else (),
    )


def _about(context: Context, group: Sequence[NonConformity], places: Mapping[str, str]) -> Iterator[Link]:
    """Yield the findings; where nothing was collected on many, the articles and how many each has."""
    if len(group) <= _MOST_NAMED or group[0].verdict != "not_collected":
        yield from (context.requirement_link(one.requirement) for one in group)
        return
    known = [context.planned.get(one.requirement) for one in group]
    counts = Counter(row.requirement.article for row in known if row)
    colon = context.words["common"]["colon"]
    for title, n in counts.items():
        text = f"{title}{colon} {context.locale.integer(n)}"
        yield Link(text.replace(" ", "\u00a0"), places.get(title))


def _action(context: Context, group: Sequence[NonConformity]) -> str:
    """Return what the provider will do; without a plan the findings say what is asked for."""
    one = group[0]
    if not one.planned:
        return str(context.words["register"]["as_found"])
    return f"{one.corrective_action} ({one.remarks})" if one.remarks else one.corrective_action


def _closed(context: Context, closure: Closure) -> str:
    """Return when and why an entry was closed."""
    told: str = context.words["register"]["closed"].format(
        day=context.locale.day(closure.on), reason=closure.reason
    )
    return told
