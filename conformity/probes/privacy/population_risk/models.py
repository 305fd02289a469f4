"""How many of a population's people are unique in it, estimated from the class sizes of a sample.

Each model takes the sizes of the classes in a sample and returns the estimated number of population
uniques, or None where it cannot be fitted. A population that was sampled by fraction f is n / f people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from conformity.probes.privacy.population_risk.solving import digamma, digammas, root
from conformity.probes.shared.intervals import Floats

_GRID = 400
_LEAST_ALPHA = 1e-3
"""Below this the slope drowns in rounding, and the population has too few uniques for the model."""
_LARGEST = 1e15
_LONG = 10_000
"""Classes of more rows than this are weighted by the logarithm of the gamma function, not by a product."""


@dataclass(frozen=True)
class Sample:
    """The class sizes of a sample and the part of the population that it is."""

    sizes: Floats
    """(s,) different class sizes, rising."""
    classes: Floats
    """(s,) number of classes of each size."""
    fraction: float
    """In (0, 1]."""

    @property
    def rows(self) -> float:
        """Return the number of people in the sample."""
        return float(self.sizes @ self.classes)

    @property
    def population(self) -> float:
        """Return the number of people in the population, a whole number."""
        return float(max(round(self.rows / self.fraction), self.rows))

    def of_size(self, size: int) -> float:
        """Return the number of classes of this size."""
        return float(self.classes[self.sizes == size].sum())


def unique_if_unique(sample: Sample) -> float | None:
    """Return the probability that a row unique in the sample is unique in the population.

    Classes of the population are taken to have the sizes seen in the sample; a class of size s gives one
    row to the sample with the hypergeometric probability. None without unique rows.

    Source:
        Zayatz, Estimation of the number of unique population elements using a sample, US Bureau of the
        Census, SRD 91/08 (1991).
    """
    alone = sample.of_size(1)
    if not alone:
        return None
    seen_once = np.array([_one_drawn(sample, int(size)) for size in sample.sizes])
    return float(alone * sample.rows / sample.population / (sample.classes @ seen_once))


def _one_drawn(sample: Sample, size: int) -> float:
    """Return the probability that one of ``size`` people is drawn, n of N without replacement.

    ``size * n / N * product over j < size - 1 of (N - n - j) / (N - 1 - j)``.
    """
    total, drawn = sample.population, sample.rows
    rest = total - drawn
    if size - 1 > rest:
        return 0.0
    if size <= _LONG:
        steps = np.arange(size - 1, dtype=np.float64)
        others = float(np.prod((rest - steps) / (total - 1 - steps)))
    else:
        logs = math.lgamma(rest + 1) - math.lgamma(rest - size + 2)
        others = math.exp(logs - math.lgamma(total) + math.lgamma(total - size + 1))
    return size * drawn / total * others


def zayatz(sample: Sample) -> float | None:
    """Return the number of population uniques after Zayatz; 0 without unique rows."""
    probability = unique_if_unique(sample)
    return 0.0 if probability is None else sample.of_size(1) * probability / sample.fraction


def pitman(sample: Sample) -> float | None:
    """Return the number of population uniques under Pitman's sampling formula, fitted by likelihood.

    With the fitted alpha in (0, 1) and theta, ``gamma(theta + 1) / gamma(theta + alpha) * N ** alpha``.

    Source:
        Hoshino, Journal of Official Statistics 17 (2001) 499-520.
    """
    count = float(sample.classes.sum())
    if not sample.of_size(1):
        return 0.0
    if not 1 < count < sample.rows:
        return None

    def slope(alpha: float) -> float:
        theta = _theta(sample, count, alpha)
        of_sizes = float(sample.classes @ (digammas(sample.sizes - alpha) - digamma(1 - alpha)))
        return (count - 1 - theta * _harmonic(theta, alpha, count)) / alpha - of_sizes

    found = root(slope, _LEAST_ALPHA, 1 - 1e-9)
    if math.isnan(found):
        return None
    theta = _theta(sample, count, found)
    logs = math.lgamma(theta + 1) - math.lgamma(theta + found) + found * math.log(sample.population)
    return min(math.exp(logs), sample.population)


def _harmonic(theta: float, alpha: float, count: float) -> float:
    """Return the sum of 1 / (theta + i * alpha) over i from 1 to ``count`` - 1."""
    return (digamma(theta / alpha + count) - digamma(theta / alpha + 1)) / alpha


def _theta(sample: Sample, count: float, alpha: float) -> float:
    """Return the likeliest theta for ``alpha``, where the likelihood turns; NaN where it is out of reach."""

    def slope(theta: float) -> float:
        return _harmonic(theta, alpha, count) - _harmonic(theta, 1.0, sample.rows)

    high = 1.0
    while high < _LARGEST and slope(high) > 0:
        high *= 2
    return root(slope, -alpha * (1 - 1e-9), high)


def negative_binomial(sample: Sample) -> float | None:
    """Return the number of population uniques under the slide negative binomial model.

    The population has K classes of sizes 1 + negative binomial (a, b). K is Shlosser's estimate; a and b
    give the numbers of classes of one and of two rows that were seen. With r = b / (f + (1 - f) b) and
    w = (1 - r) (1 - f) / f, ``c1 = K f r**a (1 + a w)`` and
    ``c2 / c1 = a (1 - r) (2 + (1 + a) w) / (2 (1 + a w))``, so that a follows from r by a quadratic equation.

    Source:
        Chen and Keller-McNulty, Journal of Official Statistics 14 (1998) 79-95; Haas and Stokes, JASA 93
        (1998) 1475-1487, for Shlosser's estimator.
    """
    one, two, part = sample.of_size(1), sample.of_size(2), sample.fraction
    if not one:
        return 0.0
    if not two or part == 1:
        return None
    classes = _shlosser(sample)

    def excess(r: float) -> float:
        a, w = _shape(r, part, two / one)
        return math.log(classes * part / one) + a * math.log(r) + math.log1p(a * w)

    grid = (1 / (1 + np.exp(np.linspace(20, -20, _GRID)))).tolist()
    values = [excess(r) for r in grid]
    for number in range(_GRID - 1):
        if values[number] < 0 <= values[number + 1]:
            r = root(excess, grid[number], grid[number + 1])
            b = r * part / (1 - r * (1 - part))
            return float(classes * b ** _shape(r, part, two / one)[0])
    return None


def _shape(r: float, part: float, pairs: float) -> tuple[float, float]:
    """Return a and w of the negative binomial for ``r``, where ``pairs`` is c2 / c1."""
    w = (1 - r) * (1 - part) / part
    linear = (1 - r) * (2 + w) - 2 * pairs * w
    square = (1 - r) * w
    root_of = math.sqrt(linear * linear + 8 * square * pairs)
    return (4 * pairs / (linear + root_of) if linear > 0 else (root_of - linear) / (2 * square)), w


def _shlosser(sample: Sample) -> float:
    """Return Shlosser's estimate of the number of classes in the population."""
    part, sizes, classes = sample.fraction, sample.sizes, sample.classes
    missed = (1 - part) ** sizes
    first = (sizes * part**2 * (1 - part**2) ** (sizes - 1)) @ classes
    second = ((1 - part**2) ** sizes - missed) @ classes
    third = (missed @ classes) / ((sizes * part * (1 - part) ** (sizes - 1)) @ classes)
    return float(classes.sum() + sample.of_size(1) * first / second * third**2)
