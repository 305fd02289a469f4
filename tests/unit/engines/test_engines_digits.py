"""Numbers cut to two significant digits, at any scale; other text as it stands."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from conformity.engines.digits import digits_label
from conformity.engines.frame import open_frame
from conformity.model.tally import CellCounts, ClassSizes, DigitsKey

_KEY = DigitsKey(column="x")


def _counts(values: list[Any], kind: pa.DataType) -> dict[str, int]:
    (tally,) = open_frame(pa.table({"x": pa.array(values, kind)})).tally([CellCounts(keys=(_KEY,))])
    return {str(value): int(rows) for value, rows in tally.entries}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (7.0, "7"),
        (0.29, "0.29"),
        (-0.0277, "-0.027"),
        (10.0, "10"),
        (99.99, "99"),
        (100.0, "100"),
        (999.9, "990"),
        (1000.0, "1000"),
        (1234.5, "1200"),
        (-1e10, "-10000000000"),
        (1e-5, "0.00001"),
        (1e-300, "0"),
        (float("inf"), "inf"),
        (float("-inf"), "inf"),
        (float("nan"), "(missing)"),
        (None, "(missing)"),
    ],
)
def test_two_digits_are_kept_at_any_scale(number: float | None, text: str) -> None:
    assert _counts([number], pa.float64()) == {text: 1}


def test_text_is_cut_where_it_is_a_number_and_kept_where_it_is_not() -> None:
    values = ["1234.5", " 1250 ", "-12.9e3", "abc", " abc", "", None, "12 34"]
    assert _counts(values, pa.string()) == {
        "1200": 2,
        "-12000": 1,
        "abc": 2,
        "(missing)": 2,
        "12 34": 1,
    }


def test_every_whole_number_keeps_its_first_two_digits() -> None:
    numbers = [*range(-300, 1300), 10**6, 10**12, 10**15 + 1]
    expected: dict[str, int] = {}
    for number in numbers:
        text = str(abs(number))
        cut = ("-" if number < 0 else "") + text[:2] + "0" * (len(text) - 2)
        expected[cut] = expected.get(cut, 0) + 1
    assert _counts(numbers, pa.int64()) == expected


def test_other_types_are_kept() -> None:
    assert _counts([True, False, None], pa.bool_()) == {"true": 1, "false": 1, "(missing)": 1}
    assert digits_label(True) == "true"


def test_two_digits_make_classes_too() -> None:
    table = open_frame(pa.table({"x": ["1234", "1299.5", "1300"]}))
    (tally,) = table.tally([ClassSizes(keys=(_KEY,))])
    assert tally.entries == ((1, 1), (2, 1))
