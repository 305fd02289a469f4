"""The 80 % rule through probe and judgement: no false alarm where there is no disparity, nor a false pass."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from conformity.judge.criteria import judge_criterion
from conformity.model.base import ProbeId
from conformity.model.finding import Verdict
from conformity.model.measurement import Scalar
from conformity.probes.fairness import points
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Floats, Ints
from tests.strategies import Row, decision_table, tallies_of
from tests.support.assessments import bound, evidence, observation

_ID = ProbeId("fairness/disparate_impact_ratio")
_DRAWS = 200


@pytest.fixture(autouse=True)
def _by_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the way of many groups, which is held equal to Fairlearn elsewhere and much faster."""
    monkeypatch.setattr(points, "MOST_GROUPS", 0)


def _judged(selected: Ints, sizes: Ints) -> tuple[float, Verdict]:
    """Return the observed ratio and the verdict on a bound of .8."""
    table = decision_table("race", label=None)
    counts: dict[Row, int] = {}
    for group, (wins, size) in enumerate(zip(selected.tolist(), sizes.tolist(), strict=True)):
        counts |= {(f"g{group}", "1"): wins, (f"g{group}", "0"): size - wins}
    probe = load_probe(_ID)
    assert isinstance(probe, RateProbe)
    (found,) = probe.measure(table, tallies_of(table, counts, probe.tallies(table))).measurements
    assert isinstance(found.result, Scalar)
    criterion = bound(
        metric="disparate_impact_ratio", subject="people", by=("race",), at_least=0.8, at_most=None
    )
    seen = evidence(observation(found, probe=_ID, subject="people"))
    judged = judge_criterion(criterion, date(2027, 1, 1), probe_specs(), seen)
    return found.result.value, judged.verdict


def _shares(sizes: Ints, rates: Floats) -> tuple[float, float, float]:
    """Return how often the bare rule fails, and how often the verdict is ``not_met`` and ``met``."""
    random = np.random.default_rng(21)
    judged = [_judged(random.binomial(sizes, rates), sizes) for _ in range(_DRAWS)]
    return (
        float(np.mean([value < 0.8 for value, _ in judged])),
        float(np.mean([verdict == "not_met" for _, verdict in judged])),
        float(np.mean([verdict == "met" for _, verdict in judged])),
    )


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("groups", "size", "bare_rule"),
    [(2, 50, 0.4), (2, 200, 0.085), (9, 200, 0.8)],
    ids=["2x50", "2x200", "9x200"],
)
def test_equal_groups_are_hardly_ever_accused(groups: int, size: int, bare_rule: float) -> None:
    """With a selection rate of .3 in every group the bare rule fails in 47 %, 15 % and 87 % of samples.

    Less two and a half standard errors of 200 samples that is 38 %, 8.7 % and 81 %.
    """
    bare, not_met, _ = _shares(np.full(groups, size), np.full(groups, 0.3))
    assert bare > bare_rule
    assert not_met <= 0.05, not_met


@pytest.mark.no_cover
@pytest.mark.parametrize("sizes", [(50, 50), (400, 400), (3000, 300, 60)])
def test_a_ratio_below_the_bound_is_hardly_ever_passed(sizes: tuple[int, ...]) -> None:
    """With a true ratio of .79 at most 5 % of the verdicts are ``met``."""
    rates = np.array([0.3, 0.79 * 0.3, 0.28][: len(sizes)])
    _, _, met = _shares(np.array(sizes), rates)
    assert met <= 0.05, met


@pytest.mark.no_cover
def test_a_true_disparity_is_found_and_equality_is_passed_with_enough_cases() -> None:
    _, not_met, _ = _shares(np.array([2000, 2000]), np.array([0.3, 0.18]))
    assert not_met >= 0.95
    _, _, met = _shares(np.array([4000, 4000]), np.array([0.3, 0.3]))
    assert met >= 0.95
