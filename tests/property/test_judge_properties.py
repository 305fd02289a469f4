"""What must hold of every judgement: absence never helps, and a worse number never looks better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from conformity.judge import STANDING, judge
from conformity.model.evidence import Observation
from conformity.model.finding import Verdict
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from tests.support.assessments import (
    TODAY,
    criterion,
    evidence,
    examined,
    exhibit,
    manifest,
    measured,
    observation,
    plan,
    record,
    requirement,
    scalar,
    sign_off,
)

shares = st.floats(0, 1)
intervals = st.tuples(shares, shares, shares).map(lambda v: scalar(sorted(v)[1], min(v), max(v)))
results: st.SearchStrategy[Result] = st.one_of(
    intervals,
    st.builds(Scalar, value=shares, unit=st.just("1"), n=st.integers(0, 10_000)),
    st.builds(Count, value=st.integers(0, 3), unit=st.just("rows")),
    st.builds(
        NotAvailable,
        why=st.sampled_from(["too_few_cases", "undefined", "not_collected"]),
        reason=st.just("because"),
    ),
)
automations = st.sampled_from(["measured", "partly", "declared"])
Stance: TypeAlias = Literal["confirms", "reserves", "denies"]
stances: st.SearchStrategy[Stance] = st.sampled_from(("confirms", "reserves", "denies"))
ATTRIBUTES = ("SEX", "AGE")


def verdict(seen: tuple[Observation, ...], automation: str, *, signed: bool) -> Verdict:
    """Return the verdict on a row with a criterion for each attribute."""
    return verdict_signed(seen, automation, ("confirms",) if signed else ())


def verdict_signed(seen: tuple[Observation, ...], automation: str, stances: Sequence[Stance]) -> Verdict:
    """Return the verdict on such a row with a sign-off for each stance."""
    declared = manifest(
        criteria=tuple(criterion(id=f"gap-{a.lower()}", by=(a,)) for a in ATTRIBUTES),
        exhibits=(exhibit(),),
        sign_offs=tuple(sign_off(id=f"sign-{n}", stance=stance) for n, stance in enumerate(stances)),
    )
    rows = evidence(*seen, subjects=(record("test"), record("record")))
    return judge(declared, plan(requirement(automation=automation)), rows, TODAY)[0].verdict


def observe(given_results: tuple[Result, Result]) -> tuple[Observation, ...]:
    """Return an observation for each attribute, and one of the exhibit."""
    seen = [
        observation(measured(result, by=(attribute,)), step=f"fairness/gap@test-{attribute}")
        for attribute, result in zip(ATTRIBUTES, given_results, strict=True)
    ]
    return (*seen, examined())


@given(st.tuples(results, results), automations, st.booleans(), st.sets(st.integers(0, 2)))
def test_leaving_evidence_out_never_improves_a_verdict(
    given_results: tuple[Result, Result], automation: str, signed: bool, left_out: set[int]
) -> None:
    everything = observe(given_results)
    kept = tuple(o for i, o in enumerate(everything) if i not in left_out)
    before = verdict(everything, automation, signed=signed)
    after = verdict(kept, automation, signed=signed)
    assert STANDING[after] <= STANDING[before]


@given(st.tuples(results, results), automations, st.integers(0, 1))
def test_a_failed_probe_never_leads_to_met(
    given_results: tuple[Result, Result], automation: str, which: int
) -> None:
    seen = list(observe(given_results))
    seen[which] = observation(outcome="error", reason="It failed.", step=seen[which].step)
    assert verdict(tuple(seen), automation, signed=True) != "met"


@given(st.tuples(results, results), automations)
def test_taking_a_signature_away_never_improves_a_verdict(
    given_results: tuple[Result, Result], automation: str
) -> None:
    seen = observe(given_results)
    without = verdict(seen, automation, signed=False)
    assert STANDING[without] <= STANDING[verdict(seen, automation, signed=True)]


@given(st.tuples(results, results), automations, st.lists(stances, min_size=1, max_size=3), stances)
def test_a_further_signature_never_improves_what_is_signed_already(
    given_results: tuple[Result, Result], automation: str, signed: list[Stance], further: Stance
) -> None:
    """Of several stances the worst counts; a denial may turn what is open into a plain miss."""
    seen = observe(given_results)
    before = verdict_signed(seen, automation, signed)
    after = verdict_signed(seen, automation, [*signed, further])
    assert after == "not_met" or STANDING[after] <= STANDING[before]


@given(intervals, st.floats(0, 0.5))
def test_a_worse_number_never_has_a_better_verdict(result: Scalar, shift: float) -> None:
    assert result.interval is not None
    worse = scalar(
        min(result.value + shift, 2),
        min(result.interval.low + shift, 2),
        min(result.interval.high + shift, 2),
    )
    before = verdict(observe((result, result)), "measured", signed=True)
    after = verdict(observe((worse, worse)), "measured", signed=True)
    assert STANDING[after] <= STANDING[before]


@given(results, results)
def test_met_means_that_every_number_keeps_its_bound(first: Result, second: Result) -> None:
    if verdict(observe((first, second)), "measured", signed=True) != "met":
        return
    for result in (first, second):
        assert not isinstance(result, NotAvailable)
        interval = result.interval if isinstance(result, Scalar) else None
        assert result.value <= 0.1
        assert interval is None or interval.high <= 0.1
