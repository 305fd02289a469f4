"""Rows that match when a blank matches any value: against sdcMicro's counts and a comparison of all pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines.columns import NamedFrame
from conformity.engines.frame import open_frame
from conformity.engines.tallies import compute
from conformity.errors import DataError
from conformity.model.tally import ClassMatches, Tally, describe
from tests.support.anonymity import SDC_MICRO
from tests.support.tables import Opener

Row = tuple[str | None, int | None, float | None]
"""Two columns that are compared and one that weighs nothing."""

KEYS = ("A", "B", "C")


def tally_of(frame: pl.DataFrame, spec: ClassMatches) -> Tally:
    """Return the tally of a frame."""
    (tally,) = open_frame(frame).tally([spec])
    assert tally.spec == spec
    return tally


def by_row(tally: Tally) -> Counter[tuple[float, float]]:
    """Return how many rows have each number of matches and each weight."""
    counted: Counter[tuple[float, float]] = Counter()
    for matches, weight, classes, rows in tally.entries:
        assert int(classes) <= int(rows)
        counted[float(matches), float(weight)] += int(rows)
    return counted


def test_matches_are_those_of_sdcmicro() -> None:
    """sdcMicro, test_indivRisk.R: 1 / fk is 1/3, 1, 1/4, 1/2, 1/3, 1/3, 1, 1/5; Fk follows by addition."""
    tally = tally_of(SDC_MICRO, ClassMatches(columns=KEYS, weight="w"))
    assert tally.columns == ("matches", "weight", "classes", "rows")
    wanted = [(3, 108), (1, 45.5), (4, 125), (2, 56), (3, 151), (3, 151), (1, 123.5), (5, 208)]
    assert by_row(tally) == Counter((float(f), float(weight)) for f, weight in wanted)
    # A blank as a value of its own: only rows 5 and 6 are equal.
    own = tally_of(SDC_MICRO, ClassMatches(columns=KEYS, weight="w", blanks="own"))
    assert Counter(matches for matches, _ in by_row(own).elements()) == {1: 6, 2: 2}
    assert sum(weight * classes for _, weight, classes, _ in numbers(own)) == SDC_MICRO["w"].sum()


def numbers(tally: Tally) -> list[tuple[float, ...]]:
    """Return the entries as numbers."""
    return [tuple(float(value) for value in entry) for entry in tally.entries]


def test_without_a_weight_every_row_weighs_one() -> None:
    tally = tally_of(SDC_MICRO, ClassMatches(columns=KEYS))
    assert all(matches == weight for matches, weight in by_row(tally))
    assert describe(tally.spec) == "class_matches[A, B, C]"
    assert describe(ClassMatches(columns=("A",), weight="w")) == "class_matches[A, w]"


@pytest.mark.no_cover
@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["x", "y", " ", None]),
            st.sampled_from([1, 2, None]),
            st.sampled_from([0.5, 1.0, float("nan"), None]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_matches_are_those_of_a_comparison_of_all_pairs(rows: list[Row]) -> None:
    frame = pl.DataFrame(rows, schema={"A": pl.String, "B": pl.Int64, "C": pl.Float64}, orient="row")
    frame = frame.with_columns(w=pl.Series(range(len(rows))) + 0.25)
    filled = [tuple(_filled(value) for value in row) for row in rows]
    wanted: Counter[tuple[float, float]] = Counter()
    for one in filled:
        alike = [n for n, other in enumerate(filled) if _alike(one, other)]
        wanted[float(len(alike)), sum(n + 0.25 for n in alike)] += 1
    tally = tally_of(frame, ClassMatches(columns=KEYS, weight="w"))
    has_blanks = any(None in row for row in filled)
    assert by_row(tally) == (wanted if has_blanks else Counter())
    own = tally_of(frame, ClassMatches(columns=KEYS, blanks="own"))
    sizes = Counter(filled)
    assert by_row(own) == Counter((float(sizes[row]), float(sizes[row])) for row in filled)


def _filled(value: object) -> object:
    """Return a value, or None for what counts as blank."""
    return None if value in (" ", None) or value != value else value


def _alike(one: Sequence[object], other: Sequence[object]) -> bool:
    """Tell whether two rows agree wherever both are filled."""
    return all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def test_too_many_patterns_or_classes_are_not_joined() -> None:
    # There are rows without a blank, without A, and without C: three patterns and seven classes.
    assert tally_of(SDC_MICRO, ClassMatches(columns=KEYS, most=3, joined=21)).entries
    assert tally_of(SDC_MICRO, ClassMatches(columns=KEYS, most=2)).entries == ()
    assert tally_of(SDC_MICRO, ClassMatches(columns=KEYS, joined=20)).entries == ()
    assert tally_of(SDC_MICRO, ClassMatches(columns=("B",))).entries == ()
    assert tally_of(SDC_MICRO.head(0), ClassMatches(columns=KEYS, blanks="own")).entries == ()


def test_many_different_weights_are_cut_to_three_digits() -> None:
    count = 3000
    frame = pl.DataFrame({"A": [str(n) for n in range(count)], "w": [n + 0.125 for n in range(count)]})
    spec = ClassMatches(columns=("A",), weight="w", blanks="own", distinct=2999)
    exact = tally_of(frame, spec.model_copy(update={"distinct": count}))
    assert exact.columns[:2] == ("matches", "weight")
    assert len(exact.entries) == count
    tally = tally_of(frame, spec)
    assert tally.columns[:2] == ("matches cut to three digits", "weight cut to three digits")
    assert by_row(tally).total() == count
    cut = sorted(weight for _, weight in by_row(tally).elements())
    for n, weight in enumerate(cut):
        assert 0.99 * (n + 0.125) <= weight <= (n + 0.125) * (1 + 1e-12)
    assert cut[2999] == 2990
    assert cut[999] == 999


def test_repeated_columns_count_once_and_a_key_may_weigh() -> None:
    tally = tally_of(SDC_MICRO, ClassMatches(columns=("A", "A", "C"), weight="C"))
    assert tally.entries == tally_of(SDC_MICRO, ClassMatches(columns=("A", "C"), weight="C")).entries


def test_what_cannot_be_counted_says_so(opened: Opener) -> None:
    table = opened("a,w\nx,1\n,much\n")
    with pytest.raises(DataError, match="has no column 'b'"):
        table.tally([ClassMatches(columns=("b",))])
    # What is no number weighs nothing; sums of the same column refuse it.
    (tally,) = table.tally([ClassMatches(columns=("a",), weight="w")])
    assert tally.entries == ((2, 1.0, 2, 2),)
    lazy = NamedFrame(nw.from_native(pl.DataFrame({"c0": ["x", None]}).lazy()), ("a",), "frame")
    with pytest.raises(DataError, match="blanks in frame can only be matched by DuckDB or Spark"):
        compute(lazy, [ClassMatches(columns=("a",))])
