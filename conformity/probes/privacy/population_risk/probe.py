"""Estimate from a sample's class sizes how many people are unique in the population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, ClassSizes, MissingCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.blanks import blank_columns, blank_in_every_row, missing_cells
from conformity.probes.privacy.population_risk.models import (
    Sample,
    negative_binomial,
    pitman,
    unique_if_unique,
    zayatz,
)
from conformity.settings import MIN_GROUP

METRICS = (
    "population_uniques",
    "population_unique_share",
    "population_unique_share_pitman",
    "population_unique_share_snb",
    "population_unique_share_zayatz",
    "unique_row_is_unique_person",
)

Models = Mapping[str, float | None]

SMALL_FRACTION = 0.1
"""Up to this sampling fraction Pitman's model is preferred."""


class PopulationRiskProbe:
    """Estimates uniqueness in the population from uniqueness in the table."""

    def tallies(self, table: TableSubject) -> tuple[ClassSizes, MissingCounts]:
        """Return class sizes over the quasi-identifiers, and the missing cells of all columns.

        Raises:
            NotMeasurableError: no quasi-identifier is bound, or the sampling fraction is not declared.
        """
        columns = table.with_role("quasi_identifier")
        if not columns:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `quasi_identifier`; bind those by which a person "
                "could be recognised"
            )
        if table.sampling_fraction is None:
            raise NotMeasurableError(
                f"{table.id!r} does not declare its `sampling_fraction`, the part of its population that it "
                "is a random sample of; declare it to have the risk in the population estimated"
            )
        return ClassSizes(keys=tuple(CategoryKey(column=column.name) for column in columns)), MissingCounts()

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the estimates of each model, and that of the model chosen.

        Raises:
            NotMeasurableError: there are no rows.
        """
        pairs = sorted((int(size), int(classes)) for size, classes in tallies[0].entries)
        if not pairs:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        assert table.sampling_fraction is not None
        sizes, classes = np.array(pairs, dtype=np.float64).T
        sample = Sample(sizes, classes, table.sampling_fraction)
        rows = int(sample.rows)
        columns = [column.name for column in table.with_role("quasi_identifier")]
        blank = blank_columns(missing_cells(tallies[1]), columns)
        results = _unavailable(blank, rows)
        notes: tuple[str, ...] = ()
        if not results:
            models = {"pitman": pitman(sample), "snb": negative_binomial(sample), "zayatz": zayatz(sample)}
            chosen = _chosen(sample, models)
            results, notes = _results(sample, models, chosen), (_note(sample, chosen),)
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=table.id, result=result)
                for metric, result in sorted(results.items())
            ),
            notes,
        )


def _unavailable(blank: Sequence[str], rows: int) -> dict[str, Result]:
    """Return every metric as not available, if a column is blank or rows are few; else nothing."""
    if blank:
        return dict.fromkeys(METRICS, blank_in_every_row(blank, rows))
    if rows < MIN_GROUP:
        reason = f"fewer than {MIN_GROUP} rows say too little about a population"
        return dict.fromkeys(METRICS, NotAvailable(why="too_few_cases", reason=reason, n=rows))
    return {}


def _results(sample: Sample, models: Models, chosen: str) -> dict[str, Result]:
    """Return the estimates; one that a model does not give is not available."""
    rows = int(sample.rows)
    results = {f"population_unique_share_{name}": _share(sample, found) for name, found in models.items()}
    results["population_unique_share"] = _share(sample, models[chosen])
    results["population_uniques"] = Scalar(value=models[chosen] or 0.0, unit="people", n=rows)
    confirmed = unique_if_unique(sample)
    results["unique_row_is_unique_person"] = (
        NotAvailable(why="undefined", reason="no row is unique in the table", n=rows)
        if confirmed is None
        else Scalar(value=confirmed, unit="1", n=int(sample.of_size(1)))
    )
    return results


def _share(sample: Sample, uniques: float | None) -> Result:
    """Return the estimated uniques as a share of the population."""
    rows = int(sample.rows)
    if uniques is None:
        reason = "the model has no solution for these class sizes"
        return NotAvailable(why="undefined", reason=reason, n=rows)
    return Scalar(value=min(uniques / sample.population, 1.0), unit="1", n=rows)


def _chosen(sample: Sample, models: Models) -> str:
    """Return the model to rely on, by the sampling fraction; Zayatz's, which always gives a number, else.

    Source:
        Dankar et al., BMC Medical Informatics and Decision Making 12 (2012) 66: Pitman's model for small
        fractions, else the smaller of Zayatz's estimate and the slide negative binomial model's.
    """
    if sample.fraction <= SMALL_FRACTION:
        return "zayatz" if models["pitman"] is None else "pitman"
    snb, other = models["snb"], models["zayatz"]
    assert other is not None
    return "snb" if snb is not None and snb < other else "zayatz"


def _note(sample: Sample, chosen: str) -> str:
    """Return on which declaration and model the estimates rest."""
    names = {"pitman": "Pitman's", "snb": "the slide negative binomial", "zayatz": "Zayatz's"}
    return (
        f"The provider declares that the table is a random sample of {sample.fraction:.4g} of its "
        f"population. The estimate relied on is that of {names[chosen]} model."
    )


PROBE = PopulationRiskProbe()
"""The probe that `probe.yaml` beside this file describes."""
