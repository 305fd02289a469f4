"""Inequality of benefits with survey weights and clusters: by hand, against repeated rows, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.measurement import Scalar
from conformity.probes.fairness.inequality.benefit import entropy_index, index_ends, mean_ends
from conformity.probes.fairness.inequality.weighing import weighed
from conformity.probes.shared.cells import STATES, Groups
from conformity.probes.shared.design import Design
from conformity.probes.shared.intervals import Floats, Ints
from tests.support.sampled import measured, number

_ID = "fairness/inequality"
_METRICS = ("generalized_entropy_index", "theil_index")
_OUTCOMES = (("yes", "yes"), ("no", "no"), ("yes", "no"), ("no", "yes"))


def _rows(n: int = 400) -> dict[str, list[object]]:
    random = np.random.default_rng(3)
    drawn = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    return {
        "sex": ["f" if k % 2 else "m" for k in range(n)],
        "label": [_OUTCOMES[one][0] for one in drawn],
        "prediction": [_OUTCOMES[one][1] for one in drawn],
    }


def test_equal_weights_change_nothing_but_the_name_of_the_method() -> None:
    rows = _rows()
    plain, same = measured(_ID, rows), measured(_ID, {**rows, "w": [2.0] * 400})
    for one, other in zip(plain.measurements, same.measurements, strict=True):
        assert isinstance(one.result, Scalar)
        assert isinstance(other.result, Scalar)
        assert other.result.value == pytest.approx(one.result.value)
        assert one.result.interval is not None
        assert other.result.interval is not None
        assert other.result.interval.low == pytest.approx(one.result.interval.low, abs=2e-3)
        assert other.result.interval.high == pytest.approx(one.result.interval.high, abs=2e-3)
        assert other.result.interval.method.endswith("on effective cases by weight")


def test_points_are_those_of_rows_repeated_as_often_as_their_weight() -> None:
    rows = _rows()
    weight = [1 + (k % 3) for k in range(400)]
    repeated = {
        name: [v for v, w in zip(column, weight, strict=True) for _ in range(w)]
        for name, column in rows.items()
    }
    found, wanted = measured(_ID, {**rows, "w": [float(w) for w in weight]}), measured(_ID, repeated)
    for metric in _METRICS:
        assert number(found, metric).value == pytest.approx(number(wanted, metric).value)
        assert number(found, metric).n == 400
    for group in ("f", "m"):
        one, other = number(found, "mean_benefit", group), number(wanted, "mean_benefit", group)
        assert one.value == pytest.approx(other.value)
        assert one.interval is not None
        assert other.interval is not None
        assert one.interval.high - one.interval.low > other.interval.high - other.interval.low


def test_rows_that_are_alike_in_homes_of_four_are_worth_about_one_case_each() -> None:
    """Somewhat less, since the spread is estimated from few clusters with an error (Student's quantile)."""
    base = _rows(100)
    rows = {name: [value for value in column for _ in range(4)] for name, column in base.items()}
    rows["home"] = [k // 4 for k in range(400)]
    found, single = measured(_ID, rows), measured(_ID, base)
    for metric in _METRICS:
        one, other = number(found, metric), number(single, metric)
        assert one.value == pytest.approx(other.value)
        assert one.interval is not None
        assert other.interval is not None
        width, wanted = one.interval.high - one.interval.low, other.interval.high - other.interval.low
        assert 0.9 * wanted < width < 1.5 * wanted


def _group(kinds: Ints, weights: Floats) -> Groups:
    """Return one group of rows by benefit 0, 1 or 2, with weights."""
    places = np.array([1 * 4 + 0, 0, 0 * 4 + 1])[kinds]
    width = len(STATES) ** 2
    mass, squares = (np.bincount(places, weights**power, width)[None].astype(np.float64) for power in (1, 2))
    counts = np.bincount(places, minlength=width).reshape(1, 4, 4)
    return Groups(by=(), names=((),), counts=counts, design=Design(mass, squares))


def test_limits_with_informative_weights_hold_the_truth_in_92_to_98_of_100_samples() -> None:
    """Of three people wrongly turned down one is in the sample, and stands for three."""
    shares = np.array([0.15, 0.75, 0.10])
    drawn = shares / np.array([3.0, 1, 1]) / (shares / np.array([3.0, 1, 1])).sum()
    truth, mean = float(entropy_index(shares)), float(shares @ np.array([0.0, 1, 2]))
    random, held, means = np.random.default_rng(9), 0, 0
    for _ in range(400):
        kinds = random.choice(3, 400, p=drawn)
        (cases,) = weighed(_group(kinds, np.where(kinds == 0, 3.0, 1.0)))
        ends = index_ends(cases, entropy_index)
        assert ends is not None
        held += ends.low <= truth <= ends.high
        low, high = mean_ends(cases)
        means += low <= mean <= high
    assert 0.92 <= held / 400 <= 0.985
    assert 0.92 <= means / 400 <= 0.99


def test_an_outcome_that_does_not_occur_costs_nothing() -> None:
    """By hand: 100 rows of weight 2, all treated as their label says, are 100 cases."""
    (cases,) = weighed(_group(np.ones(100, dtype=np.int64), np.full(100, 2.0)))
    assert cases.tolist() == [0, 100, 0]
