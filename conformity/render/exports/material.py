"""What every export is made from: the records, guarded as the report guards them, and stable ids."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence, Observation, SubjectRecord
from conformity.model.finding import Finding, Verdict
from conformity.model.measurement import Measurement, Scalar
from conformity.model.nonconformity import NonConformity
from conformity.model.subject import AttackRecordSubject, ImportedRecordSubject
from conformity.model.summary import AssessmentSummary
from conformity.render.exports.plain import clean
from conformity.render.exports.values import Held, Row, Shown
from conformity.render.views.context import Context
from conformity.render.views.figures import bound_words, bounds_of, figure, interval_of, where
from conformity.render.views.urgency import by_urgency, register

VERDICTS: tuple[Verdict, ...] = ("met", "not_met", "undetermined", "not_collected", "not_applicable")
"""All verdicts, in the order in which they are counted."""

CAVEAT = str(AssessmentSummary.model_fields["caveat"].default)
"""What an assessment is not; every export says it."""

_NAMESPACE = uuid.UUID("0c5e9d1b-6a6f-5f0e-8c36-3b1d4e1b7a52")
_OF_OUTPUTS = ("accuracy", "fairness")
"""The domains of probes that measure what the system gives out."""

_PLAIN = re.compile(r"-?[\d,]+(?:\.(\d+))?")
_USUAL_PLACES = 3
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Material:
    """The records, looked up and guarded."""

    context: Context
    """The records and the English words, as the report has them."""

    @property
    def assessment(self) -> Assessment:
        """Return what was judged."""
        return self.context.assessment

    @property
    def evidence(self) -> Evidence:
        """Return what it rests on."""
        return self.context.evidence

    @property
    def system(self) -> str:
        """Return name and version of the system."""
        system = self.assessment.manifest.system
        return f"{system.name} {system.version}"

    @cached_property
    def counts(self) -> dict[Verdict, int]:
        """How many findings have each verdict, also those that none has."""
        found = Counter(finding.verdict for finding in self.assessment.findings)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All findings, in the plan's order."""
        return tuple(self._row(finding) for finding in self.assessment.findings)

    @cached_property
    def open_rows(self) -> tuple[Row, ...]:
        """The findings that are open, the most important first, as the report orders them."""
        return tuple(self._row(finding) for finding in by_urgency(self.context))

    @cached_property
    def records(self) -> dict[str, SubjectRecord]:
        """Subjects and exhibits as they were found, by id."""
        return {str(record.id): record for record in self.evidence.subjects}

    @cached_property
    def performance(self) -> tuple[Shown, ...]:
        """What was measured of the system's outputs, figures that must not be shown among them."""
        return tuple(
            self.shown(str(observation.id), one)
            for observation, one in self.measured()
            if str(observation.probe).partition("/")[0] in _OF_OUTPUTS
        )

    def uid(self, kind: str, *name: str) -> str:
        """Return an id that stays the same from version to version of the same provider's system."""
        manifest = self.assessment.manifest
        return self._uuid(manifest.provider.name, manifest.system.name, kind, *name)

    def version_uid(self, kind: str) -> str:
        """Return an id of this assessment alone."""
        judged = self.assessment
        return self.uid(
            kind,
            judged.manifest.edition.version,
            judged.manifest_sha256,
            judged.evidence_sha256,
            judged.assessed_at.isoformat(),
        )

    def told(self, text: str) -> str:
        """Return a sentence of the tool without small counts of people and rare values of any table."""
        if text not in self._told:
            told = text
            for subject in self.context.subjects:
                told = self.context.guarded(subject, told)
            self._told[text] = clean(told)
        return self._told[text]

    @cached_property
    def _told(self) -> dict[str, str]:
        """Sentences that were guarded already: many findings say the same, and every format asks again."""
        return {}

    def written_by(self, subject_id: str) -> str:
        """Return the program whose results a subject holds; empty where this tool measured."""
        subject = self.context.subjects.get(subject_id)
        return subject.written_by if isinstance(subject, (AttackRecordSubject, ImportedRecordSubject)) else ""

    def word(self, verdict: Verdict) -> str:
        """Return a verdict in words."""
        return str(self.context.words["verdict"][verdict])

    def measured(self) -> Iterator[tuple[Observation, Measurement]]:
        """Yield every measurement that the report prints on its own: crossed groups only where bounded."""
        for observation in self.evidence.observations:
            for one in observation.measurements:
                if len(one.by) < 2 or not self._crosses(one) or self.context.criterion_for(one) is not None:
                    yield observation, one

    def shown(self, evidence: str, measurement: Measurement) -> Shown:
        """Return a measurement as it may be shown."""
        told = figure(self.context, measurement)
        result = measurement.result
        scalar = result if isinstance(result, Scalar) else None
        value = result.value if result.kind != "not_available" and told.shown else None
        known = interval_of(self.context, measurement) if told.shown and told.range else None
        unit = "" if result.kind == "not_available" else result.unit
        digits = _printed_places(told.value)
        return Shown(
            measurement=measurement,
            evidence=evidence,
            title=clean(self.context.metric_title(measurement.metric)),
            place=clean(where(self.context, measurement)) + self._by_whom(measurement),
            value=None if value is None else self._rounded(value, unit, measurement, digits),
            unit=unit,
            low=self._rounded(known.low, unit, measurement, digits) if known else None,
            high=self._rounded(known.high, unit, measurement, digits) if known else None,
            level=known.level if known and not (scalar and scalar.obtained) else None,
            n=clean(told.n),
            text=clean(f"{told.value} ({told.range})" if told.range else told.value),
            why=clean(told.why),
            obtained=scalar.obtained if scalar else None,
        )

    def held(self, finding: Finding) -> Iterator[Held]:
        """Yield everything that was held against the bounds of a finding."""
        for judged in finding.measured:
            criterion = self.context.criteria.get(judged.criterion)
            for reading in judged.readings:
                open_as_a_whole = judged.verdict == "undetermined"
                yield Held(
                    criterion=str(judged.criterion),
                    bound=clean(bound_words(self.context, criterion)) if criterion else "",
                    verdict=judged.verdict if open_as_a_whole else reading.verdict,
                    reason=self.told(reading.reason),
                    shown=self.shown(str(reading.evidence), reading.measurement),
                )

    def _row(self, finding: Finding) -> Row:
        """Return a finding beside its row of law."""
        return Row(
            requirement=self.context.requirement_of(finding).requirement,
            finding=finding,
            reason=self.told(finding.reason),
            to_do=tuple(self.told(text) for text in finding.to_do),
            entry=self._entries.get(finding.requirement),
        )

    @cached_property
    def _entries(self) -> dict[str, NonConformity]:
        """The open entries of the register, by requirement."""
        return register(self.context)

    def _by_whom(self, measurement: Measurement) -> str:
        """Return the program that measured, where it was another one."""
        program = self.written_by(measurement.subject)
        return f", as {program} measured it" if program else ""

    def _crosses(self, measurement: Measurement) -> bool:
        """Tell whether a measurement is of groups that several protected attributes form together."""
        table = self.context.table(measurement.subject)
        attributes = {column.name for column in table.with_role("protected")} if table else set()
        return set(measurement.by) <= attributes

    def _rounded(self, value: float, unit: str, measurement: Measurement, digits: int) -> float:
        """Return a number rounded as the report rounds it: an exact one would tell its cases.

        Args:
            value: the number.
            unit: its unit.
            measurement: where it comes from; a bound on it must not be crossed by rounding.
            digits: places with which the report prints a share.
        """
        if float(value).is_integer() and abs(value) < 1e15:
            return int(value)
        if unit != "1":
            return float(f"{value:.3g}")
        criterion = self.context.criterion_for(measurement)
        bounds = bounds_of(criterion) if criterion else ()
        return float(self.context.locale.ratio(value, bounds, digits).replace(",", ""))

    @staticmethod
    def _uuid(*name: str) -> str:
        """Return the UUID of a name; the same name has the same one."""
        return str(uuid.uuid5(_NAMESPACE, _SEPARATOR.join(clean(part) for part in name)))


def _printed_places(text: str) -> int:
    """Return how many places a printed share has; the usual three where it is no plain number."""
    found = _PLAIN.fullmatch(text)
    return len(found[1] or "") if found else _USUAL_PLACES
