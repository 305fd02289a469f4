"""Bands of about equal size: edges from quantiles, the same tallies as the bins they come to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest

from conformity.engines import quantiles_sql, small_tables
from conformity.engines.bands import edges_of, settled
from conformity.engines.columns import NamedFrame
from conformity.engines.frame import open_frame
from conformity.engines.kept import kept_table
from conformity.errors import DataError
from conformity.model.tally import (
    BandKey,
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    Key,
    MissingCounts,
    Sums,
    TallySpec,
    Term,
)
from tests.support.tables import Opener

ROWS = "age,sex\n" + "".join(f"{age},{'fm'[age % 2]}\n" for age in range(1, 101))


def test_four_bands_of_a_hundred_ages(opened: Opener) -> None:
    """Quartiles of 1..100 by linear interpolation: 25.75, 50.5, 75.25; an edge belongs to the band above."""
    (tally,) = opened(ROWS).tally([CellCounts(keys=(BandKey(column="age", bands=4),))])
    assert set(tally.entries) == {
        ("< 25.8", 25),
        ("25.8 to < 50.5", 25),
        ("50.5 to < 75.2", 25),
        (">= 75.2", 25),
    }
    assert tally.spec == CellCounts(keys=(BandKey(column="age", bands=4),))


@pytest.mark.parametrize(
    "make",
    [
        lambda key: CellCounts(keys=(key, CategoryKey(column="sex"))),
        lambda key: MissingCounts(by=(key,)),
        lambda key: ClassSizes(keys=(key,)),
        lambda key: Sums(keys=(key,), terms=(Term(columns=("age",)),)),
    ],
)
def test_bands_count_as_the_bins_they_come_to(opened: Opener, make: Callable[[Key], TallySpec]) -> None:
    banded, binned = opened(ROWS).tally(
        [make(BandKey(column="age", bands=2)), make(BinKey(column="age", edges=(50.5,)))]
    )
    assert banded.entries == binned.entries


def test_equal_quantiles_make_fewer_bands(opened: Opener) -> None:
    (tally,) = opened("x\n" + "7\n" * 50 + "\n").tally([CellCounts(keys=(BandKey(column="x", bands=4),))])
    assert (">= 7", 50) in tally.entries


def test_a_column_without_numbers_is_one_band_or_refused(opened: Opener) -> None:
    key = BandKey(column="x", bands=3)
    (blank,) = opened("x,y\n,1\n,2\n").tally([CellCounts(keys=(key,))])
    assert blank.entries == (("(missing)", 2),)
    with pytest.raises(DataError, match=r"column 'x' of .* must hold numbers"):
        opened("x\nred\n4\n").tally([CellCounts(keys=(key,))])


def test_edges_are_round_numbers_once() -> None:
    assert edges_of([1234.5, 1234.6, float("nan"), None]) == (1230.0,)
    assert edges_of([]) == ()


MIXED = "few,many,words,none\n" + "".join(
    f"{row % 7},{row * 1.5},{'x' if row == 5 else row},\n" for row in range(60)
)


def test_a_small_table_gets_the_edges_of_a_large_one(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loose bands keep few values and text as they are; so they do where columns are looked at one by one."""
    specs = [
        CellCounts(keys=(BandKey(column=name, bands=4, loose=True),))
        for name in ("few", "many", "words", "none")
    ]
    small = opened(MIXED).tally(specs)
    assert [len(tally.entries) for tally in small] == [7, 4, 60, 1]
    monkeypatch.setattr(small_tables, "SMALL", 0)
    assert opened(MIXED).tally(specs) == small
    with pytest.raises(DataError, match="must hold numbers"):
        opened(MIXED).tally([CellCounts(keys=(BandKey(column="words", bands=4),))])
    assert opened("few\n").tally(specs[:1])[0].entries == ()


def test_loose_bands_of_what_is_never_a_number_are_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    table = open_frame(pl.DataFrame({"flag": [True, False, None, True], "x": [1, 2, 3, 4]}))
    flag, x = (CellCounts(keys=(BandKey(column=name, bands=2, loose=True),)) for name in ("flag", "x"))
    wanted = (("(missing)", 1), ("false", 1), ("true", 2))
    assert table.tally([flag])[0].entries == wanted
    assert [len(tally.entries) for tally in table.tally([flag, x])] == [3, 4]
    monkeypatch.setattr(small_tables, "SMALL", 0)
    assert table.tally([flag])[0].entries == wanted
    with pytest.raises(DataError, match="holds Boolean values, not numbers"):
        table.tally([CellCounts(keys=(BandKey(column="flag", bands=2),))])


def test_other_engines_find_the_edges_in_narwhals() -> None:
    """Of 1, 2, 3, 4 the median is 2.5."""
    import narwhals as nw

    frame = nw.from_native(pl.LazyFrame({"c0": [1, 2, 3, 4]}))
    key = BandKey(column="x", bands=2)
    assert settled(NamedFrame(frame, ("x",), "the frame"), [CellCounts(keys=(key,))]) == {
        CellCounts(keys=(key,)): CellCounts(keys=(BinKey(column="x", edges=(2.5,)),))
    }


@pytest.mark.parametrize(
    "expression", ["n % 37", "(n * n) % 101 / 8", "7", "CASE WHEN n % 3 = 0 THEN n % 5 END"]
)
def test_quantiles_of_repeating_numbers_are_those_that_duckdb_finds(
    monkeypatch: pytest.MonkeyPatch, expression: str
) -> None:
    """Counted numbers have the quantiles that DuckDB finds in a copy of them."""
    monkeypatch.setattr(quantiles_sql, "_LOOKED_AT", 500)
    rows = duckdb.connect().sql(f"SELECT ({expression})::DOUBLE AS n FROM range(1000) AS rows(n)")
    near = NamedFrame(frame=nw.from_native(rows.project("n AS c0")), names=("n",), where="t")
    shares = [0.1, 0.25, 1 / 3, 0.5, 0.7, 0.9]
    copied = rows.aggregate(f"quantile_cont(n, {shares})").fetchall()[0][0]
    assert quantiles_sql.quantiles(rows, shares, near) == pytest.approx(copied, rel=1e-12)
    monkeypatch.setattr(quantiles_sql, "_LOOKED_AT", 5_000)
    assert quantiles_sql.quantiles(rows, shares, near) == pytest.approx(copied, rel=1e-15)


def test_quantiles_of_repeating_numbers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that repeat take no copy; those that do not are not kept in a table of counts."""
    monkeypatch.setattr(quantiles_sql, "_LOOKED_AT", 500)
    counted: list[str] = []

    def noted(relation: Any, sql: str, near: NamedFrame) -> AbstractContextManager[str]:
        """Keep a table, and note what it is made of."""
        counted.append(sql)
        return kept_table(relation, sql, near)

    monkeypatch.setattr(quantiles_sql, "kept_table", noted)
    rows = duckdb.connect().sql("SELECT n::DOUBLE AS n, (n % 7)::DOUBLE AS m FROM range(1000) AS rows(n)")
    near = NamedFrame(frame=nw.from_native(rows.project("n AS c0")), names=("n",), where="t")
    assert quantiles_sql.quantiles(rows.project("n"), [0.5], near) == [499.5]
    assert not counted
    assert quantiles_sql.quantiles(rows.project("m AS n"), [0.5], near) == [3.0]
    assert len(counted) == 1
