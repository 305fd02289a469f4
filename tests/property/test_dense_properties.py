"""What is counted in arrays by codes is what DuckDB's own grouping gives, to the last bit."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.engines import dense_counts, tallies
from conformity.engines.dense import dense_tallies
from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    DigitsKey,
    Diversity,
    GridKey,
    Key,
    MissingCounts,
    OutcomeKey,
    PeriodKey,
    Sums,
    TallySpec,
    Term,
)

TEXT, WHOLE, MONEY, RAW, DAY, TRUTH = (CategoryKey(column=name) for name in "twmrdb")
OUTCOME = OutcomeKey(column="w", positive=(1,), negative=(0, 2))
KEYS: tuple[Key, ...] = (
    BinKey(column="m", edges=(-1, 0.25, 7)),
    BinKey(column="r", edges=(0.5,)),
    GridKey(column="m", low=-2, high=2, bins=40),
    GridKey(column="m", low=-2, high=2, bins=8),
    GridKey(column="r", low=0, high=1, bins=7),
    PeriodKey(column="d"),
    DigitsKey(column="m"),
    BinKey(column="t", edges=(1,)),
)
SUMS = Sums(keys=(TEXT,), terms=(Term(columns=("m",)), Term(columns=("r", "w"))))
SPECS: list[TallySpec] = [
    CellCounts(keys=()),
    CellCounts(keys=(TEXT, OUTCOME)),
    CellCounts(keys=(TEXT, WHOLE, TRUTH), most=3),
    CellCounts(keys=(MONEY, TEXT), most=4),
    *(CellCounts(keys=(key, TRUTH)) for key in KEYS),
    CellCounts(keys=(KEYS[2], KEYS[3])),
    MissingCounts(),
    MissingCounts(by=(TEXT, KEYS[0])),
    SUMS,
    SUMS.model_copy(update={"keys": (KEYS[2], OUTCOME)}),
    SUMS.model_copy(update={"keys": (KEYS[3],)}),
    Sums(terms=(Term(kind="distance", columns=("m", "w"), power=2), Term(columns=("w",)))),
    *(ClassSizes(keys=keys) for keys in ((TEXT,), (TEXT, OUTCOME, MONEY), (DAY, KEYS[2]), (TRUTH, WHOLE))),
    ClassSizes(keys=(WHOLE, OUTCOME)),
    Diversity(keys=(TEXT, MONEY), sensitive="w", shares=False),
    Diversity(keys=(DAY,), sensitive="t", shares=False),
    Diversity(keys=(TEXT, OUTCOME), sensitive="m"),
    Diversity(keys=(TRUTH,), sensitive="t"),
]
SCHEMA = pa.schema(
    [
        ("t", pa.string()),
        ("w", pa.int16()),
        ("m", pa.float64()),
        ("r", pa.float64()),
        ("d", pa.date32()),
        ("b", pa.bool_()),
    ]
)
ODD = st.sampled_from([None, float("nan"), float("inf"), -float("inf"), -0.0, 1e300, 2.0**60, 0.1 + 0.2])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["f", "m", " f", "", " ", "(missing)", "0.5", "7", None]),
        st.one_of(st.none(), st.integers(-3, 3)),
        st.one_of(
            st.integers(-300, 300).map(lambda cents: cents / 100), st.sampled_from([None, float("nan"), -0.0])
        ),
        st.one_of(st.floats(-2, 2), ODD),
        st.one_of(st.none(), st.dates(date(2023, 12, 1), date(2024, 2, 1))),
        st.one_of(st.none(), st.booleans()),
    ),
    max_size=40,
)
ENGINE = DuckDBEngine(threads=1)


def _opened(rows: list[tuple[object, ...]]) -> DuckDBTable:
    """Return rows as a table of the embedded engine."""
    columns = [[row[place] for row in rows] for place in range(len(SCHEMA.names))]
    return ENGINE.over_arrow(pa.table(columns, schema=SCHEMA), "people.arrow")


@settings(max_examples=12, deadline=None)
@given(ROWS)
def test_arrays_count_what_the_engine_groups(rows: list[tuple[object, ...]]) -> None:
    table = _opened(rows)
    with patch.object(dense_counts, "LARGE", 0), dense_counts.coded(table.named, SPECS) as ready:
        found = dense_tallies(ready, SPECS)
    assert list(found.values()) == list(tallies.compute(table.named, list(found)))
