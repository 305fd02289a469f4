"""How many more cases would settle a verdict, and cases of what."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.judge.criteria import judge_criterion
from conformity.model.measurement import Count, Measurement, Scalar
from tests.support.assessments import PROBE, bound, evidence, measured, observation, scalar
from tests.unit.judge.test_criteria import LATER

CLOSE = scalar(0.08, 0.04, 0.12)
"""400 cases; by hand, 1,200 more."""
ALL = Scalar(value=0.5, unit="1", n=2000)
GROUP: dict[str, Any] = {"by": ("SEX",), "group": ("f",)}


def sentence(*others: Measurement, result: Scalar = CLOSE, **place: Any) -> str:
    """Return the reason for the reading of one close result beside other measurements."""
    about = {"metric": "rate", "by": (), **place}
    seen = evidence(observation(measured(result, **about), *others))
    (reading,) = judge_criterion(
        bound(metric="rate", by=about["by"], group=about.get("group", ())), LATER, (PROBE,), seen
    ).readings
    return reading.reason


def counts(**values: int) -> tuple[Measurement, ...]:
    """Return counts of the whole subject."""
    return tuple(
        measured(Count(value=value, unit="rows"), metric=metric, by=()) for metric, value in values.items()
    )


def test_of_a_figure_over_all_cases_plain_cases_are_told() -> None:
    assert "itself keeps it. About 1,200 more cases would settle it, if the estimate" in sentence()


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ({"true_positives": 300, "false_negatives": 100}, "with the favourable outcome"),
        ({"true_negatives": 150, "false_positives": 250}, "with the unfavourable outcome"),
        ({"true_positives": 150, "false_positives": 250}, "with the favourable prediction"),
        ({"true_negatives": 150, "false_negatives": 250}, "with the unfavourable prediction"),
    ],
)
def test_of_a_part_of_the_cases_kind_and_total_are_told(found: dict[str, int], kind: str) -> None:
    """By hand: 1,200 of the kind are 1,200 x 2,000 / 400 = 6,000 in all."""
    said = sentence(measured(ALL, metric="gap", by=()), *counts(**found))
    assert f"About 1,200 more cases {kind}, about 6,000 in all, would settle it" in said


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({}, id="no counts"),
        pytest.param({"true_positives": 300, "false_negatives": 99}, id="another number"),
        pytest.param({"true_positives": 200, "false_negatives": 200, "false_positives": 200}, id="two kinds"),
    ],
)
def test_a_kind_that_is_not_known_is_not_named(found: dict[str, int]) -> None:
    said = sentence(measured(ALL, metric="gap", by=()), *counts(**found))
    assert "About 1,200 more of the cases that it counts, about 6,000 in all, would settle it" in said


def test_of_a_group_only_its_own_cases_are_told() -> None:
    assert "1,200 more cases of this group would" in sentence(measured(ALL, metric="gap", by=()), **GROUP)
    said = sentence(measured(ALL, metric="gap", **GROUP), **GROUP)
    assert "1,200 more of the cases of this group that it counts, about 6,000 in all, would" in said


@pytest.mark.parametrize("n", [400, 401])
def test_the_total_is_told_only_where_it_is_larger(n: int) -> None:
    """By hand: 1,200 x 401 / 400 = 1,203, rounded up to two digits 1,300."""
    said = sentence(measured(Scalar(value=0.5, unit="1", n=n), metric="gap", by=()))
    assert ("about 1,300 in all" in said) == (n > 400)


def test_where_the_estimate_misses_mending_comes_first() -> None:
    missing = scalar(0.12, 0.08, 0.16)
    for requirement, first in (
        ("art10.2.g", "First examine the possible bias and mitigate it (Art. 10(2)(f)-(g)), or justify"),
        ("art15.1.accuracy", "First mend what it measures; then more cases narrow the interval."),
    ):
        seen = evidence(observation(measured(missing)))
        found = judge_criterion(bound(requirements=(requirement,)), LATER, (PROBE,), seen)
        assert f"the estimate itself misses it. {first}" in found.reason
