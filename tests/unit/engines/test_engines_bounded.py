"""Cell counts that are given up: without entries where there are too many cells, else as any other."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest

from conformity.engines import bounded, small_tables
from conformity.engines.cells import scan
from conformity.engines.frame import open_frame
from conformity.errors import DataError
from conformity.model.tally import BinKey, CategoryKey, CellCounts, Tally

_ROWS = 600
_TABLE = pa.table(
    {
        "few": [str(row % 3) for row in range(_ROWS)],
        "some": [str(row % 40) for row in range(_ROWS)],
        "many": [str(row) for row in range(_ROWS)],
        "late": ["0"] * (_ROWS - 100) + [str(row) for row in range(100)],
    }
)


def _spec(*names: str, most: int | None = 50) -> CellCounts:
    return CellCounts(keys=tuple(CategoryKey(column=name) for name in names), most=most)


def _tallies(*specs: CellCounts) -> tuple[Tally, ...]:
    return open_frame(_TABLE).tally(specs)


def test_few_cells_are_counted_as_without_a_bound() -> None:
    bound, free = _tallies(_spec("few"), _spec("few", most=None))
    assert bound.entries == free.entries == (("0", 200), ("1", 200), ("2", 200))
    assert bound.columns == ("few", "rows")
    assert bound.spec.model_dump() == _spec("few").model_dump()


def test_the_bound_itself_is_allowed_and_one_more_is_not() -> None:
    exact, beyond = _tallies(_spec("some", most=40), _spec("some", most=39))
    assert len(exact.entries) == 40
    assert beyond.entries == ()
    assert beyond.columns == ("some", "rows")


def test_many_values_are_given_up_and_the_rest_is_counted() -> None:
    many, late, few, rows = _tallies(
        _spec("many"), _spec("late", most=20), _spec("few"), CellCounts(keys=(), most=1)
    )
    assert many.entries == ()
    assert late.entries == ()
    assert len(few.entries) == 3
    assert rows.entries == ((_ROWS,),)


def test_many_numbers_are_cut_to_two_digits_and_that_is_said() -> None:
    numbers = [str(number) for number in range(1000, 1600)]
    table = open_frame(pa.table({"x": numbers, "y": ["a", "b"] * 300}))
    spec = CellCounts(keys=(CategoryKey(column="x"), CategoryKey(column="y")), most=50)
    (tally,) = table.tally([spec])
    assert tally.columns == ("x, two digits", "y", "rows")
    assert tally.entries == tuple((f"{n}00", letter, 50) for n in range(10, 16) for letter in "ab")
    assert tally.spec.model_dump() == spec.model_dump()


def test_specs_with_one_first_key_share_a_scan_where_they_can() -> None:
    specs = (_spec("few", "some", most=200), _spec("few", "late", most=200))
    with (
        patch.object(bounded, "_TOGETHER", 200),
        patch.object(bounded, "scan", side_effect=scan) as scans,
    ):
        pair, other = _tallies(*specs)
    # Together they have more than 200 cells, so that each is scanned on its own.
    assert scans.call_count >= 3
    assert sum(int(entry[-1]) for entry in pair.entries) == _ROWS
    assert sum(int(entry[-1]) for entry in other.entries) == _ROWS
    narrow = (_spec("few", most=200), _spec("few", "some", most=200))
    with patch.object(bounded, "scan", side_effect=scan) as scans:
        alone, pair = _tallies(*narrow)
    assert scans.call_count == 1
    assert alone.entries == (("0", 200), ("1", 200), ("2", 200))
    assert len(pair.entries) == 120


def test_specs_of_several_first_keys_share_a_scan_where_they_seem_small() -> None:
    small = (_spec("few", most=500), _spec("some", most=500))
    with patch.object(bounded, "scan", side_effect=scan) as scans:
        few, some = _tallies(*small)
    assert scans.call_count == 1
    assert (len(few.entries), len(some.entries)) == (3, 40)
    large = (_spec("few", most=100), _spec("some", most=100))
    with patch.object(bounded, "scan", side_effect=scan) as scans:
        assert [tally.entries for tally in _tallies(*large)] == [few.entries, some.entries]
    assert scans.call_count == 2


@pytest.mark.parametrize("key", [CategoryKey(column="fwe"), BinKey(column="words", edges=(1,))])
def test_what_is_wrong_with_a_key_is_still_refused(key: Any) -> None:
    table = open_frame(pa.table({"few": ["1", "2"], "words": ["a", "b"]}))
    with pytest.raises(DataError):
        table.tally([CellCounts(keys=(key,), most=10)])


def test_a_large_table_is_counted_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = (_spec("few", "some", most=200), _spec("late"), _spec("many"), _spec("few", most=3))
    small = _tallies(*specs)
    assert [len(tally.entries) for tally in small] == [120, 0, 0, 3]
    monkeypatch.setattr(small_tables, "SMALL", 0)
    assert _tallies(*specs) == small
