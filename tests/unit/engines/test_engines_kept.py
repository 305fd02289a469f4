"""Values that repeat are counted before they are searched, whole rows by their hashes: nothing changes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl
import pytest

from conformity.engines import kept
from conformity.engines.columns import NamedFrame
from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.frame import open_frame
from conformity.engines.interface import TableSource
from conformity.engines.kept import CountedFrame, with_counted_values
from conformity.model.tally import CategoryKey, ClassSizes, Diversity, PatternCounts

ROWS = 1_000
MAILS = PatternCounts(patterns=("email", "payment_card"))


def table(folder: Path) -> DuckDBTable:
    """Return a table with ten addresses over and over, many numbers, broken ones, and every row twice."""
    path = folder / "rows.parquet"
    duckdb.connect().execute(
        f"""COPY (SELECT 'p' || n % 10 || '@example.com' AS mail, n % 500 AS code, n % 500 / 8 AS part,
            CASE WHEN n % 2 = 0 THEN 'a' END AS word FROM range({ROWS}) AS numbers(n))
        TO '{path}' (FORMAT parquet)"""
    )
    return DuckDBEngine().open(TableSource(path, "auto"))


def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every table be large, and its first rows be looked at for values that occur ten times."""
    monkeypatch.setattr(kept, "is_small", lambda table, columns: False)
    monkeypatch.setattr(kept, "_LOOKED_AT", ROWS)


def test_values_that_repeat_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counting(monkeypatch)
    with with_counted_values(table(tmp_path).named) as counted:
        assert isinstance(counted, CountedFrame)
        assert set(counted.counted) == {0, 3}
        words = counted.counted[3].sort("c3").collect(backend="pyarrow").rows()
        assert sorted(words, key=str) == [("a", 500), (None, 500)]


def test_more_values_than_the_first_rows_promise_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting(monkeypatch)
    monkeypatch.setattr(kept, "FEW", 9)
    with with_counted_values(table(tmp_path).named) as counted:
        assert isinstance(counted, CountedFrame)
        assert set(counted.counted) == {3}


def test_small_tables_and_other_frames_are_given_as_they_are(tmp_path: Path) -> None:
    named = table(tmp_path).named
    with with_counted_values(named) as same:
        assert same is named
    other = open_frame(pl.DataFrame({"a": ["x"]})).named
    with with_counted_values(other) as same:
        assert same is other
    counts = nw.from_native(pl.LazyFrame({"value": [1]}))
    with kept.kept(counts, NamedFrame(counts, ("value",), "rows")) as there:
        assert there is counts


def test_counted_values_give_the_same_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (expected,) = table(tmp_path).tally([MAILS])
    counting(monkeypatch)
    (found,) = table(tmp_path).tally([MAILS])
    assert found == expected
    matching = {entry[1]: entry[6] for entry in found.entries if entry[0] == "mail"}
    assert matching == {"(searched)": 0, "email": ROWS}


def test_whole_rows_are_counted_exactly(tmp_path: Path) -> None:
    """By hand: rows n and n + 500 are equal, since 500 is a multiple of 2 and of 10."""
    (tally,) = table(tmp_path).tally([ClassSizes(keys=())])
    assert tally.entries == ((2, 500),)
    path = tmp_path / "mixed.parquet"
    duckdb.connect().execute(f"COPY (SELECT unnest([1, 2, 2, 3, 3, 3, 4]) AS a) TO '{path}' (FORMAT parquet)")
    (tally,) = DuckDBEngine().open(TableSource(path, "auto")).tally([ClassSizes(keys=())])
    assert tally.entries == ((1, 2), (2, 1), (3, 1))


def test_numbers_of_values_alone_are_those_beside_the_shares(tmp_path: Path) -> None:
    keys = (CategoryKey(column="mail"), CategoryKey(column="part"))
    opened = table(tmp_path)
    for sensitive in ("word", "code"):
        (alone,) = opened.tally([Diversity(keys=keys, sensitive=sensitive, shares=False)])
        (full,) = opened.tally([Diversity(keys=keys, sensitive=sensitive)])
        some = tuple(entry for entry in full.entries if entry[0] in ("classes_with", "rows_with"))
        assert alone.entries == some
        rows = pl.read_parquet(tmp_path / "rows.parquet")
        (other,) = open_frame(rows).tally([alone.spec])
        assert other.entries == some
