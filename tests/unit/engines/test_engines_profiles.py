"""Column profiles, counted by hand and by NumPy; and the same when the engine does the counting."""

from __future__ import annotations

import datetime
import hashlib
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from conformity.engines import profiles
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.engines.hashes import TOTAL
from conformity.engines.interface import TableSource
from conformity.engines.profiles import (
    column_profiles,
    fences_of,
    name_of,
    names_allowed,
    number_in,
)
from conformity.errors import DataError
from conformity.model.tally import Check, ColumnProfiles, RowHashes, Tally
from tests.support.tables import Opener

Field = dict[tuple[str, str], int | float | str]


def listed(value: str) -> str:
    """Return what a value is listed under, so that no text stands in a tally."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def profiled(frame: pl.DataFrame, *checks: Check) -> Tally:
    """Return the profile of all columns of a frame."""
    spec = ColumnProfiles(columns=tuple(frame.columns), checks=checks)
    return column_profiles(open_frame(frame).named, spec)


def fields(tally: Tally, column: str) -> Field:
    """Return what a tally says of one column, percentiles aside."""
    return {
        (str(field), str(key)): number
        for name, field, key, number in tally.entries
        if name == column and field != "percentile"
    }


def percentiles(tally: Tally, column: str) -> list[float]:
    """Return the percentiles of one column."""
    return [float(n) for name, field, _, n in tally.entries if name == column and field == "percentile"]


def test_a_column_of_text_with_numbers_in_it(opened: Opener) -> None:
    table = opened("a,b\n1,x\n1.0,\n 02 ,x\nten, y\n,x\n")
    spec = ColumnProfiles(columns=("b", "a", "a"))
    tally = column_profiles(table.named, spec)
    assert tally.columns == ("column", "field", "key", "number")
    assert list(tally.entries) == sorted(tally.entries)
    assert fields(tally, "a") == {
        ("rows", ""): 5,
        ("missing", ""): 1,
        ("numbers", ""): 3,
        ("other", ""): 1,
        ("distinct", ""): 3,
        ("value", listed("1")): 2,
        ("value", listed("2")): 1,
        ("value", listed("ten")): 1,
        ("outside", ""): 0,
    }
    # Of 1, 1, 2: two thirds lie at or below 1.
    assert percentiles(tally, "a") == [1.0] * 67 + [2.0] * 34
    assert fields(tally, "b") == {
        ("rows", ""): 5,
        ("missing", ""): 1,
        ("numbers", ""): 0,
        ("other", ""): 4,
        ("distinct", ""): 2,
        ("value", listed("x")): 3,
        ("value", listed("y")): 1,
    }
    assert percentiles(tally, "b") == []


def test_numbers_have_percentiles_mean_and_deviation() -> None:
    numbers = np.random.default_rng(1).normal(50, 9, 997).round(3)
    tally = profiled(pl.DataFrame({"x": numbers}))
    # NumPy's inverted distribution function is the least value at or below which the share lies.
    expected = np.percentile(numbers, np.arange(101), method="inverted_cdf")
    assert percentiles(tally, "x") == expected.tolist()
    found = fields(tally, "x")
    assert found["mean", ""] == pytest.approx(numbers.mean(), rel=1e-12)
    assert found["deviation", ""] == pytest.approx(numbers.std(), rel=1e-9)
    assert ("value", listed("50")) not in found


def test_cells_beyond_the_fences_and_the_declared_limits() -> None:
    # Of 68 numbers the 17th is 2 and the 51st is 4: the fences are -4 and 10, which are inside.
    numbers = [1, 2, 2, 3, 3, 4, 4, 5] * 8 + [-5, -4, 10, 11]
    assert fences_of([2.0] * 50 + [4.0] * 51) == (-4, 10)
    check = Check(column="x", minimum=-4, maximum=5)
    found = fields(profiled(pl.DataFrame({"x": numbers}), check), "x")
    assert found["outside", ""] == 2
    assert found["below", ""] == 1
    assert found["above", ""] == 2


def test_equal_quartiles_have_no_fences() -> None:
    assert fences_of([5.0] * 101) is None
    assert fences_of([]) is None
    found = fields(profiled(pl.DataFrame({"x": [5] * 9 + [999]})), "x")
    assert ("outside", "") not in found


def test_values_that_are_not_allowed() -> None:
    frame = pl.DataFrame({"x": ["1", "1.0", "yes", "TRUE", "no", None, " 0"]})
    check = Check(column="x", allowed=(1, "yes"))
    assert fields(profiled(frame, check), "x")["not_allowed", ""] == 2  # no, 0
    assert ("not_allowed", "") not in fields(profiled(frame), "x")


def test_infinity_is_no_number_and_nan_is_missing() -> None:
    found = fields(profiled(pl.DataFrame({"x": [1.0, math.inf, -math.inf, math.nan, None]})), "x")
    assert found["numbers", ""] == 1
    assert found["other", ""] == 2
    assert found["missing", ""] == 2
    assert found["value", listed("inf")] == 1
    assert ("mean", "") not in found


def test_numbers_whose_squares_are_too_large_have_no_mean() -> None:
    tally = profiled(pl.DataFrame({"x": [1e200, 2e200], "y": [1e150, 3.0]}))
    assert ("mean", "") not in fields(tally, "x")
    assert ("mean", "") not in fields(tally, "y")
    assert percentiles(tally, "x")[0] == 1e200


def test_an_empty_column_and_an_empty_table() -> None:
    for frame in (
        pl.DataFrame({"x": [None, None]}, schema={"x": pl.Float64}),
        pl.DataFrame({"x": []}, schema={"x": pl.Float64}),
    ):
        assert fields(profiled(frame, Check(column="x", minimum=0, allowed=(1,))), "x") == {
            ("rows", ""): len(frame),
            ("missing", ""): len(frame),
            ("numbers", ""): 0,
            ("other", ""): 0,
            ("distinct", ""): 0,
            ("below", ""): 0,
            ("not_allowed", ""): 0,
        }


def test_an_absent_column_is_an_error() -> None:
    with pytest.raises(DataError, match="has no column 'y'"):
        column_profiles(open_frame(pl.DataFrame({"x": [1]})).named, ColumnProfiles(columns=("y",)))


def test_names_and_numbers_of_cells() -> None:
    assert [number_in(value) for value in ("1e2", 3, 2.5, Decimal("0.5"))] == [100, 3, 2.5, 0.5]
    assert [number_in(value) for value in ("ten", True, None, math.inf, datetime.date(2024, 1, 1))] == [
        None
    ] * 5
    assert [name_of(value) for value in ("01", 1.0, True, "False", "Two")] == [
        "1",
        "1",
        "true",
        "false",
        "Two",
    ]
    assert names_allowed((True, "b")) == {"true", "1", "b"}
    assert names_allowed((0,)) == {"0", "false"}


def mixed(rows: int) -> pl.DataFrame:
    """Return a table with columns of every type that profiles tell apart."""
    random = np.random.default_rng(7)
    return pl.DataFrame(
        {
            "x": np.where(random.random(rows) < 0.1, np.nan, random.normal(size=rows).round(2)),
            "code": [f" {value}" for value in random.integers(0, 200, rows)],
            "word": [
                ["7", "7.0", " 8", "a", "", "TRUE", "true"][value] for value in random.integers(0, 7, rows)
            ],
            "truth": random.random(rows) < 0.3,
            "far": [math.inf, 1.0, 2.0, 3.0, 1e9] * (rows // 5),
            "day": [datetime.date(2024, 1, 1 + value) for value in random.integers(0, 9, rows)],
            "blank": pl.Series([None] * rows, dtype=pl.Int64),
            "huge": random.normal(size=rows) * 1e200,
        }
    )


def test_the_engine_counts_as_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = mixed(500)
    checks = (
        Check(column="x", minimum=-1, maximum=1.5, allowed=(0.5, 1)),
        Check(column="code", allowed=(5, "7"), minimum=3),
        Check(column="word", allowed=("a", True)),
        Check(column="truth", allowed=("no",)),
        Check(column="far", maximum=2),
        Check(column="blank", minimum=0, allowed=(1,)),
    )
    monkeypatch.setattr(profiles, "LISTED", 0)
    few = profiled(frame, *checks)
    monkeypatch.setattr(profiles, "MOST_VALUES", 0)
    many = profiled(frame, *checks)
    assert set(many.entries) ^ set(few.entries) == set()
    assert many == few
    assert fields(few, "code")["mean", ""] == pytest.approx(float(np.mean([float(c) for c in frame["code"]])))


def test_two_threads_count_as_one() -> None:
    frame = mixed(1000)
    spec = ColumnProfiles(columns=tuple(frame.columns))
    one, two = (column_profiles(open_frame(frame, DuckDBEngine(threads=n)).named, spec) for n in (1, 2))
    assert one == two


@pytest.mark.parametrize("most", [20_000, 0])
def test_nan_is_missing_in_a_file_that_states_its_extremes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    # Parquet leaves NaN out of the extremes it states, from which DuckDB 2.0 concludes that there is none.
    numbers = np.where(np.arange(3000) % 10 == 0, np.nan, np.arange(3000) / 7)
    path = tmp_path / "x.parquet"
    pl.DataFrame({"x": numbers}).write_parquet(path)
    table = DuckDBEngine(threads=1).open(TableSource(path, "auto"))
    monkeypatch.setattr(profiles, "MOST_VALUES", most)
    tally, hashes = table.tally([ColumnProfiles(columns=("x",)), RowHashes()])
    assert fields(tally, "x")["missing", ""] == 300
    assert fields(tally, "x")["numbers", ""] == 2700
    assert fields(tally, "x")["mean", ""] == pytest.approx(float(np.nanmean(numbers)))
    assert hashes.entries[0] == (TOTAL, 2701, 3000)
