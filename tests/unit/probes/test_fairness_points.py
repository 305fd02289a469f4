"""Fairlearn and the array computation give the same point estimates."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.probes.fairness.points import MOST_GROUPS, by_fairlearn, by_numpy, points
from conformity.probes.shared.rates import (
    ACCURACY,
    FALSE_DISCOVERY,
    FALSE_NEGATIVE,
    FALSE_OMISSION,
    FALSE_POSITIVE,
    LABEL,
    MISSED,
    NEGATIVE_VALUE,
    POSITIVE_VALUE,
    SELECTION,
    TRUE_NEGATIVE,
    TRUE_POSITIVE,
    Rate,
)

_RATES = [
    SELECTION,
    LABEL,
    TRUE_POSITIVE,
    FALSE_POSITIVE,
    TRUE_NEGATIVE,
    FALSE_NEGATIVE,
    POSITIVE_VALUE,
    NEGATIVE_VALUE,
    FALSE_DISCOVERY,
    FALSE_OMISSION,
    ACCURACY,
    MISSED,
]


@pytest.mark.parametrize("rate", _RATES, ids=lambda rate: rate.name)
def test_rates_by_hand(rate: Rate) -> None:
    """By hand: 30 of 100, 10 of 40 and 0 of 7."""
    found = by_fairlearn(rate, np.array([30, 10, 0]), np.array([70, 30, 7]))
    assert found.rates.tolist() == pytest.approx([0.3, 0.25, 0.0], abs=1e-15)
    assert found.difference == pytest.approx(0.3, abs=1e-15)
    assert found.ratio == 0


@pytest.mark.parametrize("rate", _RATES, ids=lambda rate: rate.name)
def test_both_agree_on_a_hundred_groups(rate: Rate) -> None:
    random = np.random.default_rng(3)
    successes, failures = random.integers(0, 500, 100), random.integers(1, 500, 100)
    one, other = by_fairlearn(rate, successes, failures), by_numpy(successes, failures)
    assert np.abs(one.rates - other.rates).max() <= 1e-12
    assert one.difference == pytest.approx(other.difference, abs=1e-12)
    assert one.ratio == pytest.approx(other.ratio, abs=1e-12)


def test_nobody_selected_has_no_ratio() -> None:
    for found in (
        by_numpy(np.array([0, 0]), np.array([5, 5])),
        by_fairlearn(SELECTION, np.array([0, 0]), np.array([5, 5])),
    ):
        assert np.isnan(found.ratio)
        assert found.difference == 0


@pytest.mark.parametrize("groups", [MOST_GROUPS, MOST_GROUPS + 1])
def test_the_way_changes_with_the_number_of_groups_and_the_numbers_do_not(groups: int) -> None:
    successes, failures = np.arange(1, groups + 1), np.full(groups, 7)
    found, expected = points(SELECTION, successes, failures), by_numpy(successes, failures)
    assert np.abs(found.rates - expected.rates).max() <= 1e-12
    assert found.ratio == pytest.approx(expected.ratio, abs=1e-12)


def test_no_groups_have_no_numbers() -> None:
    found = points(SELECTION, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert len(found.rates) == 0
    assert np.isnan([found.difference, found.ratio]).all()
