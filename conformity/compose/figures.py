"""Which measurements a document names; what of them may be shown is decided when it is rendered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from conformity.compose.material import Material
from conformity.compose.words import said
from conformity.model.document import Block, Measured, MeasuredRow
from conformity.model.evidence import Observation
from conformity.model.finding import Finding

MOST_ROWS = 24
"""Measurements of one block that are named; the report and the evidence hold all."""

_SOME = "Finding nothing does not show that there is nothing: detectors find only some of it."
_GROUP_RATES = ("true_positive_rate", "false_positive_rate")


def readings(findings: Sequence[Finding]) -> tuple[MeasuredRow, ...]:
    """Return what was held against bounds, once each where several requirements share a bound."""
    return tuple(dict.fromkeys(_readings(findings)))


def block(title: str, rows: Sequence[MeasuredRow], most: int = MOST_ROWS) -> list[Block]:
    """Return measurements as a block, with how many more there are; nothing when there are none."""
    if not rows:
        return []
    shown: list[Block] = [Measured(title=title, rows=tuple(rows[:most]))]
    more = len(rows) - most
    if more > 0:
        shown.append(said(f"The report and the evidence hold all figures; left out here: {more}."))
    return shown


def caveats(material: Material, rows: Sequence[MeasuredRow]) -> list[Block]:
    """Return what a detector's figures do not show; nothing where none of the figures is a detector's.

    It is said whatever was found, so that it tells of no figure that may not be shown.
    """
    partial = {
        metric.id
        for probe in material.assessment.plan.probes
        for metric in probe.metrics
        if metric.extent == "some"
    }
    return [said(_SOME)] if any(row.metric in partial for row in rows) else []


def whole_figures(observation: Observation) -> list[MeasuredRow]:
    """Return the measurements of an observation that are about its whole subject."""
    return [
        MeasuredRow(evidence=observation.id, metric=one.metric)
        for one in observation.measurements
        if not one.by and not one.group
    ]


def overall(material: Material, subjects: Collection[str], domain: str) -> list[MeasuredRow]:
    """Return the measurements of whole subjects by the probes of one domain."""
    return [row for one in _of(material, subjects, f"{domain}/") for row in whole_figures(one)]


def has_number(material: Material, rows: Sequence[MeasuredRow]) -> bool:
    """Tell whether any of the measurements of whole subjects gave a number."""
    return any(
        one.metric == row.metric and not one.by and not one.group and one.result.kind != "not_available"
        for row in rows
        for one in material.observations[row.evidence].measurements
    )


def of_groups(material: Material, subjects: Collection[str]) -> list[MeasuredRow]:
    """Return accuracy for each group of one attribute: the leading metric of each probe, and error rates."""
    rows = [row for one in _of(material, subjects, "accuracy/") for row in _leading(material, one)]
    for one in _of(material, subjects, "fairness/"):
        rows.extend(row for name in _GROUP_RATES for row in _by_group(one, name))
    return rows


def _of(material: Material, subjects: Collection[str], prefix: str) -> Iterator[Observation]:
    """Yield the observations of some subjects by probes whose id begins so."""
    for one in material.evidence.observations:
        if one.subject in subjects and one.probe.startswith(prefix):
            yield one


def _leading(material: Material, observation: Observation) -> list[MeasuredRow]:
    """Return the first metric, in the probe's order, that an observation holds for groups."""
    for probe in material.assessment.plan.probes:
        for metric in probe.metrics if probe.id == observation.probe else ():
            if rows := _by_group(observation, metric.id):
                return rows
    return []


def _by_group(observation: Observation, metric: str) -> list[MeasuredRow]:
    """Return one metric for the groups of single attributes."""
    return [
        MeasuredRow(evidence=observation.id, metric=one.metric, by=one.by, group=one.group)
        for one in observation.measurements
        if one.metric == metric and len(one.by) == 1 and one.group
    ]


def _readings(findings: Sequence[Finding]) -> Iterator[MeasuredRow]:
    """Yield the readings of all judgements."""
    for finding in findings:
        for judged in finding.measured:
            for reading in judged.readings:
                one = reading.measurement
                yield MeasuredRow(
                    evidence=reading.evidence,
                    metric=one.metric,
                    by=one.by,
                    group=one.group,
                    criterion=judged.criterion,
                    verdict="undetermined" if judged.verdict == "undetermined" else reading.verdict,
                )
