"""Benefits of groups with survey weights and clusters: sums of weights, and as how many cases they count."""

from __future__ import annotations

import numpy as np

from conformity.probes.fairness.inequality.benefit import benefits_of
from conformity.probes.shared.cells import NEGATIVE, POSITIVE, STATES, Groups
from conformity.probes.shared.design import Design, effective
from conformity.probes.shared.intervals import Floats


def weighed(groups: Groups) -> Floats:
    """Return what each group has of benefit 0, 1 and 2, (k, 3), adding up to its effective cases.

    Shares are those of the weights. Every index is a function of three shares, each with a design effect of
    its own; the largest of the three is taken for all, so that limits are too wide rather than too narrow.
    Without weights and clusters these are the counts.

    Source:
        Kish, Survey Sampling (1965), section 8.2; as in :mod:`conformity.probes.shared.design`.
    """
    counts = benefits_of(groups.counts)
    if groups.design is None:
        return counts.astype(np.float64)
    kinds, mass = _kinds(), masses_of(groups.design)
    total = mass.sum(axis=1)
    worth = counts.sum(axis=1).astype(np.float64)
    for kind in range(len(kinds)):
        others = kinds.sum(axis=0) - kinds[kind]
        nothing = np.zeros_like(others)
        found = effective(groups.design.grouped(np.stack([kinds[kind], others, nothing, nothing])))
        varies = (found.rate > 0) & (found.rate < 1)
        worth = np.where(varies, np.minimum(worth, found.cases), worth)
    return np.asarray(mass / np.where(total > 0, total, 1)[:, None] * worth[:, None], dtype=np.float64)


def masses_of(design: Design) -> Floats:
    """Return the sums of the weights of rows with benefit 0, 1 and 2, (k, 3)."""
    return np.asarray(design.mass @ _kinds().T, dtype=np.float64)


def _kinds() -> Floats:
    """Return which states of label and prediction have benefit 0, 1 and 2, (3, 16)."""
    kinds = np.zeros((3, len(STATES) ** 2))
    for label in (NEGATIVE, POSITIVE):
        for prediction in (NEGATIVE, POSITIVE):
            kinds[prediction - label + 1, label * len(STATES) + prediction] = 1
    return kinds
