"""Tallies of the parts of a table, split at random, add up to the tallies of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    GridKey,
    MissingCounts,
    OutcomeKey,
    Sums,
    Tally,
    TallySpec,
    Term,
)

Row = tuple[str | None, float | None, str, int]
"""A group, a number, a number as text, and the part that the row falls into."""

SEX = CategoryKey(column="sex")
HIRED = OutcomeKey(column="text", positive=("1",), negative=("0",))
X, TEXT = Term(columns=("x",)), Term(columns=("text",))
SPECS: dict[TallySpec, int] = {
    CellCounts(keys=()): 0,
    CellCounts(keys=(SEX, HIRED)): 2,
    CellCounts(keys=(BinKey(column="x", edges=(-1, 1)),)): 1,
    CellCounts(keys=(GridKey(column="x", low=-10, high=10, bins=8), SEX)): 2,
    MissingCounts(): 1,
    MissingCounts(by=(SEX,)): 2,
    Sums(terms=(X, Term(columns=("x", "x")))): 0,
    Sums(keys=(SEX,), terms=(X, TEXT, Term(kind="distance", columns=("x", "text")))): 1,
}
"""Each spec with the number of fields that name an entry; the others are added."""

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["f", "m", " f", "", None]),
        st.one_of(st.none(), st.floats(-1e3, 1e3), st.just(float("nan")), st.integers(-9, 9).map(float)),
        st.sampled_from(["", "0", "1", "0.1", "-7.25"]),
        st.integers(0, 1),
    ),
    max_size=30,
)


def tallied(rows: Sequence[Row]) -> tuple[Tally, ...]:
    """Return all tallies of some rows."""
    columns = [[row[place] for row in rows] for place in range(3)]
    schema = pa.schema([("sex", pa.string()), ("x", pa.float64()), ("text", pa.string())])
    return open_frame(pa.table(columns, schema=schema), DuckDBEngine(threads=1)).tally(list(SPECS))


def totals(tally: Tally) -> Mapping[tuple[str, ...], tuple[Fraction, ...]]:
    """Return the numbers of a tally by what names them."""
    named = SPECS[tally.spec]
    return {
        tuple(map(str, entry[:named])): tuple(Fraction(number) for number in entry[named:])
        for entry in tally.entries
    }


@settings(max_examples=6, deadline=None)
@given(ROWS)
def test_the_parts_add_up_to_the_whole(rows: list[Row]) -> None:
    parts = [tallied([row for row in rows if row[3] == part]) for part in range(2)]
    for whole, *shards in zip(tallied(rows), *parts, strict=True):
        added: dict[tuple[str, ...], list[Fraction]] = {}
        for shard in shards:
            for name, numbers in totals(shard).items():
                before = added.setdefault(name, [Fraction(0)] * len(numbers))
                added[name] = [one + other for one, other in zip(before, numbers, strict=True)]
        wanted = totals(whole)
        assert set(added) == set(wanted)
        for name, numbers in wanted.items():
            for one, other in zip(added[name], numbers, strict=True):
                # Counts are equal; a sum is written as the float nearest to it, and here stays below 2^26.
                slack = Fraction(4, 2**27) if isinstance(whole.spec, Sums) else 0
                assert abs(one - other) <= slack
