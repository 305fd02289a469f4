"""Uniqueness in the population, against ARX's published figures and populations that are known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.tally import CategoryKey, ClassSizes, MissingCounts, Tally
from conformity.probes.interface import NotMeasurableError
from conformity.probes.privacy.population_risk.models import (
    Sample,
    negative_binomial,
    pitman,
    unique_if_unique,
)
from conformity.probes.privacy.population_risk.probe import METRICS, PROBE
from conformity.probes.privacy.population_risk.solving import digamma, root
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Ints
from tests.support.anonymity import bound, content, numbers, results, subject
from tests.support.privacy_tables import probed

# Sizes and numbers of classes over all nine attributes of ARX's example, Adult of 30,162 rows.
ADULT = {
    **dict(zip(range(1, 15), (15512, 2098, 754, 375, 189, 155, 97, 73, 39, 37, 29, 18, 23, 14), strict=True)),
    **dict(zip(range(15, 28), (15, 9, 11, 10, 10, 5, 3, 4, 3, 2, 1, 3, 5), strict=True)),
    **{29: 1, 30: 2, 32: 1, 34: 1, 35: 1, 36: 1, 45: 1},
}


SIZES = ((1, 60), (2, 10), (3, 5), (5, 4), (9, 3), (20, 2))
"""Class sizes and their numbers for which every model has a solution."""


def sample(classes: dict[int, int], fraction: float) -> Sample:
    """Return a sample with these numbers of classes by size."""
    sizes, counts = zip(*sorted(classes.items()), strict=True)
    return Sample(np.array(sizes, dtype=np.float64), np.array(counts, dtype=np.float64), fraction)


def measured(classes: dict[int, int], fraction: float) -> dict[str, float]:
    """Return what the probe makes of class sizes."""
    table = subject(*bound(zip="quasi_identifier"), fraction=fraction)
    rows = sum(size * count for size, count in classes.items())
    sizes = Tally(
        spec=ClassSizes(keys=(CategoryKey(column="zip"),)),
        columns=("size", "classes"),
        entries=tuple(sorted(classes.items())),
    )
    gaps = Tally(spec=MissingCounts(), columns=("column", "missing", "rows"), entries=(("zip", 0, rows),))
    return numbers(PROBE.measure(table, (sizes, gaps)))


@pytest.mark.parametrize(
    ("fraction", "model", "share"),
    [
        (0.1, "zayatz", 0.3207402393466189),
        (0.1, "pitman", 0.27684993883653597),
        (0.01, "pitman", 0.1446083531167384),
        (0.2, "zayatz", 0.3577099234829125),
        (1.0, "zayatz", 0.5142895033485844),
    ],
)
def test_published_shares(fraction: float, model: str, share: float) -> None:
    """ARX, TestRiskMetrics.testDecisionRule2, the same to six digits."""
    found_ = measured(ADULT, fraction)[f"population_unique_share_{model}"]
    assert found_ == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(("fraction", "model"), [(0.1, "pitman"), (0.11, "snb"), (1.0, "zayatz")])
def test_the_rule_goes_by_the_sampling_fraction(fraction: float, model: str) -> None:
    """Dankar et al. (2012): Pitman's model up to 0.1, above it the smaller of the two others."""
    shares = measured(ADULT, fraction)
    assert shares["population_unique_share"] == shares[f"population_unique_share_{model}"]
    population = round(30162 / fraction)
    assert shares["population_uniques"] == pytest.approx(shares["population_unique_share"] * population)


def test_models_recover_the_population_they_describe() -> None:
    """A population is drawn from each model and a part of it from that: its uniques are found again."""
    draw = np.random.default_rng(3)
    sizes = 1 + draw.negative_binomial(2.0, 0.4, 60_000)
    half = sample(_by_size(draw.binomial(sizes, 0.5)), 0.5)
    assert negative_binomial(half) == pytest.approx(int((sizes == 1).sum()), rel=0.05)

    people = np.array(_chinese_restaurant(20_000, theta=30.0, alpha=0.6))
    drawn = draw.permutation(people)[:4000]
    uniques = int((np.bincount(people) == 1).sum())
    assert pitman(sample(_by_size(np.bincount(drawn)), 0.2)) == pytest.approx(uniques, rel=0.1)


def _chinese_restaurant(people: int, theta: float, alpha: float) -> list[int]:
    """Return the class of each person of a population that follows Pitman's formula, one after the other."""
    draw = np.random.default_rng(5)
    classes, sizes = [0], [1]
    while len(classes) < people:
        if draw.random() < (theta + alpha * len(sizes)) / (theta + len(classes)):
            classes.append(len(sizes))
            sizes.append(1)
            continue
        # A class of size s is joined with weight s - alpha: that of a person drawn, unless thinned away.
        other = classes[int(draw.integers(len(classes)))]
        while draw.random() < alpha / sizes[other]:
            other = classes[int(draw.integers(len(classes)))]
        classes.append(other)
        sizes[other] += 1
    return classes


def _by_size(sizes: Ints) -> dict[int, int]:
    """Return how often each size above 0 occurs."""
    found_, counts = np.unique(sizes[sizes > 0], return_counts=True)
    return dict(zip(found_.tolist(), counts.tolist(), strict=True))


def test_one_row_drawn_is_hypergeometric() -> None:
    """By hand: three of six people drawn; one of a pair is among them with C(2,1) C(4,2) / C(6,3) = 0.6."""
    assert unique_if_unique(sample({1: 2}, 0.5)) == 1
    assert unique_if_unique(sample({1: 1, 2: 1}, 0.5)) == pytest.approx(0.5 / (0.5 + 0.6))


def test_long_classes_agree_with_short_ones() -> None:
    """The logarithms used above 10,000 rows give what the product gives."""
    short, long = sample({1: 10, 10_000: 1}, 0.0001), sample({1: 10, 10_001: 1}, 0.0001)
    first, second = unique_if_unique(short), unique_if_unique(long)
    assert first is not None
    assert second is not None
    assert second == pytest.approx(first, rel=1e-3)
    assert unique_if_unique(sample({1: 5, 50: 1}, 1.0)) == 1


def test_models_without_a_solution_say_so() -> None:
    assert pitman(sample({1: 50}, 0.1)) is None
    assert pitman(sample({1: 1, 60: 100}, 0.1)) is None
    assert negative_binomial(sample({1: 50}, 0.1)) is None
    assert negative_binomial(sample({1: 1, 2: 90}, 0.9)) is None
    shares = measured({1: 50}, 0.1)
    assert "population_unique_share_pitman" not in shares
    assert shares["population_unique_share"] == shares["population_unique_share_zayatz"] == 1
    assert measured({1: 50}, 0.5)["population_unique_share"] == 1


def test_no_unique_row_makes_no_unique_person() -> None:
    shares = measured({2: 50}, 0.1)
    assert shares["population_uniques"] == 0
    assert "unique_row_is_unique_person" not in shares


def test_numerics_agree_with_known_values() -> None:
    """Abramowitz and Stegun: psi(1) is minus Euler's constant, psi(x + 1) = psi(x) + 1 / x."""
    assert digamma(1.0) == pytest.approx(-0.5772156649015329, abs=1e-13)
    assert digamma(3.5) == pytest.approx(digamma(2.5) + 1 / 2.5, abs=1e-13)
    assert root(lambda x: x * x - 2, 0, 2) == pytest.approx(math.sqrt(2), abs=1e-13)
    assert root(lambda x: 2 - x * x, 0, 2) == pytest.approx(math.sqrt(2), abs=1e-13)
    assert root(lambda x: x, -1, 2) == pytest.approx(0, abs=1e-13)
    assert math.isnan(root(lambda x: x * x + 1, 0, 2))
    assert math.isnan(root(lambda x: math.nan, 0, 2))


def test_population_risk_needs_a_fraction_and_rows(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="has the role `quasi_identifier`"):
        PROBE.tallies(subject(*bound(zip="feature"), fraction=0.1))
    with pytest.raises(NotMeasurableError, match="does not declare its `sampling_fraction`"):
        PROBE.tallies(subject(*bound(zip="quasi_identifier")))
    table = subject(*bound(zip="quasi_identifier"), fraction=0.1)
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        probed(PROBE, table, tmp_path, content("zip", []))


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.1, math.nan])
def test_a_fraction_lies_above_nothing_and_up_to_all(fraction: float) -> None:
    with pytest.raises(ValidationError):
        subject(*bound(zip="quasi_identifier"), fraction=fraction)


@pytest.mark.parametrize(("rows", "cell", "why"), [(29, "a", "too_few_cases"), (30, "", "not_collected")])
def test_few_rows_or_blanks_give_no_estimate(tmp_path: Path, rows: int, cell: str, why: str) -> None:
    table = subject(*bound(zip="quasi_identifier"), fraction=0.1)
    measured_ = results(probed(PROBE, table, tmp_path, content("zip", [(cell,)] * rows)))
    assert set(measured_) == set(METRICS)
    for result in measured_.values():
        assert isinstance(result, NotAvailable)
        assert result.why == why
        assert result.n == rows


def test_population_risk_measures_what_it_declares(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/population_risk"]
    assert load_probe(spec.id) is PROBE
    assert {metric.extent for metric in spec.metrics} == {"indicative"}
    table = subject(*bound(zip="quasi_identifier"), fraction=0.2)
    rows = [(f"{size}-{number // size}",) for size, n in SIZES for number in range(size * n)]
    result = probed(PROBE, table, tmp_path, content("zip", rows))
    measured_ = results(result)
    assert set(measured_) == {metric.id for metric in spec.metrics} == set(METRICS)
    units = {str(metric.id): metric.unit for metric in spec.metrics}
    assert units == {name: one.unit for name, one in measured_.items() if isinstance(one, Scalar)}
    (note,) = result.notes
    assert "declares that the table is a random sample of 0.2 of its population" in note
