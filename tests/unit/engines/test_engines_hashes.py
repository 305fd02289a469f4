"""Hashes of rows: equal for equal rows in every format, a fair sample, gone before anything is kept."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter

import narwhals as nw
import polars as pl
import pytest

from conformity.engines import columns
from conformity.engines.columns import NamedFrame
from conformity.engines.frame import open_frame
from conformity.engines.hashes import TOTAL, row_hashes, without_hashes
from conformity.errors import DataError
from conformity.model.tally import CellCounts, RowHashes, Tally
from tests.support.tables import Opener

SEPARATOR = "\x1fa"


def hashes(frame: pl.DataFrame, spec: RowHashes | None = None) -> Tally:
    """Return the hashes of a frame's rows."""
    return row_hashes(open_frame(frame).named, spec or RowHashes())


def test_the_hash_is_md5_of_salt_and_cells() -> None:
    # One block of cells: md5 over md5(salt) and the joined cells, each as text, sign of a root, and rest.
    frame = pl.DataFrame({"a": ["x "], "b": [2.5], "c": [None]}, schema_overrides={"c": pl.String})
    salt = hashlib.md5(b"conformity row 1", usedforsecurity=False).hexdigest()
    cells = ["x", "", "", "2", "", str(2**52), "", "", ""]
    digest = hashlib.md5((salt + SEPARATOR.join(cells)).encode(), usedforsecurity=False).hexdigest()
    tally = hashes(frame)
    assert tally.columns == ("hash", "hashes", "rows")
    assert tally.entries == ((TOTAL, 1, 1), (digest[:15], 1, 1))


def test_a_row_has_the_same_hash_in_text_and_in_types(opened: Opener) -> None:
    text = opened(
        "n,x,word,yes,day\n01,1.50, ä b ,True,2024-02-03\n-7,1e20,,false,\n1.0,-0.1,c,TRUE,2024-02-04\n"
        "9007199254740993,1e-3,d,true,2024-02-05\n"
    )
    typed = pl.DataFrame(
        {
            "n": [1, -7, 1, 9007199254740993],
            "x": [1.5, 1e20, -0.1, 0.001],
            "word": ["ä b", None, "c", "d"],
            "yes": [True, False, True, True],
            "day": [datetime.date(2024, 2, 3), None, datetime.date(2024, 2, 4), datetime.date(2024, 2, 5)],
        }
    )
    from_text = row_hashes(text.named, RowHashes())
    assert from_text.entries == hashes(typed).entries
    assert from_text.entries[0] == (TOTAL, 4, 4)
    as_float = typed.with_columns(n=pl.Series([1.0, -7.0, 1.0, 5.0]))
    same = {entry[0] for entry in from_text.entries} & {entry[0] for entry in hashes(as_float).entries}
    assert len(same) == 4  # the totals, and all rows but the one whose number a float cannot hold


@pytest.mark.parametrize(
    ("values", "different"),
    [
        (["a", "A"], 2),
        (["a", " a\t"], 1),
        (["1", "01", "1.0", "+1"], 1),
        (["0.1", "0.10", "1e-1"], 1),
        (["0.1", "0.1000000001"], 2),
        (["-0.0", "0"], 1),
        (["", "  ", None], 1),
        (["0", ""], 2),
        (["1234567890123456789", "1234567890123456788"], 2),
        (["true", "True", "1"], 2),
        (["1e30", "1.0e30", "1" + "0" * 30], 2),
    ],
)
def test_which_cells_are_equal(values: list[str | None], different: int) -> None:
    assert hashes(pl.DataFrame({"a": values})).entries[0] == (TOTAL, different, len(values))


@pytest.mark.parametrize(
    ("values", "different"),
    [
        ([float("nan"), None], 1),
        ([float("inf"), float("-inf"), 1e300, -1e300, 1.0001e300, 1e40], 6),
        ([-0.5, 0.5, -1.5], 3),
        ([2.0**62, 2.0**61, -(2.0**62), 4.0], 4),
    ],
)
def test_which_numbers_are_equal(values: list[float | None], different: int) -> None:
    assert hashes(pl.DataFrame({"a": values})).entries[0] == (TOTAL, different, len(values))


@pytest.mark.parametrize("kind", [pl.UInt8, pl.UInt64, pl.Decimal(12, 2), pl.Float32])
def test_the_type_of_a_number_does_not_matter(kind: type[pl.DataType]) -> None:
    plain = pl.DataFrame({"a": [1, 2, None]})
    assert hashes(plain.cast(kind)).entries == hashes(plain).entries


def test_cells_cannot_imitate_the_separator() -> None:
    frame = pl.DataFrame({"a": ["x\x1fa", "x"], "b": ["y", "\x1fay"]})
    assert hashes(frame).entries[0] == (TOTAL, 2, 2)


def test_only_the_columns_asked_for_are_compared() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2], "b": [1, 2, 3]})
    assert hashes(frame, RowHashes(columns=("a",))).entries[0] == (TOTAL, 2, 3)
    with pytest.raises(DataError, match="has no column 'z'"):
        hashes(frame, RowHashes(columns=("z",)))


def test_the_smallest_hashes_are_kept_and_the_totals_stay() -> None:
    frame = pl.DataFrame({"a": [n // 2 for n in range(4000)]})
    whole, part = hashes(frame), hashes(frame, RowHashes(most=50))
    assert whole.entries[0] == part.entries[0] == (TOTAL, 2000, 4000)
    assert part.entries[1:] == whole.entries[1:51]
    assert {entry[1:] for entry in whole.entries[1:]} == {(1, 2)}


def test_a_bound_that_holds_too_few_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    import conformity.engines.hashes as module

    frame = pl.DataFrame({"a": list(range(500))})
    whole = hashes(frame)
    monkeypatch.setattr(module, "_SPACE", 16)  # bounds so low that none of the hashes lies below
    table = open_frame(frame).named
    kept = module._smallest(module._hashed(table, RowHashes()), 500, 20)
    assert [f"{value:015x}" for value, _ in kept] == [entry[0] for entry in whole.entries[1:21]]


def test_an_empty_table_has_totals_only() -> None:
    frame = pl.DataFrame({"a": []}, schema={"a": pl.Int64})
    assert hashes(frame).entries == ((TOTAL, 0, 0),)


def test_many_columns_are_hashed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({f"a{n}": [n, n, n + 1] for n in range(7)})
    import conformity.engines.hashes as module

    monkeypatch.setattr(module, "BLOCK", 2)
    assert hashes(frame).entries[0] == (TOTAL, 2, 3)
    assert columns.BLOCK == 400


def test_other_engines_are_refused() -> None:
    frame = pl.LazyFrame({"c0": [1]})
    table = NamedFrame(frame=nw.from_native(frame), names=("a",), where="the frame")
    with pytest.raises(DataError, match="cannot be hashed by"):
        row_hashes(table, RowHashes())


def test_ranks_take_the_place_of_hashes() -> None:
    first = hashes(pl.DataFrame({"a": [1, 2, 2, 3]}))
    second = hashes(pl.DataFrame({"a": [3, 4]}))
    count = Tally(spec=CellCounts(keys=()), columns=("rows",), entries=((4,),))
    ranked = without_hashes({"first": (first, count), "second": (second,)})
    assert ranked["first"][1] is count
    every = sorted({str(entry[0]) for tally in (first, second) for entry in tally.entries[1:]})
    named = {value: f"{place:08d}" for place, value in enumerate(every)}
    for before, after in ((first, ranked["first"][0]), (second, ranked["second"][0])):
        assert after.entries[0] == before.entries[0]
        assert after.entries[1:] == tuple((named[str(value)], *rest) for value, *rest in before.entries[1:])
        assert not {entry[0] for entry in before.entries[1:]} & {entry[0] for entry in after.entries}
    seen = Counter(entry[0] for tallies in ranked.values() for entry in tallies[0].entries[1:])
    assert sorted(seen.values()) == [1, 1, 1, 2]


def test_the_texts_are_the_same_in_sql_and_in_narwhals() -> None:
    """The steps in Narwhals are Spark's; here they run on DuckDB, over every form of cell."""
    import conformity.engines.hashes as module

    frame = pl.DataFrame(
        {
            "text": ["01", "1.50", "-1e-3", "1" * 19, "1e30", " True", "x\x1fa", "", None, "-0", ".5"],
            "real": [0.1, -0.0, 2.0**62, -(2.0**80), float("nan"), float("inf"), None, 1.5, -7.25, 1e-9, 3.0],
            "whole": [1, None, -5, 2**53 + 1, 0, 7, 8, 9, 10, 11, 12],
            "flag": [True, False, None] * 3 + [True, False],
        }
    )
    table = open_frame(frame).named
    positions = range(4)
    number = f"left(md5({module._digest(positions)}), 15)"
    plain = module._texts(table, positions).select(f"('0x' || {number})::BIGINT AS hash").fetchall()
    sql = nw.to_native(module._hashed(table, RowHashes())).fetchall()
    assert sorted(plain) == sorted(sql)
    assert len(set(sql)) == frame.height
