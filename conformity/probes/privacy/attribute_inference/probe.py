"""How much the decision tells about a protected attribute, from the joint counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import NEGATIVE, POSITIVE, lattice_tallies, read_lattice, require_roles
from conformity.probes.shared.intervals import LEVEL, Ints, quantile
from conformity.settings import MIN_GROUP


class AttributeInferenceProbe:
    """Compares a guess that knows the decision with one that knows nothing."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return the tallies by attribute and decision.

        Raises:
            NotMeasurableError: no protected attribute or no prediction of two outcomes is bound.
        """
        require_roles(table, "protected", "prediction")
        return lattice_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the gain for each attribute.

        Raises:
            NotMeasurableError: there are no rows.
        """
        self.tallies(table)
        found = []
        for groups in read_lattice(table, tallies).partitions(depth=1):
            decided = groups.counts.sum(axis=1)[:, [NEGATIVE, POSITIVE]]
            found.append(
                Measurement(
                    metric=MetricId("attribute_guess_gain"),
                    subject=table.id,
                    by=groups.by,
                    result=gain(decided),
                )
            )
        return ProbeResult(tuple(sorted(found, key=lambda one: one.by)))


def gain(decided: Ints) -> Result:
    """Return what knowing the decision adds to a guess of the group.

    Args:
        decided: (k, 2) people by group and decision.

    Returns:
        The gain with its interval; not available with fewer than two groups or too few people.
    """
    people = int(decided.sum())
    if len(decided) < 2:
        return NotAvailable(why="undefined", reason="there is only one group: nothing to guess", n=people)
    if people < MIN_GROUP:
        return NotAvailable(
            why="too_few_cases", reason=f"fewer than {MIN_GROUP} people with a decision", n=people
        )
    blind = int(decided.sum(axis=1).argmax())
    won = lost = 0
    for decision in decided.T:
        informed = int(decision.argmax())
        if decision.sum() >= MIN_GROUP and informed != blind:
            won += int(decision[informed])
            lost += int(decision[blind])
    value = (won - lost) / people
    reach = quantile(LEVEL) * math.sqrt(max(won + lost - (won - lost) ** 2 / people, 1.0)) / people
    interval = Interval(
        low=value - reach, high=min(value + reach, 1.0), level=LEVEL, method="paired difference, normal"
    )
    return Scalar(value=value, unit="1", n=people, interval=interval)


PROBE = AttributeInferenceProbe()
"""The probe that `probe.yaml` beside this file describes."""
