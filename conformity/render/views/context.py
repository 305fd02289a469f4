"""What every view needs: the records, looked up by id, and the language."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence, Observation
from conformity.model.finding import Finding, Verdict
from conformity.model.manifest import Criterion, Exhibit, SignOff
from conformity.model.measurement import Measurement
from conformity.model.plan import PlannedRequirement
from conformity.model.probe import Metric, ProbeSpec
from conformity.model.subject import ModelSubject, Subject, TableSubject
from conformity.model.tally import MISSING
from conformity.render.characters import without_small_counts
from conformity.render.locale import Locale
from conformity.render.views.coded import as_text, with_value_names
from conformity.render.views.disclosure import (
    Group,
    group_sizes,
    groups_of_few,
    partners,
    rare_values,
    told_apart,
    without_values,
)
from conformity.render.views.subtraction import (
    Extremes,
    Place,
    beside_references_of_few,
    places_with_small_parts,
    rates_beside_few,
)

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_SHARED_BY = 3
_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9._-]")
_TIGHT_PERCENT = re.compile(r"(?<=\d)%")


@dataclass(frozen=True)
class Link:
    """Words that lead to another place in the document, or only words when there is no such place."""

    text: str
    """The words."""
    anchor: str | None
    """The id of the place."""


@dataclass(frozen=True)
class Context:
    """The two records to show and how to write."""

    assessment: Assessment
    """What was judged."""
    evidence: Evidence
    """What it rests on."""
    limit: int
    """No count of people below this is shown."""
    locale: Locale
    """How numbers and dates are written."""
    words: dict[str, Any]
    """Fixed words and sentences of the language."""

    @cached_property
    def planned(self) -> dict[str, PlannedRequirement]:
        """The requirements of the plan, by id."""
        return {row.requirement.id: row for row in self.assessment.plan.requirements}

    @cached_property
    def probes(self) -> dict[str, ProbeSpec]:
        """The probes of the plan, by id."""
        return {probe.id: probe for probe in self.assessment.plan.probes}

    @cached_property
    def probes_explained(self) -> frozenset[str]:
        """The probes whose methods a reader needs: they gave numbers, or a criterion asks for them."""
        asked = {criterion.metric for criterion in self.assessment.manifest.criteria}
        giving = {one.probe for one in self.evidence.observations if one.measurements}
        return frozenset(
            probe.id
            for probe in self.assessment.plan.probes
            if probe.id in giving or any(metric.id in asked for metric in probe.metrics)
        )

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics of all probes of the plan, by id."""
        return {metric.id: metric for probe in self.assessment.plan.probes for metric in probe.metrics}

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """The subjects of the manifest, by id."""
        return {subject.id: subject for subject in self.assessment.manifest.subjects}

    @cached_property
    def exhibits(self) -> dict[str, Exhibit]:
        """The exhibits of the manifest, by id."""
        return {exhibit.id: exhibit for exhibit in self.assessment.manifest.exhibits}

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """The criteria of the manifest, by id."""
        return {criterion.id: criterion for criterion in self.assessment.manifest.criteria}

    @cached_property
    def sign_offs(self) -> dict[str, SignOff]:
        """The sign-offs of the manifest, by id."""
        return {sign_off.id: sign_off for sign_off in self.assessment.manifest.sign_offs}

    @cached_property
    def observations(self) -> dict[str, Observation]:
        """The observations of the evidence, by id."""
        return {observation.id: observation for observation in self.evidence.observations}

    @cached_property
    def unmeasured(self) -> tuple[tuple[Observation, ...], ...]:
        """The observations of two or more steps on one subject that gave no number for one reason."""
        groups: dict[tuple[str, str], list[Observation]] = {}
        for one in self.evidence.observations:
            if one.outcome == "not_available":
                groups.setdefault((one.subject, one.reason or ""), []).append(one)
        return tuple(tuple(group) for group in groups.values() if len(group) > 1)

    @cached_property
    def users(self) -> dict[str, tuple[str, ...]]:
        """The requirements whose findings name an observation, by the observation's id."""
        found: dict[str, list[str]] = {}
        for finding in self.assessment.findings:
            readings = [r.evidence for judged in finding.measured for r in judged.readings]
            for evidence_id in dict.fromkeys([*finding.evidence, *readings]):
                found.setdefault(evidence_id, []).append(finding.requirement)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def partners(self) -> frozenset[Group]:
        """The groups whose sizes are withheld beside a small one."""
        tables = {subject for subject in self.subjects if self.table(subject) is not None}
        return partners(self.evidence, tables, self.limit)

    @cached_property
    def rates_of_few(self) -> frozenset[Group]:
        """The groups of which some rate is made of too few people to be shown."""
        return groups_of_few(self.evidence.observations, self._rates_of_cases, self._tables, self.limit)

    @cached_property
    def rates_beside_few(self) -> frozenset[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
        """The rates (subject, metric, columns, group) from which one of few people would follow."""
        return rates_beside_few(
            self.evidence.observations, self._rates_of_cases, self.sizes, self._tables, self.limit
        )

    @cached_property
    def groups_beside_few(self) -> frozenset[Group]:
        """The groups of which some rate is withheld beside one of few people."""
        return frozenset((subject, by, group) for subject, _, by, group in self.rates_beside_few)

    @cached_property
    def beside_references_of_few(self) -> frozenset[tuple[str, str, tuple[str, ...]]]:
        """The distances (subject, metric, columns) to a reference group whose own rates are withheld."""
        return beside_references_of_few(self.evidence.observations, self.rates_of_few)

    @cached_property
    def extremes(self) -> Extremes:
        """The groups with the highest and the lowest rates."""
        return Extremes.of(self.evidence.observations)

    @cached_property
    def sizes(self) -> dict[Group, int]:
        """The size of every group of a table."""
        return group_sizes(self.evidence.observations, self._tables)

    @cached_property
    def places_with_small_parts(self) -> frozenset[Place]:
        """The subjects and columns of which some group has a part of few people."""
        return places_with_small_parts(self.evidence.observations, self.sizes, self._tables, self.limit)

    @cached_property
    def _tables(self) -> frozenset[str]:
        """The ids of the tables."""
        return frozenset(subject for subject in self.subjects if self.table(subject) is not None)

    @cached_property
    def _rates_of_cases(self) -> frozenset[str]:
        """The metrics whose value times their cases is a number of people."""
        return frozenset(
            metric.id for metric in self.metrics.values() if metric.unit == "1" and metric.of_cases
        )

    @cached_property
    def told_apart(self) -> frozenset[tuple[str, str, tuple[str, ...]]]:
        """The shares (subject, metric, columns) that beside a larger one would tell of few rows."""
        tables = {subject for subject in self.subjects if self.table(subject) is not None}
        return told_apart(self.evidence.observations, tables, self.limit)

    @cached_property
    def places_of_few(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """The subjects and columns of which some group has figures that are withheld."""
        return frozenset((subject, by) for subject, by, _ in (*self.partners, *self.rates_of_few))

    @cached_property
    def rare(self) -> frozenset[tuple[str, str, str]]:
        """The values (subject, column, value) of too few people to be printed not named in the manifest."""
        tables = {subject for subject in self.subjects if self.table(subject) is not None}
        found = rare_values(self.evidence.observations, tables, self.limit)
        return frozenset(place for place in found if not self._is_declared(*place))

    def _is_declared(self, subject_id: str, column: str, value: str) -> bool:
        """Tell whether the manifest itself writes a value down, or the band that it is."""
        table = self.table(subject_id)
        mine = [one for one in (table.columns if table else ()) if one.name == column]
        named = {as_text(v) for one in mine for v in (*(n.value for n in one.names), *one.allowed)}
        return value in (MISSING, *named) or any(one.edges or one.bands for one in mine)

    @cached_property
    def shared_steps(self) -> dict[str, int]:
        """What at least three findings ask for, most frequent first, with how many ask for it."""
        found = Counter(text for finding in self.assessment.findings for text in dict.fromkeys(finding.to_do))
        return {text: n for text, n in found.most_common() if n >= _SHARED_BY}

    @cached_property
    def anchors(self) -> dict[str, str]:
        """The place of every finding, by the requirement's id; unique whatever the ids hold."""
        taken: dict[str, str] = {}
        for finding in self.assessment.findings:
            base = "r-" + _NOT_IN_ANCHOR.sub("-", finding.requirement)
            anchor = base
            while anchor in taken.values():
                anchor += "-again"
            taken[finding.requirement] = anchor
        return taken

    def requirement_of(self, finding: Finding) -> PlannedRequirement:
        """Return the row of law that a finding is about.

        Raises:
            RenderError: the plan does not have it.
        """
        try:
            return self.planned[finding.requirement]
        except KeyError:
            raise RenderError(
                f"the finding on {finding.requirement!r} has no requirement in the plan; judge the plan again"
            ) from None

    def requirement_link(self, requirement_id: str) -> Link:
        """Return a link to the finding on a requirement, under the requirement's citation."""
        row = self.planned.get(requirement_id)
        return Link(row.requirement.ref if row else requirement_id, self.anchors.get(requirement_id))

    def evidence_link(self, evidence_id: str) -> Link:
        """Return a link to an observation in the register."""
        known = evidence_id in self.observations
        return Link(evidence_id, f"e-{evidence_id}" if known else None)

    def evidence_links(self, evidence_ids: Sequence[str]) -> tuple[Link, ...]:
        """Return one link for each observation."""
        return tuple(self.evidence_link(evidence_id) for evidence_id in evidence_ids)

    def guarded(self, subject_id: str, text: str) -> str:
        """Return a reason or a note; of a table, without counts of people below the limit and rare values."""
        text = _TIGHT_PERCENT.sub("\u00a0%", text)
        table = self.table(subject_id)
        if table is None:
            return text
        rare = [value for subject, _, value in self.rare if subject == subject_id]
        safe = without_small_counts(without_values(text, rare, self._rare_words), self.limit)
        return with_value_names(safe, table)

    @property
    def _rare_words(self) -> str:
        """What is printed in place of a rare value."""
        return str(self.words["common"]["rare_value"])

    def metric_title(self, metric_id: str) -> str:
        """Return the name to print for a metric."""
        metric = self.metrics.get(metric_id)
        return metric.title if metric else metric_id.replace("_", " ")

    def probe_title(self, probe_id: str) -> str:
        """Return the name to print for a probe."""
        probe = self.probes.get(probe_id)
        return probe.title if probe else probe_id

    def subject_title(self, subject_id: str) -> str:
        """Return the name to print for a subject or exhibit."""
        thing = self.subjects.get(subject_id) or self.exhibits.get(subject_id)
        return thing.title if thing else subject_id

    def table(self, subject_id: str) -> TableSubject | None:
        """Return the subject when it is a table."""
        subject = self.subjects.get(subject_id)
        return subject if isinstance(subject, TableSubject) else None

    def is_about_people(self, subject_id: str) -> bool:
        """Tell whether figures of a subject count people: of a table, or of a model held against two."""
        subject = self.subjects.get(subject_id)
        return isinstance(subject, TableSubject) or (
            isinstance(subject, ModelSubject) and subject.membership is not None
        )

    def value_name(self, subject_id: str, column: str, value: str) -> str:
        """Return the readable name of a coded value where the manifest gives one."""
        if value == MISSING:
            return str(self.words["common"]["missing_group"])
        if (subject_id, column, value) in self.rare:
            return self._rare_words
        table = self.table(subject_id)
        for declared in table.columns if table else ():
            if declared.name != column:
                continue
            for named in declared.names:
                if as_text(named.value) == value:
                    return named.name
        return value

    def criterion_for(self, measurement: Measurement) -> Criterion | None:
        """Return the criterion that bounds a measurement, if there is one."""
        for criterion in self._criteria_on.get((measurement.metric, measurement.subject, measurement.by), ()):
            if criterion.group in ((), measurement.group):
                return criterion
        return None

    @cached_property
    def _criteria_on(self) -> dict[tuple[str, str, tuple[str, ...]], list[Criterion]]:
        """The criteria by what they bound: metric, subject and columns."""
        found: dict[tuple[str, str, tuple[str, ...]], list[Criterion]] = {}
        for criterion in self.assessment.manifest.criteria:
            found.setdefault((criterion.metric, criterion.subject, criterion.by), []).append(criterion)
        return found

    @cached_property
    def verdicts(self) -> dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], Verdict]:
        """The verdict on every reading: by criterion, observation, columns and group.

        Where the criterion as a whole decides nothing, for its bound came too late, no reading of it does.
        """
        return {
            (
                judged.criterion,
                reading.evidence,
                reading.measurement.by,
                reading.measurement.group,
            ): (judged.verdict if judged.verdict == "undetermined" else reading.verdict)
            for finding in self.assessment.findings
            for judged in finding.measured
            for reading in judged.readings
        }

    def group_name(self, subject_id: str, by: Sequence[str], group: Sequence[str]) -> str:
        """Return the name of a group, one value for each column."""
        pairs = zip(by, group, strict=False)
        return " · ".join(self.value_name(subject_id, column, value) for column, value in pairs)

    def group_order(self, subject_id: str, by: Sequence[str], group: Sequence[str]) -> tuple[object, ...]:
        """Return what groups are ordered by: bins by lower edge, other values as text, missing ones last."""
        return tuple(
            self._value_order(subject_id, column, value) for column, value in zip(by, group, strict=False)
        )

    def _value_order(self, subject_id: str, column: str, value: str) -> tuple[bool, float, str]:
        """Return what one value is ordered by."""
        table = self.table(subject_id)
        binned = any(
            one.name == column and (one.edges or one.bands) for one in (table.columns if table else ())
        )
        found = _NUMBER.search(value) if binned else None
        edge = float(found.group()) if found else 0.0
        return value == MISSING, -math.inf if found and value.startswith("<") else edge, value

    def plural(self, section: str, key: str, n: int) -> str:
        """Return the phrase ``key`` in the form for ``n``, with the number in it."""
        words = self.words[section]
        form = words.get(f"{key}_{self.locale.plural_of(n)}", words[f"{key}_other"])
        return str(form).format(n=self.locale.integer(n))

    def unit(self, unit: str) -> str:
        """Return a unit in the language; symbols are the same in all."""
        return str(self.words["unit"].get(unit, unit))
