"""Root mean squared error and explained variance by group, with limits from sums of fourth powers."""

from __future__ import annotations

import numpy as np

from conformity.model.measurement import NotAvailable
from conformity.probes.shared.estimates import Estimate
from conformity.probes.shared.intervals import Flags, Floats, Limits
from conformity.probes.shared.moments import positive_limits
from conformity.probes.shared.residuals import UNIT, Residuals, reasons

_ALIKE = 1e-9
_ROUNDING = 5e-10
"""By how much a sum with nine decimals is rounded for each row at most."""
_PRECISION = 1e-13
"""Relative error of products of four numbers, with room for adding them up."""
_LEAST = 100
"""Fewest cases from which limits of the explained variance are made: two skewed means are behind it."""
_NOISE = 0.05
"""Largest part of a variance that may be lost in the subtraction of large numbers."""


def root_mean_squared_error_of(groups: Residuals) -> Estimate:
    """Return the root of the mean squared error in each group.

    Its limits are the roots of those of the mean squared error, whose variance comes from fourth powers.
    """
    safe = np.maximum(groups.cases, 1)
    means = groups.squares / safe
    fourths = groups.fourths / safe + _ROUNDING
    spread = np.maximum(fourths - means**2, 0) * safe / np.maximum(groups.cases - 1, 1)
    variances = np.where(groups.blanks > 0, np.inf, spread)

    def limits(z: float) -> Limits:
        found = positive_limits(groups.cases, means, variances, z)
        low_point, low = (np.sqrt(np.maximum(end, 0)) for end in (found.low_point, found.low))
        return Limits(low_point, low, np.sqrt(found.high_point), np.sqrt(found.high))

    return Estimate(
        name="root mean squared error",
        values=np.sqrt(means),
        cases=groups.cases,
        reasons=reasons(groups, "root mean squared error"),
        limits=limits,
        method="Student's t of the logarithm of the mean squared error",
        unit=UNIT,
    )


def explained_of(groups: Residuals) -> Estimate:
    """Return the share of the labels' variance that predictions explain in each group.

    One minus it is the ratio of two means, of squared errors and of squared distances of labels from their
    mean. The variance of its logarithm follows by the delta method from their fourth moments and from how
    they go together.

    Source:
        Cramér, Mathematical Methods of Statistics (1946), section 27.7, for functions of moments.
    """
    safe = np.maximum(groups.cases, 1)
    spread = groups.label_squares / safe - (groups.labels / safe) ** 2
    alike = spread <= _ALIKE * np.maximum(groups.label_squares / safe, 1e-6)
    some = np.where(alike, 1.0, spread)
    unexplained = np.where(alike, 1.0, groups.squares / safe / some)
    variances, sure = _log_variance(groups, some)
    able = sure & ~alike & (groups.blanks == 0) & (groups.cases >= _LEAST)
    variances = np.where(able, variances * unexplained**2, np.inf)

    def limits(z: float) -> Limits:
        found = positive_limits(groups.cases, unexplained, variances, z)
        return Limits(1 - found.high_point, 1 - found.high, 1 - found.low_point, 1 - found.low)

    why_not = [
        reason or (_nothing_to_explain(int(n)) if same else None)
        for reason, same, n in zip(reasons(groups, "R²"), alike, groups.cases, strict=True)
    ]
    return Estimate(
        name="R²",
        values=1 - unexplained,
        cases=groups.cases,
        reasons=tuple(why_not),
        limits=limits,
        method="delta method on the logarithm of the unexplained share, Student's t",
    )


def _log_variance(groups: Residuals, spread: Floats) -> tuple[Floats, Flags]:
    """Return the variance of one case's part in the logarithm of the unexplained share, and if it is sure.

    Args:
        groups: the sums.
        spread: (k,) variances of the labels, above 0.
    """
    safe = np.maximum(groups.cases, 1)
    mean, second, third, fourth = (
        sums / safe
        for sums in (groups.labels, groups.label_squares, groups.label_cubes, groups.label_fourths)
    )
    error = groups.squares / safe
    scale = np.where(error > 0, error, 1.0)
    about_mean = fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4
    together = (groups.squares_by_label_square - 2 * mean * groups.squares_by_label) / safe + mean**2 * error
    rounded = _ROUNDING * (
        1 / scale**2
        + (1 + 4 * abs(mean) + 6 * mean**2) / spread**2
        + 2 * (1 + abs(mean)) ** 2 / (scale * spread)
    )
    found = groups.fourths / safe / scale**2 + about_mean / spread**2 - 2 * together / (scale * spread)
    lost = _PRECISION * (fourth / spread**2 + 2 * second * error / (scale * spread)) * 8
    variance = np.maximum(found, 0) + rounded
    return variance * safe / np.maximum(safe - 1, 1), (error > 0) & (lost <= _NOISE * variance)


def _nothing_to_explain(n: int) -> NotAvailable:
    """Return that all labels of a group are the same."""
    text = "all labels are the same, so that there is no variance to explain: no R² is given"
    return NotAvailable(why="undefined", reason=text, n=n)
