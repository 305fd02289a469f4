"""Observed changes laid beside those that the provider determined in advance; nothing here decides the law.

Only what the earlier version declares counts: a change that is declared together with its own making was not
determined in advance. A change is covered by a declared one that names what was replaced, if every range that
it sets holds in the later version, on intervals. A range that was not measured, or whose end lies within the
interval, leaves it open.

Source:
    Art. 43(4), Annex IV(2)(f).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from conformity.judge.comparison.inputs import bound_words, criterion_changes, subject_changes
from conformity.judge.comparison.shown import Key
from conformity.judge.comparison.shown import about as about_of
from conformity.judge.comparison.sides import Side
from conformity.model.base import SubjectId
from conformity.model.comparison import Coverage, LawQuestion, ObservedChange, ThingChange, WorkSheet
from conformity.model.measurement import Count, Measurement, NotAvailable
from conformity.model.predetermined import AllowedRange, PredeterminedChange, Replaced

Why = Literal["within", "outside", "straddles", "not_measured", "no_ranges", "not_foreseen", "no_declaration"]
Place = Literal["within", "outside", "straddles", "not_measured"]

_REPLACED: dict[str, Replaced] = {
    "table": "data",
    "model": "model",
    "dependencies": "software",
}
_ORDER: tuple[Coverage, ...] = ("not_covered", "cannot_tell", "covered")
_COVERS: dict[Why, Coverage] = {
    "within": "covered",
    "outside": "not_covered",
    "not_foreseen": "not_covered",
    "no_declaration": "not_covered",
}
_WORST: tuple[Place, ...] = ("outside", "straddles", "not_measured", "within")
_LONGEST = 300
_WHOLE = 500


def work_sheet(
    before: Side,
    after: Side,
    moved: Sequence[Key],
    questions: Sequence[LawQuestion],
    ref: str,
    statement: str,
) -> WorkSheet:
    """Return the work sheet: what changed, what was determined in advance, and what a person has to answer.

    Args:
        before: the earlier version.
        after: the later version.
        moved: the measures that changed for certain enough.
        questions: the law's questions.
        ref: the provisions.
        statement: what the sheet is and is not.
    """
    then = {one.id: one for one in before.assessment.manifest.predetermined_changes}
    now = {one.id: one for one in after.assessment.manifest.predetermined_changes}
    observed = [
        *_declared_changes(before, after),
        *_subjects(before, after),
        *_bounds(before, after),
        *(_measure(before, after, key) for key in moved),
    ]
    return WorkSheet(
        ref=ref,
        statement=statement,
        placed_on_market_on=before.assessment.manifest.system.placed_on_market_on,
        declared=tuple(
            ThingChange(id=one.id, kind="predetermined", change="changed", after=_in_words(one))
            for one in then.values()
        ),
        declared_later=tuple(name for name, one in now.items() if then.get(name) != one),
        observed=tuple(sorted(observed, key=lambda one: _ORDER.index(one.coverage))),
        questions=tuple(questions),
    )


def _in_words(change: PredeterminedChange) -> str:
    """Return what a change determined in advance is, which ranges it sets, and what documents it."""
    ranges = "; ".join(map(bound_words, change.ranges)) or "none"
    document = (
        f" Documented in: {change.documented_in}." if change.documented_in else " No document is named."
    )
    words = f"{_cut(change.description.strip(), _LONGEST)} Ranges: {ranges}."
    return _cut(words, _WHOLE - len(document)) + document


def _cut(text: str, most: int) -> str:
    """Return a text of at most so many letters, with a mark where it was cut."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


def place_in(allowed: AllowedRange, measurements: Sequence[Measurement]) -> Place:
    """Return how all measurements that a range is about lie to it: the worst of them."""
    found = [one for one in measurements if _is_about(allowed, one)]
    places = [_place(allowed, one) for one in found] or ["not_measured"]
    return next(one for one in _WORST if one in places)


def _is_about(allowed: AllowedRange, one: Measurement) -> bool:
    """Tell whether a range is about a measurement."""
    same = (allowed.metric, allowed.subject, allowed.by) == (one.metric, one.subject, one.by)
    return same and allowed.group in ((), one.group)


def _place(allowed: AllowedRange, one: Measurement) -> Place:
    """Return how one measurement lies to a range; an estimate without an interval is not told."""
    result = one.result
    if isinstance(result, NotAvailable):
        return "not_measured"
    low = high = float(result.value)
    if not isinstance(result, Count) and result.interval is not None:
        low, high = min(low, result.interval.low), max(high, result.interval.high)
    elif not isinstance(result, Count):
        return "straddles"
    floor = float("-inf") if allowed.at_least is None else allowed.at_least
    ceiling = float("inf") if allowed.at_most is None else allowed.at_most
    if low >= floor and high <= ceiling:
        return "within"
    return "outside" if high < floor or low > ceiling else "straddles"


def _declared_changes(before: Side, after: Side) -> Iterator[ObservedChange]:
    """Yield another intended purpose, and another role: no change of the system alone, so none is covered."""
    then, now = before.assessment.manifest, after.assessment.manifest
    if then.system.intended_purpose != now.system.intended_purpose:
        yield ObservedChange(
            what="intended_purpose", kind="purpose", coverage="not_covered", why="not_foreseeable"
        )
    if then.role != now.role:
        yield ObservedChange(
            what=f"role: {then.role} -> {now.role}",
            kind="role",
            coverage="not_covered",
            why="not_foreseeable",
        )


def _subjects(before: Side, after: Side) -> Iterator[ObservedChange]:
    """Yield the subjects that are other bytes, with what was determined in advance about them."""
    for thing in subject_changes(before, after):
        subject = after.subjects.get(thing.id) or before.subjects[thing.id]
        replaced = _REPLACED.get(subject.kind, "records")
        speaking = [
            one
            for one in before.assessment.manifest.predetermined_changes
            if replaced in one.replaces and (not one.subjects or SubjectId(thing.id) in one.subjects)
        ]
        why, names = _best(before, after, speaking)
        yield ObservedChange(
            what=f"{thing.id} ({thing.kind}, {thing.change})",
            kind=replaced,
            coverage=_COVERS.get(why, "cannot_tell"),
            by=names,
            why=why,
        )


def _best(before: Side, after: Side, speaking: Sequence[PredeterminedChange]) -> tuple[Why, tuple[str, ...]]:
    """Return why a change is covered or not: one that covers it is enough, else what comes nearest to it."""
    if not before.assessment.manifest.predetermined_changes:
        return "no_declaration", ()
    if not speaking:
        return "not_foreseen", ()
    found: dict[Why, list[str]] = {}
    for one in speaking:
        found.setdefault(_kept(after, one), []).append(one.id)
    order: tuple[Why, ...] = ("within", "straddles", "not_measured", "no_ranges", "outside")
    why = next(one for one in order if one in found)
    return why, tuple(found[why])


def _kept(after: Side, change: PredeterminedChange) -> Why:
    """Return whether the later version keeps all ranges of a change; the worst of them."""
    if not change.ranges:
        return "no_ranges"
    measurements = tuple(after.measurements.values())
    places = {place_in(one, measurements) for one in change.ranges}
    return next(one for one in _WORST if one in places)


def _bounds(before: Side, after: Side) -> Iterator[ObservedChange]:
    """Yield the bounds that ask less than they did: no declared change covers one."""
    for one in criterion_changes(before, after):
        if one.kind in ("softened", "removed", "moved"):
            yield ObservedChange(
                what=f"{one.criterion} ({one.kind})",
                kind="criterion",
                coverage="not_covered",
                why="not_foreseeable",
            )


def _measure(before: Side, after: Side, key: Key) -> ObservedChange:
    """Return a measure that changed, with what was determined in advance about it."""
    one = after.measurements[key]
    declared = before.assessment.manifest.predetermined_changes
    about = [
        (change.id, allowed) for change in declared for allowed in change.ranges if _is_about(allowed, one)
    ]
    why: Why = "not_foreseen" if declared else "no_declaration"
    names: tuple[str, ...] = ()
    if about:
        # Every range that speaks of it must hold: a change may not borrow the wider range of another.
        places = {_place(allowed, one) for _, allowed in about}
        why = next(place for place in _WORST if place in places)
        names = tuple(dict.fromkeys(name for name, _ in about))
    named = about_of(before.telling.told[key], after.telling.told[key])
    words = [key[2], f"on {key[1]}", named]
    return ObservedChange(
        what=" ".join(word for word in words if word)[:_LONGEST],
        kind="measure",
        coverage=_COVERS.get(why, "cannot_tell"),
        by=names,
        why=why,
    )
