"""What went into the two versions: bounds, subjects, exhibits, sign-offs, other fields, law, tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from conformity.judge.comparison.sides import Side
from conformity.model.base import MetricId, RequirementId, digest_of
from conformity.model.comparison import BoundChange, LawChange, ThingChange
from conformity.model.manifest import Criterion
from conformity.model.predetermined import AllowedRange

BoundKind = Literal["softened", "removed", "moved", "added", "tightened", "reworded"]

_KINDS: tuple[BoundKind, ...] = ("softened", "removed", "moved", "added", "tightened", "reworded")
"""What is told first: a bound that asks less than it did."""

_LISTED = frozenset(
    [
        "subjects",
        "exhibits",
        "criteria",
        "sign_offs",
        "non_conformities",
        "predetermined_changes",
        "age_limits",
    ]
)
"""Fields of a manifest that have a part of their own."""

_SHORT = 12
_LONGEST = 200


def bound_changes(before: Side, after: Side) -> tuple[BoundChange, ...]:
    """Return the bounds, and the limits on the age of evidence, that are other ones; softer ones first."""
    changes = (*criterion_changes(before, after), *age_changes(before, after))
    return tuple(sorted(changes, key=lambda one: (_KINDS.index(one.kind), one.criterion)))


def age_changes(before: Side, after: Side) -> tuple[BoundChange, ...]:
    """Return the things that both versions name and whose evidence may now be older, or less old."""
    shared = [name for name in _things_of(before) if name in _things_of(after)]
    changes = []
    for name in shared:
        then, now = _age_of(before, name), _age_of(after, name)
        if then != now:
            kind: BoundKind = "tightened" if then is None or (now is not None and now < then) else "softened"
            changes.append(
                BoundChange(
                    criterion=f"age:{name}",
                    metric=MetricId("age_d"),
                    before=None if then is None else f"<= {then} d",
                    after=None if now is None else f"<= {now} d",
                    kind=kind,
                )
            )
    return tuple(changes)


def _things_of(side: Side) -> list[str]:
    """Return the ids of the subjects and exhibits of a version."""
    manifest = side.assessment.manifest
    return [str(one.id) for one in (*manifest.subjects, *manifest.exhibits)]


def _age_of(side: Side, name: str) -> int | None:
    """Return how many days old evidence on a thing may be; of several limits the shortest counts."""
    limits = [one.days for one in side.assessment.manifest.age_limits if not one.of or name in one.of]
    return min(limits, default=None)


def criterion_changes(before: Side, after: Side) -> tuple[BoundChange, ...]:
    """Return the criteria whose bound, or what stands beside it, is another one."""
    then, now = before.criteria, after.criteria
    return tuple(
        _bound(name, then.get(name), now.get(name))
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    )


def bound_kind(before: Criterion, after: Criterion) -> BoundKind:
    """Return what became of a bound; one that asks less at either end is softened."""
    places = [(one.metric, one.subject, one.by, one.group) for one in (before, after)]
    if places[0] != places[1]:
        return "moved"
    if _below(after.at_least, before.at_least) or _above(after.at_most, before.at_most):
        return "softened"
    if set(before.requirements) - set(after.requirements):
        return "softened"
    if (before.at_least, before.at_most) != (after.at_least, after.at_most):
        return "tightened"
    return "reworded"


def _below(now: float | None, then: float | None) -> bool:
    """Tell whether a lower end is gone or lower than it was."""
    return then is not None and (now is None or now < then)


def _above(now: float | None, then: float | None) -> bool:
    """Tell whether an upper end is gone or higher than it was."""
    return then is not None and (now is None or now > then)


def _bound(name: str, then: Criterion | None, now: Criterion | None) -> BoundChange:
    """Return one bound that is another one."""
    known = now or then
    assert known is not None
    kind: BoundKind = "removed" if now is None else "added" if then is None else bound_kind(then, now)
    return BoundChange(
        criterion=name,
        metric=known.metric,
        before=bound_words(then) if then else None,
        after=f"{bound_words(now)}{_same_day(kind, then, now)}" if now else None,
        kind=kind,
    )


def _same_day(kind: BoundKind, then: Criterion | None, now: Criterion | None) -> str:
    """Return that both bounds bear one day: at least one of them cannot have been fixed on it (Art. 9(8))."""
    if then is None or now is None or kind == "reworded" or then.fixed_at != now.fixed_at:
        return ""
    return f"; both bounds are declared as fixed on {now.fixed_at.isoformat()[:10]}"


def bound_words(criterion: Criterion | AllowedRange) -> str:
    """Return what a criterion, or a declared range, bounds and by what, in symbols."""
    ends = [f">= {criterion.at_least:g}"] if criterion.at_least is not None else []
    ends += [f"<= {criterion.at_most:g}"] if criterion.at_most is not None else []
    place = "".join(f", {word}" for word in (*criterion.by, *(f"={one}" for one in criterion.group)))
    return f"{criterion.metric} on {criterion.subject}{place} {' '.join(ends)}"[:_LONGEST]


def subject_changes(before: Side, after: Side) -> tuple[ThingChange, ...]:
    """Return the subjects that were added, removed, or are other bytes or declared otherwise."""
    return tuple(_things(before, after, "subjects"))


def exhibit_changes(before: Side, after: Side) -> tuple[ThingChange, ...]:
    """Return the exhibits that were added, removed, or are other bytes or declared otherwise."""
    return tuple(_things(before, after, "exhibits"))


def _things(before: Side, after: Side, field: str) -> Iterator[ThingChange]:
    """Yield the subjects or exhibits that differ."""
    then, now = (
        {str(one.id): one for one in getattr(side.assessment.manifest, field)} for side in (before, after)
    )
    for name in {**then, **now}:
        old, new = (_state(side, found.get(name)) for side, found in ((before, then), (after, now)))
        if old != new:
            kind = getattr(now.get(name) or then[name], "kind", "exhibit")
            if old and new and old[0] == new[0]:
                kind = f"{kind}:declaration"
            yield _thing(name, kind, old[0] if old else None, new[0] if new else None)


def _state(side: Side, thing: Any) -> tuple[str, str] | None:
    """Return the digest of a thing, in short, and that of its declaration; None where it is not declared."""
    if thing is None:
        return None
    digest = side.digest(str(thing.id))
    short = digest.removeprefix("sha256:")[:_SHORT] if digest else "?"
    return f"sha256:{short}", f"{digest}{digest_of(thing)}"


def sign_off_changes(before: Side, after: Side) -> tuple[ThingChange, ...]:
    """Return the sign-offs that were added, removed or changed."""
    then, now = ({str(one.id): one for one in side.assessment.manifest.sign_offs} for side in (before, after))
    return tuple(
        _thing(
            name,
            "sign-off",
            f"{then[name].stance} {then[name].signed_on}" if name in then else None,
            f"{now[name].stance} {now[name].signed_on}" if name in now else None,
        )
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    )


def field_changes(before: Side, after: Side) -> tuple[ThingChange, ...]:
    """Return what else changed in the manifest: fields of the system, answers, and so on."""
    old, new = (
        dict(_leaves(side.assessment.manifest.model_dump(mode="json", exclude=set(_LISTED))))
        for side in (before, after)
    )
    return tuple(
        _thing(place, "field", old.get(place), new.get(place))
        for place in sorted({**old, **new})
        if old.get(place) != new.get(place)
    )


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the place and the text of everything in a record that is not empty; answers by their question."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{place}/{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            name = one.get("question") if isinstance(one, dict) else None
            yield from _leaves(one, f"{place}/{name or number}")
    elif value not in (None, ""):
        yield place, str(value)[:_LONGEST]


def law_change(before: Side, after: Side) -> LawChange:
    """Return what is different in the law that was applied."""
    then, now = before.planned, after.planned
    shared = [name for name in now if name in then]
    first, last = sorted((before.assessment.plan.as_of, after.assessment.plan.as_of))
    return LawChange(
        as_of_before=before.assessment.plan.as_of,
        as_of_after=after.assessment.plan.as_of,
        text_before=before.assessment.plan.law,
        text_after=after.assessment.plan.law,
        added=_ids(name for name in now if name not in then),
        removed=_ids(name for name in then if name not in now),
        reworded=_ids(
            name for name in shared if digest_of(then[name].requirement) != digest_of(now[name].requirement)
        ),
        begun=_ids(
            name
            for name, row in now.items()
            if row.applies != "no" and row.duty_from is not None and first < row.duty_from <= last
        ),
        now_apply=_ids(n for n in shared if then[n].applies != "yes" and now[n].applies == "yes"),
        no_longer=_ids(n for n in shared if then[n].applies != "no" and now[n].applies == "no"),
    )


def _ids(names: Iterator[str]) -> tuple[RequirementId, ...]:
    """Return names as ids of requirements."""
    return tuple(RequirementId(name) for name in names)


def probe_changes(before: Side, after: Side) -> tuple[ThingChange, ...]:
    """Return the probes that were added, removed, or have another version."""
    then, now = (
        {name: f"v{probe.version}" for name, probe in side.probes.items()} for side in (before, after)
    )
    return _versions(then, now, "probe")


def software_changes(before: Side, after: Side) -> tuple[ThingChange, ...]:
    """Return the tool and packages that have another version, were added or removed, and another platform."""
    then, now = (
        {
            "tool": side.assessment.tool,
            "platform": side.evidence.platform,
            "isolation": side.evidence.isolation.mechanism,
            **{one.name: one.version for one in side.evidence.software},
        }
        for side in (before, after)
    )
    return _versions(then, now, "software")


def _versions(then: Mapping[str, str], now: Mapping[str, str], kind: str) -> tuple[ThingChange, ...]:
    """Return the names whose text is another one."""
    return tuple(
        _thing(name, kind, then.get(name), now.get(name))
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    )


def _thing(name: str, kind: str, then: str | None, now: str | None) -> ThingChange:
    """Return a thing that changed."""
    change: Literal["added", "removed", "changed"] = (
        "added" if then is None else "removed" if now is None else "changed"
    )
    return ThingChange(id=name, kind=kind, change=change, before=then, after=now)
