"""Count rows and missing cells, for each column and for each group of each protected attribute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import MissingCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.keys import group_keys


class CompletenessProbe:
    """Counts what is not there."""

    def tallies(self, table: TableSubject) -> tuple[MissingCounts, ...]:
        """Return missing counts for the whole table, then within each protected attribute."""
        return (MissingCounts(), *(MissingCounts(by=(key,)) for key in group_keys(table)))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the counts and shares.

        Raises:
            NotMeasurableError: there are no rows.
        """
        columns = {str(name): (int(gaps), int(rows)) for name, gaps, rows in tallies[0].entries}
        total = max((rows for _, rows in columns.values()), default=0)
        if total == 0:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        found = [_measurement(table, "rows", (), (), Count(value=total, unit="rows"))]
        found += _per_column(table, columns)
        for attribute, tally in zip(table.with_role("protected"), tallies[1:], strict=True):
            found += _per_group(table, attribute.name, tally)
        return ProbeResult(in_order(found), tuple(_notes(table, columns)))


def _measurement(
    table: TableSubject, metric: str, by: tuple[str, ...], group: tuple[str, ...], result: Result
) -> Measurement:
    """Return a measurement of the table."""
    return Measurement(metric=MetricId(metric), subject=table.id, by=by, group=group, result=result)


def _per_column(table: TableSubject, columns: dict[str, tuple[int, int]]) -> Iterator[Measurement]:
    """Yield the missing cells of every column of the file, and of bound columns that it lacks."""
    for name, (gaps, rows) in columns.items():
        yield _measurement(table, "missing_cells", (name,), (), Count(value=gaps, unit="cells"))
        yield _measurement(table, "missing_share", (name,), (), Scalar(value=gaps / rows, unit="1", n=rows))
    for name in _absent(table, columns):
        result = NotAvailable(why="not_collected", reason="the file has no column of this name")
        yield _measurement(table, "missing_cells", (name,), (), result)
        yield _measurement(table, "missing_share", (name,), (), result)


def _per_group(table: TableSubject, attribute: str, tally: Tally) -> Iterator[Measurement]:
    """Yield the share of missing cells in each group of one attribute, over the other bound columns."""
    others = {column.name for column in table.columns} - {attribute}
    groups: dict[str, list[tuple[int, int]]] = {}
    for group, name, gaps, rows in tally.entries:
        members = groups.setdefault(str(group), [])
        if name in others:
            members.append((int(gaps), int(rows)))
    for group, counts in groups.items():
        cells = sum(rows for _, rows in counts)
        result: Result = NotAvailable(why="undefined", reason="no other column is bound")
        if cells:
            share = sum(gaps for gaps, _ in counts) / cells
            result = Scalar(value=share, unit="1", n=counts[0][1])
        yield _measurement(table, "missing_share_in_group", (attribute,), (group,), result)


def _absent(table: TableSubject, columns: Iterable[str]) -> list[str]:
    """Return the bound columns that the file lacks."""
    have = set(columns)
    return [column.name for column in table.columns if column.name not in have]


def _notes(table: TableSubject, columns: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Yield what a reader must know about bound columns that are absent or hold nothing."""
    if absent := _absent(table, columns):
        names = ", ".join(repr(name) for name in absent)
        yield f"Bound in the manifest but absent from the file: {names}."
    bound = {column.name for column in table.columns}
    empty = [name for name, (gaps, rows) in columns.items() if name in bound and gaps == rows]
    if empty:
        names = ", ".join(repr(name) for name in empty)
        yield f"Bound in the manifest but blank in every row: {names}."


PROBE = CompletenessProbe()
"""The probe that `probe.yaml` beside this file describes."""
