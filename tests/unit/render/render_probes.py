"""The probes of the realistic assessment, as plain data."""

from __future__ import annotations

from typing import Any


def _metric(ident: str, title: str, per: str, unit: str = "1", better: str = "neither") -> dict[str, Any]:
    """Return a metric as plain data."""
    return {
        "id": ident,
        "title": title,
        "unit": unit,
        "better": better,
        "per": per,
        "extent": "estimate" if unit == "1" else "complete",
        "definition": f"{title} as the share of cases, P(Ŷ = 1 | A = a).",
    }


def _probe(ident: str, title: str, metrics: list[dict[str, Any]], works_on: str = "table") -> dict[str, Any]:
    """Return a probe as plain data."""
    return {
        "id": ident,
        "version": 1,
        "title": title,
        "question": f"What is the {title.lower()}?",
        "works_on": works_on,
        "metrics": metrics,
        "method": "Counted on grouped cells; Wilson's score for shares, resampling for differences.",
        "sources": ("Agarwal et al., ICML 2018", "Wilson, JASA 22 (1927)"),
        "limits": ("Groups below 30 cases have no rate.", "Says nothing about causes."),
        "lifecycle": "stable",
    }


PROBES = [
    _probe(
        "accuracy/classification",
        "Accuracy",
        [
            _metric("accuracy", "Accuracy", "group", better="higher"),
            {**_metric("f1", "F1 score", "group", better="higher"), "of_cases": False},
        ],
    ),
    _probe("data_quality/group_sizes", "Group sizes", [_metric("group_size", "Group size", "group", "rows")]),
    _probe(
        "data_quality/completeness",
        "Completeness",
        [
            _metric("rows", "Rows", "subject", "rows"),
            {**_metric("missing_share", "Share missing", "column"), "of_cases": False},
        ],
    ),
    _probe(
        "environment/inference_energy",
        "Energy of inference",
        [_metric("inference_energy_kwh_per_1000", "Energy per 1,000 inferences", "subject", "kWh", "lower")],
        "model",
    ),
    _probe(
        "fairness/disparate_impact_ratio",
        "Disparate impact ratio",
        [_metric("disparate_impact_ratio", "Disparate impact ratio", "attribute", better="higher")],
    ),
    _probe(
        "fairness/selection_rate", "Selection rate", [_metric("selection_rate", "Selection rate", "group")]
    ),
    _probe(
        "fairness/equal_opportunity_difference",
        "Equal opportunity",
        [
            _metric("true_positive_rate", "True positive rate", "group"),
            _metric("false_positive_rate", "False positive rate", "group"),
            _metric(
                "equal_opportunity_difference", "Equal opportunity difference", "attribute", better="lower"
            ),
        ],
    ),
    _probe(
        "privacy/k_anonymity",
        "k-anonymity",
        [_metric("k_anonymity", "k-anonymity", "subject", "rows", "higher")],
    ),
    _probe(
        "security/model_file_scan",
        "Model file scan",
        [_metric("dangerous_globals", "Dangerous globals", "subject", "globals", "lower")],
        "model",
    ),
]
