"""True positive rates of groups and the largest difference between them."""

from __future__ import annotations

from conformity.probes.fairness.comparison import Comparison
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.shared.rates import TRUE_POSITIVE

PROBE = RateProbe(
    needs=("label", "prediction", "protected"),
    per_group=(("true_positive_rate", TRUE_POSITIVE),),
    across=(Comparison("equal_opportunity_difference", "difference", (TRUE_POSITIVE,)),),
)
"""The probe that `probe.yaml` beside this file describes."""
