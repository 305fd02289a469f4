"""A realistic assessment for the documents: a credit scoring system, judged by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from conformity.model.assessment import Assessment
from conformity.model.base import digest_of
from conformity.model.evidence import Evidence, Observation
from conformity.model.measurement import Measurement
from tests.unit.render.render_declared import SHA, manifest, plan

COLLECTED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ASSESSED = datetime(2026, 11, 20, 9, 41, 12, tzinfo=UTC)
LIMIT = 10
STRADDLES = (
    "0.8 lies inside the interval. About 12,400 more cases would settle it, if the estimate stayed the same."
)

Records = tuple[Assessment, Evidence]


def scalar(
    value: float,
    n: int,
    low: float | None = None,
    high: float | None = None,
    unit: str = "1",
    level: float = 0.95,
) -> dict[str, Any]:
    """Return an estimate as plain data."""
    interval = None
    if low is not None:
        interval = {"low": low, "high": high, "level": level, "method": "Wilson score"}
    return {"kind": "scalar", "value": value, "n": n, "unit": unit, "interval": interval}


def count(value: int, unit: str) -> dict[str, Any]:
    """Return a count as plain data."""
    return {"kind": "count", "value": value, "unit": unit}


def missing(reason: str, n: int = 0, why: str = "too_few_cases") -> dict[str, Any]:
    """Return an absent number as plain data."""
    return {"kind": "not_available", "why": why, "reason": reason, "n": n}


def measurement(
    metric: str,
    result: dict[str, Any],
    by: tuple[str, ...] = (),
    group: tuple[str, ...] = (),
    subject: str = "test",
) -> dict[str, Any]:
    """Return a measurement as plain data."""
    return {"metric": metric, "subject": subject, "by": by, "group": group, "result": result}


def rates(metric: str, base: float) -> list[dict[str, Any]]:
    """Return a rate for each group of two attributes, one group being very small."""
    groups = (
        ("SEX", "1", 0.00, 3612),
        ("SEX", "2", 0.05, 5388),
        ("EDUCATION", "1", 0.06, 3110),
        ("EDUCATION", "2", 0.01, 4232),
        ("EDUCATION", "3", -0.02, 1510),
        ("EDUCATION", "5", -0.01, 7),
        ("EDUCATION", "(missing)", 0.02, 141),
    )
    return [
        measurement(metric, scalar(base + d, n, base + d - 0.02, base + d + 0.02), (by,), (value,))
        for by, value, d, n in groups
    ]


def observations() -> list[Observation]:
    """Return what eleven steps saw."""
    education, sex = ("EDUCATION",), ("SEX",)

    def of(probe: str, subject: str, measurements: list[dict[str, Any]], **more: Any) -> Observation:
        return Observation.of(
            step=f"{probe}@{subject}",
            probe=probe,
            probe_version=1,
            subject=subject,
            outcome=more.pop("outcome", "measured"),
            measurements=measurements,
            collected_at=COLLECTED,
            **more,
        )

    tally = {"name": "cell_counts[SEX, label, prediction]", "sha256": "sha256:" + "cd" * 32, "entries": 12}
    return [
        of("accuracy/classification", "test", rates("accuracy", 0.8), tallies=(tally,)),
        of(
            "data_quality/group_sizes",
            "test",
            [
                measurement("group_size", count(5388, "rows"), sex, ("2",)),
                measurement("group_size", count(7, "rows"), education, ("5",)),
                measurement("group_size", count(1, "rows"), ("SEX", "EDUCATION"), ("1", "5")),
            ],
        ),
        of(
            "data_quality/completeness",
            "test",
            [
                measurement("missing_share", scalar(0.0000123, 9000), ("LIMIT_BAL",)),
                measurement("rows", count(9000, "rows")),
            ],
        ),
        of(
            "data_quality/completeness", "train", [measurement("rows", count(21000, "rows"), subject="train")]
        ),
        of(
            "environment/inference_energy",
            "model",
            [
                measurement(
                    "inference_energy_kwh_per_1000",
                    scalar(0.000000271, 5, 0.000000150, 0.00000040, "kWh"),
                    subject="model",
                )
            ],
            notes=("CPU and memory power were modelled, not measured.",),
        ),
        of(
            "fairness/disparate_impact_ratio",
            "test",
            [
                measurement("disparate_impact_ratio", scalar(0.7996, 1510, 0.74, 0.86), education),
                measurement("disparate_impact_ratio", scalar(0.938, 3612, 0.91, 0.966), sex),
            ],
            tallies=(tally,),
        ),
        of("fairness/selection_rate", "test", rates("selection_rate", 0.7)),
        of(
            "fairness/equal_opportunity_difference",
            "test",
            [
                *rates("true_positive_rate", 0.85),
                *rates("false_positive_rate", 0.4),
                measurement("equal_opportunity_difference", scalar(0.131, 1510, 0.11, 0.15), education),
                measurement("equal_opportunity_difference", missing("only one group has 30 cases", 12), sex),
            ],
        ),
        of("privacy/k_anonymity", "test", [measurement("k_anonymity", count(1, "rows"))]),
        of(
            "security/model_file_scan",
            "model",
            [measurement("dangerous_globals", count(0, "globals"), subject="model")],
        ),
        of(
            "declared/exhibit",
            "risk-file",
            [],
            outcome="error",
            reason="the worker ran out of time after 900 s",
        ),
    ]


def findings(seen: list[Observation]) -> list[dict[str, Any]]:
    """Return one finding for each requirement, judged by hand."""
    by_probe = {f"{o.probe}@{o.subject}": o for o in seen}
    ratio = by_probe["fairness/disparate_impact_ratio@test"]
    chances = by_probe["fairness/equal_opportunity_difference@test"]
    accuracy = by_probe["accuracy/classification@test"]
    scan = by_probe["security/model_file_scan@model"]

    def reading(seen_in: Observation, at: int, verdict: str, reason: str, **more: Any) -> dict[str, Any]:
        measured: Measurement = seen_in.measurements[at]
        return {"evidence": seen_in.id, "measurement": measured, "verdict": verdict, "reason": reason, **more}

    four_fifths = {
        "criterion": "four-fifths",
        "verdict": "undetermined",
        "reason": "The interval straddles the bound.",
        "readings": [reading(ratio, 0, "undetermined", STRADDLES, more_needed=12400)],
    }
    floor = {
        "criterion": "accuracy-floor",
        "verdict": "met",
        "reason": "Every group is above the bound.",
        "readings": [reading(accuracy, i, "met", "The whole interval is above the bound.") for i in (0, 1)],
    }
    made: dict[str, dict[str, Any]] = {
        "art9.1": {
            "verdict": "not_collected",
            "reason": "No person signed for the risk management file.",
            "declared": {"verdict": "not_collected", "reason": "No sign-off.", "exhibits": ["risk-file"]},
            "evidence": [seen[-1].id],
            "to_do": ["Have a named person sign for the risk management file."],
        },
        "art9.8": {"verdict": "undetermined", "reason": "One criterion is younger than the evidence."},
        "art10.2.f": {
            "verdict": "not_met",
            "reason": "One of two criteria is not met.",
            "evidence": [ratio.id, chances.id],
            "measured": [
                four_fifths,
                {
                    "criterion": "opportunity",
                    "verdict": "not_met",
                    "reason": "The interval lies above the bound.",
                    "readings": [reading(chances, 14, "not_met", "0.11 is above 0.1.")],
                },
            ],
            "to_do": [
                "Lower the difference in true positive rates between levels of education, or measure again."
            ],
        },
        "art10.2.g": {
            "verdict": "undetermined",
            "reason": "The same criterion speaks to it.",
            "measured": [four_fifths],
            "evidence": [ratio.id],
        },
        "art10.3": {
            "verdict": "undetermined",
            "reason": "Measured, but no criterion was fixed.",
            "evidence": [by_probe["data_quality/completeness@test"].id],
            "to_do": ["Fix a criterion for the share of missing cells before the next test."],
        },
        "art13.2": {
            "verdict": "met",
            "reason": "A named person signed for unchanged exhibits.",
            "declared": {
                "verdict": "met",
                "reason": "Signed over unchanged exhibits.",
                "sign_offs": ["use"],
                "exhibits": ["instructions"],
            },
        },
        "art15.1": {
            "verdict": "undetermined",
            "reason": "One criterion was fixed too late.",
            "evidence": [accuracy.id],
            "measured": [
                floor,
                {
                    "criterion": "false-alarms",
                    "verdict": "undetermined",
                    "reason": "The criterion is younger than the evidence.",
                },
            ],
        },
        "art15.5": {
            "verdict": "met",
            "reason": "The one criterion is met.",
            "evidence": [scan.id],
            "measured": [
                {
                    "criterion": "clean-file",
                    "verdict": "met",
                    "reason": "Counted completely.",
                    "readings": [reading(scan, 0, "met", "0 is not above 0.")],
                }
            ],
        },
    }
    ordered = []
    for row in plan([])["requirements"]:
        ident = row["requirement"]["id"]
        aside = row["applies"] == "no"
        default = {
            "verdict": "not_applicable" if aside else "not_collected",
            "reason": row["reason"] if aside else "Nothing was handed in.",
            "to_do": () if aside else ("Hand in the document and have a named person sign for it.",),
        }
        ordered.append({"requirement": ident, **made.get(ident, default)})
    return ordered


def evidence_data(seen: list[Observation]) -> dict[str, Any]:
    """Return the evidence as plain data."""
    return {
        "collected_at": COLLECTED,
        "subjects": [
            {
                "id": "test",
                "kind": "table",
                "path": "data/test.parquet",
                "files": 1,
                "size_bytes": 512_345,
                "sha256": SHA,
            },
            {
                "id": "train",
                "kind": "table",
                "path": "data/train.parquet",
                "files": 3,
                "size_bytes": 999,
                "sha256": SHA,
            },
            {
                "id": "model",
                "kind": "model",
                "path": "model.joblib",
                "files": 1,
                "size_bytes": 2_100_000_000,
                "sha256": SHA,
            },
            {
                "id": "risk-file",
                "kind": "exhibit",
                "path": "docs/risk.pdf",
                "files": 0,
                "size_bytes": 0,
                "sha256": None,
                "problem": "there is no such file",
            },
        ],
        "observations": seen,
        "software": [
            {"name": "conformity-report", "version": "0.1.0"},
            {"name": "duckdb", "version": "2.0.0"},
        ],
        "platform": "Linux x86_64, Python 3.11.7",
        "isolation": {
            "mechanism": "process",
            "guarantees": ["time and memory are bounded"],
            "gaps": ["no network jail"],
        },
    }


def build(change: Callable[[dict[str, Any], dict[str, Any]], None] | None = None) -> Records:
    """Return the records, after ``change`` has altered the plain data of assessment and evidence."""
    seen = observations()
    proof = evidence_data(seen)
    whole: dict[str, Any] = {
        "tool": "conformity 0.1.0",
        "assessed_at": ASSESSED,
        "manifest": manifest(),
        "manifest_sha256": "sha256:" + "12" * 32,
        "plan": plan([{"id": o.step, "probe": o.probe, "subject": o.subject} for o in seen]),
        "evidence_sha256": SHA,
        "findings": findings(seen),
    }
    if change:
        change(whole, proof)
    evidence = Evidence.model_validate(proof)
    whole["evidence_sha256"] = digest_of(evidence)
    return Assessment.model_validate(whole), evidence
