"""Say of every evidence item what came of computing it again, and of every verdict whether it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from conformity.judge import judge
from conformity.model.base import ProbeId, StepId
from conformity.model.evidence import Observation
from conformity.model.finding import Finding
from conformity.model.reproduction import Outcome, Reproduced, VerdictChanged, Verdicts
from conformity.pipeline.packs import Pack
from conformity.pipeline.reproducing.alike import Alike, alike
from conformity.pipeline.reproducing.naming import Names, without_open

_PHYSICAL = (
    "Readings of energy, time and memory are of one run, and no other run gives them again: the verdicts "
    "were compared, not the numbers."
)
_VERSION = "The pack was measured by version {then} of the probe, this is version {now}. {why}"
_OPEN = "Groups whose sealed names no number tells apart were compared without their names."


@dataclass(frozen=True)
class Computed:
    """One observation computed again."""

    seen: Observation
    """What came out."""
    rests_on: Literal["data", "tallies", "plan"]
    """From what it was computed."""


@dataclass(frozen=True)
class Compared:
    """One evidence item before the verdicts are known."""

    recorded: Observation
    """As it stands in the pack."""
    again: Sequence[Computed] = ()
    """As it was computed, once from the tallies, once from the data, where that was possible."""
    withheld: str | None = None
    """Why it was not computed, where it was not."""


def verdicts_again(pack: Pack, again: Mapping[StepId, Observation]) -> tuple[Finding, ...]:
    """Return the findings that follow when observations of a pack are replaced by those computed again."""
    assessment, evidence = pack.assessment, pack.evidence
    seen = tuple(again.get(one.step, one) for one in evidence.observations)
    before = assessment.previous
    return judge(
        assessment.manifest,
        assessment.plan,
        evidence.model_copy(update={"observations": seen}),
        assessment.assessed_at.date(),
        assessment.criteria_lock,
        before,
    )


def compare_verdicts(pack: Pack, now: Sequence[Finding], not_following: str | None) -> Verdicts:
    """Return the recorded verdicts held against those that follow now.

    Args:
        pack: with the recorded findings.
        now: the findings from the numbers computed again.
        not_following: why the recorded findings do not follow from the recorded numbers, if so.
    """
    changed = tuple(
        VerdictChanged(requirement=then.requirement, recorded=then.verdict, now=one.verdict)
        for then, one in _changed(pack, now)
    )
    return Verdicts(
        identical=len(pack.assessment.findings) - len(changed), changed=changed, not_following=not_following
    )


def _changed(pack: Pack, now: Sequence[Finding]) -> Iterator[tuple[Finding, Finding]]:
    """Yield the findings of which the verdict, or that on one of their criteria, is another one."""
    by_id = {finding.requirement: finding for finding in now}
    for then in pack.assessment.findings:
        one = by_id.get(then.requirement)
        if one is not None and _verdicts(then) != _verdicts(one):
            yield then, one


def _verdicts(finding: Finding) -> tuple[object, ...]:
    """Return the verdict of a finding with those on its criteria."""
    return finding.verdict, tuple((one.criterion, one.verdict) for one in finding.measured)


def items_of(
    pack: Pack,
    compared: Sequence[Compared],
    now: Sequence[Finding],
    versions: Mapping[ProbeId, int],
    names: Names,
    *,
    same_tool: bool,
) -> tuple[Reproduced, ...]:
    """Return what came of every evidence item.

    Args:
        pack: with the recorded findings.
        compared: the items, in the evidence's order.
        now: the findings from the numbers computed again.
        versions: the versions of the probes that computed again.
        names: what is known of sealed groups.
        same_tool: whether this version of the tool made the pack, so that sentences are the same too.
    """
    models = {one.id for one in pack.assessment.manifest.subjects if one.kind == "model"}
    moved = {str(name) for then, _ in _changed(pack, now) for name in _evidence_of(then)}
    return tuple(
        _item(one, str(one.recorded.id) in moved, versions, names, models, same_tool=same_tool)
        for one in compared
    )


def _evidence_of(finding: Finding) -> Iterator[str]:
    """Yield the ids of the evidence that a finding rests on."""
    yield from finding.evidence
    for judged in finding.measured:
        for reading in judged.readings:
            yield reading.evidence


def _item(
    one: Compared,
    moved: bool,
    versions: Mapping[ProbeId, int],
    names: Names,
    models: Collection[str],
    *,
    same_tool: bool,
) -> Reproduced:
    """Return what came of one evidence item; of two computations the worse one counts."""
    recorded = one.recorded
    fields = {
        "evidence": recorded.id,
        "step": recorded.step,
        "probe": recorded.probe,
        "subject": recorded.subject,
        "numbers": len(recorded.measurements),
    }
    if not one.again:
        return Reproduced(**fields, outcome="inputs_withheld", rests_on="nothing", reason=one.withheld)
    found = [
        (computed, *_judged(recorded, computed, moved, versions, names, models, same_tool))
        for computed in one.again
    ]
    computed, outcome, why = max(found, key=lambda each: _WORSE.index(each[1]))
    best = max((each.rests_on for each in one.again), key=_DEEPER.index)
    rests_on = best if outcome != "differs" else computed.rests_on
    return Reproduced(**fields, outcome=outcome, rests_on=rests_on, reason=why[:500] or None)


_WORSE: tuple[Outcome, ...] = ("identical", "within_tolerance", "decisions_only", "differs")
_DEEPER = ("plan", "tallies", "data")


def _judged(
    recorded: Observation,
    computed: Computed,
    moved: bool,
    versions: Mapping[ProbeId, int],
    names: Names,
    models: Collection[str],
    same_tool: bool,
) -> tuple[Outcome, str]:
    """Return what came of one computation of an item, and why."""
    then, now = recorded.probe_version, versions.get(recorded.probe)
    # What runs a model tells of the machine and of how it was kept apart from it: no other says the same.
    texts = same_tool and then == now and not (computed.rests_on == "data" and recorded.subject in models)
    found = _alike(recorded, computed, names, texts=texts)
    if found.exactly:
        return "identical", found.why
    if found.numbers:
        return "within_tolerance", found.why
    if found.physical:
        return (
            ("differs", f"The verdicts on it are others now. {found.why}")
            if moved
            else (
                "decisions_only",
                _PHYSICAL,
            )
        )
    if then != now and not moved:
        return "decisions_only", _VERSION.format(then=then, now=now or "none", why=found.why)
    return "differs", found.why


def _alike(recorded: Observation, computed: Computed, names: Names, *, texts: bool) -> Alike:
    """Return how far a computation agrees; if need be without names that no number tells apart."""
    found = alike(recorded, computed.seen, texts=texts)
    if found.numbers or computed.rests_on != "tallies" or not names.open:
        return found
    pair = [
        one.model_copy(update={"measurements": without_open(one.measurements, names)})
        for one in (recorded, computed.seen)
    ]
    nameless = alike(pair[0], pair[1], texts=False)
    return Alike(True, nameless.exactly, nameless.physical, _OPEN) if nameless.numbers else found
