"""Hashes that occur several times are found part by part, and whole rows counted with them."""

from __future__ import annotations

import io
from collections import Counter
from itertools import chain

import numpy as np
import polars as pl
import pytest

from conformity.engines import repeats, rows_sql
from conformity.engines.classes import class_sizes
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.repeats import CrowdedError, repeated
from conformity.model.tally import ClassSizes


def _counted(*blocks: list[int]) -> dict[int, int]:
    """Return what is found among the hashes of some blocks."""
    found, often = repeated((np.array(block, np.uint64) for block in blocks), io.BytesIO())
    return dict(zip(found.tolist(), often.tolist(), strict=True))


def test_repeated_hashes_are_found_across_blocks() -> None:
    draw = np.random.default_rng(5)
    pool = draw.integers(0, 2**64, 3_000, dtype=np.uint64)
    blocks = [draw.choice(pool, 2_000).tolist() for _ in range(3)]
    expected = {value: n for value, n in Counter(chain.from_iterable(blocks)).items() if n > 1}
    assert _counted(*blocks) == expected


@pytest.mark.parametrize("blocks", [[], [[]], [[7]], [[7, 8], []]])
def test_nothing_is_found_where_nothing_is_repeated(blocks: list[list[int]]) -> None:
    assert _counted(*blocks) == {}


def test_a_counter_that_begins_anew_hides_nothing() -> None:
    assert _counted([3] * 65_537) == {3: 65_537}


def test_too_many_equal_hashes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_LARGEST", 10)
    with pytest.raises(CrowdedError):
        _counted([3] * 11)


@pytest.mark.parametrize("crowded", [False, True])
def test_whole_rows_of_a_large_table_are_counted_the_same(
    monkeypatch: pytest.MonkeyPatch, crowded: bool
) -> None:
    frame = pl.DataFrame({"a": [n % 50 for n in range(70)], "b": [f" {n % 25}" for n in range(70)]})
    table = DuckDBEngine(threads=1).over_arrow(frame.to_arrow(), "people.arrow").named
    expected = class_sizes(table, ClassSizes())
    monkeypatch.setattr(rows_sql, "LARGE", 0)
    monkeypatch.setattr(repeats, "_LARGEST", 0 if crowded else 100)
    assert class_sizes(table, ClassSizes()) == expected
    assert expected.entries == ((1, 30), (2, 20))
