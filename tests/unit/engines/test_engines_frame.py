"""Frames in memory are counted like files."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.errors import DataError
from conformity.model.tally import BinKey, CategoryKey, CellCounts, MissingCounts, OutcomeKey

COLUMNS: dict[str, list[Any]] = {
    "sex": ["f", "m", " ", None],
    "age": [24, None, 60, 60],
    "hired": [True, False, None, True],
}
FRAMES = {
    "pandas": pd.DataFrame(COLUMNS),
    "polars": pl.DataFrame(COLUMNS),
    "polars lazy": pl.LazyFrame(COLUMNS),
    "pyarrow": pa.table(COLUMNS),
    "pandas categories": pd.DataFrame(COLUMNS).astype({"sex": "category"}),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_give_the_same_tallies(name: str) -> None:
    keys = (
        CategoryKey(column="sex"),
        BinKey(column="age", edges=(60,)),
        OutcomeKey(column="hired", positive=(1,), negative=(0,)),
    )
    cells, missing = open_frame(FRAMES[name], DuckDBEngine(threads=1)).tally(
        [CellCounts(keys=keys), MissingCounts()]
    )
    assert cells.entries == (
        ("(missing)", ">= 60", "(missing)", 1),
        ("(missing)", ">= 60", "1", 1),
        ("f", "< 60", "1", 1),
        ("m", "(missing)", "0", 1),
    )
    assert missing.entries == (("age", 1, 4), ("hired", 1, 4), ("sex", 2, 4))


def test_whole_numbers_read_the_same_after_a_gap_made_them_floats() -> None:
    (tally,) = open_frame(pd.DataFrame({"code": [1, None]})).tally(
        [CellCounts(keys=(CategoryKey(column="code"),))]
    )
    assert tally.entries == (("(missing)", 1), ("1", 1))


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(DataError, match="a dict is not a data frame; hand in pandas, Polars or PyArrow"):
        open_frame({"a": [1]})


def test_duplicate_names_in_a_frame_are_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=pd.Index(["a", "a"]))
    with pytest.raises(DataError, match="the data frame has two columns of the same name"):
        open_frame(frame)


def test_duplicate_names_in_an_arrow_table_are_refused() -> None:
    with pytest.raises(DataError, match="the data frame has two columns of the same name"):
        open_frame(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]))


def test_a_column_that_mixes_types_is_refused() -> None:
    with pytest.raises(DataError, match="the data frame cannot be read as a table"):
        open_frame(pd.DataFrame({"a": [1, "x", b"y"]}, dtype=object))
