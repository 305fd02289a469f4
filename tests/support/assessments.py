"""Small real values to judge: one requirement, one criterion, one observation, changed at will."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from conformity.model.base import RequirementId
from conformity.model.classification import Classification, Route
from conformity.model.evidence import Evidence, Isolation, Observation, SubjectRecord
from conformity.model.manifest import Criterion, Manifest
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Scalar
from conformity.model.plan import Plan, PlannedRequirement
from conformity.model.probe import Metric, ProbeSpec
from conformity.model.requirement import EvidenceNeed, Requirement

RUN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SEAL = "sha256:" + "a" * 64

PROBE = ProbeSpec.model_validate(
    {
        "id": "fairness/gap",
        "version": 1,
        "title": "Gap",
        "question": "How large is the gap?",
        "works_on": "table",
        "needs": ["prediction", "protected"],
        "metrics": [
            {
                "id": "gap",
                "title": "Gap",
                "unit": "1",
                "better": "lower",
                "per": "attribute",
                "extent": "estimate",
                "definition": "g",
            },
            {
                "id": "rate",
                "title": "Rate",
                "unit": "1",
                "better": "higher",
                "per": "group",
                "extent": "estimate",
                "definition": "r",
            },
            {
                "id": "rows",
                "title": "Rows",
                "unit": "rows",
                "better": "higher",
                "per": "subject",
                "extent": "complete",
                "definition": "n",
            },
            {
                "id": "finds",
                "title": "Finds",
                "unit": "names",
                "better": "lower",
                "per": "subject",
                "extent": "some",
                "definition": "f",
            },
            {
                "id": "energy",
                "title": "Energy",
                "unit": "kWh",
                "better": "lower",
                "per": "subject",
                "extent": "indicative",
                "definition": "e",
            },
            {
                "id": "blanks",
                "title": "Blanks",
                "unit": "1",
                "better": "lower",
                "per": "column",
                "extent": "complete",
                "definition": "b",
            },
        ],
        "method": "Counting.",
        "sources": ["Hand computation"],
        "limits": ["A test's probe."],
        "lifecycle": "experimental",
    }
)
METRICS: dict[str, Metric] = {metric.id: metric for metric in PROBE.metrics}


def requirement(**changes: Any) -> Requirement:
    """Return a requirement that is measured by the one probe, unless changed."""
    fields: dict[str, Any] = {
        "id": "art10.2.f",
        "article": "Article 10",
        "ref": "Art. 10(2)(f)",
        "title": "Bias examination",
        "obligation": "Examine data for biases.",
        "addressees": ("provider",),
        "evidence": (EvidenceNeed(kind="measured", item="gap"),),
        "automation": "measured",
        "probes": ("fairness/gap",),
        "hand_in": ("the mitigation record",),
    }
    return Requirement.model_validate({**fields, **changes})


def criterion(**changes: Any) -> dict[str, Any]:
    """Return the fields of a criterion that bounds the gap by sex from above at 0.1."""
    fields: dict[str, Any] = {
        "id": "gap-sex",
        "metric": "gap",
        "subject": "test",
        "by": ("SEX",),
        "at_most": 0.1,
        "requirements": ("art10.2.f",),
        "reason": "Chosen for this test.",
        "owner": "Model risk function",
        "fixed_at": date(2026, 10, 1),
    }
    return {**fields, **changes}


def table(**changes: Any) -> dict[str, Any]:
    """Return the fields of a table with predictions and one protected column."""
    fields: dict[str, Any] = {
        "id": "test",
        "kind": "table",
        "title": "Test set",
        "path": "test.csv",
        "purpose": "testing",
        "produced_on": date(2026, 10, 2),
        "columns": (
            {"name": "SEX", "roles": ("protected",)},
            {"name": "yhat", "roles": ("prediction",), "positive": (1,), "negative": (0,)},
        ),
    }
    return {**fields, **changes}


def exhibit(**changes: Any) -> dict[str, Any]:
    """Return the fields of an exhibit that covers the requirement."""
    fields: dict[str, Any] = {
        "id": "record",
        "title": "Mitigation record",
        "path": "record.md",
        "dated": date(2026, 10, 1),
        "covers": ("art10.2.f",),
    }
    return {**fields, **changes}


def sign_off(**changes: Any) -> dict[str, Any]:
    """Return the fields of a sign-off over that exhibit."""
    fields: dict[str, Any] = {
        "id": "record-signed",
        "requirements": ("art10.2.f",),
        "over": ({"exhibit": "record", "sha256": SEAL},),
        "statement": "The record is complete.",
        "by": {"name": "Specimen signatory", "function": "Head of model risk (specimen)"},
        "signed_on": date(2026, 10, 2),
    }
    return {**fields, **changes}


def manifest(**changes: Any) -> Manifest:
    """Return a manifest with the one table, unless changed."""
    fields: dict[str, Any] = {
        "conformity": 1,
        "system": {"name": "Scorer", "version": "2.0", "intended_purpose": "Testing."},
        "provider": {"name": "Provider", "address": "Street 1", "contact": "mail"},
        "subjects": (table(),),
    }
    return Manifest.model_validate({**fields, **changes})


def scalar(value: float, low: float, high: float, n: int = 400) -> Scalar:
    """Return an estimate with an interval."""
    return Scalar(value=value, unit="1", n=n, interval=Interval(low=low, high=high, method="Wilson"))


def measured(result: Scalar | Count | NotAvailable, **changes: Any) -> Measurement:
    """Return a measurement of the gap by sex, unless changed."""
    fields: dict[str, Any] = {"metric": "gap", "subject": "test", "by": ("SEX",), "result": result}
    return Measurement.model_validate({**fields, **changes})


def observation(*measurements: Measurement, **changes: Any) -> Observation:
    """Return an observation of the one probe."""
    fields: dict[str, Any] = {
        "step": "fairness/gap@test",
        "probe": "fairness/gap",
        "probe_version": 1,
        "subject": "test",
        "outcome": "measured",
        "measurements": measurements,
        "collected_at": RUN,
    }
    return Observation.of(**{**fields, **changes})


def record(subject: str, sha256: str | None = SEAL, **changes: Any) -> SubjectRecord:
    """Return what was found at a subject's or exhibit's path."""
    fields: dict[str, Any] = {
        "id": subject,
        "kind": "table",
        "path": "x",
        "files": 1,
        "size_bytes": 1,
        "sha256": sha256,
    }
    return SubjectRecord.model_validate({**fields, **changes})


def examined(subject: str = "record") -> Observation:
    """Return an observation that the exhibit was looked at."""
    count = Measurement.model_validate(
        {"metric": "document_bytes", "subject": subject, "result": Count(value=7, unit="bytes")}
    )
    return observation(count, step=f"declared/exhibit@{subject}", probe="declared/exhibit", subject=subject)


def evidence(*observations: Observation, subjects: tuple[SubjectRecord, ...] | None = None) -> Evidence:
    """Return evidence of the table with these observations."""
    return Evidence(
        collected_at=RUN,
        subjects=(record("test"),) if subjects is None else subjects,
        observations=observations,
        software=(),
        platform="test",
        isolation=Isolation(mechanism="none", guarantees=()),
    )


def plan(*requirements: Requirement, applies: str = "yes", reason: str = "It binds providers.") -> Plan:
    """Return a plan with these requirements."""
    rows = requirements or (requirement(),)
    return Plan(
        as_of=TODAY,
        law="the Act",
        classification=Classification(
            as_of=TODAY,
            outcome="high_risk_annex_iii",
            summary="High-risk.",
            steps=(),
            route=Route(procedure="annex_vi", ref="Art. 43(2)", reason="Annex III point 5."),
        ),
        requirements=tuple(
            PlannedRequirement.model_validate({"requirement": row, "applies": applies, "reason": reason})
            for row in rows
        ),
        probes=(PROBE,),
        steps=(),
    )


def bound(**changes: Any) -> Criterion:
    """Return the criterion as a value."""
    return Criterion.model_validate(criterion(**changes))


ROW = RequirementId("art10.2.f")
