"""How far two observations of a step agree, and that no text about it tells a number."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.model.evidence import Observation
from conformity.model.measurement import Count, Interval, NotAvailable, Result, Scalar
from conformity.pipeline.reproducing.alike import Alike, alike
from tests.support.assessments import measured, observation

RATE = Scalar(value=0.25, unit="1", n=400, interval=Interval(low=0.2, high=0.3, method="Wilson"))


def with_value(**changes: Any) -> Scalar:
    """Return the rate with some fields changed."""
    return RATE.model_copy(update=changes)


def compare(one: Result, other: Result, *, texts: bool = True) -> Alike:
    """Return how far two observations of one number agree."""
    return alike(observation(measured(one)), observation(measured(other)), texts=texts)


def test_the_same_observation_is_the_same_exactly() -> None:
    assert compare(RATE, RATE) == Alike()


@pytest.mark.parametrize(
    ("other", "numbers"),
    [
        # RELATIVE is 1e-9 of 0.25, so that 2.5e-10 is the edge.
        (with_value(value=0.25 + 2.4e-10), True),
        (with_value(value=0.25 + 2.6e-10), False),
        (with_value(interval=Interval(low=0.2 + 1e-13, high=0.3, method="Wilson")), True),
        (with_value(interval=Interval(low=0.21, high=0.3, method="Wilson")), False),
        (with_value(interval=Interval(low=0.2, high=0.31, method="Wilson")), False),
        (with_value(interval=Interval(low=0.2, high=0.3, level=0.9, method="Wilson")), False),
        (with_value(interval=None), False),
        (with_value(n=401), False),
        (with_value(unit="%"), False),
        (Count(value=1, unit="rows"), False),
    ],
)
def test_only_the_last_digits_of_a_computation_are_tolerated(other: Result, numbers: bool) -> None:
    found = compare(RATE, other)
    assert (found.numbers, found.exactly) == (numbers, False)
    assert found.why == (
        "Only the last digits of a computation differ." if numbers else "1 of 1 numbers differ: gap."
    )


def test_a_missing_interval_on_the_other_side_differs_too() -> None:
    bare = with_value(interval=None)
    assert not compare(bare, RATE).numbers
    assert compare(bare, bare) == Alike()


def test_counts_must_be_equal() -> None:
    assert not compare(Count(value=3, unit="rows"), Count(value=4, unit="rows")).numbers


def test_the_method_of_an_interval_is_a_text() -> None:
    other = with_value(interval=Interval(low=0.2, high=0.3, method="Clopper-Pearson"))
    assert not compare(RATE, other).numbers
    assert compare(RATE, other, texts=False) == Alike()


def test_the_reason_why_there_is_no_number_is_a_text() -> None:
    one = NotAvailable(why="undefined", reason="There is one group.", n=4)
    other = NotAvailable(why="undefined", reason="Only one group.", n=4)
    assert not compare(one, other).numbers
    assert compare(one, other, texts=False).exactly
    assert not compare(one, NotAvailable(why="undefined", reason="x", n=5), texts=False).numbers


def test_a_note_beside_the_same_numbers_differs_where_texts_count() -> None:
    one, other = observation(measured(RATE), notes=("a",)), observation(measured(RATE), notes=("b",))
    found = alike(one, other, texts=True)
    assert not found.numbers
    assert "a reason or a note beside them is not" in found.why
    assert alike(one, other, texts=False) == Alike()


def test_numbers_of_other_groups_differ() -> None:
    one = observation(measured(RATE))
    other = observation(measured(RATE, by=("AGE",)))
    assert "of other groups" in alike(one, other, texts=True).why


def test_measured_and_not_measured_differ() -> None:
    failed = observation(outcome="error", reason="The worker was ended by the signal SIGSEGV.")
    found = alike(observation(measured(RATE)), failed, texts=False)
    assert found.why == (
        "In the pack it is measured; now it is an error (The worker was ended by the signal SIGSEGV)."
    )
    absent = observation(outcome="not_available", reason="No column.")
    assert "not available (No column)" in alike(absent, failed, texts=False).why


@pytest.mark.parametrize("side", [0, 1])
def test_readings_of_a_machine_are_told_as_such(side: int) -> None:
    pair: list[Observation] = [observation(measured(RATE)), observation(measured(RATE))]
    pair[side] = observation(measured(with_value(obtained="measured")))
    assert alike(pair[0], pair[1], texts=True).physical


def test_many_metrics_that_differ_are_counted() -> None:
    names = [f"gap_{n}" for n in range(5)]
    one = observation(*(measured(RATE, metric=name) for name in names))
    other = observation(*(measured(with_value(value=0.1), metric=name) for name in names))
    assert alike(one, other, texts=True).why == "5 of 5 numbers differ: gap_0, gap_1, gap_2 and 2 more."
