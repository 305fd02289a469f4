"""What the reports of two versions tell, for a comparison: as they print it, and no more."""

from __future__ import annotations

from conformity.judge.comparison.shown import Group, Key, Telling, Told
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence, Observation
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.render.translation.speaking import speech
from conformity.render.views.complements import complements
from conformity.render.views.context import Context
from conformity.render.views.figures import figure, where

_PEOPLE = frozenset({"rows", "row", "people", "persons", "cases", "records", "individuals", "cells"})
"""Units that count people."""

_NAMES_NOBODY = frozenset({"k_anonymity", "k_anonymity_wildcard"})
"""Metrics that say how small the smallest class is; they are printed as they are."""


def telling_of(context: Context) -> Telling:
    """Return what the report of one version tells of its measurements."""
    told: dict[Key, Told] = {}
    for observation in context.evidence.observations:
        for one in observation.measurements:
            told.setdefault(key_of(observation, one), _told(context, one))
    return Telling(context.limit, told, lambda text: _guarded(context, text))


def key_of(observation: Observation, one: Measurement) -> Key:
    """Return what a measurement is about."""
    return (str(observation.probe), str(one.subject), str(one.metric), one.by, one.group)


def grown_by_few(before: Context, after: Context) -> frozenset[Group]:
    """Return the groups that grew or shrank by few people, and those from which such a number would follow.

    Numbers of people that came or went add up as sizes do, so they are withheld by the same rules.

    Source:
        Hundepool et al., Statistical Disclosure Control, 2012, section 4.4 (secondary cell suppression).
    """
    digests = [{str(one.id): one.sha256 for one in context.evidence.subjects} for context in (before, after)]
    moved = {
        group: abs(after.sizes.get(group, 0) - before.sizes.get(group, 0))
        for group in {**before.sizes, **after.sizes}
        if digests[0].get(group[0]) is None or digests[0].get(group[0]) != digests[1].get(group[0])
    }
    limit = max(before.limit, after.limit)
    few = {group for group, number in moved.items() if 0 < number < limit}
    return frozenset(few) | complements(moved, limit)


def context_of(assessment: Assessment, evidence: Evidence, limit: int) -> Context:
    """Return the records as the views of a report need them, in English."""
    return speech(assessment, evidence, limit).context


def _told(context: Context, one: Measurement) -> Told:
    """Return what a report tells of one measurement."""
    shown, result, metric = figure(context, one), one.result, context.metrics.get(one.metric)
    text = f"{shown.value} ({shown.why or shown.range})" if shown.why or shown.range else shown.value
    physical = isinstance(result, Scalar) and result.obtained is not None
    people = context.is_about_people(one.subject) and not physical and one.metric not in _NAMES_NOBODY
    if isinstance(result, Count):
        counts = result.unit in _PEOPLE
    else:
        counts = metric is not None and metric.of_cases and metric.unit == "1" and metric.per != "attribute"
    return Told(
        text=text,
        about=where(context, one) if one.by else "",
        rare=any((one.subject, *pair) in context.rare for pair in zip(one.by, one.group, strict=False)),
        number=shown.shown and not isinstance(result, NotAvailable),
        interval=bool(shown.interval),
        cases=not isinstance(result, Count) and shown.n == context.locale.integer(result.n),
        people=people,
        counts=counts,
    )


def _guarded(context: Context, text: str) -> str:
    """Return a sentence of the tool without counts of few people and rare values of any table."""
    for subject in sorted(context.subjects):
        text = context.guarded(subject, text)
    return text
