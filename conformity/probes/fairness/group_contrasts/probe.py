"""Each group beside a reference group and beside everybody: differences, ratios, tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Tally, TallySpec
from conformity.probes.fairness.comparison import rate_by_group
from conformity.probes.fairness.group_contrasts.contrasts import Seen, to_overall, to_reference
from conformity.probes.fairness.group_contrasts.detectable import detectable_difference
from conformity.probes.fairness.group_contrasts.reference import Reference, reference_of
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import (
    Groups,
    outcome_column,
    require_roles,
)
from conformity.probes.shared.intervals import LEVEL
from conformity.probes.shared.many_groups import content, many_note, telling
from conformity.probes.shared.notes import Sampled, blank_notes, declared_notes, same_column_note
from conformity.probes.shared.rates import FALSE_POSITIVE, SELECTION, TRUE_POSITIVE, Rate
from conformity.probes.shared.sampled import read_sampled, sampled_tallies
from conformity.probes.shared.wording import attribute_in_words
from conformity.settings import MIN_GROUP

_LABELLED = {"true_positive": TRUE_POSITIVE, "false_positive": FALSE_POSITIVE}
_KINDS = {
    "difference": "{}_difference_to_reference",
    "ratio": "{}_ratio_to_reference",
    "p_value": "{}_p_value",
}

_APART = "groups_apart_from_reference"

Named = tuple[str, tuple[str, ...], Result]
"""A metric, the group it is of, and the outcome."""


_BY_P_VALUE = "those with the smallest corrected p-values, "
"""Which groups of many are shown for another reason than their limits."""


class GroupContrasts:
    """Compares each group of each attribute with one reference group, and with everybody."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return the tallies of the table's attributes and outcomes.

        Raises:
            NotMeasurableError: no prediction of two outcomes or no protected attribute is bound.
        """
        require_roles(table, "prediction", "protected")
        return sampled_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return contrasts and detectable differences for each attribute.

        Raises:
            NotMeasurableError: a role is not bound, or there are no rows.
        """
        require_roles(table, "prediction", "protected")
        lattice, rates = read_sampled(table, tallies), _rates_of(table)
        everybody = lattice.groups()
        notes = [*declared_notes(table, Sampled(everybody, SELECTION)), same_column_note(table)]
        notes += blank_notes(everybody, tuple(rates.values()))
        found: list[Measurement] = []
        for column, groups in zip(table.with_role("protected"), lattice.partitions(1), strict=True):
            reference = reference_of(column, groups)
            notes.append(_reference_note(column, reference))
            found += [
                Measurement(
                    metric=MetricId(metric), subject=table.id, by=groups.by, group=group, result=result
                )
                for metric, group, result in _shown(list(_measured(groups, rates, reference)))
            ]
            notes.append(many_note(groups.by, len(groups.names), _BY_P_VALUE))
        return ProbeResult(in_order(found), tuple(note for note in notes if note))


def _rates_of(table: TableSubject) -> dict[str, Rate]:
    """Return the rates to compare; error rates only where labels stand in a column of their own."""
    label, prediction = outcome_column(table, "label"), outcome_column(table, "prediction")
    has_errors = label is not None and prediction is not None and label.name != prediction.name
    return {"selection": SELECTION} | (_LABELLED if has_errors else {})


def _reference_note(column: Column, reference: Reference) -> str:
    """Return which group the others are compared with."""
    by = attribute_in_words((column.name,))
    if reference.position is None:
        return f"By {by}, there is no group to compare with: {reference.words}."
    return f"By {by}, the other groups are compared with {reference.words}."


def _measured(groups: Groups, rates: dict[str, Rate], reference: Reference) -> Iterator[Named]:
    """Yield everything about one attribute."""
    for prefix, rate in rates.items():
        found = rate_by_group(groups, rate)
        seen = Seen(rate, found.seen, tuple(found.rates()))
        for position, name in enumerate(groups.names):
            yield f"{prefix}_difference_to_overall", name, to_overall(seen, position)
        if reference.position is None:
            reason = NotAvailable(why="not_collected", reason=reference.words)
            for name in groups.names:
                yield from ((metric.format(prefix), name, reason) for metric in _KINDS.values())
        else:
            for position, results in to_reference(seen, reference.position):
                for kind, result in results.items():
                    yield _KINDS[kind].format(prefix), groups.names[position], result
        if rate is SELECTION:
            yield "minimum_detectable_difference", (), _detectable(seen, reference)


def _shown(found: Sequence[Named]) -> Iterator[Named]:
    """Yield what is shown of an attribute: of each metric no more than so many groups."""
    metrics: dict[str, list[Named]] = {}
    for one in found:
        metrics.setdefault(one[0], []).append(one)
    for metric, named in metrics.items():
        tested = {
            group: result.value
            for _, group, result in metrics.get(_p_values_of(metric), [])
            if isinstance(result, Scalar)
        }
        places = [place for place, (_, group, _) in enumerate(named) if group in tested]
        places.sort(key=lambda place: (tested[named[place][1]], content(named[place][2]), place))
        for place in telling([result for _, _, result in named], places):
            yield named[place]
    yield _APART, (), _apart(metrics.get(_p_values_of("selection_"), []))


def _p_values_of(metric: str) -> str:
    """Return the metric of the p-values of the rate that a metric is of."""
    return next(
        (f"{rate}_p_value" for rate in ("selection", *_LABELLED) if metric.startswith(f"{rate}_")), ""
    )


def _apart(tests: Sequence[Named]) -> Result:
    """Return how many groups differ from the reference group by more than chance explains."""
    tested = [result for _, _, result in tests if isinstance(result, Scalar)]
    if not tested:
        return NotAvailable(why="too_few_cases", reason="no group could be compared with a reference group")
    return Count(value=sum(result.value < 1 - LEVEL for result in tested), unit="groups")


def _detectable(seen: Seen, reference: Reference) -> Result:
    """Return the smallest gap that would be seen between the reference and the smallest other group."""
    if reference.position is None:
        return NotAvailable(why="not_collected", reason=reference.words)
    wins, losses = seen.trials.independent()
    cases, worth = seen.trials.cases, np.maximum(np.rint(wins + losses).astype(np.int64), 1)
    if (reason := seen.why_not(reference.position)) is not None:
        return reason
    others = [
        position
        for position in range(len(cases))
        if position != reference.position and seen.why_not(position) is None
    ]
    if not others:
        return NotAvailable(
            why="too_few_cases",
            reason=f"no group beside the reference group has {MIN_GROUP} {seen.rate.cases}",
            n=int(cases.min()),
        )
    rate, size = seen.values[reference.position], int(worth[reference.position])
    smallest = int(worth[others].min())
    found = detectable_difference(rate, size, smallest, comparisons=len(others))
    rows = int(cases[others].min())
    if found is None:
        return NotAvailable(
            why="too_few_cases",
            reason="not even the largest difference possible would be seen with these numbers of cases",
            n=rows,
        )
    return Scalar(value=found, unit="1", n=min(rows, int(cases[reference.position])))


PROBE = GroupContrasts()
"""The probe that `probe.yaml` beside this file describes."""
