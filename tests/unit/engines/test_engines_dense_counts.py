"""What is asked of single columns of a large table is answered from the counts of their values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from conformity.engines import dense_counts, profiles, tallies
from conformity.engines.columns import NamedFrame
from conformity.engines.dense_cells import merged
from conformity.engines.dense_classes import class_entries
from conformity.engines.dense_counts import CodedFrame, coded
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.kept import counted_values
from conformity.model.tally import (
    BandKey,
    BinKey,
    CategoryKey,
    CellCounts,
    Check,
    ClassSizes,
    ColumnProfiles,
    GridKey,
    MissingCounts,
    PatternCounts,
    Sums,
    Tally,
    TallySpec,
    Term,
)

ROWS = 300
WAGE = BandKey(column="wage", bands=4)
SPECS: list[TallySpec] = [
    CellCounts(keys=(WAGE, CategoryKey(column="sex"))),
    CellCounts(keys=(BandKey(column="code", bands=3, loose=True),)),
    CellCounts(keys=(BandKey(column="few", bands=3, loose=True),)),
    ColumnProfiles(columns=("few", "raw", "sex", "wage"), checks=(Check(column="wage", maximum=20.0),)),
    PatternCounts(patterns=("email",)),
    MissingCounts(by=(CategoryKey(column="sex"),)),
]


def _table(**more: Sequence[object] | pl.Series) -> NamedFrame:
    """Return a table of the embedded engine."""
    numbers = range(ROWS)
    frame = pl.DataFrame(
        {
            "sex": [["f", "m", " f", "", None][n % 5] for n in numbers],
            "wage": [n * 37 % 101 / 4 if n % 11 else None for n in numbers],
            "few": [n % 7 for n in numbers],
            "code": [f"{n % 30}" for n in numbers],
            "raw": [(n * 0.618) ** 0.5 if n % 13 else float("nan") for n in numbers],
            "mail": ["jo@example.org" if n % 50 == 0 else "none" for n in numbers],
            **more,
        },
        strict=False,
    )
    return DuckDBEngine(threads=1).over_arrow(frame.to_arrow(), "people.arrow").named


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every table to be large."""
    monkeypatch.setattr(dense_counts, "LARGE", 0)


def _by_the_engine(table: NamedFrame, specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
    """Return the tallies of a table that is not large."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dense_counts, "LARGE", 10**12)
        return tallies.compute(table, specs)


def test_bands_profiles_and_patterns_are_the_same(large: None) -> None:
    table = _table()
    assert tallies.compute(table, SPECS) == _by_the_engine(table, SPECS)


def test_profiles_of_many_values_are_the_same(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MOST_VALUES", 5)
    huge = [2.0**55 + 256 * n for n in range(ROWS)]
    far = [2**40 + n for n in range(ROWS)]
    table = _table(huge=huge, far=far, day=pl.Series([n % 40 for n in range(ROWS)]).cast(pl.Date))
    specs = [ColumnProfiles(columns=("wage", "few", "code", "huge", "far", "day"))]
    assert tallies.compute(table, specs) == _by_the_engine(table, specs)


def test_values_are_counted_once_and_removed_in_the_end(large: None) -> None:
    table = _table()
    specs = [CellCounts(keys=(WAGE,))]
    with coded(table, specs) as ready:
        assert isinstance(ready, CodedFrame)
        counted = counted_values(ready, 1)
        assert counted is not None
        assert sum(row[1] for row in counted.collect(backend="pyarrow").rows()) == ROWS
    left = table.frame.to_native().query("given", "SELECT table_name FROM duckdb_tables()").fetchall()
    assert left == []


@pytest.mark.parametrize(
    ("spec", "in_arrays"),
    [
        (CellCounts(keys=(CategoryKey(column="sex"),)), False),
        (CellCounts(keys=(BinKey(column="wage", edges=(5,)),)), True),
        (ClassSizes(keys=(CategoryKey(column="few"),)), False),
        (ClassSizes(keys=(CategoryKey(column="few"), CategoryKey(column="sex"))), True),
        (ClassSizes(keys=(CategoryKey(column="pay"),)), True),
    ],
)
def test_what_the_engine_groups_as_quickly_is_left_to_it(
    large: None, spec: TallySpec, in_arrays: bool
) -> None:
    table = _table()
    with coded(table, [spec]) as ready:
        assert isinstance(ready, CodedFrame) == in_arrays


def test_a_number_that_the_first_rows_did_not_show_sends_bands_to_the_engine(
    large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.engines.dense_codes._LOOKED_AT", 3)
    table = _table(odd=[0.5, 1.0, 1.5, *(n / 7 for n in range(ROWS - 3))])
    specs = [CellCounts(keys=(BandKey(column="odd", bands=3),))]
    with coded(table, specs) as ready:
        assert ready is table
    assert tallies.compute(table, specs) == _by_the_engine(table, specs)


def test_bins_within_bins_share_an_axis_and_may_be_crossed(large: None) -> None:
    table = _table()
    keys = [BinKey(column="wage", edges=edges) for edges in ((5,), (5, 10, 15))]
    grid = GridKey(column="wage", low=0, high=25, bins=5)
    specs: list[TallySpec] = [
        *(Sums(keys=(key,), terms=(Term(columns=("few",)),)) for key in keys),
        CellCounts(keys=(keys[1], grid, keys[0])),
        ClassSizes(keys=(keys[0], grid)),
    ]
    assert tallies.compute(table, specs) == _by_the_engine(table, specs)


def test_classes_of_any_size_are_counted() -> None:
    array = np.array([0, 1, 1, 70_000, 70_000, 2**31], np.uint32)
    assert class_entries(array, [None]) == ((1, 2), (70_000, 2), (2**31, 1))


def test_places_of_one_number_are_added_up() -> None:
    array = np.arange(6).reshape(2, 3)
    assert merged(array, 1, np.array([0, 1, 0]), 2).tolist() == [[2, 1], [8, 4]]
