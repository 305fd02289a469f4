"""Blanks in columns that people are recognised by: where they are, and when they leave nothing to measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformity.model.measurement import NotAvailable
from conformity.model.tally import ClassMatches, Tally

Cells = Mapping[str, tuple[int, int]]
"""Missing cells and rows, by column."""


def missing_cells(tally: Tally) -> Cells:
    """Return the missing cells and the rows of every column, from a tally of missing counts."""
    return {str(name): (int(missing), int(rows)) for name, missing, rows in tally.entries}


def blank_columns(cells: Cells, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of the columns are blank in every row."""
    return tuple(name for name in names if cells[name][0] == cells[name][1])


def blank_in_every_row(names: Sequence[str], rows: int) -> NotAvailable:
    """Return that nothing is known, since quasi-identifiers hold nothing: that would hide everybody."""
    listed = ", ".join(repr(name) for name in names)[:300]
    return NotAvailable(
        why="not_collected", reason=f"blank in every row: {listed}; hand in the values", n=rows
    )


def too_many_patterns(tally: Tally, rows: int) -> NotAvailable:
    """Return that matches were not counted, since blanks fall in too many patterns or classes."""
    assert isinstance(tally.spec, ClassMatches)
    return NotAvailable(
        why="undefined",
        reason=f"the quasi-identifiers are blank in more than {tally.spec.most} combinations, or in too many "
        "classes; fill blanks in, or bind fewer columns, to have a blank match any value",
        n=rows,
    )
