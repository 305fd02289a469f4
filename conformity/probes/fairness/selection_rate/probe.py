"""Selection rates of groups."""

from __future__ import annotations

from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.shared.rates import SELECTION

PROBE = RateProbe(needs=("prediction", "protected"), per_group=(("selection_rate", SELECTION),))
"""The probe that `probe.yaml` beside this file describes."""
