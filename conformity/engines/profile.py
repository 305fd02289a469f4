"""What profiling says about a table of which nothing is known yet; read when a manifest is drafted.

A profile is for the person who owns the data, on their own machine. It may hold values of columns
with few distinct values, so it is never part of the evidence and never printed in a report.
"""

from __future__ import annotations

from conformity.model.base import Value


class ColumnProfile(Value):
    """One column, described by counts."""

    name: str
    """The column's name, as in the file."""
    kind: str
    """``integer``, ``number``, ``text``, ``boolean``, ``date`` or ``other``."""
    missing: int
    """How many cells are null or blank text."""
    distinct: int
    """How many different values there are among the other cells; an estimate when more than fifty."""
    minimum: float | None = None
    """The smallest number, of a numeric column with at least one finite number."""
    maximum: float | None = None
    """The largest number, of a numeric column with at least one finite number."""
    top: tuple[tuple[str, int], ...] = ()
    """Up to twelve most frequent values with their counts, when there are at most fifty.

    None when values hardly repeat (fewer than two cells each on average) or are identifiers: they
    would show people, not groups.
    """
    patterns: tuple[tuple[str, float], ...] = ()
    """Identifiers that were confirmed, each with the share of the filled cells of its form, in (0, 1].

    The names are those of :mod:`conformity.engines.patterns`; forms that only chance explains are
    left out.
    """


class TableProfile(Value):
    """A table, described column by column."""

    rows: int
    """How many rows there are."""
    columns: tuple[ColumnProfile, ...]
    """The columns, in the file's order."""
