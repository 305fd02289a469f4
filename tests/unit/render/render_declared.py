"""The declared half of the realistic assessment: manifest and plan, as plain data."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.unit.render.render_probes import PROBES

SHA = "sha256:" + "ab" * 32


def _requirement(
    ident: str, article: str, ref: str, title: str, obligation: str, **more: Any
) -> dict[str, Any]:
    """Return a planned requirement as plain data."""
    return {
        "requirement": {
            "id": ident,
            "article": article,
            "ref": ref,
            "title": title,
            "obligation": obligation,
            "addressees": ("provider",),
            "evidence": ({"kind": "declared", "item": "statement"},),
            "automation": "partly",
            "note": more.get("note"),
        },
        "applies": more.get("applies", "yes"),
        "reason": more.get("reason", "The system is high-risk (Annex III, point 5(b))."),
        "duty_from": more.get("duty_from", date(2027, 12, 2)),
    }


def manifest() -> dict[str, Any]:
    """Return a manifest as plain data."""
    columns = [
        {
            "name": "SEX",
            "roles": ["protected"],
            "names": [{"value": 1, "name": "male"}, {"value": 2.0, "name": "female"}],
        },
        {
            "name": "EDUCATION",
            "roles": ["protected", "quasi_identifier"],
            "names": [
                {"value": 1, "name": "graduate school"},
                {"value": 2, "name": "university"},
                {"value": 3, "name": "high school"},
            ],
        },
        {"name": "AGE", "roles": ["protected"], "edges": [25, 40.5, 60]},
        {
            "name": "default",
            "roles": ["label"],
            "positive": [0],
            "negative": [1],
            "names": [{"value": 0, "name": "repaid"}, {"value": 1, "name": "defaulted"}],
        },
        {"name": "decision", "roles": ["prediction"], "positive": ["grant"], "negative": ["refuse"]},
        {"name": "LIMIT_BAL", "roles": ["feature"]},
        {"name": "PAY_0", "roles": ["feature"]},
    ]
    return {
        "conformity": 1,
        "system": {
            "name": "Creditworthiness Scorer",
            "version": "2.4.1",
            "intended_purpose": "Ranks people who apply for a consumer credit.\n\nNot for insurance.",
        },
        "provider": {
            "name": "Example Bank AG",
            "address": "1 Example Street, Vienna",
            "contact": "ai@bank.example",
        },
        "subjects": [
            {
                "kind": "table",
                "id": "test",
                "title": "Test data",
                "path": "data/test.parquet",
                "purpose": "testing",
                "columns": columns,
                "source": "UCI, CC BY 4.0",
                "produced_on": "2026-10-01",
            },
            {
                "kind": "table",
                "id": "train",
                "title": "Training data",
                "path": "data/train.parquet",
                "purpose": "training",
                "columns": columns[:4],
            },
            {
                "kind": "model",
                "id": "model",
                "title": "Gradient boosting model",
                "path": "model.joblib",
                "format": "joblib",
            },
        ],
        "exhibits": [
            {
                "id": "risk-file",
                "title": "Risk management file",
                "path": "docs/risk.pdf",
                "dated": "2026-09-01",
                "covers": ["art9.1"],
            },
            {
                "id": "instructions",
                "title": "Instructions for use",
                "path": "docs/use.pdf",
                "dated": "2026-09-02",
                "covers": ["art13.2", "art13.3.a"],
            },
        ],
        "criteria": [
            {
                "id": "four-fifths",
                "metric": "disparate_impact_ratio",
                "subject": "test",
                "by": ["EDUCATION"],
                "at_least": 0.8,
                "requirements": ["art10.2.f", "art10.2.g"],
                "reason": "US employment screening convention (29 CFR 1607.4(D)), chosen by the provider.",
                "owner": "Head of Credit Risk",
                "fixed_at": "2026-03-01",
            },
            {
                "id": "opportunity",
                "metric": "equal_opportunity_difference",
                "subject": "test",
                "by": ["EDUCATION"],
                "at_most": 0.1,
                "requirements": ["art10.2.f"],
                "reason": "Agreed with the works council.",
                "owner": "Head of Credit Risk",
                "fixed_at": "2026-10-05T10:00:00Z",
            },
            {
                "id": "accuracy-floor",
                "metric": "accuracy",
                "subject": "test",
                "by": ["SEX"],
                "at_least": 0.75,
                "requirements": ["art15.1"],
                "reason": "Accuracy of the manual process it replaces.",
                "owner": "Head of Credit Risk",
                "fixed_at": "2026-03-01",
            },
            {
                "id": "false-alarms",
                "metric": "false_positive_rate",
                "subject": "test",
                "by": ["SEX"],
                "group": ["2"],
                "at_least": 0.2,
                "at_most": 0.5,
                "requirements": ["art15.1"],
                "reason": "Cost of a wrong refusal.",
                "owner": "Head of Credit Risk",
                "fixed_at": "2026-11-21",
            },
            {
                "id": "clean-file",
                "metric": "dangerous_globals",
                "subject": "model",
                "at_most": 0,
                "requirements": ["art15.5"],
                "reason": "No code may run on loading.",
                "owner": "CISO",
                "fixed_at": "2026-03-01",
            },
        ],
        "sign_offs": [
            {
                "id": "use",
                "requirements": ["art13.2"],
                "over": [{"exhibit": "instructions", "sha256": SHA}],
                "statement": "The instructions are complete and were tested with five users.",
                "by": {"name": "Person A", "function": "Product owner"},
                "signed_on": "2026-09-03",
            },
        ],
    }


def plan(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a plan with these steps as plain data."""
    rows = [
        _requirement(
            "art9.1",
            "Article 9",
            "Art. 9(1)",
            "Risk management system",
            "Keep a risk management system for the whole life of the system.",
        ),
        _requirement(
            "art9.2.a", "Article 9", "Art. 9(2)(a)", "Known risks", "Identify the risks that can be foreseen."
        ),
        _requirement(
            "art9.8",
            "Article 9",
            "Art. 9(8)",
            "Tests against prior metrics",
            "Test against metrics and thresholds fixed beforehand.",
        ),
        _requirement(
            "art10.2.f",
            "Article 10",
            "Art. 10(2)(f)",
            "Examination for bias",
            "Examine the data sets for biases likely to lead to discrimination.",
            note="Special categories of data: see Art. 4a.",
        ),
        _requirement(
            "art10.2.g",
            "Article 10",
            "Art. 10(2)(g)",
            "Measures against bias",
            "Take measures to detect, prevent and mitigate biases.",
        ),
        _requirement(
            "art10.3",
            "Article 10",
            "Art. 10(3)",
            "Quality of the data",
            "Use data that are relevant, representative and, as far as possible, free of errors.",
        ),
        *[
            _requirement(
                f"art11.{n}",
                "Article 11",
                f"Art. 11({n})",
                f"Technical documentation {n}",
                "Draw up the technical documentation before the system is placed on the market.",
            )
            for n in range(1, 7)
        ],
        _requirement(
            "art13.2", "Article 13", "Art. 13(2)", "Instructions for use", "Give clear instructions."
        ),
        _requirement(
            "art13.3.a",
            "Article 13",
            "Art. 13(3)(a)",
            "Identity of the provider",
            "State who you are.",
            duty_from=None,
        ),
        _requirement(
            "art15.1", "Article 15", "Art. 15(1)", "Accuracy", "Reach an appropriate level of accuracy."
        ),
        _requirement(
            "art15.5", "Article 15", "Art. 15(5)", "Cybersecurity", "Resist attempts to alter its use."
        ),
        *[
            _requirement(
                f"art5.1.{c}",
                "Article 5",
                f"Art. 5(1)({c})",
                "Prohibited practice",
                "Banned practice.",
                applies="no",
                reason="The provider answered that the system does not do this.",
            )
            for c in "abcdefgh"
        ],
    ]
    return {
        "as_of": "2026-11-20",
        "law": "Regulation (EU) 2024/1689 as consolidated on 27 July 2026",
        "classification": {
            "as_of": "2026-11-20",
            "outcome": "high_risk_annex_iii",
            "summary": "High-risk under Art. 6(2) with Annex III, point 5(b): creditworthiness.",
            "steps": [
                {
                    "question": "scope",
                    "text": "Is it an AI system placed on the market in the Union?",
                    "ref": "Art. 2(1)",
                    "answer": "yes",
                    "because": "Offered to banks in Austria.",
                    "consequence": "The Regulation applies.",
                },
                {
                    "question": "annex-iii",
                    "text": "Is its use listed in Annex III?",
                    "ref": "Art. 6(2)",
                    "answer": "yes",
                    "because": "It rates creditworthiness.",
                    "points": ["annexIII.5.b"],
                    "consequence": "High-risk.",
                },
                {
                    "question": "profiling",
                    "text": "Does it profile natural persons?",
                    "ref": "Art. 6(3)",
                    "answer": "unknown",
                    "because": None,
                    "consequence": "The exception of Art. 6(3) stays closed.",
                },
            ],
            "also": ["Art. 50(1) applies where it talks to people."],
            "missing": ["Whether the system profiles natural persons (Art. 6(3))."],
            "facts": [
                {
                    "condition": "uses_training_data",
                    "holds": "yes",
                    "reason": "A training data set is declared.",
                }
            ],
            "route": {
                "procedure": "annex_vi",
                "ref": "Art. 43(2)",
                "reason": "Annex III points 2 to 8 follow Annex VI.",
            },
            "high_risk_from": "2027-12-02",
        },
        "requirements": rows,
        "probes": PROBES,
        "steps": steps,
    }
