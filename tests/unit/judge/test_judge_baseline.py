"""What a baseline excuses, and what it never does."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.judge.baseline import against, failing
from conformity.model.assessment import Assessment
from conformity.model.baseline import AgainstBaseline, FailOn
from conformity.model.finding import CriterionJudgement, Finding, Verdict
from tests.support.assessments import criterion
from tests.support.exported import judged

SEAL = "sha256:" + "b" * 64
VERDICTS: tuple[Verdict, ...] = ("met", "not_applicable", "undetermined", "not_collected", "not_met")
RANK = {"met": 0, "not_applicable": 0, "undetermined": 1, "not_collected": 2, "not_met": 3}


def made(*verdicts: Verdict, bounds: tuple[tuple[str, Verdict], ...] = (), **changes: Any) -> Assessment:
    """Return an assessment; the bounds were held against the first requirement.

    Args:
        verdicts: the verdict on each requirement.
        bounds: names of bounds, and the verdict on each.
        changes: fields of the manifest.
    """
    assessment, _ = judged(*verdicts)
    first, *rest = assessment.findings
    told = tuple(CriterionJudgement(criterion=name, verdict=one, reason="r") for name, one in bounds)
    manifest = assessment.manifest.model_validate({**assessment.manifest.model_dump(), **changes})
    held = first.model_copy(update={"measured": told})
    return assessment.model_copy(update={"findings": (held, *rest), "manifest": manifest})


def found(now: Assessment, before: Assessment) -> AgainstBaseline:
    """Return an assessment held against another."""
    return against(now, before, SEAL)


def of_kind(assessment: Assessment, outcome: str) -> Assessment:
    """Return an assessment of a system whose classification ended elsewhere."""
    kind = assessment.plan.classification.model_copy(update={"outcome": outcome})
    return assessment.model_copy(update={"plan": assessment.plan.model_copy(update={"classification": kind})})


@pytest.mark.parametrize("now", VERDICTS)
@pytest.mark.parametrize("before", VERDICTS)
def test_only_what_is_worse_than_before_counts(now: Verdict, before: Verdict) -> None:
    """The second requirement is met throughout, so that only the first one decides."""
    outcome = found(made(now, "met"), made(before, "met"))
    worse = RANK[now] > RANK[before]
    assert outcome.gate == (0 if not worse else 1 if now == "not_met" else 4)
    if RANK[now]:
        (point,) = outcome.points
        expected = "known" if not worse else "worse" if RANK[before] else "new"
        assert (point.verdict, point.before, point.change) == (now, before, expected)
        assert len(outcome.fresh) == worse
    else:
        assert outcome.points == ()
    assert list(outcome.settled) == (["art0.1"] if RANK[before] and not RANK[now] else [])


def test_a_requirement_that_the_baseline_does_not_have_is_new() -> None:
    outcome = found(made("met", "undetermined"), made("met"))
    assert [(one.requirement, one.before, one.change) for one in outcome.points] == [("art1.1", None, "new")]
    assert outcome.gate == 4


def test_a_further_bound_that_is_missed_is_not_excused_by_one_that_was() -> None:
    before = made("not_met", "met", bounds=(("a", "not_met"), ("b", "undetermined")))
    now = made("not_met", "met", bounds=(("a", "not_met"), ("b", "not_met")))
    outcome = found(now, before)
    assert (outcome.points[0].missed, outcome.points[0].change, outcome.gate) == (("b",), "worse", 1)
    assert found(before, before).gate == 0


def test_a_bound_that_was_kept_and_is_not_settled_now_is_worse_though_the_verdict_is_the_same() -> None:
    before = made("undetermined", "met", bounds=(("a", "met"), ("b", "undetermined")))
    now = made("undetermined", "met", bounds=(("a", "undetermined"), ("b", "undetermined")))
    assert (found(now, before).points[0].change, found(now, before).gate) == ("worse", 4)


def test_a_bound_that_is_missed_counts_whatever_the_verdict() -> None:
    outcome = found(made("met", "met", bounds=(("a", "not_met"),)), made("met", "met"))
    assert (outcome.points[0].missed, outcome.gate) == (("a",), 1)


def test_a_prohibited_practice_is_never_excused() -> None:
    now = of_kind(made("met"), "prohibited")
    assert found(now, now).gate == 1


def test_a_system_whose_kind_is_not_known_any_more_fails() -> None:
    unclear = of_kind(made("met"), "cannot_tell")
    assert found(unclear, made("met")).gate == 4
    assert found(unclear, unclear).gate == 0


def test_where_nothing_is_met_any_more_the_gate_is_shut() -> None:
    assert found(made("not_applicable"), made("met")).gate == 4
    assert found(made("not_applicable"), made("not_applicable")).gate == 0


def test_bounds_that_are_gone_or_changed_are_named() -> None:
    before = made("met", criteria=(criterion(id="gone"), criterion(id="kept"), criterion(id="looser")))
    now = made("met", criteria=(criterion(id="kept"), criterion(id="looser", at_most=0.9)))
    assert found(now, before).loosened == ("gone", "looser")


def test_what_the_baseline_was_is_told() -> None:
    outcome = found(made("met"), made("met"))
    assert (outcome.version, outcome.sha256) == ("1.0.0", SEAL)


def test_taking_evidence_away_never_opens_the_gate() -> None:
    """A finding with nothing to rest on is worse than each that was measured and not missed."""
    for verdict in ("met", "undetermined"):
        now = made("not_collected", "met")
        assert found(now, made(verdict, "met")).gate == 4


@pytest.mark.parametrize(
    ("code", "fail_on", "expected"),
    [
        (0, "open", 0),
        (1, "open", 1),
        (4, "open", 4),
        (0, "missed", 0),
        (1, "missed", 1),
        (4, "missed", 0),
        (1, "never", 0),
        (4, "never", 0),
    ],
)
def test_a_pipeline_fails_on_what_it_is_to_fail_on(code: int, fail_on: FailOn, expected: int) -> None:
    assert failing(code, fail_on) == expected


def test_a_finding_alone_is_a_finding() -> None:
    """The helper keeps what it does not change."""
    assert isinstance(made("met").findings[0], Finding)


def test_a_bound_that_is_kept_as_before_makes_nothing_worse() -> None:
    now = made("undetermined", "met", bounds=(("a", "met"), ("b", "undetermined")))
    outcome = found(now, now)
    assert (outcome.points[0].change, outcome.gate) == ("known", 0)


def test_what_was_missed_before_and_is_less_settled_now_is_open_and_not_newly_missed() -> None:
    before = made("not_met", "met", bounds=(("a", "met"), ("b", "not_met")))
    now = made("not_met", "met", bounds=(("a", "undetermined"), ("b", "not_met")))
    outcome = found(now, before)
    assert (outcome.points[0].missed, outcome.points[0].change, outcome.gate) == ((), "worse", 4)


def test_a_system_of_which_it_is_known_now_what_it_is_is_not_unclear() -> None:
    before, now = (of_kind(made("met", "met"), kind) for kind in ("cannot_tell", "high_risk_annex_iii"))
    assert found(now, before).gate == 0
    assert found(before, now).gate == 4
