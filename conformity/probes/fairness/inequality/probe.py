"""How unequally a decision's errors help and harm people, and how much of it lies between groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Tally, TallySpec
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
from conformity.probes.fairness.inequality.weighing import masses_of, weighed
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.absent import why_not_available
from conformity.probes.shared.cells import (
    Groups,
    Lattice,
    require_roles,
    require_two_outcomes,
)
from conformity.probes.shared.intervals import LEVEL, Floats, Ints
from conformity.probes.shared.notes import Sampled, declared_notes, suspicion_note
from conformity.probes.shared.rates import ACCURACY
from conformity.probes.shared.sampled import read_sampled, sampled_tallies
from conformity.probes.shared.trials import Trials, trials_of
from conformity.probes.shared.wording import attribute_in_words, rows_in_words
from conformity.settings import MIN_GROUP

_INDICES = {"generalized_entropy_index": entropy_index, "theil_index": theil_index}
_CROSSED = 2

Named = tuple[str, tuple[str, ...], tuple[str, ...], Result]
"""A metric, the attributes and the group it is of, and the outcome."""


class Inequality:
    """Measures how unequal benefits are among all people, and how much of it lies between groups."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return the tallies of the table's attributes and outcomes.

        Raises:
            NotMeasurableError: a role is not bound, or label and prediction are one column.
        """
        require_roles(table, "label", "prediction", "protected")
        require_two_outcomes(table)
        return sampled_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the indices of all rows, and the mean benefits and shares of groups.

        Raises:
            NotMeasurableError: a role is not bound, or there are no rows.
        """
        self.tallies(table)
        lattice = read_sampled(table, tallies)
        found = [
            Measurement(metric=MetricId(metric), subject=table.id, by=by, group=group, result=result)
            for metric, by, group, result in _measured(lattice)
        ]
        everybody = lattice.groups()
        notes = (
            *declared_notes(table, Sampled(everybody, ACCURACY)),
            _blank_note(everybody),
            suspicion_note(everybody),
        )
        return ProbeResult(in_order(found), tuple(note for note in notes if note))


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
    seen, cases = _seen(everybody), weighed(everybody)
    for metric, index in _INDICES.items():
        reason = seen.why_not(ACCURACY, 0) or _nobody(cases[0])
        if reason is None:
            ends = None if seen.blanks[0] else index_ends(cases[0], index)
            yield metric, (), (), _scalar(float(index(cases[0])), seen, 0, ends)
        else:
            yield metric, (), (), reason
    for groups in lattice.partitions(_CROSSED):
        if len(groups.by) == 1:
            yield from _means(groups)
        yield "between_group_inequality_share", groups.by, (), _share(groups)


def _seen(groups: Groups) -> Trials:
    """Return the rows of each group whose label and prediction are known."""
    return trials_of(groups.counts, ACCURACY, groups.design)


def _nobody(cases: Floats) -> NotAvailable | None:
    """Return that nobody has any benefit, if so."""
    if float(cases @ BENEFITS) > 0:
        return None
    return NotAvailable(why="undefined", reason="everybody is wrongly turned down", n=int(cases.sum()))


def _scalar(value: float, seen: Trials, group: int, ends: Ends | None) -> Scalar:
    """Return a number with its limits from resampling, if there are any."""
    cases = int(seen.cases[group])
    if ends is None:
        return Scalar(value=value, unit="1", n=cases)
    interval = Interval(
        low=min(ends.low, value),
        high=max(ends.high, value),
        level=LEVEL,
        method=f"multinomial bootstrap of counts, {ends.draws} valid draws, fixed seed{seen.method}",
    )
    return Scalar(value=value, unit="1", n=cases, interval=interval)


def _means(groups: Groups) -> Iterator[Named]:
    """Yield the mean benefit of each group."""
    seen, cases = _seen(groups), weighed(groups)
    for position, name in enumerate(groups.names):
        reason = seen.why_not(ACCURACY, position)
        if reason is not None:
            yield "mean_benefit", groups.by, name, reason
            continue
        own, rows = cases[position], int(seen.cases[position])
        value, (low, high) = float(own @ BENEFITS) / float(own.sum()), mean_ends(own)
        interval = None
        if not seen.blanks[position]:
            interval = Interval(
                low=min(low, value),
                high=max(high, value),
                level=LEVEL,
                method=f"square-and-add of two Wilson intervals of the same cases{seen.method}",
            )
        yield "mean_benefit", groups.by, name, Scalar(value=value, unit="1", n=rows, interval=interval)


def _share(groups: Groups) -> Result:
    """Return the share of inequality that lies between groups, over groups with enough known cases."""
    seen = _seen(groups)
    if (strange := int(seen.strange.sum())) or not seen.cases.any():
        return why_not_available(ACCURACY, int(seen.cases.sum()), strange, bool(seen.blanks.any())) or _few()
    able = np.flatnonzero(seen.enough)
    if len(able) < 2:
        return _few(groups, able)
    design = None if groups.design is None else groups.design.take(able)
    kept = Groups(groups.by, tuple(groups.names[k] for k in able.tolist()), groups.counts[able], design)
    everybody = replace(
        kept,
        names=((),),
        counts=kept.counts.sum(axis=0, keepdims=True),
        design=None if design is None else design.added(),
    )
    # Weights set how large groups are; the effective cases of all of them together what is resampled.
    masses = benefits_of(kept.counts) if design is None else masses_of(design)
    cases = masses / masses.sum() * float(weighed(everybody).sum())
    value = float(between_share(cases))
    smallest = int(able[seen.cases[able].argmin()])
    if np.isnan(value):
        return NotAvailable(
            why="undefined",
            reason="everybody benefits alike: nothing to divide",
            n=int(seen.cases[smallest]),
        )
    return _scalar(value, seen, smallest, None if seen.blanks.any() else share_ends(cases))


def _few(groups: Groups | None = None, able: Ints | None = None) -> NotAvailable:
    """Return that fewer than two groups have enough cases."""
    which = "no group has"
    if groups is not None and able is not None and len(able):
        which = f"only one group of {attribute_in_words(groups.by)[:120]} has"
    text = f"{which} {MIN_GROUP} {ACCURACY.cases} or more; a share between groups needs two such groups"
    return NotAvailable(why="too_few_cases", reason=text)


PROBE = Inequality()
"""The probe that `probe.yaml` beside this file describes."""
