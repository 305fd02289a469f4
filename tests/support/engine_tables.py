"""Tables on which every engine must give the same tallies, and what is asked of each."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    ClassMatches,
    ClassSizes,
    ClusterSums,
    ColumnProfiles,
    Diversity,
    GridKey,
    MissingCounts,
    OutcomeKey,
    PatternCounts,
    PeriodKey,
    RowHashes,
    Sums,
    TallySpec,
    Term,
)

PEOPLE = pa.table(
    {
        "sex": ["f", " f", "m", "M", "", " \u00a0", None, "ü", "名", 'q"x', "a,b", "two\nlines", "f", "f"],
        "we`ird \"name'; --": ["1", "01", "1.0", "1", "", "0", "true", "x", None, "0", "1", "0", "1", "1"],
        "age": ["31", " 7", "31.0", "+4e1", "", None, "-0", "1e-3", ".5", "70", "25", "24.999", "99", "31"],
        "joined": ["2024-03-01", "2024-03", "2024", "2024-Q1", "", None, *["2025-12-31 10:00"] * 8],
        "note": [
            *(
                "jane.doe@example.org",
                " jane.doe@example.org ",
                "mail john@example.org now",
                "4111 1111 1111 1111",
            ),
            *(
                "DE89370400440532013000",
                "x\u0085",
                "jane.doe@example.org\u2028",
                None,
                "",
                "\u2028",
                "a\x0bb",
            ),
            *("same", "same", "same"),
        ],
    }
)
"""Text as people write it: gaps, blanks, quotes, other scripts, numbers of several forms."""

OUTCOME = "we`ird \"name'; --"
"""The column of PEOPLE whose name an engine could stumble over."""

TYPED = pa.table(
    {
        "whole": pa.array([1, 2, 2, None, -5, 2**45], pa.int64()),
        "real": pa.array([0.1, -0.0, 0.0, float("nan"), None, 1e22], pa.float64()),
        "short": pa.array([0.1, 2.5, 2.5, None, float("nan"), -1.0], pa.float32()),
        "flag": pa.array([True, False, None, True, True, False]),
        "day": pa.array([date(2024, 1, 31), None, date(1969, 12, 31), *[date(2024, 2, 1)] * 3]),
        "at": pa.array([datetime(2024, 1, 1, 12, 30, 0, 250), None, *[datetime(1960, 1, 1)] * 4]),
        "nano": pa.array(
            [datetime(2024, 1, 1, 12, 30), None, *[datetime(1960, 1, 1, 0, 0, 1)] * 4], pa.timestamp("ns")
        ),
        "exact": pa.array(
            [Decimal("1.50"), Decimal("-2.00"), None, *[Decimal("0.05")] * 3], pa.decimal128(9, 2)
        ),
        "huge": pa.array([2**64 - 1, 0, None, 7, 7, 7], pa.uint64()),
        "large": pa.array([2**63 - 1, 0, None, 7, 7, 7], pa.uint64()),
        "byte": pa.array([255, 0, None, 7, 7, 7], pa.uint8()),
        "list": pa.array([[1, 2], [], None, [3], [3], [3]], pa.list_(pa.int32())),
        "kind": pa.array(["a", "b", None, "a", "a", "b"]).dictionary_encode(),
    }
)
"""Every type that files have, with the values at which types differ."""

WIDE = pa.table({f"col {number}": [str(number % 7), None, " x "] for number in range(402)})
"""More columns than one query counts in."""

ONE_ROW, NO_ROWS = PEOPLE.slice(0, 1), PEOPLE.slice(0, 0)
"""The fewest rows that a table can have."""


def _category(*names: str) -> tuple[CategoryKey, ...]:
    """Return keys of columns taken as they are."""
    return tuple(CategoryKey(column=name) for name in names)


_OUTCOME_KEY = OutcomeKey(column=OUTCOME, positive=(1, "yes"), negative=(0,))
_AGES = BinKey(column="age", edges=(0.001, 25.0, 31.0))
_GRID = GridKey(column="age", low=0.0, high=40.0, bins=8)

OF_PEOPLE: tuple[TallySpec, ...] = (
    CellCounts(keys=()),
    CellCounts(keys=_category("sex")),
    CellCounts(keys=(*_category("sex"), _OUTCOME_KEY, _AGES)),
    CellCounts(keys=(_GRID,)),
    CellCounts(keys=(PeriodKey(column="joined"),)),
    MissingCounts(),
    MissingCounts(by=(_OUTCOME_KEY,)),
    Sums(keys=(_OUTCOME_KEY,), terms=(Term(columns=("age",)), Term(columns=("age", "age")))),
    ClassSizes(),
    ClassSizes(keys=(*_category("sex"), _OUTCOME_KEY, _AGES)),
    ClassMatches(columns=("note", OUTCOME)),
    ClassMatches(columns=("sex", "age"), weight="age", distinct=2),
    ClassMatches(columns=("sex", "age"), blanks="own", weight="age"),
    ClusterSums(keys=_category("sex"), outcomes=(_OUTCOME_KEY,), cluster="joined"),
    ClusterSums(keys=(_AGES,), outcomes=(_OUTCOME_KEY,), cluster="sex", weight="age"),
    Diversity(keys=_category("sex"), sensitive="age", ordered=True),
    Diversity(keys=(_OUTCOME_KEY,), sensitive="note"),
    ColumnProfiles(columns=("age", "sex")),
    RowHashes(columns=("age", OUTCOME), most=3),
    PatternCounts(patterns=("email", "iban", "payment_card")),
)
"""Every kind of tally, and every kind of key."""

OF_TYPED: tuple[TallySpec, ...] = (
    *(CellCounts(keys=_category(name)) for name in TYPED.column_names),
    CellCounts(keys=(BinKey(column="real", edges=(0.0, 0.1)), BinKey(column="huge", edges=(7.0,)))),
    CellCounts(keys=(GridKey(column="exact", low=-2.0, high=1.5, bins=7), PeriodKey(column="day"))),
    CellCounts(keys=(PeriodKey(column="at"), PeriodKey(column="nano"))),
    MissingCounts(),
    Sums(terms=(Term(columns=("short",)), Term(columns=("exact", "short")), Term(columns=("huge",)))),
    Sums(keys=_category("flag"), terms=(Term(kind="distance", columns=("whole", "byte"), power=2),)),
    Sums(
        keys=_category("flag"),
        terms=(
            Term(kind="distance", columns=("whole", "byte"), power=4),
            Term(kind="distance", columns=("exact", "short", "exact", "short"), power=2),
            Term(columns=("exact", "exact", "exact")),
        ),
    ),
    ClassSizes(),
    ClassSizes(keys=_category("real", "huge", "list", "nano")),
    Diversity(keys=_category("flag"), sensitive="exact", ordered=True),
    ColumnProfiles(columns=("whole", "real", "exact", "huge", "flag")),
    RowHashes(columns=("whole", "real", "flag", "exact", "kind", "huge", "day")),
)
"""What is asked of the typed table."""

OF_WIDE: tuple[TallySpec, ...] = (MissingCounts(), ClassSizes())
"""What is asked of the wide table."""

OF_FEW: tuple[TallySpec, ...] = (
    CellCounts(keys=()),
    CellCounts(keys=(*_category("sex"), _OUTCOME_KEY)),
    MissingCounts(),
    Sums(terms=(Term(columns=("age",)),)),
    ClassSizes(),
    Diversity(keys=_category("sex"), sensitive="age"),
    ColumnProfiles(columns=("age",)),
)
"""What is asked where there is next to nothing to count."""

TABLES: dict[str, tuple[pa.Table, tuple[TallySpec, ...]]] = {
    "people": (PEOPLE, OF_PEOPLE),
    "typed": (TYPED, OF_TYPED),
    "wide": (WIDE, OF_WIDE),
    "one row": (ONE_ROW, OF_FEW),
    "no rows": (NO_ROWS, OF_FEW),
}
"""All tables by name."""


def write(table: pa.Table, path: Path) -> Path:
    """Write a table in the format that the name of ``path`` tells, and return the path."""
    match path.suffix:
        case ".parquet":
            parquet.write_table(table, path)
        case ".arrow":
            feather.write_feather(table, path)
        case ".jsonl":
            lines = [json.dumps(row, ensure_ascii=False) for row in table.to_pylist()]
            path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        case _:
            _write_delimited(table.to_pydict(), path)
    return path


def _write_delimited(columns: dict[str, Sequence[object]], path: Path) -> None:
    """Write text as CSV or TSV; nulls as cells without anything."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",", lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
