"""Hold the groups of a table beside those of the population that a reference table describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Key, Sums, Tally, TallySpec, Term
from conformity.probes.data_quality.distances import (
    chi_square_p,
    jensen_shannon,
    shares,
    stability_index,
    total_variation,
    variation_interval,
)
from conformity.probes.data_quality.representativeness.population import Beside, beside, rows_without_weight
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.intervals import LEVEL, Ints, quantile, wilson
from conformity.probes.shared.keys import key_of
from conformity.probes.shared.wording import attribute_in_words, group_in_words, rows_in_words
from conformity.settings import MIN_GROUP

_DISTANCES = (
    "representation_total_variation",
    "representation_jensen_shannon",
    "representation_psi",
    "representation_chi_square_p",
)
_LOWEST = "lowest_representation_ratio"


class RepresentativenessProbe:
    """Compares each protected attribute, and each pair of them, with the population."""

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        """Return counts of the table and counts or sums of weights of the reference, by the same keys.

        Raises:
            NotMeasurableError: there is no one reference table, the table is one itself, or they have no
                protected attribute in common.
        """
        reference = _reference(table, others)
        weights = [Term(columns=(column.name,)) for column in reference.with_role("weight")]
        keys = _keys(table, reference)
        return {
            table.id: tuple(CellCounts(keys=one) for one in keys),
            reference.id: tuple(
                Sums(keys=one, terms=tuple(weights)) if weights else CellCounts(keys=one) for one in keys
            ),
        }

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        """Return distances between table and population, and how groups are represented.

        Raises:
            NotMeasurableError: the table or the population is empty.
        """
        reference = _reference(table, others)
        found: list[Measurement] = []
        notes = _notes_on_reference(reference, tallies[reference.id])
        for rows, population in zip(tallies[table.id], tallies[reference.id], strict=True):
            by = tuple(rows.columns[:-1])
            groups = beside(by, rows, population, reference.id)
            if groups.total == 0:
                raise NotMeasurableError(f"{table.id!r} has no rows")
            found += _measured(table, groups)
            notes += _notes(groups)
        return ProbeResult(in_order(found), tuple(notes))


def _reference(table: TableSubject, others: Sequence[TableSubject]) -> TableSubject:
    """Return the table that describes the population.

    Raises:
        NotMeasurableError: there is none, there are several, or ``table`` is one.
    """
    if table.purpose == "reference":
        raise NotMeasurableError(f"{table.id!r} is the reference; other tables are compared with it")
    found = [one for one in others if one.purpose == "reference"]
    if len(found) != 1:
        raise NotMeasurableError(
            "no table has the purpose `reference`; hand in one that describes the population concerned"
            if not found
            else f"{len(found)} tables have the purpose `reference`; keep the one of the population concerned"
        )
    return found[0]


def _keys(table: TableSubject, reference: TableSubject) -> tuple[tuple[Key, ...], ...]:
    """Return the keys of each common attribute, and of each pair unless nothing is to be crossed.

    Raises:
        NotMeasurableError: no protected attribute is bound in both.
    """
    bound = {column.name for column in reference.columns}
    keys = [key_of(column) for column in table.with_role("protected") if column.name in bound]
    if not keys:
        raise NotMeasurableError(
            f"no `protected` column of {table.id!r} is bound in the reference {reference.id!r}; bind one"
        )
    pairs = combinations(keys, 2) if table.crossed > 1 else ()
    return (*((key,) for key in keys), *pairs)


def _measured(table: TableSubject, groups: Beside) -> Iterator[Measurement]:
    """Yield the measurements of one attribute or pair."""
    expected = groups.population * groups.total
    judged = np.flatnonzero(expected >= MIN_GROUP)
    for metric, result in _across(groups, judged).items():
        yield Measurement(metric=MetricId(metric), subject=table.id, by=groups.by, result=result)
    if len(groups.by) > 1 or not _comparable(groups):
        return
    low, high = _ratio_limits(groups, judged, comparisons=1)
    for place, position in enumerate(judged.tolist()):
        ratio = float(groups.rows[position] / expected[position])
        # With the expected rows as n, value times n is a number of people, and hidden where they are few.
        yield Measurement(
            metric=MetricId("representation_ratio"),
            subject=table.id,
            by=groups.by,
            group=groups.groups[position],
            result=_ratio(ratio, low[place], high[place], round(float(expected[position]))),
        )


def _across(groups: Beside, judged: Ints) -> dict[str, Result]:
    """Return what is measured across all groups."""
    if why := _why_not(groups):
        return dict.fromkeys((*_DISTANCES, _LOWEST), why)
    total, here, there = groups.total, shares(groups.rows), groups.population
    variation = total_variation(here, there)
    found: dict[str, Result] = {
        _DISTANCES[0]: Scalar(
            value=variation,
            unit="1",
            n=total,
            interval=variation_interval(variation, groups.categories, total),
        ),
        _DISTANCES[1]: Scalar(value=jensen_shannon(here, there), unit="1", n=total),
        _DISTANCES[2]: Scalar(value=stability_index(here, there, 0.5 / total), unit="1", n=total),
        _DISTANCES[3]: _chi_square(groups),
        _LOWEST: _lowest(groups, judged),
    }
    return found


def _why_not(groups: Beside) -> NotAvailable | None:
    """Return why table and population cannot be compared; None if they can."""
    if groups.total < MIN_GROUP:
        return NotAvailable(
            why="too_few_cases", reason=f"fewer than {MIN_GROUP} rows; collect more", n=groups.total
        )
    if not _comparable(groups):
        return NotAvailable(
            why="undefined",
            reason="no group of the table occurs in the reference; check that values are coded alike",
            n=groups.total,
        )
    return None


def _comparable(groups: Beside) -> bool:
    """Return whether a group of the population has rows in a table that is not tiny."""
    return groups.total >= MIN_GROUP and bool(((groups.rows > 0) & (groups.population > 0)).any())


def _chi_square(groups: Beside) -> Result:
    """Return the p-value of Pearson's test, where the population has every group of the table."""
    if (groups.population == 0).any() or len(groups.groups) < 2:
        return NotAvailable(
            why="undefined",
            reason="there is one group only, or a group that the reference does not have",
            n=groups.total,
        )
    return Scalar(value=chi_square_p(groups.rows, groups.population), unit="1", n=groups.total)


def _lowest(groups: Beside, judged: Ints) -> Result:
    """Return the lowest ratio among the groups large enough, with limits that hold for all at once."""
    if len(judged) == 0:
        return NotAvailable(
            why="too_few_cases",
            reason=f"no group of the population would have {MIN_GROUP} rows among this many; collect more",
            n=groups.total,
        )
    ratios = groups.rows[judged] / (groups.population[judged] * groups.total)
    low, high = _ratio_limits(groups, judged, comparisons=len(judged))
    return _ratio(float(ratios.min()), float(low.min()), float(high.min()), groups.total)


def _ratio_limits(
    groups: Beside, judged: Ints, comparisons: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return limits of the share of some groups, divided by their share of the population."""
    rows = groups.rows[judged]
    low, high = wilson(rows, groups.total - rows, quantile(LEVEL, comparisons))
    return low / groups.population[judged], high / groups.population[judged]


def _ratio(value: float, low: float, high: float, cases: int) -> Scalar:
    """Return a ratio with its interval."""
    interval = Interval(low=min(low, value), high=max(high, value), level=LEVEL, method="Wilson score")
    return Scalar(value=value, unit="1", n=cases, interval=interval)


def _notes_on_reference(reference: TableSubject, tallies: Sequence[Tally]) -> list[str]:
    """Return what the population is, and which of its rows could not be weighed."""
    weights = reference.with_role("weight")
    counted = f"the weights in {weights[0].name!r}" if weights else "its rows"
    notes = [
        f"The population is {reference.title!r} ({reference.id}), by {counted}; it is taken as free of error."
    ]
    if left := rows_without_weight(tallies[0]):
        notes.append(f"{rows_in_words(left)} of the reference have no weight and are left out.")
    return notes


def _notes(groups: Beside) -> list[str]:
    """Return which group is least represented, and how many rows are in groups the reference lacks."""
    notes, attribute = [], attribute_in_words(groups.by)
    expected = groups.population * groups.total
    judged = np.flatnonzero(expected >= MIN_GROUP)
    if len(judged) and _comparable(groups):
        worst = int(judged[int(np.argmin(groups.rows[judged] / expected[judged]))])
        few = int(((expected > 0) & (expected < MIN_GROUP)).sum())
        small = f" {few} smaller groups of the population are not judged." if few else ""
        notes.append(f"{attribute}: least represented is {group_in_words(groups.groups[worst])}.{small}")
    if outside := int(groups.rows[groups.population == 0].sum()):
        notes.append(f"{attribute}: {rows_in_words(outside)} are in groups that the reference does not have.")
    return notes


PROBE = RepresentativenessProbe()
"""The probe that `probe.yaml` beside this file describes."""
