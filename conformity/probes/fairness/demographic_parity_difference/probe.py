"""Largest difference between two groups' selection rates."""

from __future__ import annotations

from conformity.probes.fairness.comparison import Comparison
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.shared.rates import SELECTION

PROBE = RateProbe(
    needs=("prediction", "protected"),
    across=(Comparison("demographic_parity_difference", "difference", (SELECTION,)),),
)
"""The probe that `probe.yaml` beside this file describes."""
