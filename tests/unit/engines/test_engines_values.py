"""One fact has one text, however the file writes it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformity.engines.values import Outcomes, bin_label, bin_labels, same_outcome, shape_of, text_of
from conformity.errors import DataError
from conformity.model.subject import Cell
from conformity.model.tally import MISSING, UNRECOGNISED, BinKey, OutcomeKey


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, MISSING),
        ("", MISSING),
        (" \t\u00a0", MISSING),
        (float("nan"), MISSING),
        (" Male ", "Male"),
        ("01", "01"),
        ("1.0", "1.0"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.25, "0.25"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (Decimal("1.500"), "1.5"),
        (Decimal("100"), "100"),
        (Decimal("-0.0"), "0"),
        (dt.date(2026, 7, 1), "2026-07-01"),
        (dt.datetime(2026, 7, 1, 8, 30), "2026-07-01 08:30:00"),
        (b"\x01\xff", "01ff"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_text_of_a_cell(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    "value", [1, 1.0, "1", " 1 ", "1.0", "01", "+1", "1e0", True, "true", "True", "TRUE"]
)
def test_values_that_mean_one_are_the_same_outcome(value: object) -> None:
    assert same_outcome(value) == "1"


@pytest.mark.parametrize("value", [0, 0.0, "0", "-0", "0.00", False, "false", ".0"])
def test_values_that_mean_zero_are_the_same_outcome(value: object) -> None:
    assert same_outcome(value) == "0"


@pytest.mark.parametrize("value", ["yes", "Yes", "10", "1 0", "0.1", "", "1,0", None])
def test_other_values_are_neither(value: object) -> None:
    assert same_outcome(value) not in {"0", "1"}


@given(st.integers(-(10**12), 10**12))
def test_an_integer_is_the_same_outcome_in_every_type(number: int) -> None:
    assert same_outcome(number) == same_outcome(float(number)) == same_outcome(str(number))
    assert same_outcome(Decimal(number)) == same_outcome(f"{number}.0")


def _key(positive: tuple[Cell, ...], negative: tuple[Cell, ...]) -> OutcomeKey:
    return OutcomeKey(column="hired", positive=positive, negative=negative)


def test_outcomes_are_labelled() -> None:
    outcomes = Outcomes(_key(("Yes", 1), ("No", 0)))
    found = [outcomes.label(value) for value in ("Yes", " Yes", "1.0", "No", False, "", None, "yes", 2)]
    assert found == ["1", "1", "1", "0", "0", MISSING, MISSING, UNRECOGNISED, UNRECOGNISED]


def test_a_value_that_is_both_positive_and_negative_is_refused() -> None:
    with pytest.raises(DataError, match="column 'hired' declares '1' both as positive and as negative"):
        Outcomes(_key((1,), (True,)))


def test_bins_are_named_by_their_ends() -> None:
    assert bin_labels((25.0, 60.5)) == ("< 25", "25 to < 60.5", ">= 60.5")
    assert bin_labels((0.0,)) == ("< 0", ">= 0")
    assert bin_labels(()) == ("any number",)
    key = BinKey(column="age", edges=(25.0,))
    assert [bin_label(key, index) for index in (-1, 0, 1)] == [MISSING, "< 25", ">= 25"]


def test_a_shape_shows_no_content() -> None:
    assert shape_of("J. Döe 7") == "a. aaa 9"
    assert shape_of("x" * 31) == "a" * 30 + "…"
