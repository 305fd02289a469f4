"""Class sizes over several sets of columns, one of which holds the others: one scan for all of them.

The classes of all columns are grouped from the rows and kept by the engine; those of fewer columns are
grouped from these classes, of which there are usually far fewer than rows. Narwhals would read the rows once
for each set, so this is written in DuckDB's SQL; other engines count each set alone, with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from conformity.engines.classes import comparable
from conformity.engines.columns import NamedFrame
from conformity.model.tally import ClassSizes, Tally, TallySpec

_BASE = "WITH base AS MATERIALIZED (SELECT {keys}, count(*) AS n FROM given GROUP BY {keys}) "
_OF_ALL = "SELECT {number} AS number, n AS size, count(*) AS classes FROM base GROUP BY n"
_OF_SOME = (
    "SELECT {number}, size, count(*) "
    "FROM (SELECT sum(n)::BIGINT AS size FROM base GROUP BY {keys}) GROUP BY size"
)


def nested_sizes(table: NamedFrame, specs: Sequence[ClassSizes]) -> dict[TallySpec, Tally]:
    """Return the tallies of those specs of which one holds all keys of the others.

    Specs that are neither held nor hold another are left to be counted on their own, as are all of them where
    the engine is not DuckDB, and slices.

    Raises:
        DataError: a column is missing or not numeric, or an outcome has too many values.
    """
    found: dict[TallySpec, Tally] = {}
    if not table.frame.implementation.is_duckdb():
        return found
    whole = [spec for spec in specs if spec.keys and spec.one_in == 1]
    for largest in sorted(whole, key=lambda spec: -len(spec.keys)):
        held = [spec for spec in whole if spec not in found and set(spec.keys) < set(largest.keys)]
        if held and largest not in found:
            found.update(_together(table, [largest, *held]))
    return found


def _together(table: NamedFrame, specs: Sequence[ClassSizes]) -> dict[TallySpec, Tally]:
    """Return the tallies of all specs, the first of which has every key of the others."""
    names = {key: f"k{number}" for number, key in enumerate(dict.fromkeys(specs[0].keys))}
    frame = table.only([table.position(key.column) for key in names])
    columns = frame.select(*(comparable(table, key).alias(name) for key, name in names.items()))
    parts = [_OF_ALL.format(number=0)] + [
        _OF_SOME.format(number=number, keys=", ".join(names[key] for key in spec.keys))
        for number, spec in enumerate(specs[1:], start=1)
    ]
    sql = _BASE.format(keys=", ".join(names.values())) + " UNION ALL ".join(parts)
    lines: list[tuple[Any, ...]] = nw.to_native(columns).query("given", sql).fetchall()
    return {
        spec: Tally(
            spec=spec,
            columns=("size", "classes"),
            entries=tuple(sorted((int(size), int(classes)) for of, size, classes in lines if of == number)),
        )
        for number, spec in enumerate(specs)
    }
