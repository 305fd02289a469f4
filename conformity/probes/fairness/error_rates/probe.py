"""Error rates and predictive values of groups, and the gaps between them."""

from __future__ import annotations

from conformity.probes.fairness.comparison import Comparison
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.shared.rates import (
    ACCURACY,
    FALSE_DISCOVERY,
    FALSE_NEGATIVE,
    FALSE_OMISSION,
    FALSE_POSITIVE,
    MISSED,
    NEGATIVE_VALUE,
    POSITIVE_VALUE,
    TRUE_NEGATIVE,
    TRUE_POSITIVE,
)

PROBE = RateProbe(
    needs=("label", "prediction", "protected"),
    per_group=(
        ("true_negative_rate", TRUE_NEGATIVE),
        ("false_negative_rate", FALSE_NEGATIVE),
        ("positive_predictive_value", POSITIVE_VALUE),
        ("negative_predictive_value", NEGATIVE_VALUE),
        ("false_discovery_rate", FALSE_DISCOVERY),
        ("false_omission_rate", FALSE_OMISSION),
        ("false_negative_share", MISSED),
    ),
    across=(
        Comparison("predictive_parity_difference", "difference", (POSITIVE_VALUE,)),
        Comparison("false_omission_rate_difference", "difference", (FALSE_OMISSION,)),
        Comparison("equal_opportunity_ratio", "ratio", (TRUE_POSITIVE,)),
        Comparison("equalized_odds_ratio", "ratio", (TRUE_POSITIVE, FALSE_POSITIVE)),
        Comparison("accuracy_difference", "difference", (ACCURACY,)),
        Comparison("treatment_equality_difference", "difference", (MISSED,)),
    ),
    named=1,
)
"""The probe that `probe.yaml` beside this file describes."""
