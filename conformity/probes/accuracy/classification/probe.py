"""Accuracy, balanced accuracy, precision, recall, F1 and confusion counts of a binary decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Tally, TallySpec
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.absent import why_not_available
from conformity.probes.shared.cells import (
    NEGATIVE,
    POSITIVE,
    Groups,
    Lattice,
    require_two_outcomes,
)
from conformity.probes.shared.intervals import LEVEL, Ints, mean_limits, quantile
from conformity.probes.shared.notes import Sampled, blank_note, sample_notes, suspicion_note
from conformity.probes.shared.rates import ACCURACY, OVERLAP, PRECISION, RECALL, TRUE_NEGATIVE, Rate
from conformity.probes.shared.sampled import read_sampled, sampled_tallies
from conformity.probes.shared.trials import rate_results, trials_of

_COUNTS = {
    "true_positives": (POSITIVE, POSITIVE),
    "false_positives": (NEGATIVE, POSITIVE),
    "true_negatives": (NEGATIVE, NEGATIVE),
    "false_negatives": (POSITIVE, NEGATIVE),
}
"""State of the label and state of the prediction of each confusion count."""


class ClassificationProbe:
    """Holds predictions against labels, for everybody and for each group of each attribute."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return the tallies of the table's attributes and outcomes.

        Raises:
            NotMeasurableError: label or prediction is not bound, or both are one column.
        """
        require_two_outcomes(table)
        return sampled_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the measurements for the whole table and for each group.

        Raises:
            NotMeasurableError: label or prediction is not bound, both are one column, there are no rows, or
                weights are missing or negative.
        """
        require_two_outcomes(table)
        lattice = read_sampled(table, tallies)
        found = [
            Measurement(metric=MetricId(metric), subject=table.id, by=groups.by, group=name, result=result)
            for groups in _partitions(lattice)
            for metric, name, result in _measured(groups)
        ]
        everybody = lattice.groups()
        sampled = sample_notes(table, Sampled(everybody, ACCURACY))
        notes = (*sampled, blank_note(everybody, ACCURACY), suspicion_note(everybody))
        return ProbeResult(in_order(found), tuple(note for note in notes if note))


def _partitions(lattice: Lattice) -> Iterator[Groups]:
    """Yield all rows as one group, then the groups of each attribute."""
    yield lattice.groups()
    yield from lattice.partitions(1)


def _measured(groups: Groups) -> Iterator[tuple[str, tuple[str, ...], Result]]:
    """Yield metric, group and result for every group."""
    for position, name in enumerate(groups.names):
        one = groups.only(position)
        for metric, rate in (("accuracy", ACCURACY), ("precision", PRECISION), ("recall", RECALL)):
            yield metric, name, _rate(one, rate)
        yield "f1", name, _f1(one)
        yield "balanced_accuracy", name, _balanced_accuracy(one)
        for metric, (label, prediction) in _COUNTS.items():
            yield metric, name, _count(one.counts, label, prediction)


def _rate(group: Groups, rate: Rate) -> Result:
    """Return one rate of one group."""
    seen = trials_of(group.counts, rate, group.design)
    return rate_results(rate, seen)[0]


def _f1(group: Groups) -> Result:
    """Return F1 as a rising function of TP / (TP + FP + FN), with the limits carried through it.

    Source:
        Sokolova and Lapalme, Information Processing & Management 45 (2009) 427-437, table 2.
    """
    overlap = _rate(group, OVERLAP)
    if not isinstance(overlap, Scalar) or overlap.interval is None:
        return overlap
    ends = overlap.interval
    interval = Interval(
        low=_f1_of(ends.low),
        high=_f1_of(ends.high),
        level=ends.level,
        method=f"{ends.method} of TP/(TP+FP+FN), carried to F1",
    )
    return Scalar(value=_f1_of(overlap.value), unit="1", n=overlap.n, interval=interval)


def _f1_of(overlap: float) -> float:
    """Return the F1 score that belongs to a Jaccard index in [0, 1]."""
    return 2 * overlap / (1 + overlap)


def _balanced_accuracy(group: Groups) -> Result:
    """Return the mean of true positive and true negative rate.

    Source:
        Brodersen et al., ICPR 2010, 3121-3124, for the quantity; Zou and Donner, Statistics in
        Medicine 27 (2008) 1693-1702, for the limits.
    """
    sides = [(rate, trials_of(group.counts, rate, group.design)) for rate in (RECALL, TRUE_NEGATIVE)]
    for rate, seen in sides:
        reason = seen.why_not(rate, 0)
        if reason is not None:
            return reason
    positives, negatives = (seen for _, seen in sides)
    value = float(positives.rates[0] + negatives.rates[0]) / 2
    z = quantile(LEVEL)
    low, high = mean_limits(positives.limits(z), negatives.limits(z))
    method = "square-and-add of two Wilson intervals" + positives.method
    if positives.blanks[0] or negatives.blanks[0]:
        method += ", blanks counted both ways"
    return Scalar(
        value=value,
        unit="1",
        n=int(min(positives.cases[0], negatives.cases[0])),
        interval=Interval(
            low=min(float(low[0]), value), high=max(float(high[0]), value), level=LEVEL, method=method
        ),
    )


def _count(counts: Ints, label: int, prediction: int) -> Count | NotAvailable:
    """Return how many rows have these known outcomes, or why they were not all read."""
    seen = trials_of(counts, ACCURACY)
    strange, blanks = int(seen.strange[0]), bool(seen.blanks[0])
    reason = why_not_available(ACCURACY, int(seen.cases[0]), strange, blanks, min_group=1)
    return reason or Count(value=int(counts[0, label, prediction]), unit="rows")


PROBE = ClassificationProbe()
"""The probe that `probe.yaml` beside this file describes."""
