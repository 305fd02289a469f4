"""Bands of about equal size: edges from quantiles, the same tallies as the bins they come to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformity.engines.bands import edges_of
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
