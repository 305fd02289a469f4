"""From a column's declaration to the key that groups its rows."""

from __future__ import annotations

from conformity.model.subject import Column, TableSubject
from conformity.model.tally import BandKey, BinKey, CategoryKey, OutcomeKey


def key_of(column: Column) -> CategoryKey | BinKey | BandKey:
    """Return the key that puts the rows into groups by ``column``.

    A column that declares ``edges`` is grouped by bins, one that declares ``bands`` by bands of about equal
    size, any other by its values as text.
    """
    if column.edges:
        return BinKey(column=column.name, edges=column.edges)
    if column.bands:
        return BandKey(column=column.name, bands=column.bands)
    return CategoryKey(column=column.name)


def outcome_key(column: Column) -> OutcomeKey:
    """Return the key that maps a label or prediction to favourable and unfavourable."""
    return OutcomeKey(column=column.name, positive=column.positive, negative=column.negative)


def group_keys(table: TableSubject) -> tuple[CategoryKey | BinKey | BandKey, ...]:
    """Return one key for each protected attribute of ``table``, in the manifest's order."""
    return tuple(key_of(column) for column in table.with_role("protected"))
