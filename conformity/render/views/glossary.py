"""The terms that the report uses, each with its citation or source."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from conformity.render.views.context import Context

_ONLY_WITH = MappingProxyType(
    {
        "special_categories": ("special_category_columns", "undeclared_special_category_columns"),
        "group": ("group_size", "selection_rate", "label_rate"),
        "selection_rate": ("selection_rate",),
        "impact_ratio": ("disparate_impact_ratio",),
        "parity": ("demographic_parity_difference",),
        "opportunity": ("equal_opportunity_difference",),
        "odds": ("equalized_odds_difference",),
        "balanced": ("balanced_accuracy",),
        "auc": ("auc",),
        "calibration": ("expected_calibration_error", "calibration_observed_rate"),
        "k_anonymity": ("k_anonymity",),
        "quasi": ("k_anonymity", "unique_share_alone"),
    }
)
"""Terms that are told only when one of these metrics was measured; all others always are."""


@dataclass(frozen=True)
class Term:
    """One term."""

    term: str
    """The word."""
    meaning: str
    """What it means here."""
    source: str
    """Where that comes from."""


def glossary(context: Context) -> tuple[Term, ...]:
    """Return the terms in alphabetical order."""
    measured = {str(one.metric) for seen in context.evidence.observations for one in seen.measurements}
    told = [
        Term(entry["term"], entry["meaning"], entry["source"])
        for key, entry in context.words["glossary"]["terms"].items()
        if key not in _ONLY_WITH or measured.intersection(_ONLY_WITH[key])
    ]
    return tuple(sorted(told, key=lambda one: one.term.casefold()))
