"""Estimate the risk of each row from its class in the sample and the people that its weights stand for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import (
    ClassMatches,
    MissingCounts,
    Sums,
    Tally,
    TallySpec,
    Term,
)
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.blanks import (
    blank_columns,
    blank_in_every_row,
    missing_cells,
    too_many_patterns,
)
from conformity.probes.privacy.individual_risk.model import Classes, highest_risk, mean_risk, share_above
from conformity.probes.shared.sampled import negative_weights, sign_tally
from conformity.probes.shared.wording import rows_in_words
from conformity.settings import MIN_GROUP

WILDCARD = "individual_risk_mean_wildcard"
METRICS = (
    "individual_risk_above_eleventh",
    "individual_risk_above_fifth",
    "individual_risk_highest",
    "individual_risk_mean",
    WILDCARD,
)


class IndividualRiskProbe:
    """Estimates the risk of being re-identified in a population of which the table is a sample."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return matches of classes in both readings of blanks, missing cells, and sums and signs of weights.

        Raises:
            NotMeasurableError: no quasi-identifier is bound, or neither a weight nor the sampling fraction.
        """
        columns = tuple(column.name for column in table.with_role("quasi_identifier"))
        if not columns:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `quasi_identifier`; bind those by which a person "
                "could be recognised"
            )
        weight = _weight(table)
        if weight is None and table.sampling_fraction is None:
            raise NotMeasurableError(
                f"{table.id!r} says neither by a `weight` column nor by its `sampling_fraction` for how many "
                "people a row stands; declare one to have the risk in the population estimated"
            )
        name = weight.name if weight else None
        matches = (ClassMatches(columns=columns, weight=name, blanks=blanks) for blanks in ("own", "any"))
        return *matches, MissingCounts(), *_checks(weight)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the mean and highest risk, and the shares of rows above two limits.

        Raises:
            NotMeasurableError: there are no rows, or a row has no weight or a negative one.
        """
        own, wild, gaps, *checks = tallies
        cells = missing_cells(gaps)
        if not own.entries:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        scale = _people_per_weight(table, own, checks)
        classes = _classes(own, scale)
        columns = [column.name for column in table.with_role("quasi_identifier")]
        blank = blank_columns(cells, columns)
        results: dict[str, Result]
        if blank or classes.total < MIN_GROUP:
            fault = blank_in_every_row(blank, classes.total) if blank else _too_few(classes.total)
            results = dict.fromkeys(METRICS, fault)
        else:
            results = _results(classes)
            if any(cells[name][0] for name in columns):
                results[WILDCARD] = _wildcard(wild, scale, classes.total)
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=table.id, result=result)
                for metric, result in sorted(results.items())
            ),
            (_note(table, own),),
        )


def _weight(table: TableSubject) -> Column | None:
    """Return the column of weights, if there is one."""
    return next(iter(table.with_role("weight")), None)


def _checks(weight: Column | None) -> tuple[TallySpec, ...]:
    """Return the tallies that tell whether every row has a weight that is not negative."""
    if weight is None:
        return ()
    return Sums(terms=(Term(columns=(weight.name,)),)), sign_tally(weight)


def _people_per_weight(table: TableSubject, own: Tally, checks: Sequence[Tally]) -> float:
    """Return how many people a unit of weight stands for: 1, unless weights are relative or there are none.

    Raises:
        NotMeasurableError: a row has no weight or a negative one, or all tell nothing of a population.
    """
    rows = sum(int(entry[-1]) for entry in own.entries)
    weight = _weight(table)
    total = float(rows)
    if weight is not None:
        sums, signs = checks
        _check(weight, sums, signs)
        total = float(sums.entries[0][-1])
        if total > rows:
            return 1.0
    if table.sampling_fraction is None or not total:
        assert weight is not None
        raise NotMeasurableError(
            f"the weights in {weight.name!r} add up to no more people than there are rows, so that they do "
            "not say of how many people the table is a sample; declare its `sampling_fraction`"
        )
    return rows / table.sampling_fraction / total


def _check(weight: Column, sums: Tally, signs: Tally) -> None:
    """Check that every row has a weight that is not negative.

    Raises:
        NotMeasurableError: some have none, or a negative one.
    """
    left_out = sum(int(entry[-2]) for entry in sums.entries)
    negative = negative_weights(signs)
    if left_out or negative:
        what = "no number" if left_out else "a negative number"
        raise NotMeasurableError(
            f"{rows_in_words(left_out or negative)} have {what} in the column {weight.name!r} of weights; "
            "say of every row for how many people it stands"
        )


def _classes(tally: Tally, scale: float) -> Classes:
    """Return the classes of a sample with the people they stand for, nobody for fewer than themselves."""
    matches, weight, _, rows = np.array(tally.entries, dtype=np.float64).T
    return Classes(rows=rows, sample=matches, population=np.maximum(weight * scale, matches))


def _too_few(rows: int) -> NotAvailable:
    """Return that there are too few rows to speak of a population."""
    reason = f"fewer than {MIN_GROUP} rows say too little about a population"
    return NotAvailable(why="too_few_cases", reason=reason, n=rows)


def _results(classes: Classes) -> dict[str, Result]:
    """Return the risks where a blank is a value of its own; those of both readings if there are none."""
    found = {
        "individual_risk_above_eleventh": share_above(classes, 1 / 11),
        "individual_risk_above_fifth": share_above(classes, 1 / 5),
        "individual_risk_highest": highest_risk(classes),
        "individual_risk_mean": mean_risk(classes),
        WILDCARD: mean_risk(classes),
    }
    return {metric: Scalar(value=value, unit="1", n=classes.total) for metric, value in found.items()}


def _wildcard(tally: Tally, scale: float, rows: int) -> Result:
    """Return the mean risk where a blank matches any value."""
    if not tally.entries:
        return too_many_patterns(tally, rows)
    return Scalar(value=mean_risk(_classes(tally, scale)), unit="1", n=rows)


def _note(table: TableSubject, tally: Tally) -> str:
    """Return where the number of people comes from, and whether weights were rounded."""
    weight = _weight(table)
    fraction = ""
    if table.sampling_fraction is not None:
        part = f"{table.sampling_fraction:.4g}"
        fraction = f"The provider declares that the table is a random sample of {part} of its population. "
    if weight is None:
        return f"{fraction}Every row is taken to stand for equally many people."
    cut = " Sizes and sums of weights are cut to three digits, which changes risks by at most 2 %."
    return (
        f"{fraction}How many people a class stands for is taken from the weights in {weight.name!r}; no "
        f"fewer than it has rows.{cut if tally.columns[1] != 'weight' else ''}"
    )


PROBE = IndividualRiskProbe()
"""The probe that `probe.yaml` beside this file describes."""
