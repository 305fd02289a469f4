"""Which tallies share a scan: small tables one, large ones as few as their cells allow."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest

from conformity.engines import additive, cells
from conformity.engines.frame import open_frame
from conformity.engines.planning import SAMPLE, batches
from conformity.model.tally import CategoryKey, CellCounts, GridKey, Key, Sums, TallySpec, Term

SIZES = {"a": 2, "b": 3, "c": 40, "d": 90, "e": 700}
KEYS: dict[str, Key] = {name: CategoryKey(column=name) for name in SIZES}


def frame(rows: int) -> pl.DataFrame:
    """Return a table whose columns have as many values as SIZES says, in no order."""
    index = pl.int_range(rows, eager=True)
    columns = {name: (index * 7919 + index // (size + 1)) % size for name, size in SIZES.items()}
    return pl.DataFrame(columns | {"x": index / 8})


def planned(rows: int, *wanted: str) -> list[list[str]]:
    """Return the batches of tallies, each given by the letters of its keys."""
    found = batches(open_frame(frame(rows)).named, [tuple(KEYS[name] for name in names) for names in wanted])
    return [[wanted[place] for place in places] for places in found]


def test_a_small_table_is_scanned_once() -> None:
    assert planned(SAMPLE - 1, "cd", "de", "") == [["cd", "de", ""]]


def test_equal_keys_need_no_look_at_the_data() -> None:
    assert planned(SAMPLE, "cd", "dc", "cd") == [["cd", "dc", "cd"]]


def test_a_large_table_is_scanned_as_often_as_its_cells_ask() -> None:
    # 63,000 and 28,000 cells are scans of their own; the others share the smaller, or a third.
    asked = ("a", "de", "ab", "ce", "e", "c", "")
    assert planned(SAMPLE, *asked) == [["de"], ["ce", "e", "c"], ["a", "ab", ""]]
    assert planned(SAMPLE, "ab", "cd") == [["cd"], ["ab"]]
    assert planned(SAMPLE, "ab", "c", "d") == [["c", "d"], ["ab"]]
    assert planned(SAMPLE, "a", "b", "c", "ab") == [["a", "b", "c", "ab"]]


def test_grids_within_one_another_make_no_more_cells_than_the_finest() -> None:
    """By hand: 2 values cross 1,000 bins; crossed with the coarser bins, too, they would make 2 million."""
    grids = [GridKey(column="x", low=0, high=1250, bins=bins) for bins in (1000, 100, 10)]
    wanted = [(KEYS["a"], grid) for grid in grids]
    assert batches(open_frame(frame(SAMPLE)).named, wanted) == [[0, 1, 2]]
    uneven = [(KEYS["c"], GridKey(column="x", low=0, high=1250, bins=bins)) for bins in (200, 150)]
    assert batches(open_frame(frame(SAMPLE)).named, uneven) == [[0], [1]]


@pytest.mark.no_cover
def test_batches_do_not_change_the_tallies(monkeypatch: pytest.MonkeyPatch) -> None:
    table = open_frame(frame(SAMPLE))
    grid = GridKey(column="x", low=0, high=1250, bins=500)
    four = [KEYS["a"], KEYS["c"], KEYS["e"], grid]
    specs: list[TallySpec] = [CellCounts(keys=pair) for pair in combinations(four, 2)]
    specs += [
        Sums(keys=(KEYS["a"], grid), terms=(Term(columns=("x",)), Term(columns=("c", "x")))),
        CellCounts(keys=()),
    ]
    asked: list[tuple[object, ...]] = []

    def counting(*args: object) -> object:
        """Return what a scan returns, and note that there was one."""
        asked.append(args)
        return cells.scan(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(additive, "scan", counting)
    together = table.tally(specs)
    assert 1 < len(asked) < len(specs)
    assert together == tuple(table.tally([spec])[0] for spec in specs)
    # All 10,000 rows are in every tally.
    assert all(
        sum(int(entry[-1]) for entry in tally.entries) == SAMPLE
        for tally in together
        if tally.spec.kind == "cell_counts"
    )
