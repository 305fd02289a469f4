"""The probe behind every fairness question: rates of groups and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.fairness.comparison import (
    Comparison,
    Estimates,
    compare,
    estimate,
    intersection_note,
    notes_on,
)
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import (
    Cells,
    Groups,
    joint_tally,
    read_cells,
    require_roles,
    require_two_outcomes,
)
from conformity.probes.shared.notes import blank_note, same_column_note, suspicion_note
from conformity.probes.shared.rates import Rate, Trials, rate_results


@dataclass(frozen=True)
class RateProbe:
    """Compares groups in one or more rates; each attribute alone, and each pair of attributes."""

    needs: tuple[str, ...]
    """The roles that must be bound."""
    per_group: tuple[tuple[str, Rate], ...] = ()
    """Metrics measured for each group, with their rates."""
    across: tuple[Comparison, ...] = ()
    """Metrics measured across the groups of an attribute."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts]:
        """Return the joint tally of the table.

        Raises:
            NotMeasurableError: a role is not bound, or label and prediction are one column.
        """
        require_roles(table, *self.needs)
        if self._compares_outcomes():
            require_two_outcomes(table)
        return (joint_tally(table),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return rates and gaps for each attribute and each pair of attributes.

        Raises:
            NotMeasurableError: a role is not bound, or there are no rows.
        """
        self.tallies(table)
        cells = read_cells(table, tallies[0])
        measurements: list[Measurement] = []
        notes: list[str] = []
        crossed: dict[Rate, dict[tuple[str, ...], Trials]] = {rate: {} for rate in self._rates_used()}
        for groups in _partitions(cells):
            found = {rate: estimate(groups, rate) for rate in self._rates_used()}
            measurements += self._rates(table, groups, found)
            measurements += self._gaps(table, groups, found)
            for rate in found:
                if len(groups.by) > 1:
                    crossed[rate][groups.by] = found[rate].seen
                else:
                    notes += notes_on(groups, rate, found[rate].seen)
        notes += filter(None, (intersection_note(seen, rate) for rate, seen in crossed.items()))
        measurements.sort(key=lambda found: (found.metric, found.by, found.group))
        return ProbeResult(tuple(measurements), (*self._notes_on_all(table, cells), *notes))

    def _compares_outcomes(self) -> bool:
        """Tell whether predictions are held against labels."""
        return {"label", "prediction"} <= set(self.needs)

    def _rates_used(self) -> tuple[Rate, ...]:
        """Return every rate that takes part, once, in a fixed order."""
        used = [rate for _, rate in self.per_group]
        used += [rate for comparison in self.across for rate in comparison.rates]
        return tuple(dict.fromkeys(used))

    def _rates(self, table: TableSubject, groups: Groups, found: Estimates) -> Iterator[Measurement]:
        """Yield the rates of the groups."""
        for metric, rate in self.per_group:
            results = rate_results(rate, found[rate].seen, found[rate].rates())
            for name, result in zip(groups.names, results, strict=True):
                yield Measurement(
                    metric=MetricId(metric), subject=table.id, by=groups.by, group=name, result=result
                )

    def _gaps(self, table: TableSubject, groups: Groups, found: Estimates) -> Iterator[Measurement]:
        """Yield the gaps between the groups."""
        for comparison in self.across:
            yield Measurement(
                metric=MetricId(comparison.metric),
                subject=table.id,
                by=groups.by,
                result=compare(groups, comparison, found),
            )

    def _notes_on_all(self, table: TableSubject, cells: Cells) -> tuple[str, ...]:
        """Return the notes that concern the table as a whole."""
        everybody = cells.groups()
        notes = [same_column_note(table)]
        notes += [blank_note(everybody, rate) for rate in self._rates_used()]
        if self._compares_outcomes():
            notes.append(suspicion_note(everybody))
        return tuple(dict.fromkeys(note for note in notes if note))


def _partitions(cells: Cells) -> Iterator[Groups]:
    """Yield the groups by each attribute, then by each pair of attributes."""
    positions = range(len(cells.attributes))
    for attribute in positions:
        yield cells.groups(attribute)
    for first, second in combinations(positions, 2):
        yield cells.groups(first, second)
