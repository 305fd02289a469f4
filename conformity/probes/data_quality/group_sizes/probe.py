"""Count the rows of each group of each protected attribute, and of each pair of attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.keys import group_keys


class GroupSizesProbe:
    """Counts groups, alone and intersected two by two."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return the counts of each attribute, then of each pair.

        Raises:
            NotMeasurableError: no column is bound as protected.
        """
        keys = group_keys(table)
        if not keys:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `protected`; name one in the manifest"
            )
        return (
            *(CellCounts(keys=(key,)) for key in keys),
            *(CellCounts(keys=pair) for pair in combinations(keys, 2)),
        )

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return sizes and shares of the groups, and the smallest size for each attribute.

        Raises:
            NotMeasurableError: there are no rows.
        """
        found = [one for tally in tallies for one in _measured(table, tally)]
        return ProbeResult(in_order(found))


def _measured(table: TableSubject, tally: Tally) -> Iterator[Measurement]:
    """Yield the measurements of one attribute or pair.

    Raises:
        NotMeasurableError: there are no rows.
    """
    by = tally.columns[:-1]
    groups = {tuple(str(value) for value in entry[:-1]): int(entry[-1]) for entry in tally.entries}
    total = sum(groups.values())
    if total == 0:
        raise NotMeasurableError(f"{table.id!r} has no rows")
    for group, rows in groups.items():
        results: tuple[tuple[str, Result], ...] = (
            ("group_size", Count(value=rows, unit="rows")),
            ("group_share", Scalar(value=rows / total, unit="1", n=total)),
        )
        for metric, result in results:
            yield Measurement(metric=MetricId(metric), subject=table.id, by=by, group=group, result=result)
    yield Measurement(
        metric=MetricId("smallest_group"), subject=table.id, by=by, result=_smallest(groups, total)
    )


def _smallest(groups: dict[tuple[str, ...], int], total: int) -> Result:
    """Return the size of the smallest group; nothing when there is no other group to be smaller than."""
    if len(groups) < 2:
        (only,) = groups
        return NotAvailable(
            why="undefined",
            reason=f"all rows belong to one group, {' and '.join(only)[:200]!r}; there is nothing to compare",
            n=total,
        )
    return Count(value=min(groups.values()), unit="rows")


PROBE = GroupSizesProbe()
"""The probe that `probe.yaml` beside this file describes."""
