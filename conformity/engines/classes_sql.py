"""Class sizes and diversity in DuckDB: all of a table's, from rows that are grouped once.

The rows are grouped by quasi-identifiers and sensitive columns together; classes, and whatever has fewer
columns, are grouped from the result, of which there is usually far less. What several need is kept in
temporary tables, which DuckDB writes to its scratch folder where memory ends. Narwhals would read the rows
once for each spec, so this is written in DuckDB's SQL; other engines count each spec alone, with the same
result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import narwhals as nw

from conformity.engines.classes import comparable
from conformity.engines.columns import NamedFrame
from conformity.engines.families import Columns, Family, families
from conformity.engines.grouping_sql import Grouping
from conformity.engines.small_tables import is_small
from conformity.model.tally import CategoryKey, ClassSizes, Diversity, Key, Tally, TallySpec

_SIZES = "SELECT {number} AS spec, n, count(*) AS classes FROM ({classes}) GROUP BY n"


def grouped_tallies(table: NamedFrame, specs: Sequence[TallySpec]) -> dict[TallySpec, Tally]:
    """Return the tallies of class sizes and diversity that DuckDB can group together.

    Slices, and classes of whole rows, are left to be counted on their own, as is all where the engine is
    not DuckDB.

    Raises:
        DataError: a column is missing or not numeric, or an outcome has too many values.
    """
    wanted = [spec for spec in specs if _is_grouped(spec)] if table.frame.implementation.is_duckdb() else []
    keys = _keys(wanted)
    if not keys:
        return {}
    names = [f"k{number}" for number in range(len(keys))]
    needed = table.only([table.position(key.column) for key in keys])
    columns = (comparable(table, key).alias(name) for key, name in zip(keys, names, strict=True))
    grouping = Grouping(nw.to_native(needed.select(*columns)), names, nw.to_native(needed), table.where)
    sets = [_sets(spec, keys) for spec in wanted]
    # A small table has few cells, whatever its columns hold, so that all specs make one family.
    small = is_small(table, len(keys))
    known = {column: digit.radix for column, digit in grouping.digits.items()}
    values = dict.fromkeys(range(len(keys)), 1) if small else known
    needs = [(mine[0], *_tables(grouping, spec, mine)) for spec, mine in zip(wanted, sets, strict=True)]
    found: dict[TallySpec, Tally] = {}
    for family in families(needs, values, 2**grouping.bits, flat=small):
        members = {wanted[place]: sets[place] for place in family.members}
        found |= _of_family(table, grouping, family, members)
    return found


def _tables(grouping: Grouping, spec: TallySpec, sets: Sequence[Columns]) -> list[Columns]:
    """Return those sets of which a spec of diversity needs tables: its cells, and what has no code.

    Of ordered values a table is needed anyhow.
    """
    if not isinstance(spec, Diversity):
        return []
    cells, classes, values = sets
    if not (spec.shares or spec.ordered):
        return [cells]
    needed = [cells, *([classes] if grouping.layout(classes).plain else [])]
    return [*needed, *([values] if spec.ordered or grouping.layout(values).plain else [])]


def _of_family(
    table: NamedFrame, grouping: Grouping, family: Family, members: Mapping[TallySpec, Sequence[Columns]]
) -> dict[TallySpec, Tally]:
    """Return the tallies of the specs that one family serves.

    Args:
        table: the table.
        grouping: groups its rows.
        family: the sets of columns.
        members: the specs with the sets of each.
    """
    spread = {spec: sets for spec, sets in members.items() if isinstance(spec, Diversity)}
    classes = {spec: sets[0] for spec, sets in members.items() if isinstance(spec, ClassSizes)}
    needed = [columns for spec, sets in spread.items() for columns in _tables(grouping, spec, sets)]
    with ExitStack() as stack:
        with grouping.arrays():
            stack.enter_context(grouping.family(family, needed))
            found = _sizes(grouping, family, classes)
        for spec, sets in spread.items():
            from conformity.engines.diversity_sql import diversity_of_cells

            found[spec] = diversity_of_cells(table, spec, grouping, sets)
    return found


def _sizes(
    grouping: Grouping, family: Family, wanted: Mapping[ClassSizes, Columns]
) -> dict[TallySpec, Tally]:
    """Return the tallies of class sizes, in one query."""
    parts = [
        _SIZES.format(number=number, classes=grouping.grouped(family, columns))
        for number, columns in enumerate(wanted.values())
    ]
    found: dict[TallySpec, list[tuple[int, int]]] = {spec: [] for spec in wanted}
    specs = list(wanted)
    for number, size, classes in grouping.query(" UNION ALL ".join(parts)) if parts else ():
        found[specs[number]].append((int(size), int(classes)))
    return {
        spec: Tally(spec=spec, columns=("size", "classes"), entries=tuple(sorted(entries)))
        for spec, entries in found.items()
    }


def _is_grouped(spec: TallySpec) -> bool:
    """Return whether a spec is counted here."""
    if isinstance(spec, ClassSizes):
        return bool(spec.keys) and spec.one_in == 1
    return isinstance(spec, Diversity)


def _keys(specs: Sequence[TallySpec]) -> list[Key]:
    """Return what the rows are grouped by; columns that are only sensitive come last.

    They are then the last digits, and classes are told by the others without taking these apart.
    """
    keys = dict.fromkeys(
        key for spec in specs if isinstance(spec, ClassSizes | Diversity) for key in spec.keys
    )
    last = dict.fromkeys(_sensitive(spec) for spec in specs if isinstance(spec, Diversity))
    return [*keys, *(key for key in last if key not in keys)]


def _sensitive(spec: Diversity) -> Key:
    """Return the key by which sensitive values are told apart."""
    return CategoryKey(column=spec.sensitive)


def _sets(spec: TallySpec, keys: Sequence[Key]) -> tuple[Columns, ...]:
    """Return the sets of columns that a spec needs: of diversity cells, classes and values, in this order."""
    assert isinstance(spec, ClassSizes | Diversity)
    classes = {keys.index(key) for key in spec.keys}
    if isinstance(spec, ClassSizes):
        return (tuple(sorted(classes)),)
    value = keys.index(_sensitive(spec))
    return tuple(sorted(classes | {value})), tuple(sorted(classes)), (value,)
