"""Sums over clusters, by hand and against plain counting in Python."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines import clusters
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.errors import DataError
from conformity.model.tally import (
    MISSING,
    BandKey,
    BinKey,
    CategoryKey,
    ClusterSums,
    OutcomeKey,
    Tally,
    describe,
)

LABEL = OutcomeKey(column="y", positive=("1",), negative=("0",))
PREDICTION = OutcomeKey(column="p", positive=("1",), negative=("0",))
GROUP = CategoryKey(column="g")
Entry = tuple[str | int | float, ...]

PEOPLE = pa.table(
    {
        "g": ["a", " a", "b", "b", None],
        "home": [1, 1, 1, 2, None],
        "y": ["1", "0", "1", "", "1"],
        "p": ["1", "1", "0", "0", "x"],
        "w": [1.5, 2.0, 1.0, 0.25, 3.0],
        "age": [20, 30, 40, 50, 60],
    }
)


def _tally(table: pa.Table, spec: ClusterSums) -> Tally:
    return open_frame(table, DuckDBEngine(threads=1)).tally([spec])[0]


def test_a_cluster_in_two_groups_counts_in_each_by_the_rows_it_has_there() -> None:
    """By hand: home 1 has a success and a failure in a, a success in b; home 2 has a blank in b."""
    spec = ClusterSums(keys=(GROUP,), outcomes=(LABEL,), cluster="home")
    found = _tally(PEOPLE, spec)
    assert found.columns == ("g", "y", "y", "products")
    assert found.entries == (
        (MISSING, "1", "1", 1),
        ("a", "0", "0", 1),
        ("a", "0", "1", 1),
        ("a", "1", "1", 1),
        ("b", MISSING, MISSING, 1),
        ("b", "1", "1", 1),
    )
    assert describe(spec) == "cluster_sums[g, y, home]"


def test_products_of_weights_by_two_outcomes() -> None:
    """By hand: in home 1 the weights 1.5, 2 and 1 have three different outcomes."""
    spec = ClusterSums(outcomes=(LABEL, PREDICTION), cluster="home", weight="w")
    assert _tally(PEOPLE, spec).entries == (
        (MISSING, "0", MISSING, "0", 0.0625),
        ("0", "1", "0", "1", 4),
        ("0", "1", "1", "0", 2),
        ("0", "1", "1", "1", 3),
        ("1", "(unrecognised)", "1", "(unrecognised)", 9),
        ("1", "0", "1", "0", 1),
        ("1", "0", "1", "1", 1.5),
        ("1", "1", "1", "1", 2.25),
    )
    assert describe(spec) == "cluster_sums[y, p, home, w]"


def test_groups_by_outcomes_bins_and_bands() -> None:
    by_label = _tally(PEOPLE, ClusterSums(keys=(LABEL,), outcomes=(PREDICTION,), cluster="home"))
    assert by_label.entries[0] == (MISSING, "0", "0", 1)
    edges = BinKey(column="age", edges=(35.0,))
    by_age = _tally(PEOPLE, ClusterSums(keys=(edges,), outcomes=(LABEL,), cluster="home"))
    assert by_age.entries[:3] == (("< 35", "0", "0", 1), ("< 35", "0", "1", 1), ("< 35", "1", "1", 1))
    halves = ClusterSums(keys=(BandKey(column="age", bands=2),), outcomes=(LABEL,), cluster="home")
    assert {entry[0] for entry in _tally(PEOPLE, halves).entries} == {"< 40", ">= 40"}


def test_rows_without_a_cluster_are_one_cluster() -> None:
    table = pa.table({"home": [None, "", " ", "x"], "y": ["1", "1", "0", "1"]})
    found = _tally(table, ClusterSums(outcomes=(LABEL,), cluster="home"))
    assert found.entries == (("0", "0", 1), ("0", "1", 2), ("1", "1", 5))


def test_no_rows_have_no_entries() -> None:
    assert _tally(PEOPLE.slice(0, 0), ClusterSums(outcomes=(LABEL,), cluster="home")).entries == ()


def test_weights_that_are_no_numbers_or_too_large() -> None:
    spec = ClusterSums(outcomes=(LABEL,), cluster="home", weight="w")
    odd = pa.table({"home": [1, 1, 1, 1], "y": ["1"] * 4, "w": [2.0, None, float("nan"), float("inf")]})
    assert _tally(odd, spec).entries == (("1", "1", 4),)
    large = pa.table({"home": [1], "y": ["1"], "w": [1e9]})
    with pytest.raises(DataError, match=r"'w' of .* too large to be added exactly within clusters"):
        _tally(large, spec)
    with pytest.raises(DataError, match="has no column 'hom'; did you mean 'home'"):
        _tally(odd, ClusterSums(outcomes=(LABEL,), cluster="hom"))


def test_more_groups_than_a_tally_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MAX_CELLS", 2)
    with pytest.raises(DataError, match="gives too many groups"):
        _tally(PEOPLE, ClusterSums(keys=(GROUP,), outcomes=(LABEL,), cluster="home"))


def _counted(rows: list[tuple[str, int, str, float]], *, weighted: bool) -> dict[Entry, float]:
    """Return the sums by their definition, one cluster after the other."""
    sizes: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for group, home, label, weight in rows:
        sizes[group, home][label] += weight if weighted else 1  # type: ignore[assignment] # weights too
    found: dict[Entry, float] = defaultdict(float)
    for (group, _), outcomes in sizes.items():
        for one in outcomes:
            for other in outcomes:
                if one <= other:
                    found[group, one, other] += outcomes[one] * outcomes[other]
    return {entry: total for entry, total in found.items() if total}


_ROWS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.integers(0, 3),
        st.sampled_from("01"),
        st.integers(0, 40).map(lambda quarter: quarter / 4),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(rows=_ROWS, weighted=st.booleans(), seed=st.integers(0, 9))
def test_sums_are_those_of_plain_counting_in_any_order(
    rows: list[tuple[str, int, str, float]], weighted: bool, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    columns = zip(*[rows[place] for place in order], strict=True)
    table = pa.table([pa.array(list(column)) for column in columns], names=["g", "home", "y", "w"])
    spec = ClusterSums(keys=(GROUP,), outcomes=(LABEL,), cluster="home", weight="w" if weighted else None)
    found = {entry[:-1]: entry[-1] for entry in _tally(table, spec).entries}
    assert found == _counted(rows, weighted=weighted)
