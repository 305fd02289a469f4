"""How unequally a decision's errors help and harm people, and how much of it lies between groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.fairness.inequality.benefit import (
    BENEFITS,
    Ends,
    benefits_of,
    between_share,
    entropy_index,
    index_ends,
    mean_ends,
    share_ends,
    theil_index,
)
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import (
    Groups,
    Lattice,
    lattice_tallies,
    read_lattice,
    require_roles,
    require_two_outcomes,
)
from conformity.probes.shared.intervals import LEVEL, Ints
from conformity.probes.shared.notes import declared_notes, suspicion_note
from conformity.probes.shared.rates import ACCURACY, Trials, trials_of, why_not_available
from conformity.probes.shared.wording import attribute_in_words, group_in_words, rows_in_words

_INDICES = {"generalized_entropy_index": entropy_index, "theil_index": theil_index}
_CROSSED = 2

Named = tuple[str, tuple[str, ...], tuple[str, ...], Result]
"""A metric, the attributes and the group it is of, and the outcome."""


class Inequality:
    """Measures how unequal benefits are among all people, and how much of it lies between groups."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return the tallies of the table's attributes and outcomes.

        Raises:
            NotMeasurableError: a role is not bound, or label and prediction are one column.
        """
        require_roles(table, "label", "prediction", "protected")
        require_two_outcomes(table)
        return lattice_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the indices of all rows, and the mean benefits and shares of groups.

        Raises:
            NotMeasurableError: a role is not bound, or there are no rows.
        """
        self.tallies(table)
        lattice = read_lattice(table, tallies)
        found = [
            Measurement(metric=MetricId(metric), subject=table.id, by=by, group=group, result=result)
            for metric, by, group, result in _measured(lattice)
        ]
        found.sort(key=lambda one: (one.metric, one.by, one.group))
        everybody = lattice.groups()
        notes = (*declared_notes(table), _blank_note(everybody), suspicion_note(everybody))
        return ProbeResult(tuple(found), tuple(note for note in notes if note))


def _blank_note(everybody: Groups) -> str:
    """Return how many rows are left out because an outcome is blank; empty if none is."""
    seen = trials_of(everybody.counts, ACCURACY)
    blank = everybody.rows - int((seen.cases + seen.strange).sum())
    if not blank:
        return ""
    return (
        f"{rows_in_words(blank)} have a blank label or prediction and are left out. What they would "
        "change is not known, so that no interval is given where they occur."
    )


def _measured(lattice: Lattice) -> Iterator[Named]:
    """Yield everything there is to measure."""
    everybody = lattice.groups()
    seen, cases = trials_of(everybody.counts, ACCURACY), benefits_of(everybody.counts)
    for metric, index in _INDICES.items():
        reason = _why_not(seen, 0) or _nobody(cases[0])
        if reason is None:
            ends = None if seen.blanks[0] else index_ends(cases[0], index)
            yield metric, (), (), _scalar(float(index(cases[0])), int(cases[0].sum()), ends)
        else:
            yield metric, (), (), reason
    for groups in lattice.partitions(_CROSSED):
        if len(groups.by) == 1:
            yield from _means(groups)
        yield "between_group_inequality_share", groups.by, (), _share(groups)


def _why_not(seen: Trials, position: int) -> NotAvailable | None:
    """Return why nothing is published of a group's outcomes; None if it can be."""
    return why_not_available(
        ACCURACY, int(seen.cases[position]), int(seen.strange[position]), bool(seen.blanks[position])
    )


def _nobody(cases: Ints) -> NotAvailable | None:
    """Return that nobody has any benefit, if so."""
    if float(cases @ BENEFITS) > 0:
        return None
    return NotAvailable(why="undefined", reason="everybody is wrongly turned down", n=int(cases.sum()))


def _scalar(value: float, cases: int, ends: Ends | None) -> Scalar:
    """Return a number with its limits from resampling, if there are any."""
    if ends is None:
        return Scalar(value=value, unit="1", n=cases)
    interval = Interval(
        low=min(ends.low, value),
        high=max(ends.high, value),
        level=LEVEL,
        method=f"multinomial bootstrap of counts, {ends.draws} valid draws, fixed seed",
    )
    return Scalar(value=value, unit="1", n=cases, interval=interval)


def _means(groups: Groups) -> Iterator[Named]:
    """Yield the mean benefit of each group."""
    seen, cases = trials_of(groups.counts, ACCURACY), benefits_of(groups.counts)
    for position, name in enumerate(groups.names):
        reason = _why_not(seen, position)
        if reason is not None:
            yield "mean_benefit", groups.by, name, reason
            continue
        own, rows = cases[position], int(cases[position].sum())
        value, (low, high) = float(own @ BENEFITS) / rows, mean_ends(own)
        interval = None
        if not seen.blanks[position]:
            interval = Interval(
                low=min(low, value),
                high=max(high, value),
                level=LEVEL,
                method="square-and-add of two Wilson intervals of the same cases",
            )
        yield "mean_benefit", groups.by, name, Scalar(value=value, unit="1", n=rows, interval=interval)


def _share(groups: Groups) -> Result:
    """Return the share of inequality that lies between groups, over groups with a known case."""
    reason = _why_not(trials_of(groups.counts.sum(axis=0, keepdims=True), ACCURACY), 0)
    if reason is not None:
        return reason
    seen = trials_of(groups.counts, ACCURACY)
    known = seen.cases > 0
    cases = benefits_of(groups.counts)[known]
    rows = int(cases.sum())
    if len(cases) < 2:
        only = group_in_words(groups.names[int(np.argmax(known))])[:120]
        return NotAvailable(
            why="too_few_cases",
            reason=f"only one group of {attribute_in_words(groups.by)[:120]} has known outcomes, {only}",
            n=rows,
        )
    value = float(between_share(cases))
    if np.isnan(value):
        return NotAvailable(why="undefined", reason="everybody benefits alike: nothing to divide", n=rows)
    return _scalar(value, int(cases.sum(axis=1).min()), None if seen.blanks.any() else share_ends(cases))


PROBE = Inequality()
"""The probe that `probe.yaml` beside this file describes."""
