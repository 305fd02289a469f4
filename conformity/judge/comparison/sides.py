"""One version as it is compared: its records, looked up, and what its report tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from conformity.judge.comparison.shown import Key, Telling
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256
from conformity.model.evidence import Evidence, SubjectRecord
from conformity.model.finding import Finding
from conformity.model.manifest import Criterion
from conformity.model.measurement import Measurement
from conformity.model.plan import PlannedRequirement
from conformity.model.probe import Metric, ProbeSpec
from conformity.model.subject import ModelSubject, Subject

_OTHER_NAMES: Final = {"true_positive_rate": "recall", "positive_predictive_value": "precision"}
"""Metrics of fairness that a probe of accuracy measures under another name."""


@dataclass(frozen=True)
class Side:
    """One of the two versions."""

    assessment: Assessment
    """What was judged, with its register."""
    evidence: Evidence
    """What it rests on."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    pack_sha256: Sha256
    """Digest of the pack's list of digests."""
    telling: Telling
    """What its report tells."""

    @cached_property
    def measurements(self) -> Mapping[Key, Measurement]:
        """All measurements, by what they are about; where one stands twice, the first counts."""
        found: dict[Key, Measurement] = {}
        for observation in self.evidence.observations:
            for one in observation.measurements:
                key = (str(observation.probe), str(one.subject), str(one.metric), one.by, one.group)
                found.setdefault(key, one)
        return found

    @cached_property
    def findings(self) -> Mapping[str, Finding]:
        """The findings by requirement."""
        return {str(one.requirement): one for one in self.assessment.findings}

    @cached_property
    def planned(self) -> Mapping[str, PlannedRequirement]:
        """The requirements of the plan by id."""
        return {str(row.requirement.id): row for row in self.assessment.plan.requirements}

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """The criteria by id."""
        return {str(one.id): one for one in self.assessment.manifest.criteria}

    @cached_property
    def subjects(self) -> Mapping[str, Subject]:
        """The subjects by id."""
        return {str(one.id): one for one in self.assessment.manifest.subjects}

    @cached_property
    def records(self) -> Mapping[str, SubjectRecord]:
        """What was found of subjects and exhibits, by id."""
        return {str(one.id): one for one in self.evidence.subjects}

    @cached_property
    def probes(self) -> Mapping[str, ProbeSpec]:
        """The probes of the plan by id."""
        return {str(one.id): one for one in self.assessment.plan.probes}

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics of all probes by id."""
        return {str(one.id): one for probe in self.assessment.plan.probes for one in probe.metrics}

    def digest(self, name: str) -> str | None:
        """Return the digest of a subject or exhibit; None where it is not known."""
        record = self.records.get(name)
        return record.sha256 if record else None

    def bounds(self, measurement: Measurement) -> bool:
        """Tell whether a criterion bounds a measurement."""
        return any(
            (one.metric, one.subject, one.by) == (measurement.metric, measurement.subject, measurement.by)
            and one.group in ((), measurement.group)
            for one in self.criteria.values()
        )

    def cases_of(self, subject_id: str) -> tuple[str, ...]:
        """Return the subjects that hold the cases of a subject's figures: of a model, the tables it names."""
        subject = self.subjects.get(subject_id)
        if isinstance(subject, ModelSubject) and subject.tables:
            return tuple(sorted(str(name) for name in subject.tables))
        return (subject_id,)


def told_once(before: Side, after: Side, keys: Collection[Key]) -> tuple[Key, ...]:
    """Return the measures of two versions without those that repeat another one under a second name.

    Two measures are one where they are of the same people and the same in either version. Then the one that
    a criterion bounds stays; of two that are bounded, both.

    Args:
        before: the earlier version.
        after: the later version.
        keys: the measures that both hold.
    """
    places = {key[1:]: key for key in keys}
    again: set[Key] = set()
    for key in keys:
        _, subject, metric, by, group = key
        twin = places.get((subject, _OTHER_NAMES.get(metric, ""), by, group))
        if twin is None or any(
            side.measurements[key].result != side.measurements[twin].result for side in (before, after)
        ):
            continue
        if not _bounded(before, after, key):
            again.add(key)
        elif not _bounded(before, after, twin):
            again.add(twin)
    return tuple(key for key in keys if key not in again)


def _bounded(before: Side, after: Side, key: Key) -> bool:
    """Tell whether a criterion of either version bounds a measure."""
    return before.bounds(before.measurements[key]) or after.bounds(after.measurements[key])


def same_cases(before: Side, after: Side, subject_id: str) -> bool | None:
    """Tell whether the figures of a subject rest on the same bytes in both; None where that is not known."""
    names = before.cases_of(subject_id)
    if names != after.cases_of(subject_id):
        return False
    pairs = [(before.digest(name), after.digest(name)) for name in names]
    if any(one is None or other is None for one, other in pairs):
        return None
    return all(one == other for one, other in pairs)
