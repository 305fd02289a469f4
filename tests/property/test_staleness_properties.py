"""Evidence never looks better for being older, for having changed, or for being under a limit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformity.judge import STANDING, judge
from conformity.model.finding import Verdict
from conformity.model.measurement import Result
from tests.support.assessments import (
    SEAL,
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
    table,
)

OTHER = "sha256:" + "b" * 64
shares = st.floats(0, 1)
results: st.SearchStrategy[Result] = st.tuples(shares, shares, shares).map(
    lambda v: scalar(sorted(v)[1], min(v), max(v))
)
days = st.integers(1, 400)
ages = st.integers(0, 400)
limits = st.lists(st.tuples(st.sampled_from([("test",), ("record",), ()]), days), max_size=3)


def verdict(
    result: Result, automation: str, age: int, bounds: list[tuple[tuple[str, ...], int]], **changes: Any
) -> Verdict:
    """Return the verdict on a row whose table and document are so many days old.

    The bound and the signature keep their places in time relative to them, so that age alone changes.
    """
    made = TODAY - timedelta(days=age)
    held = manifest(
        subjects=(table(produced_on=made, made_with=changes.get("made_with", ())),),
        criteria=(criterion(fixed_at=made - timedelta(days=2)),),
        exhibits=(exhibit(dated=made),),
        sign_offs=(sign_off(signed_on=made, stance=changes.get("stance", "confirms")),),
        age_limits=tuple({"of": of, "days": most, "reason": "x"} for of, most in bounds),
    )
    seen = evidence(observation(measured(result)), examined(), subjects=(record("test"), record("record")))
    return judge(held, plan(requirement(automation=automation)), seen, TODAY, now=changes.get("now"))[
        0
    ].verdict


automations = st.sampled_from(["measured", "partly", "declared"])
stances = st.sampled_from(["confirms", "reserves", "denies"])


@given(results, automations, stances, limits, ages, ages)
def test_older_evidence_never_has_a_better_verdict(
    result: Result, automation: str, stance: str, bounds: list[Any], one: int, other: int
) -> None:
    younger, older = sorted((one, other))
    before = verdict(result, automation, younger, bounds, stance=stance)
    after = verdict(result, automation, older, bounds, stance=stance)
    assert STANDING[after] <= STANDING[before]


@given(results, automations, limits, limits, ages)
def test_one_more_limit_never_improves_a_verdict(
    result: Result, automation: str, bounds: list[Any], more: list[Any], age: int
) -> None:
    before = verdict(result, automation, age, bounds)
    assert STANDING[verdict(result, automation, age, [*bounds, *more])] <= STANDING[before]


@given(results, automations, st.sampled_from(["test", "record"]))
def test_a_file_that_changed_never_improves_a_verdict(result: Result, automation: str, name: str) -> None:
    before = verdict(result, automation, 3, [])
    assert STANDING[verdict(result, automation, 3, [], now={name: OTHER})] <= STANDING[before]


@given(results, automations, st.sampled_from([SEAL, OTHER]))
def test_telling_with_what_something_was_made_never_improves_a_verdict(
    result: Result, automation: str, digest: str
) -> None:
    before = verdict(result, automation, 3, [])
    made_with = ({"id": "record", "sha256": digest},)
    assert STANDING[verdict(result, automation, 3, [], made_with=made_with)] <= STANDING[before]


@given(results, st.dates(TODAY, date(2200, 1, 1)), limits)
def test_nothing_grows_fresh_again(result: Result, day: date, bounds: list[Any]) -> None:
    held = manifest(
        criteria=(criterion(),),
        age_limits=tuple({"of": (), "days": most, "reason": "x"} for _, most in bounds),
    )
    seen = evidence(observation(measured(result)))
    now, later = (judge(held, plan(), seen, at)[0].verdict for at in (TODAY, day))
    assert STANDING[later] <= STANDING[now]
