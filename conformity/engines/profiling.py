"""Describe a table of which nothing is known yet, for a person who drafts a manifest.

Three scans, and those of :mod:`conformity.engines.matching`: one for counts and extremes, one for the
frequent values of columns that have few, and one to look for identifiers. It is written in SQL and
not through Narwhals, which has neither approximate distinct counts nor histograms nor casts that
yield null; profiling always runs embedded, so it needs no twin on another engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame, is_text
from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.headers import KINDS
from conformity.engines.identify import identified
from conformity.engines.interface import TableSource
from conformity.engines.patterns import patterns
from conformity.engines.profile import ColumnProfile, TableProfile
from conformity.engines.translate import translated
from conformity.engines.values import WHITESPACE, text_of
from conformity.model.tally import PatternCounts

_FEW = 50
_SHOWN = 12
_SLACK = 20
_FORMS = dict(KINDS)
_NUMERIC = ("integer", "number")


@dataclass(frozen=True)
class _Counts:
    """What the first scan found of one column."""

    filled: int
    distinct: int
    integers: int
    fitting: int
    minimum: float | None
    maximum: float | None


def profile_table(table: DuckDBTable | TableSource) -> TableProfile:
    """Return what can be said of every column of ``table``.

    Args:
        table: a table opened by DuckDB or over a frame, or where a table is.

    Raises:
        DataError: the table cannot be read.
    """
    opened = DuckDBEngine().open(table) if isinstance(table, TableSource) else table
    named = opened.named
    seeming = [column.kind for column in opened.columns()]
    with translated(named.where):
        rows, counts = _count(named, seeming)
        frequent = _frequent(named, [n for n, count in enumerate(counts) if count.distinct <= _FEW + _SLACK])
    shares = _patterns(opened)
    columns = []
    for number, (name, count) in enumerate(zip(named.names, counts, strict=True)):
        kind = _kind(named, number, seeming[number], count)
        values = frequent.get(number, {})
        columns.append(
            ColumnProfile(
                name=name,
                kind=kind,
                missing=rows - count.filled,
                distinct=len(values) if number in frequent else min(count.distinct, count.filled),
                minimum=count.minimum if kind in _NUMERIC else None,
                maximum=count.maximum if kind in _NUMERIC else None,
                # Values that tell people apart are not for a draft: identifiers, and near-unique ones.
                top=() if name in shares or 2 * len(values) > count.filled else _top(values),
                patterns=shares.get(name, ()),
            )
        )
    return TableProfile(rows=rows, columns=tuple(columns))


def _value(named: NamedFrame, number: int) -> str:
    """Return the SQL for a cell of column ``number``, null when it is missing."""
    dtype = named.dtypes[number]
    if is_text(dtype):
        return f"nullif(trim(c{number}::VARCHAR, '{WHITESPACE}'), '')"
    if dtype.is_float():
        return f"CASE WHEN NOT isnan(c{number}) THEN c{number} END"
    return f"c{number}"


def _count(named: NamedFrame, seeming: Sequence[str]) -> tuple[int, list[_Counts]]:
    """Return the number of rows and the counts of every column."""
    wanted = ["count(*)"]
    for number, kind in enumerate(seeming):
        value = _value(named, number)
        wanted += [f"count({value})", f"approx_count_distinct({value})"]
        wanted += _fit(named, number, kind) + _extremes(value, kind)
    row = _one_row(named, wanted)
    return row[0], [
        _Counts(
            filled=row[at],
            distinct=row[at + 1],
            integers=row[at + 2],
            fitting=row[at + 3],
            minimum=row[at + 4],
            maximum=row[at + 5],
        )
        for at in range(1, len(row), 6)
    ]


def _fit(named: NamedFrame, number: int, kind: str) -> list[str]:
    """Return the SQL that counts cells which are integers, and cells which are of the seeming kind."""
    if not is_text(named.dtypes[number]) or kind not in _FORMS:
        return ["0", "0"]
    value = _value(named, number)
    # What seems to be integers may turn out to be numbers further down.
    wider = "number" if kind == "integer" else kind
    return [f"count(*) FILTER (WHERE regexp_matches({value}, '{_FORMS[k]}'))" for k in ("integer", wider)]


def _extremes(value: str, kind: str) -> list[str]:
    """Return the SQL for the smallest and largest finite number of a column that seems numeric."""
    if kind not in _NUMERIC:
        return ["NULL", "NULL"]
    number = f"try_cast({value} AS DOUBLE)"
    return [f"{end}({number}) FILTER (WHERE isfinite({number}))" for end in ("min", "max")]


def _kind(named: NamedFrame, number: int, seeming: str, count: _Counts) -> str:
    """Return the kind that holds for all cells, given what the first ones seemed to be."""
    if not is_text(named.dtypes[number]) or seeming not in _FORMS:
        return seeming
    if count.fitting < count.filled:
        return "text"
    return "number" if seeming == "integer" and count.integers < count.filled else seeming


def _frequent(named: NamedFrame, columns: Sequence[int]) -> dict[int, dict[Any, int]]:
    """Return how often each value occurs, for those of ``columns`` that have few values indeed."""
    if not columns:
        return {}
    row = _one_row(named, [f"histogram({_value(named, number)})" for number in columns])
    found = {number: dict(values or {}) for number, values in zip(columns, row, strict=True)}
    return {number: values for number, values in found.items() if len(values) <= _FEW}


def _top(values: dict[Any, int]) -> tuple[tuple[str, int], ...]:
    """Return the most frequent values as text, the most frequent first."""
    texts = sorted(((text_of(value), count) for value, count in values.items()), key=lambda e: (-e[1], e[0]))
    return tuple(texts[:_SHOWN])


def _patterns(table: DuckDBTable) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return for each column the identifiers it holds, each with its share of the filled cells.

    Values that only have the form of an identifier, as chance would give, are left out.
    """
    (tally,) = table.tally([PatternCounts(patterns=tuple(patterns()))])
    found: dict[str, list[tuple[str, float]]] = {}
    for one in identified(tally):
        if one.confidence != "possible":
            found.setdefault(one.column, []).append((" or ".join(one.kinds), one.cells / one.filled))
    return {name: tuple(shares) for name, shares in found.items()}


def _one_row(named: NamedFrame, wanted: Sequence[str]) -> tuple[Any, ...]:
    """Return the values of some aggregates over the whole table."""
    relation = nw.to_native(named.frame)
    aliased = ", ".join(f"{expression} AS a{number}" for number, expression in enumerate(wanted))
    row: tuple[Any, ...] = relation.aggregate(aliased).fetchall()[0]
    return row
