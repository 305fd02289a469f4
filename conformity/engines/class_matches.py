"""Class matches: how many rows agree with each class when a blank agrees with any value.

Two rows match when they are equal in every column that is filled in both. All rows of a class have the same
columns filled, their pattern, so that a class is held against the classes of each pattern in the columns
that both patterns have: those classes are grouped by these columns, and joined. With m patterns that is at
most m * m joins of classes, after one scan that sees whether there are blanks, one that finds the patterns,
one that counts the classes, so that no join is begun that would take too long, and one that finds them.

Narwhals would read the rows once for each join, so this is written in SQL that DuckDB and Spark both know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame, category
from conformity.engines.sums import BILLION, sum_plan
from conformity.errors import DataError
from conformity.model.tally import ClassMatches, Sums, Tally, Term

_PATTERNS = "SELECT DISTINCT {mask} AS mask FROM {{given}} LIMIT {limit}"
_FILLED = "SELECT count(*), {filled} FROM {{given}}"
"""Often answered from what files state of themselves; most tables have no blank in a quasi-identifier."""

_HOW_MANY = "SELECT count(*) FROM (SELECT DISTINCT {keys} FROM {{given}}) AS c"
_CLASSES = "SELECT {keys}, {mask} AS mask, count(*) AS n{parts} FROM {{given}} GROUP BY {keys}"
_OTHERS = "(SELECT {keys}{totals} FROM base WHERE mask IN ({masks}){grouped}) AS {name}"
_MATCHED = (
    "SELECT b.n AS n, {matches} AS matches, {weight} AS weight "
    "FROM (SELECT * FROM base WHERE mask = '{pattern}') AS b{joins}"
)
_ENTRIES = (
    "WITH base AS {kept}({base}), found AS ({found}) SELECT matches, weight, count(*), sum(n) "
    "FROM (SELECT n, {matches} AS matches, {weight} AS weight FROM found) AS f "
    "GROUP BY matches, weight{limit}"
)

_CUT = " cut to three digits"
_DECADES = range(-5, 30)
_NONE_TOLD_APART = "1"
"""The pattern of all rows where a blank is a value."""


@dataclass(frozen=True)
class _Classes:
    """The columns of a frame of keys and parts of weights, and how classes are made of them."""

    keys: tuple[str, ...]
    """The columns compared."""
    worths: Mapping[str, float]
    """The columns that hold the weight's parts, and what a unit of each is worth; none without a weight."""
    kept: str
    """How the engine is asked to compute the classes once only."""

    @property
    def mask(self) -> str:
        """Return the pattern of a row: a letter for each key, ``1`` where it is filled."""
        letters = (f"CASE WHEN {key} IS NULL THEN '0' ELSE '1' END" for key in self.keys)
        return f"concat({', '.join(letters)})"

    @property
    def totals(self) -> str:
        """Return what is added up when classes are grouped."""
        return ", ".join(f"sum({name}) AS {name}" for name in ("n", *self.worths))

    def weight(self, of: str) -> str:
        """Return the weight of a class or group of classes of this name, as a float."""
        parts = (f"CAST({of}.{name} AS DOUBLE) * {worth!r}" for name, worth in self.worths.items())
        return " + ".join(f"coalesce({part}, 0.0)" for part in parts) or f"coalesce({of}.n, 0) * 1.0"


def class_matches(table: NamedFrame, spec: ClassMatches) -> Tally:
    """Return entries ``(matches, their weight, number of classes, rows in these classes)``, sorted.

    Without a weight each row weighs 1. The columns' names say whether matches and weights are cut.

    Raises:
        DataError: a column is missing, the weight holds no numbers, or the engine knows no SQL.
    """
    frame, classes = _prepared(table, spec)
    columns = ["matches", "weight", "classes", "rows"]
    patterns = [_NONE_TOLD_APART]
    if spec.blanks == "any":
        patterns = _patterns(frame, classes, spec, table.where)
        if not patterns:
            return Tally(spec=spec, columns=tuple(columns), entries=())
    lines = _asked(frame, _query(classes, patterns, spec, cut=False), table.where)
    if len(lines) > spec.distinct:
        columns[:2] = [name + _CUT for name in columns[:2]]
        lines = _asked(frame, _query(classes, patterns, spec, cut=True), table.where)
    entries = ((int(found), float(weight), int(n), int(rows)) for found, weight, n, rows in lines)
    return Tally(spec=spec, columns=tuple(columns), entries=tuple(sorted(entries)))


def _prepared(table: NamedFrame, spec: ClassMatches) -> tuple[nw.LazyFrame[Any], _Classes]:
    """Return the keys and the parts of the weight as columns, and how classes are made of them."""
    positions = [table.position(name) for name in dict.fromkeys(spec.columns)]
    parts: list[Any] = []
    if spec.weight is not None:
        plan = sum_plan(table, Sums(terms=(Term(columns=(spec.weight,)),)))
        parts = [part for term in plan.terms for part in term]
        positions.append(table.position(spec.weight))
    frame = table.only(positions)
    keys = [f"k{number}" for number in range(len(positions) - bool(parts))]
    named = [category(table, place).alias(key) for key, place in zip(keys, positions, strict=False)]
    worths = {f"p{number}": part.worth / BILLION for number, part in enumerate(parts)}
    amounts = [part.amount.expr.fill_null(0).alias(name) for name, part in zip(worths, parts, strict=True)]
    kept = "MATERIALIZED " if frame.implementation.is_duckdb() else ""
    return frame.select(*named, *amounts), _Classes(tuple(keys), worths, kept)


def _patterns(frame: nw.LazyFrame[Any], classes: _Classes, spec: ClassMatches, where: str) -> list[str]:
    """Return the patterns that occur, sorted; none without blanks, or where there is too much to join."""
    filled = ", ".join(f"count({key})" for key in classes.keys)
    ((rows, *cells),) = _asked(frame, _FILLED.format(filled=filled), where)
    if all(number == rows for number in cells):
        return []
    lines = _asked(frame, _PATTERNS.format(mask=classes.mask, limit=spec.most + 1), where)
    found = sorted(str(mask) for (mask,) in lines)
    if len(found) > spec.most or "0" not in "".join(found):
        return []
    ((count,),) = _asked(frame, _HOW_MANY.format(keys=", ".join(classes.keys)), where)
    return found if len(found) * int(count) <= spec.joined else []


def _query(classes: _Classes, patterns: Sequence[str], spec: ClassMatches, *, cut: bool) -> str:
    """Return the query for the entries: at most one more than are asked for, unless weights are cut."""
    base = _CLASSES.format(
        keys=", ".join(classes.keys),
        mask=classes.mask if spec.blanks == "any" else f"'{_NONE_TOLD_APART}'",
        parts="".join(f", sum({name}) AS {name}" for name in classes.worths),
    )
    return _ENTRIES.format(
        kept=classes.kept,
        base=base,
        found=" UNION ALL ".join(_matched(classes, pattern, patterns) for pattern in patterns),
        matches=_cut("matches") if cut else "matches",
        weight=_cut("weight") if cut else "weight",
        limit="" if cut else f" LIMIT {spec.distinct + 1}",
    )


def _matched(classes: _Classes, pattern: str, patterns: Sequence[str]) -> str:
    """Return the query for the classes of one pattern, each with what it matches in all patterns."""
    names, joins = ["b"], []
    for number, (common, masks) in enumerate(_alike(pattern, patterns)):
        keys = [key for key, letter in zip(classes.keys, common, strict=False) if letter == "1"]
        name = f"r{number}"
        grouped = _OTHERS.format(
            keys="".join(f"{key}, " for key in keys),
            totals=classes.totals,
            masks=", ".join(f"'{mask}'" for mask in masks),
            grouped=f" GROUP BY {', '.join(keys)}" if keys else "",
            name=name,
        )
        on = " AND ".join(f"b.{key} = {name}.{key}" for key in keys)
        joins.append(f" LEFT JOIN {grouped} ON {on}" if keys else f" CROSS JOIN {grouped}")
        names.append(name)
    return _MATCHED.format(
        matches=" + ".join(f"coalesce({name}.n, 0)" for name in names),
        weight=" + ".join(classes.weight(name) for name in names),
        pattern=pattern,
        joins="".join(joins),
    )


def _alike(pattern: str, patterns: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns that a pattern shares with others, and these; a class matches itself once."""
    shared: dict[str, list[str]] = {}
    for other in patterns:
        if other != pattern:
            common = "".join(
                "1" if one == two == "1" else "0" for one, two in zip(pattern, other, strict=True)
            )
            shared.setdefault(common, []).append(other)
    yield from sorted(shared.items())


def _cut(name: str) -> str:
    """Return SQL for a number cut to its first three digits; compared with powers of ten, so exact."""
    unit = "".join(f"WHEN {name} < {10.0**decade!r} THEN {10.0 ** (decade - 3)!r} " for decade in _DECADES)
    return f"floor({name} / (CASE {unit}ELSE 1e27 END)) * (CASE {unit}ELSE 1e27 END)"


def _asked(frame: nw.LazyFrame[Any], sql: str, where: str) -> list[tuple[Any, ...]]:
    """Return the lines that a query of the frame, called ``{given}``, gives.

    Raises:
        DataError: the engine knows no SQL.
    """
    native: Any = frame.to_native()
    if frame.implementation.is_duckdb():
        lines: list[tuple[Any, ...]] = native.query("given", sql.format(given="given")).fetchall()
        return lines
    if frame.implementation.is_spark_like():
        return [tuple(line) for line in native.sparkSession.sql(sql, given=native).collect()]
    raise DataError(f"blanks in {where} can only be matched by DuckDB or Spark; hand it in as a file")
