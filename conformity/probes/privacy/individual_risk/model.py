"""The individual risk of re-identification: what a sample's weights tell of the class in the population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.probes.shared.intervals import Floats

_LARGE, _TERMS = 20, 200
"""From how many rows in a class on the series is used whatever p, and how many of its terms."""


@dataclass(frozen=True)
class Classes:
    """Classes of a sample beside the number of people in the population that they stand for."""

    rows: Floats
    """(k,) rows that have the risk of this class, all classes of one kind together."""
    sample: Floats
    """(k,) rows of the sample that agree in the quasi-identifiers, f."""
    population: Floats
    """(k,) people of the population that do, F, estimated by the sum of weights."""

    @property
    def total(self) -> int:
        """Return the rows of the sample."""
        return int(self.rows.sum())


def individual_risk(sample: Floats, population: Floats) -> Floats:
    """Return the expectation of 1 / F for each class, given the f rows of it that are in the sample.

    F given f is negative binomial with probability ``p = f / F`` of being drawn, where F is estimated by the
    sum of weights. With ``q = 1 - p`` the expectation is ``p ** f / f * 2F1(f, f; f + 1; q)``, which by
    Euler's transformation is ``p / f * 2F1(1, 1; f + 1; q)``, or p times the integral of
    ``u ** (f - 1) / (p + q u)`` over u from 0 to 1. Nobody stands for fewer people than themselves: F is at
    least f, where the risk is 1 / f.

    Args:
        sample: (k,) f, at least 1.
        population: (k,) F, above 0.

    Source:
        Franconi and Polettini, Individual risk estimation in mu-Argus: a review, PSD 2004, 262-272;
        Abramowitz and Stegun, Handbook of Mathematical Functions, 15.3.1 and 15.3.3.
    """
    drawn = np.minimum(sample / population, 1.0)
    by_series = (sample >= _LARGE) | (drawn >= 0.5)
    risks = np.empty(len(sample))
    risks[by_series] = _series(sample[by_series], drawn[by_series])
    risks[~by_series] = _recursion(sample[~by_series], drawn[~by_series])
    return risks


def _series(sample: Floats, drawn: Floats) -> Floats:
    """Return the risks by the series of 2F1(1, 1; f + 1; q), of which no term is negative.

    Its terms fall by the factor ``q n / (f + n)``: the last is below 1e-20 where f is large or q is not.
    """
    term, total = np.ones(len(sample)), np.ones(len(sample))
    for n in range(1, _TERMS):
        term = term * (1 - drawn) * n / (sample + n)
        total = total + term
    return np.asarray(drawn / sample * total, dtype=np.float64)


def _recursion(sample: Floats, drawn: Floats) -> Floats:
    """Return the risks for few rows and p below 1/2, from one row upwards.

    The integral for f + 1 is ``(1 / f - p * that for f) / q``, so that errors shrink by p / q.
    """
    integral = -np.log(drawn) / (1 - drawn)
    for size in range(1, _LARGE):
        integral = np.where(sample > size, (1 / size - drawn * integral) / (1 - drawn), integral)
    return np.asarray(drawn * integral, dtype=np.float64)


def mean_risk(classes: Classes) -> float:
    """Return the mean of the individual risk over all rows: the global risk, per row."""
    return float(_risks(classes) @ classes.rows / classes.total)


def highest_risk(classes: Classes) -> float:
    """Return the largest individual risk."""
    return float(_risks(classes).max())


def share_above(classes: Classes, limit: float) -> float:
    """Return the share of rows whose individual risk exceeds ``limit``."""
    return float(classes.rows[_risks(classes) > limit].sum() / classes.total)


def _risks(classes: Classes) -> Floats:
    """Return the risk of each kind of class, (k,)."""
    return individual_risk(classes.sample, classes.population)
