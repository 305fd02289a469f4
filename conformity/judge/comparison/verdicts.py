"""Verdicts that are other ones, and why, as far as the two records show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from conformity.judge.comparison.inputs import age_changes, exhibit_changes, subject_changes
from conformity.judge.comparison.sides import Side
from conformity.judge.verdicts import STANDING
from conformity.model.base import RequirementId, Value, digest_of
from conformity.model.comparison import Cause, VerdictChange
from conformity.model.finding import Finding, Verdict
from conformity.model.manifest import Criterion

VerdictDirection = Literal["worse", "set_aside", "better", "other"]

_RANK: dict[VerdictDirection, int] = {"worse": 0, "set_aside": 1, "other": 2, "better": 3}
_MOST_NAMED = 12
"""Names that are listed beside a verdict."""


def verdict_changes(before: Side, after: Side) -> tuple[tuple[VerdictChange, ...], int]:
    """Return the requirements with another verdict, by importance, and how many have the same."""
    ids = list(dict.fromkeys([*after.findings, *before.findings]))
    changes = [
        _change(before, after, name) for name in ids if _verdict(before, name) != _verdict(after, name)
    ]
    ordered = sorted(changes, key=lambda one: (_RANK[one.direction], ids.index(one.requirement)))
    return tuple(ordered), len(ids) - len(changes)


def direction(before: Verdict | None, after: Verdict | None) -> VerdictDirection:
    """Return where a change of verdict leads.

    A bound that is missed now and was not before is worse whatever the verdict was: it may have been unknown.
    A requirement that does not apply any more is set aside; that is never called better.

    Args:
        before: the verdict then; None where the plan did not hold the requirement.
        after: the verdict now.
    """
    if before in (None, "not_applicable"):
        return "worse" if after == "not_met" else "other"
    if after in (None, "not_applicable"):
        return "set_aside"
    if after == "not_met" or STANDING[after] < STANDING[before]:
        return "worse"
    return "better"


def _verdict(side: Side, name: str) -> Verdict | None:
    """Return the verdict on a requirement; None where there is no finding."""
    finding = side.findings.get(name)
    return finding.verdict if finding else None


def _change(before: Side, after: Side, name: str) -> VerdictChange:
    """Return one requirement with another verdict."""
    then, now = before.findings.get(name), after.findings.get(name)
    row = after.planned.get(name) or before.planned.get(name)
    causes, named = _causes(before, after, name)
    return VerdictChange(
        requirement=RequirementId(name),
        ref=row.requirement.ref if row else name,
        title=row.requirement.title if row else name,
        before=then.verdict if then else None,
        after=now.verdict if now else None,
        direction=direction(_verdict(before, name), _verdict(after, name)),
        causes=causes,
        named=named,
        reason_before=before.telling.guard(then.reason) if then else None,
        reason_after=after.telling.guard(now.reason) if now else None,
    )


def _causes(before: Side, after: Side, name: str) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
    """Return why a verdict is another one, and what exactly changed."""
    found: dict[Cause, list[str]] = {}
    for cause, look in _LOOKS:
        if names := list(dict.fromkeys(look(before, after, name))):
            found[cause] = names
    if not found:
        # What evidence may lose by age, or by another artefact that it was made with.
        found |= {cause: names for cause, names in _staleness(before, after).items() if names}
    if not found and before.assessment.tool != after.assessment.tool:
        found["tool"] = [after.assessment.tool]
    if not found:
        # The same declarations and the same evidence: what is left is the day of the judgement.
        found["day"] = [f"{after.assessment.assessed_at:%Y-%m-%d}"]
    named = [one for names in found.values() for one in names]
    return tuple(found), tuple(named[:_MOST_NAMED])


def _law(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the requirement when its row is another one, or stands in one plan alone."""
    rows = (before.planned.get(name), after.planned.get(name))
    if None in rows or digest_of(rows[0].requirement) != digest_of(rows[1].requirement):  # type: ignore[union-attr] # both are there
        yield name


def _classification(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the questions answered otherwise, when the requirement concerns one version alone."""
    rows = (before.planned.get(name), after.planned.get(name))
    if None in rows or rows[0].applies == rows[1].applies:  # type: ignore[union-attr] # both are there
        return
    then = {one.question: one.answer for one in before.assessment.manifest.classification}
    now = {one.question: one.answer for one in after.assessment.manifest.classification}
    yield from (str(one) for one in {**then, **now} if then.get(one) != now.get(one))
    if before.assessment.manifest.role != after.assessment.manifest.role:
        yield "role"


def _criteria(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the criteria for the requirement that were added, removed or changed, or locked otherwise."""
    yield from _differing(_bounds_of(before, name), _bounds_of(after, name))
    then, now = (_locks(side.findings.get(name)) for side in (before, after))
    yield from (one for one in {**then, **now} if then.get(one) != now.get(one))


def _bounds_of(side: Side, name: str) -> dict[str, Criterion]:
    """Return the criteria that serve a requirement."""
    return {key: one for key, one in side.criteria.items() if name in one.requirements}


def _locks(finding: Finding | None) -> dict[str, str]:
    """Return the digests of locks under which the criteria of a finding were judged."""
    judged = finding.measured if finding else ()
    return {str(one.criterion): one.order.lock_sha256 for one in judged if one.order is not None}


def _evidence(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the subjects whose observations for the requirement are other ones."""
    then, now = _observed(before, name), _observed(after, name)
    yield from (one for one in {**then, **now} if then.get(one) != now.get(one))


def _observed(side: Side, name: str) -> dict[str, frozenset[str]]:
    """Return what was seen for a requirement, by subject: the contents, whenever they were collected."""
    finding = side.findings.get(name)
    wanted = set(finding.evidence) if finding else set()
    if finding:
        wanted |= {reading.evidence for judged in finding.measured for reading in judged.readings}
    found: dict[str, set[str]] = {}
    for one in side.evidence.observations:
        if one.id in wanted and not one.probe.startswith("declared/"):
            content = one.model_dump(
                mode="json", exclude={"id", "isolation", "collected_at", "probe_version"}
            )
            found.setdefault(str(one.subject), set()).add(digest_of(content))
    return {subject: frozenset(several) for subject, several in found.items()}


def _exhibits(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the exhibits for the requirement that were added, removed or changed."""
    then, now = (
        {
            str(one.id): (digest_of(one), side.digest(str(one.id)))
            for one in side.assessment.manifest.exhibits
            if name in one.covers
        }
        for side in (before, after)
    )
    yield from (one for one in {**then, **now} if then.get(one) != now.get(one))


def _sign_offs(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the sign-offs for the requirement that were added, removed or changed."""
    then, now = (
        {str(one.id): one for one in side.assessment.manifest.sign_offs if name in one.requirements}
        for side in (before, after)
    )
    yield from _differing(then, now)


def _declarations(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the declarations that bear on the requirement by a rule and are other ones."""
    row = after.planned.get(name)
    if row is None or row.requirement.rule is None:
        return
    then, now = (side.assessment.manifest.special_category_use for side in (before, after))
    if then != now:
        yield "special_category_use"


def _staleness(before: Side, after: Side) -> dict[Cause, list[str]]:
    """Return the subjects and exhibits that are other bytes, and the age limits that are other ones."""
    things = (*subject_changes(before, after), *exhibit_changes(before, after))
    ages = [one.criterion for one in age_changes(before, after)]
    return {"evidence": [one.id for one in things], "declaration": ages}


def _probes(before: Side, after: Side, name: str) -> Iterator[str]:
    """Yield the probes for the requirement that have another version."""
    row = after.planned.get(name) or before.planned.get(name)
    for probe in row.requirement.probes if row else ():
        then, now = before.probes.get(str(probe)), after.probes.get(str(probe))
        if then is not None and now is not None and then.version != now.version:
            yield f"{probe} {then.version} -> {now.version}"


def _differing(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[str]:
    """Yield the names of values that are not the same in both."""
    yield from (one for one in {**before, **after} if before.get(one) != after.get(one))


_LOOKS: tuple[tuple[Cause, Callable[[Side, Side, str], Iterator[str]]], ...] = (
    ("law", _law),
    ("classification", _classification),
    ("criterion", _criteria),
    ("probe", _probes),
    ("evidence", _evidence),
    ("exhibit", _exhibits),
    ("sign_off", _sign_offs),
    ("declaration", _declarations),
)
"""What is looked at, most telling first."""
