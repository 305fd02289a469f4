"""Shares of favourable labels in groups and the largest difference between them."""

from __future__ import annotations

from conformity.probes.fairness.comparison import Comparison
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.shared.rates import LABEL

PROBE = RateProbe(
    needs=("label", "protected"),
    per_group=(("label_rate", LABEL),),
    across=(Comparison("label_rate_difference", "difference", (LABEL,)),),
)
"""The probe that `probe.yaml` beside this file describes."""
