"""Decisions about groups compared among people alike in the factors that may count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import CellCounts, Key, Sums, Tally, TallySpec
from conformity.probes.fairness.conditional_disparity.strata import (
    Amounts,
    Strata,
    comparable,
    difference,
    disparity,
    is_strange,
    read_strata,
)
from conformity.probes.fairness.group_contrasts.reference import Reference, reference_of
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.absent import unrecognised
from conformity.probes.shared.cells import Groups, Lattice, require_roles
from conformity.probes.shared.intervals import LEVEL
from conformity.probes.shared.keys import key_of, outcome_key
from conformity.probes.shared.notes import Sampled, declared_notes
from conformity.probes.shared.rates import SELECTION
from conformity.probes.shared.sampled import read_sampled, sampled_tallies, weight_terms
from conformity.probes.shared.trials import Trials, trials_of
from conformity.probes.shared.wording import attribute_in_words
from conformity.settings import MIN_GROUP

_FEW = f"fewer than {MIN_GROUP} rows with a prediction can be compared within the factors"


class ConditionalDisparity:
    """Compares each group with a reference group within strata of the declared factors."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return one tally for each attribute, by it, the factors and the prediction; and those of weights.

        Raises:
            NotMeasurableError: no factor, prediction of two outcomes or protected attribute is bound, or a
                protected attribute is the only factor.
        """
        require_roles(table, "factor", "prediction", "protected")
        (prediction,) = table.with_role("prediction")
        keys: list[tuple[Key, ...]] = [
            (
                key_of(column),
                *(key_of(factor) for factor in _factors(table, column)),
                outcome_key(prediction),
            )
            for column in table.with_role("protected")
        ]
        counts = [CellCounts(keys=some) for some in keys]
        sums = [
            Sums(keys=some, terms=weight_terms(column))
            for column in table.with_role("weight")
            for some in keys
        ]
        return (*counts, *sums, *(sampled_tallies(table) if _is_sample(table) else ()))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the conditional differences and disparities of each group.

        Raises:
            NotMeasurableError: a role is not bound, or there are no rows.
        """
        self.tallies(table)
        found: list[Measurement] = []
        counts, sums, lattice = _apart(table, tallies)
        sampled = None if lattice is None else Sampled(lattice.groups(), SELECTION)
        notes = list(declared_notes(table, sampled))
        for place, column in enumerate(table.with_role("protected")):
            if not any(entry[-1] for entry in counts[place].entries):
                raise NotMeasurableError(f"{table.id!r} has no rows")
            strata = read_strata(column.name, counts[place], sums[place] if sums else None)
            worth = _worth(strata, None if lattice is None else lattice.groups(place))
            reference = reference_of(column, strata.groups)
            notes.append(_note(table, column, strata, reference))
            found += [
                Measurement(
                    metric=MetricId(metric), subject=table.id, by=(column.name,), group=group, result=result
                )
                for metric, group, result in _measured(strata, worth, reference)
            ]
        return ProbeResult(in_order(found), tuple(notes))


@dataclass(frozen=True)
class _Worth:
    """As how many independent cases the decisions of the groups count."""

    cases: Amounts
    """(strata, k) the cases."""
    seen: Trials | None = None
    """(k,) the groups over all strata, with weights and clusters; none without."""


def _is_sample(table: TableSubject) -> bool:
    """Tell whether rows are weighted or belong together."""
    return bool(table.with_role("weight") or table.with_role("cluster"))


def _apart(
    table: TableSubject, tallies: Sequence[Tally]
) -> tuple[Sequence[Tally], Sequence[Tally], Lattice | None]:
    """Return counts by attribute, sums of weights by attribute if any, and groups with their design if any.

    Raises:
        NotMeasurableError: the tallies have no rows, or weights are missing, negative or all too small.
    """
    if not _is_sample(table):
        return tallies, (), None
    attributes = len(table.with_role("protected"))
    first = attributes * (1 + len(table.with_role("weight")))
    return tallies[:attributes], tallies[attributes:first], read_sampled(table, tallies[first:])


def _worth(strata: Strata, groups: Groups | None) -> _Worth:
    """Return decisions as effective cases: masses, scaled to as many as each group is worth in all."""
    if groups is None:
        return _Worth(strata.masses)
    seen = trials_of(groups.counts, SELECTION, groups.design)
    (wins, losses), (won, lost) = seen.masses, seen.independent()
    mass = np.asarray(wins + losses, dtype=np.float64)
    factors = np.where(mass > 0, (won + lost) / np.where(mass > 0, mass, 1), 0.0)
    return _Worth(strata.masses.times(factors), seen)


def _factors(table: TableSubject, attribute: Column) -> tuple[Column, ...]:
    """Return the factors within which groups of an attribute are compared, itself aside.

    Raises:
        NotMeasurableError: there is none but the attribute itself.
    """
    factors = tuple(column for column in table.with_role("factor") if column.name != attribute.name)
    if not factors:
        raise NotMeasurableError(
            f"{attribute.name!r} is the only `factor` of {table.id!r} and protected too; bind another factor"
        )
    return factors


def _note(table: TableSubject, column: Column, strata: Strata, reference: Reference) -> str:
    """Return within what the groups of an attribute are compared, and with whom."""
    factors = attribute_in_words([factor.name for factor in _factors(table, column)])
    total, selected = len(strata.trials.cases), strata.trials.successes.sum(axis=1)
    refused = strata.trials.failures.sum(axis=1)
    empty = int(((selected == 0) | (refused == 0)).sum())
    whom = (
        f"there is no group to compare with: {reference.words}"
        if reference.position is None
        else f"the other groups are compared with {reference.words}"
    )
    return (
        f"By {column.name}, within the {total} strata of {factors}, {whom}. In {empty} of these strata "
        "nobody or everybody is selected; the conditional demographic disparity leaves them out."
    )


def _measured(
    strata: Strata, worth: _Worth, reference: Reference
) -> Iterator[tuple[str, tuple[str, ...], Result]]:
    """Yield metric, group and result of one attribute."""
    for position, name in enumerate(strata.groups.names):
        yield "conditional_demographic_disparity", name, _disparity(strata, position)
        if position != reference.position:
            yield "conditional_selection_difference", name, _difference(strata, worth, position, reference)


def _disparity(strata: Strata, position: int) -> Result:
    """Return the conditional demographic disparity of a group."""
    trials = strata.trials
    everybody = range(len(strata.groups.names))
    if strange := is_strange(trials, *everybody):
        return unrecognised(SELECTION, strange, int(trials.cases[:, position].sum()))
    if len(strata.groups.names) == 1:
        return NotAvailable(why="too_few_cases", reason="there is only one group")
    found = disparity(strata, position)
    if found is None:
        return NotAvailable(
            why="undefined",
            reason="in every stratum nobody, or everybody, with a known prediction is selected",
        )
    value, cases = found
    if cases < MIN_GROUP:
        return NotAvailable(why="too_few_cases", reason=_FEW, n=cases)
    return Scalar(value=value, unit="1", n=cases)


def _difference(strata: Strata, worth: _Worth, position: int, reference: Reference) -> Result:
    """Return the stratified difference of a group to the reference group."""
    if reference.position is None:
        return NotAvailable(why="not_collected", reason=reference.words)
    trials = strata.trials
    if strange := is_strange(trials, position, reference.position):
        return unrecognised(SELECTION, strange, int(trials.cases[:, position].sum()))
    rows = comparable(trials, position, reference.position)
    cases = int(min(trials.cases[rows, position].sum(), trials.cases[rows, reference.position].sum()))
    for group in (position, reference.position):
        if worth.seen is not None and (reason := worth.seen.why_not(SELECTION, group)) is not None:
            return reason
    found = difference(worth.cases, position, reference.position)
    if found is None or cases < MIN_GROUP:
        return NotAvailable(why="too_few_cases", reason=_FEW, n=cases)
    pair = [position, reference.position]
    if not trials.successes[rows][:, pair].any():
        return NotAvailable(why="undefined", reason="nobody of the two groups is selected", n=cases)
    blanks = bool(trials.blanks[:, pair].any())
    method = "Mantel-Haenszel score, Sato's variance" + ("" if worth.seen is None else worth.seen.method)
    method += ", blanks counted both ways" if blanks else ""
    interval = Interval(low=found.low, high=found.high, level=LEVEL, method=method)
    return Scalar(value=found.value, unit="1", n=cases, interval=interval)


PROBE = ConditionalDisparity()
"""The probe that `probe.yaml` beside this file describes."""
