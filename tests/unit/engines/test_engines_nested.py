"""Class sizes that share a scan are those that are counted one by one."""

from __future__ import annotations

import random

import narwhals as nw
import polars as pl

from conformity.engines.classes import class_sizes
from conformity.engines.columns import NamedFrame
from conformity.engines.nested import nested_sizes
from conformity.model.tally import BinKey, CategoryKey, ClassSizes
from tests.support.tables import Opener

A, B, C = (CategoryKey(column=name) for name in "abc")
BIN = BinKey(column="c", edges=(2.0,))
SPECS = [ClassSizes(keys=keys) for keys in ((A,), (A, B, C), (C, A), (B,), (BIN,), (A, B, BIN))]


def _table(opened: Opener) -> NamedFrame:
    """Return a table of three columns with gaps."""
    draw = random.Random(4)
    lines = (f"{draw.choice('xyz ')},{draw.choice(['', 'p', 'q'])},{draw.randrange(5)}" for _ in range(300))
    return opened("a,b,c\n" + "\n".join(lines) + "\n").named


def test_nested_sets_give_what_each_gives_alone(opened: Opener) -> None:
    table = _table(opened)
    found = nested_sizes(table, SPECS)
    assert set(found) == set(SPECS)
    assert found == {spec: class_sizes(table, spec) for spec in SPECS}
    assert all(sum(size * n for size, n in tally.entries) == 300 for tally in found.values())  # type: ignore[operator,misc] # numbers


def test_sets_that_hold_no_other_are_left_alone(opened: Opener) -> None:
    table = _table(opened)
    assert nested_sizes(table, [ClassSizes(keys=(A, B)), ClassSizes(keys=(B, C))]) == {}
    slices = [ClassSizes(keys=(A, B), one_in=4), ClassSizes(keys=(A,)), ClassSizes()]
    assert nested_sizes(table, slices) == {}


def test_another_engine_counts_each_set_alone() -> None:
    frame = nw.from_native(pl.LazyFrame({"c0": ["x"], "c1": ["p"], "c2": [1]}))
    assert nested_sizes(NamedFrame(frame, ("a", "b", "c"), "the frame"), SPECS) == {}


def test_a_table_shares_the_scan(opened: Opener) -> None:
    table = opened("a,b,c\nx,p,1\nx,q,1\n")
    tallies = table.tally(SPECS[:2])
    assert [tally.entries for tally in tallies] == [((2, 1),), ((1, 2),)]
