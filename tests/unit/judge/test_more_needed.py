"""How many more cases: known answers by hand from (distance to the end / distance to the bound) squared."""

from __future__ import annotations

import pytest

from conformity.judge.criteria import judge_reading
from conformity.judge.more_cases import more_needed
from conformity.model.measurement import Scalar
from tests.support.assessments import METRICS, bound, measured, observation, scalar


@pytest.mark.parametrize(
    ("result", "bounds", "more"),
    [
        # Upper side 0.24 - 0.06 = 0.18, bound 0.06 away: 9 times 400 cases.
        pytest.param(scalar(0.06, 0.0, 0.24), {"at_most": 0.12}, 3200, id="three times the distance"),
        # Lower side 0.75 - 0.5 = 0.25, bound 0.125 away: 4 times; the upper side is 0.0625 and plays no part.
        pytest.param(scalar(0.75, 0.5, 0.8125), {"at_least": 0.625, "at_most": None}, 1200, id="lower side"),
        # Upper side 0.25, bound 0.125 away: 4 times; the lower side is 0.0625 and plays no part.
        pytest.param(scalar(0.25, 0.1875, 0.5), {"at_most": 0.375}, 1200, id="upper side"),
        # Below 4 times, above 9 times (0.375 to the end, 0.125 to the bound): the larger counts.
        pytest.param(
            scalar(0.5, 0.25, 0.875), {"at_least": 0.375, "at_most": 0.625}, 3200, id="the farther bound"
        ),
        # The bound below is out of reach, the one above needs 4 times.
        pytest.param(
            scalar(0.5, 0.4375, 0.75), {"at_least": 0.0, "at_most": 0.625}, 1200, id="one bound is settled"
        ),
        # The interval misses its own point and is widened to it: nothing of it lies below 0.5, so 1 time.
        pytest.param(scalar(0.5, 0.75, 1.0), {"at_least": 0.25, "at_most": 0.75}, 1200, id="widened below"),
        pytest.param(
            scalar(0.5, 0.25, 0.375), {"at_least": 0.375, "at_most": None}, 1200, id="widened above"
        ),
        # 1.21 times 400 is 484.
        pytest.param(scalar(0.0, -0.1, 0.11), {"at_most": 0.1}, 84, id="a little more"),
        pytest.param(scalar(0.0, -1.0, 1.0025, n=100), {"at_most": 1.0}, 1, id="one more"),
        pytest.param(scalar(0.0, -1.0, 1.025, n=100), {"at_most": 1.0}, 6, id="six more"),
        pytest.param(scalar(0.08, 0.04, 0.12), {"at_most": 0.12}, None, id="settled already"),
        pytest.param(scalar(0.5, 0.25, 0.75), {"at_most": 0.5}, None, id="on the bound"),
    ],
)
def test_the_cases_follow_from_the_distances(
    result: Scalar, bounds: dict[str, float | None], more: int | None
) -> None:
    assert more_needed(bound(**bounds), result) == more


@pytest.mark.parametrize(("times", "told"), [(9_999.5, True), (10_000.0, True), (10_000.5, False)])
def test_what_would_take_ten_thousand_times_the_distance_is_not_told(times: float, told: bool) -> None:
    near = 2.0**-20
    result = scalar(0.0, -near, near * times, n=30)
    assert (more_needed(bound(at_most=near), result) is not None) is told


def test_a_reading_on_its_own_is_taken_to_be_one_that_can_settle() -> None:
    result = measured(scalar(0.08, 0.04, 0.12))
    assert judge_reading(bound(), METRICS["gap"], result, observation(result)).more_needed == 1200
