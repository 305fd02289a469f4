"""Large tables are counted in arrays, and whatever cannot be is left to the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest

from conformity.engines import dense_cells, dense_codes, dense_counts, tallies
from conformity.engines.columns import NamedFrame
from conformity.engines.dense import dense_tallies as of_codes
from conformity.engines.dense_stream import _filled
from conformity.engines.duckdb import DuckDBEngine
from conformity.errors import DataError
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    Diversity,
    GridKey,
    MissingCounts,
    OutcomeKey,
    PeriodKey,
    RowHashes,
    Sums,
    Tally,
    TallySpec,
    Term,
)

SEX, WAGE, AGE = (CategoryKey(column=name) for name in ("sex", "wage", "age"))
HIRED = OutcomeKey(column="hired", positive=(True,), negative=(False,))
SHARES = [GridKey(column="share", low=0, high=1, bins=bins) for bins in (4, 20)]
X, XX = Term(columns=("wage",)), Term(columns=("wage", "wage"))
SPECS: list[TallySpec] = [
    CellCounts(keys=()),
    CellCounts(keys=(SEX, HIRED)),
    CellCounts(keys=(SEX, HIRED), most=100),
    CellCounts(keys=(PeriodKey(column="day"), HIRED)),
    CellCounts(keys=(BinKey(column="wage", edges=(10, 20)), SEX)),
    *(Sums(keys=(grid, SEX), terms=(X, XX)) for grid in SHARES),
    Sums(keys=(BinKey(column="raw", edges=(0.5,)),), terms=(X, Term(columns=("raw",)))),
    Sums(keys=(HIRED,), terms=(Term(kind="distance", columns=("wage", "age"), power=2),)),
    CellCounts(keys=(CategoryKey(column="kind"), AGE)),
    MissingCounts(by=(HIRED,)),
    ClassSizes(keys=(SEX, WAGE)),
    ClassSizes(keys=(SEX, WAGE, AGE)),
    Diversity(keys=(SEX, WAGE), sensitive="age", shares=False),
    Diversity(keys=(HIRED, SEX), sensitive="age"),
]
ROWS = 400


def _frame() -> pl.DataFrame:
    """Return rows whose columns have codes, and one that has none."""
    numbers = range(ROWS)
    return pl.DataFrame(
        {
            "sex": [["f", "m", " f", None][n % 7 % 4] for n in numbers],
            "hired": [n % 3 == 0 for n in numbers],
            "wage": [n * 37 % 100 / 4 if n % 11 else None for n in numbers],
            "age": [20 + n % 13 for n in numbers],
            "share": [n * 13 % 100 / 100 for n in numbers],
            "raw": [(n * 0.618) ** 0.5 % 1 for n in numbers],
            "kind": pl.Series([["a", "b", None][n % 3] for n in numbers], dtype=pl.Categorical),
            "day": [date(2024, 1, 1) + timedelta(days=n % 90) for n in numbers],
        },
        schema_overrides={"age": pl.Int16},
    )


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every table to be large, and no specs to be few."""
    monkeypatch.setattr(dense_counts, "LARGE", 0)
    monkeypatch.setattr(dense_counts, "_is_simple", lambda table, specs: False)


def _named(frame: pl.DataFrame) -> NamedFrame:
    """Return a table of the embedded engine."""
    return DuckDBEngine(threads=1).over_arrow(frame.to_arrow(), "people.arrow").named


def dense_tallies(table: NamedFrame, specs: Sequence[TallySpec]) -> dict[TallySpec, Tally]:
    """Return the tallies that are counted in arrays."""
    with dense_counts.coded(table, specs) as ready:
        return of_codes(ready, specs)


def _grouped(table: NamedFrame, specs: Sequence[TallySpec]) -> dict[TallySpec, Tally]:
    """Return the tallies that the engine itself gives, of a table that is not large."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dense_counts, "LARGE", 10**12)
        return dict(zip(specs, tallies.compute(table, specs), strict=True))


def test_everything_is_counted_in_arrays_and_equal(large: None) -> None:
    table = _named(_frame())
    assert dense_tallies(table, SPECS) == _grouped(table, SPECS)


def test_compute_asks_for_arrays_where_a_table_is_large(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table = _named(_frame())
    expected = _grouped(table, SPECS)
    monkeypatch.setattr(tallies, "_single", None)
    monkeypatch.setattr("conformity.engines.additive.batches", None)
    assert dict(zip(SPECS, tallies.compute(table, SPECS), strict=True)) == expected


def test_a_small_table_and_a_frame_are_left_to_their_engines() -> None:
    assert dense_tallies(_named(_frame()), SPECS) == {}
    assert dense_tallies(NamedFrame(_lazy(), ("c0",), "here"), SPECS) == {}
    assert dense_tallies(_named(_frame()), [RowHashes()]) == {}


def _lazy() -> nw.LazyFrame[Any]:
    """Return a lazy frame of an engine other than DuckDB."""
    return nw.from_native(pl.LazyFrame({"c0": [1]}))


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(CellCounts(keys=(CategoryKey(column="raw"),)), id="many different numbers"),
        pytest.param(CellCounts(keys=(SEX, WAGE), most=3), id="too many cells for the bound"),
        pytest.param(CellCounts(keys=(BinKey(column="age", edges=(21, 22)),), most=2), id="bins"),
        pytest.param(Sums(terms=(Term(columns=("wage",) * 3),)), id="three numbers multiplied"),
        pytest.param(Sums(terms=(Term(columns=("sex",)),)), id="no numbers"),
        pytest.param(Sums(terms=(Term(columns=("pay",)),)), id="no such column to add"),
        pytest.param(CellCounts(keys=(CategoryKey(column="pay"),)), id="no such column"),
        pytest.param(CellCounts(keys=(BinKey(column="sex", edges=(1,)),)), id="words in place of numbers"),
        pytest.param(ClassSizes(keys=(BinKey(column="sex", edges=(1,)),)), id="words, classes"),
        pytest.param(
            ClassSizes(keys=(AGE, OutcomeKey(column="age", positive=(20,), negative=()))), id="twice"
        ),
        pytest.param(Diversity(keys=(SEX,), sensitive="age", ordered=True), id="ordered"),
        pytest.param(ClassSizes(), id="whole rows"),
    ],
)
def test_what_arrays_cannot_count_is_left_to_the_engine(large: None, spec: TallySpec) -> None:
    assert dense_tallies(_named(_frame()), [spec]) == {}


def test_outcomes_with_many_values_are_left_to_the_engine(large: None) -> None:
    frame = pl.DataFrame({"x": range(200)})
    spec = CellCounts(keys=(OutcomeKey(column="x", positive=(1,), negative=(0,)),))
    assert dense_tallies(_named(frame), [spec]) == {}


def test_a_refusal_is_that_of_the_engine(large: None) -> None:
    with pytest.raises(DataError, match="must hold numbers"):
        tallies.compute(_named(_frame()), [CellCounts(keys=(BinKey(column="sex", edges=(1,)),))])


def test_a_number_that_the_first_rows_did_not_show_sends_all_to_the_engine(
    large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense_codes, "_LOOKED_AT", 3)
    table = _named(pl.DataFrame({"x": [0.5, 1.0, 1.5, 1.23456789, None]}))
    spec = ClassSizes(keys=(CategoryKey(column="x"),))
    assert dense_tallies(table, [spec]) == {}
    assert tallies.compute(table, [spec])[0].entries == ((1, 5),)


@pytest.mark.parametrize("value", [2.0**60, -(2.0**53)])
def test_a_number_too_large_for_arrays_sends_all_to_the_engine(large: None, value: float) -> None:
    table = _named(pl.DataFrame({"x": [value, 1.0]}))
    assert dense_tallies(table, [Sums(terms=(Term(columns=("x",)),))]) == {}


def test_whole_parts_beyond_31_bits_are_added_exactly(large: None) -> None:
    table = _named(pl.DataFrame({"x": [3e9 + 0.25, -3e9, 2.0**40, 1.0]}))
    spec = Sums(terms=(Term(columns=("x",)),))
    assert dense_tallies(table, [spec]) == _grouped(table, [spec])
    assert dense_tallies(table, [spec])[spec].entries == ((4, 0, 2**40 + 1.25),)


def test_products_too_large_send_all_to_the_engine(large: None) -> None:
    table = _named(pl.DataFrame({"x": [2.0**40]}))
    assert dense_tallies(table, [Sums(terms=(Term(columns=("x", "x")),))]) == {}


def test_arrays_that_memory_has_no_room_for_are_left_to_the_engine(
    large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _named(_frame())
    monkeypatch.setattr(dense_cells, "_BUDGET", 4_000)
    specs: list[TallySpec] = [ClassSizes(keys=(SEX, AGE)), ClassSizes(keys=(SEX, WAGE, AGE))]
    assert list(dense_tallies(table, specs)) == specs[:1]


def test_texts_of_many_values_have_no_codes(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table = _named(pl.DataFrame({"few": ["a", "b"] * 50, "many": [f"{n % 40}" for n in range(100)]}))
    monkeypatch.setattr(dense_codes, "MOST_TEXTS", 30)
    with dense_codes.codings(table, [0, 1]) as coded:
        assert sorted(coded) == [0]


def test_a_column_without_values_has_no_codes() -> None:
    kinds = {"i": pl.Int64, "f": pl.Float64, "t": pl.String}
    with dense_codes.codings(
        _named(pl.DataFrame({name: [None] for name in kinds}, kinds)), [0, 1, 2]
    ) as coded:
        assert coded == {}


def test_false_bounds_are_noticed() -> None:
    coding = dense_codes.Coding(0, 3, False, "c0", "")
    with pytest.raises(dense_codes.NoCodeError):
        coding.codes(pa.array([0, 3]).to_numpy())
    broken = dense_codes.Coding(0, 3, False, "c0", "", scale=2, low=0)
    for number in (1.5, -0.5, float("nan"), 0.25):
        with pytest.raises(dense_codes.NoCodeError):
            broken.codes(pa.array([0.5, number]).to_numpy())
    with pytest.raises(dense_codes.NoCodeError):
        _filled(pa.array([0, None]), "s0")


def test_numbers_of_a_wide_range_have_no_codes() -> None:
    table = _named(pl.DataFrame({"i": [0, 2**40], "f": [0.5, 2.0**50]}))
    with dense_codes.codings(table, [0, 1]) as coded:
        assert coded == {}
