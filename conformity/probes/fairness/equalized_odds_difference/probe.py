"""False positive rates of groups, and the larger of the gaps in true and false positive rates."""

from __future__ import annotations

from conformity.probes.fairness.comparison import Comparison
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.shared.rates import FALSE_POSITIVE, TRUE_POSITIVE

PROBE = RateProbe(
    needs=("label", "prediction", "protected"),
    per_group=(("false_positive_rate", FALSE_POSITIVE),),
    across=(Comparison("equalized_odds_difference", "difference", (TRUE_POSITIVE, FALSE_POSITIVE)),),
)
"""The probe that `probe.yaml` beside this file describes."""
