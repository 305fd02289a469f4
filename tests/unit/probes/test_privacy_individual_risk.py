"""The individual risk, against sdcMicro's published values and the integral that defines it."""

from __future__ import annotations

from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from conformity.engines.frame import open_frame
from conformity.model.measurement import NotAvailable
from conformity.model.subject import TableSubject
from conformity.model.tally import ClassMatches
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.individual_risk.model import Classes, individual_risk, mean_risk, share_above
from conformity.probes.privacy.individual_risk.probe import METRICS, PROBE, WILDCARD
from conformity.probes.registry import load_probe, probe_specs
from tests.support.anonymity import SDC_MICRO, bound, content, numbers, results, subject
from tests.support.privacy_tables import probed

# sdcMicro, test_indivRisk.R, method "exact": with missing values, and the same rows without them.
WITH_BLANKS = (
    *(0.013552968, 0.085791288, 0.010504889, 0.032466112),
    *(0.009756889, 0.009756889, 0.039316254, 0.005962551),
)
WITHOUT = (0.01355297, 0.08579129, 0.01355297, 0.17707583, 0.01877883, 0.01877883, 0.03931625, 0.01355297)

WEIGHED = bound(zip="quasi_identifier", w="weight")


def risks(sample: list[float], population: list[float]) -> list[float]:
    """Return the risks of classes."""
    found = individual_risk(np.array(sample, dtype=np.float64), np.array(population, dtype=np.float64))
    return [float(risk) for risk in found]


def measured(tmp_path: Path, rows: list[tuple[Any, ...]], table: TableSubject) -> ProbeResult:
    """Return what the probe finds in rows of a class and a weight."""
    return probed(PROBE, table, tmp_path, content("zip,w", rows))


def test_published_risks_with_missing_values() -> None:
    """The engine's matches and weights, put through the formula, are sdcMicro's risks to eight digits."""
    spec = ClassMatches(columns=("A", "B", "C"), weight="w")
    (tally,) = open_frame(SDC_MICRO).tally([spec])
    found = [
        risk
        for matches, weight, _, rows in tally.entries
        for risk in risks([float(matches)], [float(weight)]) * int(rows)
    ]
    assert sorted(found) == pytest.approx(sorted(WITH_BLANKS), abs=1e-8)


def test_published_risks_without_missing_values() -> None:
    """Classes of 3, 1, 1, 2 and 1 rows with weights 18 + 39 + 51, 45.5, 17, 92 + 8 and 123.5."""
    fk, weights = [3, 1, 3, 1, 2, 2, 1, 3], [108, 45.5, 108, 17, 100, 100, 123.5, 108]
    assert risks([float(f) for f in fk], weights) == pytest.approx(WITHOUT, abs=1e-8)


@pytest.mark.parametrize("size", [1, 2, 3, 19, 20, 21, 50, 2000])
@pytest.mark.parametrize("ratio", [1 + 1e-9, 1.5, 1.99, 2.01, 10, 1e4, 1e7, 1e10])
def test_risks_are_the_integral_that_defines_them(size: int, ratio: float) -> None:
    """E[1 / F] = p * integral of u^(f - 1) / (p + (1 - p) u) over [0, 1], by the generating function."""
    (risk,) = risks([float(size)], [size * ratio])
    wanted = _by_quadrature(size, ratio) if ratio < 3 else _in_many_digits(size, ratio)
    assert risk == pytest.approx(wanted, rel=1e-10)


def _by_quadrature(size: int, ratio: float) -> float:
    """Return the integral by quadrature, which is exact where p is not small."""
    p = 1 / ratio
    knots = [0.9, 1 - 1 / (4 * size)]
    value, _ = quad(lambda u: p * u ** (size - 1) / (p + (1 - p) * u), 0, 1, points=knots, epsrel=1e-12)
    return float(value)


def _in_many_digits(size: int, ratio: float) -> float:
    """Return the integral by its recursion in f, with 60 digits."""
    with localcontext() as context:
        context.prec = 60
        p = 1 / Decimal(ratio)
        integral = -p.ln() / (1 - p)
        for n in range(1, size):
            integral = (1 / Decimal(n) - p * integral) / (1 - p)
        return float(p * integral)


def test_a_class_is_no_smaller_in_the_population() -> None:
    """sdcMicro sets the risk to 1 / fk where fk = Fk; a weight below 1 cannot make it larger."""
    assert risks([1.0, 4.0, 4.0], [1.0, 4.0, 2.0]) == [1.0, 0.25, 0.25]


def test_limits_of_shares_are_exclusive() -> None:
    classes = Classes(
        rows=np.array([5.0, 10.0]), sample=np.array([5.0, 10.0]), population=np.array([5.0, 10.0])
    )
    assert share_above(classes, 1 / 5) == 0
    assert share_above(classes, 1 / 11) == 1
    assert mean_risk(classes) == pytest.approx(2 / 15)


def test_weights_are_added_up_by_class(tmp_path: Path) -> None:
    rows = [("a", 18), ("b", 45.5), ("a", 39), ("c", 17), ("d", 92), ("d", 8), ("e", 123.5), ("a", 51)]
    result = measured(tmp_path, rows * 4, subject(*WEIGHED))
    found = numbers(result)
    # Four copies of each row: f and F are four times as large.
    every = risks([12.0] * 3 + [4.0] * 3 + [8.0] * 2, [432.0] * 3 + [182.0, 68.0, 494.0] + [400.0] * 2)
    assert found["individual_risk_mean"] == pytest.approx(sum(every) / 8)
    assert found["individual_risk_highest"] == pytest.approx(max(every))
    assert found[WILDCARD] == found["individual_risk_mean"]
    assert found["individual_risk_above_fifth"] == 0
    (note,) = result.notes
    assert note.startswith("How many people a class stands for is taken from the weights in 'w'; no fewer")


def test_the_sampling_fraction_stands_for_weights(tmp_path: Path) -> None:
    table = subject(*bound(zip="quasi_identifier"), fraction=0.1)
    result = measured(tmp_path, [("a", 1)] * 20 + [("b", 1)] * 15, table)
    wanted = risks([20.0, 15.0], [200.0, 150.0])
    assert numbers(result)["individual_risk_mean"] == pytest.approx((20 * wanted[0] + 15 * wanted[1]) / 35)
    assert "random sample of 0.1 of its population. Every row is taken" in result.notes[0]


def test_relative_weights_need_the_fraction(tmp_path: Path) -> None:
    rows = [("a", 0.5)] * 20 + [("b", 1.5)] * 20
    with pytest.raises(NotMeasurableError, match="add up to no more people than there are rows"):
        measured(tmp_path, rows, subject(*WEIGHED))
    found = numbers(measured(tmp_path, rows, subject(*WEIGHED, fraction=0.1)))
    # Of 400 people, a quarter are in class a.
    wanted = risks([20.0, 20.0], [100.0, 300.0])
    assert found["individual_risk_mean"] == pytest.approx(sum(wanted) / 2)
    with pytest.raises(NotMeasurableError, match="declare its `sampling_fraction`"):
        measured(tmp_path, [("a", 0)] * 40, subject(*WEIGHED, fraction=0.1))


@pytest.mark.parametrize(("cell", "what"), [("", "no number"), (-1, "a negative number")])
def test_weights_that_are_none_are_refused(tmp_path: Path, cell: object, what: str) -> None:
    with pytest.raises(NotMeasurableError, match=f"^fewer than 10 rows have {what} in the column 'w'"):
        measured(tmp_path, [("a", 5)] * 40 + [("b", cell)], subject(*WEIGHED))


def test_blanks_in_both_readings(tmp_path: Path) -> None:
    found = numbers(measured(tmp_path, [("a", 3)] * 40 + [("", 3)], subject(*WEIGHED)))
    own, wild = risks([40.0, 1.0], [120.0, 3.0]), risks([41.0], [123.0])
    assert found["individual_risk_mean"] == pytest.approx((40 * own[0] + own[1]) / 41)
    assert found[WILDCARD] == pytest.approx(wild[0])
    assert found[WILDCARD] < found["individual_risk_mean"]


def test_too_many_combinations_of_blanks_leave_the_other_reading(tmp_path: Path) -> None:
    names = "abcde"
    table = subject(*bound(**dict.fromkeys(names, "quasi_identifier")), fraction=0.5)
    rows = [["" if n >> bit & 1 else "x" for bit in range(5)] for n in range(32)]
    found = results(probed(PROBE, table, tmp_path, content(",".join(names), rows)))
    assert isinstance(found[WILDCARD], NotAvailable)
    assert found["individual_risk_mean"].kind == "scalar"


def test_rounded_weights_are_told() -> None:
    specs = PROBE.tallies(subject(*WEIGHED))
    frame = SDC_MICRO.select(zip="A", w="w")
    frame = frame.clear().vstack(frame.sample(40, with_replacement=True, seed=1))
    own, *others = specs
    assert isinstance(own, ClassMatches)
    cut = open_frame(frame).tally([own.model_copy(update={"distinct": 1}), *others])
    assert (
        "are cut to three digits, which changes risks by at most 2 %"
        in (PROBE.measure(subject(*WEIGHED), cut).notes[0])
    )


@pytest.mark.parametrize(("rows", "cell", "why"), [(29, "a", "too_few_cases"), (30, "", "not_collected")])
def test_few_rows_or_blanks_give_no_risk(tmp_path: Path, rows: int, cell: str, why: str) -> None:
    found = results(measured(tmp_path, [(cell, 2)] * rows, subject(*WEIGHED)))
    assert set(found) == set(METRICS)
    for result in found.values():
        assert isinstance(result, NotAvailable)
        assert (result.why, result.n) == (why, rows)


def test_individual_risk_needs_roles_and_rows(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="has the role `quasi_identifier`"):
        PROBE.tallies(subject(*bound(zip="feature"), fraction=0.1))
    with pytest.raises(NotMeasurableError, match="neither by a `weight` column nor by its"):
        PROBE.tallies(subject(*bound(zip="quasi_identifier")))
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        measured(tmp_path, [], subject(*WEIGHED))


def test_individual_risk_measures_what_it_declares(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/individual_risk"]
    assert load_probe(spec.id) is PROBE
    assert {metric.extent for metric in spec.metrics} == {"indicative"}
    found = results(measured(tmp_path, [("a", 3)] * 40, subject(*WEIGHED)))
    assert set(found) == {str(metric.id) for metric in spec.metrics} == set(METRICS)
    assert {metric.unit for metric in spec.metrics} == {"1"}
