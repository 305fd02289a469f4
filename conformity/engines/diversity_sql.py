"""Diversity in DuckDB's SQL, from grouped tables: equal to :mod:`conformity.engines.diversity`.

Classes and values get numbers first, so that everything else is one query over (class, value, count).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from conformity.engines.columns import NamedFrame, is_text
from conformity.engines.distances import UNIT, Ordered, numbers
from conformity.engines.distances_sql import areas_in_sql
from conformity.engines.diversity import (
    GREATEST,
    LEAST,
    MANY,
    Entry,
    entries_of,
    numbers_of,
    ordered_entries,
)
from conformity.engines.families import Columns
from conformity.engines.packing_sql import Layout
from conformity.engines.values import NUMBER
from conformity.model.tally import Diversity, Tally

if TYPE_CHECKING:
    from conformity.engines.grouping_sql import Grouping

_E = "2.718281828459045"

_SQL = """
WITH {cells},
sizes AS (SELECT id, sum(n)::DOUBLE AS size FROM cells GROUP BY id),
shares AS (SELECT v, sum(n)::DOUBLE / (SELECT sum(n)::DOUBLE FROM cells) AS q FROM cells GROUP BY v),
parts AS (SELECT id, n, n / size AS p, q FROM cells JOIN sizes USING (id) JOIN shares USING (v)),
measured AS (
    SELECT sum(n)::BIGINT AS size, count(*) AS dist, max(n) AS most,
        sum(round((-p * (log(p) / log({e}))) / {unit}, 0)::BIGINT)::DOUBLE * {unit} AS entropy,
        sum(round((CASE WHEN p > q THEN p - q ELSE 0.0 END) / {unit}, 0)::BIGINT)::DOUBLE * {unit}
            AS distance,
        max(p / q - 1.0) AS gain,
        max(abs(log(p / q) / log({e}))) AS log_ratio,
        max(CASE WHEN p / q - 1.0 > -(log(q) / log({e})) THEN 1 ELSE 0 END) AS over
    FROM parts GROUP BY id
)
SELECT least(dist, {many}) AS few, count(*) AS classes, sum(size) AS rows,
    sum(CASE WHEN over = 1 THEN size ELSE 0 END) AS rows_over,
    min(size) AS least_size, min(dist) AS least_distinct, min(entropy) AS least_entropy,
    max(most / size::DOUBLE) AS greatest_alpha,
    max(CASE WHEN size > most THEN most / (size - most)::DOUBLE END) AS greatest_recursive_c,
    max(gain) AS greatest_gain, max(log_ratio) AS greatest_log_ratio, max(distance) AS greatest_distance
FROM measured GROUP BY few
"""

_COUNTED = """
SELECT least(m, {many}) AS few, count(*) AS classes, sum(n)::BIGINT AS rows FROM ({classes}) GROUP BY few
"""

_FIELDS = (
    *("at", "classes", "rows", "rows_over"),
    *(f"least_{name}" for name in LEAST),
    *(f"greatest_{name}" for name in GREATEST),
)


def diversity_of_cells(
    table: NamedFrame, spec: Diversity, grouping: Grouping, sets: Sequence[Columns]
) -> Tally:
    """Return the tally of diversity.

    Args:
        table: the table, of which types are asked.
        spec: what to measure.
        grouping: has the tables of ``sets``.
        sets: the columns of cells, of classes and of values.

    Raises:
        DataError: the values are said to be ordered, and are no numbers.
    """
    if spec.ordered:
        numbers(table, spec.sensitive)
    entries = _entries(grouping, sets) if spec.shares else _numbers(grouping, sets)
    if spec.ordered and entries:
        values, same = _values(table, spec, grouping, sets[2])
        cells = _cells(grouping, sets)
        entries += ordered_entries(Ordered.of(*areas_in_sql(grouping.query, cells, values, same)))
    return Tally(spec=spec, columns=("measure", "at", "value"), entries=tuple(sorted(entries)))


def _entries(grouping: Grouping, sets: Sequence[Columns]) -> list[Entry]:
    """Return the entries of all measures but the ordered distance."""
    return entries_in_sql(grouping.query, _cells(grouping, sets))


def entries_in_sql(query: Callable[[str], list[tuple[Any, ...]]], cells: str) -> list[Entry]:
    """Return the entries of all measures but the ordered distance.

    Args:
        query: answers a query.
        cells: a query named ``cells`` for classes ``id``, values ``v`` and their rows ``n``.
    """
    lines = query(_SQL.format(cells=cells, unit=UNIT, e=_E, many=MANY))
    return entries_of([dict(zip(_FIELDS, line, strict=True)) for line in lines])


def _numbers(grouping: Grouping, sets: Sequence[Columns]) -> list[Entry]:
    """Return the entries that say how many classes and rows have few distinct values."""
    cells, classes, _ = sets
    if grouping.counts(classes, cells):
        source = f"FROM {grouping.table(classes)}"
    else:
        chosen = grouping.layout(classes).from_cells(grouping.layout(cells))
        source = (
            f"SELECT {chosen}, count(*) AS m, sum(n)::BIGINT AS n FROM {grouping.table(cells)} GROUP BY ALL"  # noqa: S608 - our own names
        )
    sql = _COUNTED.format(classes=source, many=MANY)
    return numbers_of([dict(zip(_FIELDS[:3], line, strict=True)) for line in grouping.query(sql)])


def _cells(grouping: Grouping, sets: Sequence[Columns]) -> str:
    """Return a query named ``cells``: the number ``id`` of a class, ``v`` of a value, and rows ``n``."""
    cells, classes, values = (grouping.layout(columns) for columns in sets)
    id_, of_class = _number(grouping, cells, classes, "classes")
    value, of_value = _number(grouping, cells, values, "vals")
    source = f"{grouping.table(sets[0])} AS cell{of_class}{of_value}"
    # What is joined is kept, as it is read several times; a projection costs nothing.
    kept = "MATERIALIZED" if of_class or of_value else "NOT MATERIALIZED"
    return f"cells AS {kept} (SELECT {id_} AS id, {value} AS v, cell.n FROM {source})"  # noqa: S608 - our own names


def _number(grouping: Grouping, cells: Layout, some: Layout, name: str) -> tuple[str, str]:
    """Return the number of a cell's class or value, in SQL, and the join that finds it.

    Where all columns are digits, their code is the number; else it is the place of the row in its table.

    Args:
        grouping: has the tables.
        cells: how cells lie.
        some: how the class or value lies.
        name: what to call its table.
    """
    if not some.plain:
        return some.code_from(cells), ""
    same = [f"cell.k{column} IS NOT DISTINCT FROM {name}.k{column}" for column in some.plain]
    fields = ["rowid AS number", *(f"k{column}" for column in some.plain)]
    if some.packed:
        fields.append("code AS own")
        same.append(f"{some.code_from(cells)} = {name}.own")
    source = f"(SELECT {', '.join(fields)} FROM {grouping.table(some.columns)}) AS {name}"  # noqa: S608 - our own names
    return f"{name}.number", f" JOIN {source} ON {' AND '.join(same)}"


def _values(table: NamedFrame, spec: Diversity, grouping: Grouping, columns: Columns) -> tuple[str, bool]:
    """Return a query for values ``v`` and their numbers ``x``, and whether no two values are one number."""
    (column,) = columns
    name = grouping.table(columns)
    digit = grouping.digits.get(column)
    if digit is not None:
        return f"SELECT code AS v, ({digit.number('code')})::DOUBLE AS x FROM {name}", True  # noqa: S608 - our own names
    dtype = table.dtypes[table.position(spec.sensitive)]
    text = f"CASE WHEN regexp_matches(k{column}, '{NUMBER}') THEN k{column} END"
    number = text if is_text(dtype) else f"k{column}"
    return f"SELECT rowid AS v, ({number})::DOUBLE AS x FROM {name}", dtype.is_float()  # noqa: S608 - our own names
