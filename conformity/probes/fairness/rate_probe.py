"""The probe behind every fairness question: rates of groups and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Tally, TallySpec
from conformity.probes.fairness.comparison import (
    Comparison,
    RatesOf,
    compare,
    intersection_notes,
    limiting_note,
    notes_on,
    rate_by_group,
)
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import (
    Groups,
    Lattice,
    require_roles,
    require_two_outcomes,
)
from conformity.probes.shared.notes import (
    Sampled,
    blank_notes,
    declared_notes,
    same_column_note,
    suspicion_note,
)
from conformity.probes.shared.rates import Rate
from conformity.probes.shared.sampled import read_sampled, sampled_tallies
from conformity.probes.shared.trials import Trials, rate_results


@dataclass(frozen=True)
class RateProbe:
    """Compares groups in one or more rates: of each attribute alone, and of attributes crossed."""

    needs: tuple[str, ...]
    """The roles that must be bound."""
    per_group: tuple[tuple[str, Rate], ...] = ()
    """Metrics measured for each group, with their rates."""
    across: tuple[Comparison, ...] = ()
    """Metrics measured across the groups of an attribute."""
    named: int = 2
    """How many attributes are crossed at most for rates of each group; deeper crossings have gaps alone."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return the tallies of the table's attributes and outcomes.

        Raises:
            NotMeasurableError: a role is not bound, or label and prediction are one column.
        """
        require_roles(table, *self.needs)
        if self._compares_outcomes():
            require_two_outcomes(table)
        return sampled_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return rates and gaps for each attribute and each combination of attributes.

        Raises:
            NotMeasurableError: a role is not bound, there are no rows, or weights are missing or negative.
        """
        self.tallies(table)
        lattice = read_sampled(table, tallies)
        measurements: list[Measurement] = []
        notes: list[str] = []
        crossed: dict[Rate, dict[tuple[str, ...], Trials]] = {rate: {} for rate in self._rates_used()}
        for groups in lattice.partitions():
            used = self._rates_used(has_names=len(groups.by) <= self.named)
            found = {rate: rate_by_group(groups, rate) for rate in used}
            measurements += self._rates(table, groups, found)
            measurements += self._gaps(table, groups, found)
            if len(groups.by) == 1:
                notes += notes_on(groups, {rate: found[rate].seen for rate in found})
                notes += [limiting_note(groups, one, found) for one in self.across]
                continue
            for rate in found:
                crossed[rate][groups.by] = found[rate].seen
        notes += intersection_notes(crossed)
        every = (*self._notes_on_all(table, lattice), *notes)
        return ProbeResult(in_order(measurements), tuple(note for note in every if note))

    def _compares_outcomes(self) -> bool:
        """Tell whether predictions are held against labels."""
        return {"label", "prediction"} <= set(self.needs)

    def _rates_used(self, *, has_names: bool = True) -> tuple[Rate, ...]:
        """Return every rate that takes part, once, in a fixed order.

        Args:
            has_names: whether rates of each group are published, beside the gaps.
        """
        used = [rate for _, rate in self.per_group] if has_names else []
        used += [rate for comparison in self.across for rate in comparison.rates]
        return tuple(dict.fromkeys(used))

    def _rates(self, table: TableSubject, groups: Groups, found: RatesOf) -> Iterator[Measurement]:
        """Yield the rates of the groups."""
        if len(groups.by) > self.named:
            return
        for metric, rate in self.per_group:
            results = rate_results(rate, found[rate].seen, found[rate].rates())
            for name, result in zip(groups.names, results, strict=True):
                yield Measurement(
                    metric=MetricId(metric), subject=table.id, by=groups.by, group=name, result=result
                )

    def _gaps(self, table: TableSubject, groups: Groups, found: RatesOf) -> Iterator[Measurement]:
        """Yield the gaps between the groups."""
        for comparison in self.across:
            yield Measurement(
                metric=MetricId(comparison.metric),
                subject=table.id,
                by=groups.by,
                result=compare(groups, comparison, found),
            )

    def _notes_on_all(self, table: TableSubject, lattice: Lattice) -> tuple[str, ...]:
        """Return the notes that concern the table as a whole."""
        everybody = lattice.groups()
        notes = [*declared_notes(table, Sampled(everybody, self._rates_used()[0])), same_column_note(table)]
        notes += blank_notes(everybody, self._rates_used())
        if self._compares_outcomes():
            notes.append(suspicion_note(everybody))
        return tuple(dict.fromkeys(note for note in notes if note))
