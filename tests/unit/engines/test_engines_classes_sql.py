"""Class sizes and diversity that share a scan are those that are counted one by one."""

from __future__ import annotations

import random
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from conformity.engines.classes import class_sizes
from conformity.engines.classes_sql import grouped_tallies
from conformity.engines.columns import NamedFrame
from conformity.engines.diversity import diversity
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.families import families
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.tally import BinKey, CategoryKey, ClassSizes, Diversity, OutcomeKey, Tally, TallySpec
from tests.support.tables import Opener

A, B, C, D = (CategoryKey(column=name) for name in "abcd")
BIN = BinKey(column="c", edges=(2.0,))
FLAG = OutcomeKey(column="c", positive=(1,), negative=(0,))
SPECS: list[TallySpec] = [
    *(
        ClassSizes(keys=keys)
        for keys in ((A,), (A, B, C), (C, A), (B,), (BIN,), (A, B, BIN), (FLAG, D), (D, C))
    ),
    Diversity(keys=(A, B), sensitive="c", ordered=True),
    Diversity(keys=(C, BIN), sensitive="d", ordered=True),
    Diversity(keys=(D,), sensitive="a"),
    Diversity(keys=(C, D), sensitive="c"),
    Diversity(keys=(FLAG,), sensitive="b"),
    # Of the classes of (a, b, d) a table is kept, which says how many cells each has; of (b, c) none is.
    ClassSizes(keys=(A, B, D)),
    ClassSizes(keys=(A, D)),
    Diversity(keys=(A, B, D), sensitive="c", shares=False),
    Diversity(keys=(B, C), sensitive="a", shares=False),
]


def _frame(rows: int = 300) -> pl.DataFrame:
    """Return a table of text, whole numbers and floats, with gaps."""
    draw = random.Random(4)
    lines = [
        (
            draw.choice(["x", "y", "z", " x", " ", None]),
            draw.choice(["", "p", "q"]),
            draw.choice([None, *range(-2, 5)]),
            draw.choice([0.5, 0.5, -1.0, float("nan"), None]),
        )
        for _ in range(rows)
    ]
    kinds = {"a": pl.String, "b": pl.String, "c": pl.Int16, "d": pl.Float64}
    return pl.DataFrame(lines, schema=kinds, orient="row")


def _alone(table: NamedFrame, spec: TallySpec) -> Tally:
    """Return what a spec gives on its own, counted in Narwhals."""
    return diversity(table, spec) if isinstance(spec, Diversity) else class_sizes(table, spec)  # type: ignore[arg-type] # the only two kinds


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_sets_together_give_what_each_gives_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = _frame().with_columns(pl.col("d").fill_nan(None))
    frame.write_parquet(path) if name.endswith("parquet") else frame.write_csv(path)
    table = DuckDBEngine(threads=1).open(TableSource(path, "auto"))
    found = dict(zip(SPECS, table.tally(SPECS), strict=True))
    assert found == {spec: _alone(table.named, spec) for spec in SPECS}
    sizes = [tally.entries for spec, tally in found.items() if isinstance(spec, ClassSizes)]
    assert all(sum(int(size) * int(n) for size, n in entries) == 300 for entries in sizes)
    left = nw.to_native(table.named.frame).query(
        "given", "SELECT count(*) FROM duckdb_tables() WHERE temporary"
    )
    assert left.fetchall() == [(0,)]


def test_not_a_number_is_a_missing_value() -> None:
    from conformity.engines.frame import open_frame

    table = open_frame(_frame(), DuckDBEngine(threads=1))
    assert dict(zip(SPECS, table.tally(SPECS), strict=True)) == {
        spec: _alone(table.named, spec) for spec in SPECS
    }


def test_slices_and_whole_rows_are_left_alone(opened: Opener) -> None:
    table = opened("a,b\nx,1\n").named
    assert grouped_tallies(table, [ClassSizes(keys=(A,), one_in=4), ClassSizes()]) == {}


def test_another_engine_counts_each_set_alone() -> None:
    frame = nw.from_native(pl.LazyFrame({"c0": ["x"], "c1": ["p"], "c2": [1], "c3": [0.5]}))
    assert grouped_tallies(NamedFrame(frame, ("a", "b", "c", "d"), "the frame"), SPECS) == {}


def test_a_query_that_fails_leaves_the_engine_as_it_was(opened: Opener) -> None:
    table = opened("a,b,c\nx,p,one\nx,q,1\n")
    spec = Diversity(keys=(A,), sensitive="c", ordered=True)
    for _ in range(2):
        with pytest.raises(DataError, match="must hold numbers"):
            table.tally([spec])
    left = "SELECT count(*) FROM duckdb_tables() WHERE temporary"
    asked = f"SELECT current_setting('perfect_ht_threshold'), ({left})"
    assert nw.to_native(table.named.frame).query("given", asked).fetchall() == [(12, 0)]
    assert table.tally([ClassSizes(keys=(A,))])[0].entries == ((2, 1),)


def test_one_family_serves_what_one_set_holds() -> None:
    needs: list[list[tuple[int, ...]]] = [[(0, 1)], [(0, 1, 2), (2,)], [(3, 4)], [(1,)]]
    first, second = families(needs, {}, most=100)
    assert (first.members, first.base) == ((1, 0, 3), (0, 1, 2))
    assert first.parents == {(0, 1): (0, 1, 2), (1,): (0, 1), (2,): (0, 1, 2)}
    assert first.shared == {(0, 1, 2), (0, 1)}
    assert (second.members, second.base, second.parents) == ((2,), (3, 4), {})
    assert families(needs, {}, most=100, flat=True)[0].shared == {(0, 1, 2)}


def test_sets_of_few_values_are_joined() -> None:
    """By hand: 4 x 5 x 5 is 100 cells, and with 2 more values 200; nothing is known of column 9."""
    values = {0: 4, 1: 5, 2: 5, 3: 2}
    joined, unknown, other = families([[(0, 1)], [(1, 2)], [(2, 3)], [(0, 9)]], values, most=100)
    assert (joined.base, joined.members) == ((0, 1, 2), (0, 1))
    assert joined.parents == {(0, 1): (0, 1, 2), (1, 2): (0, 1, 2)}
    assert (unknown.base, unknown.members) == ((0, 9), (3,))
    assert (other.base, other.members) == ((2, 3), (2,))
