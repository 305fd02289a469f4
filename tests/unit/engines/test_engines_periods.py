"""Periods: months, quarters and years, whatever way dates are written; anything else is refused."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from conformity.engines.frame import open_frame
from conformity.errors import DataError
from conformity.model.tally import CellCounts, ClassSizes, PeriodKey

_KEY = PeriodKey(column="when")
_SPEC = CellCounts(keys=(_KEY,))


def _counts(values: list[Any], kind: pa.DataType | None = None) -> dict[str, int]:
    table = open_frame(pa.table({"when": pa.array(values, type=kind)}))
    (tally,) = table.tally([_SPEC])
    assert tally.columns == ("when", "rows")
    return {str(period): int(rows) for period, rows in tally.entries}


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024-03-31", "2024-03"),
        (" 2024-03-31 ", "2024-03"),
        ("2024-03-31T23:59:59Z", "2024-03"),
        ("2024-03-31 23:59:59.5+01:00", "2024-03"),
        ("20240331", "2024-03"),
        ("2024-03", "2024-03"),
        ("202403", "2024-03"),
        ("2024-Q1", "2024-Q1"),
        ("2024Q4", "2024-Q4"),
        ("1999", "1999"),
        ("", "(missing)"),
        (None, "(missing)"),
    ],
)
def test_iso_dates_as_text_are_cut_to_what_they_say(text: str | None, period: str) -> None:
    assert _counts([text], pa.string()) == {period: 1}


@pytest.mark.parametrize(
    "text", ["31.12.2024", "03/31/2024", "wave 2", "2024-13", "2024-00-01", "1711843200", "24-03-31", "3024"]
)
def test_text_that_is_no_date_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(DataError, match="must hold dates") as caught:
        _counts(["2024-03-31", text])
    assert text not in str(caught.value)
    assert "1 of its cells" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([date(2024, 3, 31), date(2023, 12, 1), None], pa.date32()),
        ([datetime(2024, 3, 31, 23, 59), datetime(2023, 12, 1), None], pa.timestamp("us")),
    ],
)
def test_typed_dates_are_cut_to_months(values: list[Any], kind: pa.DataType) -> None:
    assert _counts(values, kind) == {"2024-03": 1, "2023-12": 1, "(missing)": 1}


def test_years_are_read_from_numbers() -> None:
    assert _counts([2023, 2023, 2024, None], pa.int32()) == {"2023": 2, "2024": 1, "(missing)": 1}
    nan = float("nan")
    assert _counts([2023.0, nan, None], pa.float64()) == {"2023": 1, "(missing)": 2}


@pytest.mark.parametrize("number", [2023.5, 17.0, 1e300, float("inf")])
def test_other_numbers_are_refused(number: float) -> None:
    with pytest.raises(DataError, match="must hold dates"):
        _counts([2023.0, number], pa.float64())


def test_a_column_that_cannot_hold_dates_is_refused() -> None:
    with pytest.raises(DataError, match="not dates; bind another column"):
        _counts([True, False], pa.bool_())


def test_periods_are_keys_of_classes_too() -> None:
    values = ["2024-03-01", "2024-03-31", "2024-04-01"]
    (tally,) = open_frame(pa.table({"when": values})).tally([ClassSizes(keys=(_KEY,))])
    assert tally.entries == ((1, 1), (2, 1))


def test_periods_are_counted_with_other_keys() -> None:
    values = [f"2024-{month:02d}-{day:02d}" for month in (1, 2) for day in range(1, 29)]
    assert _counts(values) == dict(Counter({"2024-01": 28, "2024-02": 28}))
