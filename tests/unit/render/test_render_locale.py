"""Numbers, dates and sizes in print; expected values are worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from conformity.errors import RenderError
from conformity.render.locale import locale_for

ENGLISH = locale_for("en")


@pytest.mark.parametrize(
    ("value", "bounds", "text"),
    [
        (0.7234, (), "0.723"),
        (0.7996, (0.8,), "0.7996"),
        (0.79999, (0.8,), "0.79999"),
        (0.8, (0.8,), "0.800"),
        (0.8004, (0.8,), "0.8004"),
        (0.0000123, (), "0.00001"),
        (0.0, (), "0.000"),
        (0.99996, (), "0.99996"),
        (1.0, (), "1.000"),
        (-0.0131, (), "-0.013"),
        (1.25, (), "1.250"),
        (0.1 + 1e-15, (0.1,), "0.100000000"),
    ],
)
def test_a_ratio_stays_on_its_side_of_every_bound(value: float, bounds: tuple[float, ...], text: str) -> None:
    assert ENGLISH.ratio(value, bounds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (12.345, "12.3"),
        (0.012345, "0.0123"),
        (123456.0, "123,456"),
        (2.71e-7, "2.71 × 10⁻⁷"),
        (3.2e9, "3.20 × 10⁹"),
        (-4.56, "-4.56"),
    ],
)
def test_a_quantity_has_three_significant_digits(value: float, text: str) -> None:
    assert ENGLISH.quantity(value) == text


def test_a_quantity_stays_on_its_side_of_a_bound() -> None:
    assert ENGLISH.quantity(4.999, (5.0,)) == "4.999"


@pytest.mark.parametrize(
    ("value", "text"), [(0.8, "0.8"), (30, "30"), (0.05, "0.05"), (1e-9, "1.00 × 10⁻⁹"), (1000, "1,000")]
)
def test_a_bound_is_never_rounded(value: float, text: str) -> None:
    assert ENGLISH.bound(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (512_345, "512.3 kB"),
        (2_100_000_000, "2.1 GB"),
        (10**16, "10,000.0 TB"),
    ],
)
def test_a_size_has_a_decimal_multiple(count: int, text: str) -> None:
    assert ENGLISH.size(count) == text


def test_days_moments_and_percentages_are_in_words() -> None:
    assert ENGLISH.day(date(2027, 12, 2)) == "2 December 2027"
    assert ENGLISH.moment(datetime(2026, 11, 20, 9, 5, tzinfo=UTC)) == "20 November 2026, 09:05 UTC"
    assert ENGLISH.percent(0.95) == "95 %"
    assert ENGLISH.percent(0.999) == "99.9 %"
    assert ENGLISH.integer(30000) == "30,000"


def test_there_is_no_negative_zero() -> None:
    assert ENGLISH.fixed(-0.0001, 2) == "0.00"


@pytest.mark.parametrize("code", ["xx", "de_DE", "", "e"])
def test_an_unknown_language_is_an_error_that_says_what_to_give(code: str) -> None:
    with pytest.raises(RenderError, match="code of two letters"):
        locale_for(code)
