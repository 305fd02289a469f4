"""Take over rates of groups that Fairlearn measured, with intervals of our own from the numbers of cases."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, Result, in_order
from conformity.probes.fairness.comparison import Comparison, GroupRates, Kind, compare, notes_on
from conformity.probes.fairness.imported_group_rates.counted import (
    Counted,
    check_counts,
    counted,
    named,
)
from conformity.probes.fairness.imported_group_rates.frames import Frame, frame_of
from conformity.probes.fairness.imported_group_rates.names import (
    COUNTS,
    READ,
    Read,
)
from conformity.probes.fairness.points import points
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.cells import Groups
from conformity.probes.shared.imported.origin import imported, notes_of, nothing_read
from conformity.probes.shared.imported.reading import listed, parsed, printable, read_bytes
from conformity.probes.shared.trials import rate_results
from conformity.settings import DISCLOSURE_LIMIT

_GAPS: tuple[tuple[str, Kind], ...] = (("difference", "difference"), ("ratio", "ratio"))
_RATIO_OF = "selection_rate"
"""The only rate whose ratio is told, as among the probes of tables."""


class ImportedGroupRatesProbe:
    """Read a MetricFrame."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the rates of the groups and the gaps between them, with intervals.

        Raises:
            NotMeasurableError: the file holds no metric that is read, or leaves out names.
            DataError: it is no MetricFrame, or contradicts itself.
        """
        subject = imported(target, "fairlearn")
        frame = frame_of(parsed(read_bytes(target.path), target.path.name), target.path.name)
        check_counts(frame)
        found = [(one, counted(frame, one, name)) for one in READ if (name := named(frame, one))]
        if not found:
            raise NotMeasurableError(nothing_read(subject.path))
        groups = Groups(frame.by, _shown(frame), np.zeros((len(frame.groups), 4, 4), dtype=np.int64))
        every = [pair for one, seen in found for pair in _numbers(one, seen, groups)]
        return ProbeResult(
            in_order(
                Measurement(
                    metric=MetricId(f"imported_{metric}"),
                    subject=SubjectId(subject.id),
                    by=frame.by,
                    group=group,
                    result=result,
                )
                for metric, group, result in every
            ),
            (*notes_of(frame.origin, subject), *_notes(frame, found, groups)),
        )


def _numbers(one: Read, seen: Counted, groups: Groups) -> Iterator[tuple[str, tuple[str, ...], Result]]:
    """Yield the results of one rate: of each group, and across them."""
    kinds = [kind for kind in _GAPS if kind[0] == "difference" or one.metric == _RATIO_OF]
    if seen.trials is None:
        assert seen.why is not None
        for name in groups.names:
            yield one.metric, name, seen.why
        for ending, _ in kinds:
            yield f"{one.metric}_{ending}", (), seen.why
        return
    for name, result in zip(groups.names, rate_results(one.rate, seen.trials), strict=True):
        yield one.metric, name, result
    rates = _rates(one, seen, groups)
    for ending, kind in kinds:
        comparison = Comparison(f"imported_{one.metric}_{ending}", kind, (one.rate,))
        yield f"{one.metric}_{ending}", (), compare(groups, comparison, {one.rate: rates})


def _rates(one: Read, seen: Counted, groups: Groups) -> GroupRates:
    """Return counts and point estimates of a rate in the groups."""
    assert seen.trials is not None
    shown, trials = seen.trials.enough, seen.trials
    estimates = points(one.rate, trials.successes[shown], trials.failures[shown], len(groups.by))
    return GroupRates(trials, shown, estimates)


def _shown(frame: Frame) -> tuple[tuple[str, ...], ...]:
    """Return the groups' names; one of few people, or of nobody knows how many, has its name withheld."""
    names = []
    for number, group in enumerate(frame.groups, start=1):
        known = [frame.values.get((group, metric)) for metric in sorted(COUNTS)]
        enough = max((size for size in known if size is not None), default=0.0) >= DISCLOSURE_LIMIT
        names.append(
            group if enough else (*("withheld" for _ in frame.by[1:]), " ".join(("withheld", str(number))))
        )
    return tuple(names)


def _notes(frame: Frame, found: list[tuple[Read, Counted]], groups: Groups) -> list[str]:
    """Return what a reader must know of the groups, and what the file holds that is not read."""
    told = list(notes_on(groups, {one.rate: seen.trials for one, seen in found if seen.trials is not None}))
    read = {name for one in READ for name in one.names} | COUNTS
    left = [printable(metric) for metric in frame.metrics if metric not in read]
    if left:
        told.append(f"Metrics in the file that are not read: {listed(left)}.")
    return told


PROBE = ImportedGroupRatesProbe()
"""The probe."""
