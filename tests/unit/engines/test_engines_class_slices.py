"""Class sizes of one slice in many: exact inside, together the whole, unbiased; also for Spark's hash."""

from __future__ import annotations

from collections import Counter

import narwhals as nw
import polars as pl
import pytest

from conformity.engines.columns import NamedFrame
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.engines.tallies import compute
from conformity.errors import DataError
from conformity.model.tally import CategoryKey, ClassSizes, GridKey, PeriodKey
from tests.support.tables import Opener

ZIP, SEX = CategoryKey(column="zip"), CategoryKey(column="sex")
# Class number n has 1 + n mod 7 rows; some of its values are blank.
ROWS = [(str(n) if n % 50 else "", "fm"[n % 2]) for n in range(5000) for _ in range(1 + n % 7)]
FRAME = pl.DataFrame(ROWS, schema=["zip", "sex"], orient="row")


def sizes(one_in: int, threads: int = 1) -> dict[int, int]:
    """Return how many classes of each size the slice has."""
    (tally,) = open_frame(FRAME, DuckDBEngine(threads=threads)).tally(
        [ClassSizes(keys=(ZIP, SEX), one_in=one_in)]
    )
    return {int(size): int(classes) for size, classes in tally.entries}


def test_a_slice_holds_whole_classes_and_its_share_of_them() -> None:
    whole = Counter(Counter(ROWS).values())
    assert sizes(1) == whole
    slice_of_ten = sizes(10)
    assert set(slice_of_ten) <= set(whole)
    # 4,901 classes of which each is kept with probability 1/10: within four standard deviations.
    assert abs(sum(slice_of_ten.values()) - 490.1) < 4 * (4901 * 0.1 * 0.9) ** 0.5
    # Of the classes of one size, too: 700 of each but the joined blanks.
    for size in range(1, 8):
        assert abs(slice_of_ten[size] - 70) < 4 * (700 * 0.1 * 0.9) ** 0.5


def test_a_slice_is_the_same_from_run_to_run() -> None:
    assert sizes(10) == sizes(10, threads=2)


def test_a_slice_of_whole_rows_and_of_bins() -> None:
    table = open_frame(pl.DataFrame({"a": [1.0, 1.0, float("nan"), None], "b": ["x", " x", "", None]}))
    grid = GridKey(column="a", low=0, high=2, bins=2)
    for keys in ((), (grid,)):
        found = [table.tally([ClassSizes(keys=keys, one_in=n)])[0].entries for n in (2, 3, 5, 7)]
        # There are two classes, each of two rows; a slice has none, one or both of them.
        assert set(found) <= {(), ((2, 1),), ((2, 2),)}


def test_other_engines_say_that_they_cannot_slice() -> None:
    lazy = NamedFrame(
        nw.from_native(FRAME.lazy().rename({"zip": "c0", "sex": "c1"})), ("zip", "sex"), "frame"
    )
    with pytest.raises(DataError, match="frame can only be counted in slices by DuckDB or Spark"):
        compute(lazy, [ClassSizes(keys=(ZIP,), one_in=2)])


def test_months_make_classes_and_what_is_no_date_is_refused(opened: Opener) -> None:
    when = PeriodKey(column="when")
    table = opened("when,x\n2024-03-01,a\n2024-03-09,a\n2024-04-01,a\n,a\n")
    assert table.tally([ClassSizes(keys=(when,))])[0].entries == ((1, 2), (2, 1))
    with pytest.raises(DataError, match=r"column 'when' of people.csv must hold dates"):
        opened("when,x\n2024-03-01,a\nsoon,a\n").tally([ClassSizes(keys=(when,))])
