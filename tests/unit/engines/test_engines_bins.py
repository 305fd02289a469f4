"""Numbers in bins of equal width, against bins found by exact arithmetic; from DuckDB and from Polars."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines.columns import NamedFrame
from conformity.engines.frame import open_frame
from conformity.engines.tallies import compute
from conformity.errors import DataError
from conformity.model.tally import ABOVE, BELOW, MISSING, CategoryKey, CellCounts, ClassSizes, GridKey
from tests.support.tables import Opener

TENTHS = GridKey(column="score", low=0, high=1, bins=10)


def counts(frame: pl.DataFrame, key: GridKey) -> dict[str, int]:
    """Return the rows of each bin, after both engines agreed on them."""
    spec = CellCounts(keys=(key,))
    safe = {name: f"c{number}" for number, name in enumerate(frame.columns)}
    lazy = NamedFrame(nw.from_native(frame.lazy().rename(safe)), tuple(frame.columns), "frame")
    (direct,) = compute(lazy, [spec])
    (tally,) = open_frame(frame).tally([spec])
    assert tally == direct
    return {str(label): int(rows) for label, rows in tally.entries}


def test_the_end_belongs_to_the_last_bin_and_every_other_edge_to_the_bin_above() -> None:
    values = [0.0, 0.0999, 0.5, 0.75, 0.99, 1.0, -1e-9, 1.000001, None, float("nan")]
    values += [float("inf"), float("-inf")]
    assert counts(pl.DataFrame({"score": values}), TENTHS) == {
        "0": 2,
        "5": 1,
        "7": 1,
        "9": 2,
        BELOW: 2,
        ABOVE: 2,
        MISSING: 2,
    }


def test_text_and_whole_numbers_are_numbers_too() -> None:
    texts = pl.DataFrame({"score": [" .5 ", "1", "1e-1", "", None, "2", "-3"]})
    assert counts(texts, TENTHS) == {"5": 1, "9": 1, "1": 1, MISSING: 2, ABOVE: 1, BELOW: 1}
    ages = GridKey(column="age", low=-10, high=90, bins=4)
    assert counts(pl.DataFrame({"age": [-10, 14, 15, 64, 90, 91]}), ages) == {
        "0": 2,
        "1": 1,
        "2": 1,
        "3": 1,
        ABOVE: 1,
    }


@pytest.mark.no_cover
@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(-400, 1400), min_size=1, max_size=40),
    st.integers(1, 4096),
    st.sampled_from([(0.0, 1.0), (-2.0, 6.0), (0.25, 0.5)]),
)
def test_bins_are_those_of_exact_arithmetic(steps: list[int], bins: int, ends: tuple[float, float]) -> None:
    # Binary fractions over a width that is a power of two, so that nothing is rounded.
    values = [step / 1024 for step in steps]
    low, high = Fraction(ends[0]), Fraction(ends[1])

    def label(value: float) -> str:
        exact = Fraction(value)
        if exact < low or exact > high:
            return BELOW if exact < low else ABOVE
        return str(min(int((exact - low) * bins / (high - low)), bins - 1))

    key = GridKey(column="score", low=ends[0], high=ends[1], bins=bins)
    assert counts(pl.DataFrame({"score": values}), key) == dict(Counter(map(label, values)))


def test_text_that_is_no_number_is_an_error_that_shows_no_cell(opened: Opener) -> None:
    table = opened("score,x\n0.5,a\nMary Ann,a\nnan,a\n")
    for spec in (CellCounts(keys=(TENTHS,)), ClassSizes(keys=(TENTHS,))):
        with pytest.raises(DataError) as caught:
            table.tally([spec])
        assert caught.value.message == (
            "column 'score' of people.csv must hold numbers, but 2 of its cells do not, such as one of the "
            "form 'aaaa aaa'; correct the data or bind another column"
        )


def test_what_cannot_be_binned_is_refused() -> None:
    table = open_frame(pl.DataFrame({"score": [True]}))
    with pytest.raises(DataError, match="holds Boolean values, not numbers; bind another column"):
        table.tally([CellCounts(keys=(TENTHS,))])
    for low, high in ((1.0, 1.0), (2.0, 1.0), (-1.7e308, 1.7e308)):
        key = GridKey(column="score", low=low, high=high, bins=3)
        with pytest.raises(DataError, match="must end above its beginning"):
            open_frame(pl.DataFrame({"score": [1.0]})).tally([CellCounts(keys=(key,))])


def test_a_grid_makes_classes() -> None:
    frame = pl.DataFrame({"score": [0.1, 0.15, 0.9, 1.0, None, 7.0], "sex": ["f"] * 6})
    (tally,) = open_frame(frame).tally([ClassSizes(keys=(CategoryKey(column="sex"), TENTHS))])
    assert tally.entries == ((1, 2), (2, 2))
