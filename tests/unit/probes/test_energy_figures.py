"""Figures of energy and carbon, by hand: medians, ranges, years, the SCI score, other grids, the change."""

from __future__ import annotations

import pytest

from conformity.model.base import SubjectId
from conformity.model.energy import DeclaredFigure, Footprint
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.shared.energy.figures import (
    energy_results,
    settling,
    sorted_measurements,
    use_results,
)
from conformity.probes.shared.energy.footing import Footing, Span, median_interval
from tests.support.energy import footing, part

_SIX = (9.0, 6.0, 3.0, 6.0, 6.0, 6.0)
MEASURED = (part(), part("memory"))
MODELLED = (part("processor", "modelled"), part("memory", "modelled"))
MIXED = (part(), part("memory", "modelled"))


def declared(value: float, low: float | None = None, high: float | None = None) -> DeclaredFigure:
    """Return a declared figure."""
    return DeclaredFigure(value=value, low=low, high=high, source="the operator", year=2025)


def number(found: list[tuple[str, str, str, Result]], metric: str, group: str = "") -> Scalar:
    """Return the number of a metric."""
    result = next(result for name, _, of, result in found if (name, of) == (metric, group))
    assert isinstance(result, Scalar), result
    return result


def absent(found: list[tuple[str, str, str, Result]], metric: str) -> NotAvailable:
    """Return why a metric has no number."""
    result = next(result for name, _, _, result in found if name == metric)
    assert isinstance(result, NotAvailable)
    return result


def test_the_median_is_taken_per_1000_predictions() -> None:
    """By hand: 6 kWh / (50 rows x 2 runs) x 1,000 = 60 kWh; at 400 g per kWh 24,000 g."""
    found = energy_results(footing(_SIX, MEASURED), "x")
    energy = number(found, "x_energy_kwh_per_1000")
    assert (energy.value, energy.n, energy.unit) == (60.0, 6, "kWh")
    assert energy.interval is not None
    # Repeats lie between 30 and 90; the meter may be off by 0.6 to 1.4.
    assert [energy.interval.low, energy.interval.high] == pytest.approx([18, 126])
    assert number(found, "x_emissions_g_per_1000").value == pytest.approx(24_000)
    memory = number(found, "x_part_energy_kwh_per_1000", "memory")
    assert memory.value == 30.0
    assert memory.interval is not None
    # Half of the energy, with the same error: the band of a part is not narrower than that of the whole.
    assert [memory.interval.low, memory.interval.high] == pytest.approx([9, 63])


def test_a_part_has_the_error_of_its_own_method() -> None:
    """By hand: 15 to 45 kWh over the repeats; measured 0.6 to 1.4 times that, modelled 0.5 to 2 times."""
    parts = (part(), part("memory", "modelled"))
    found = energy_results(footing(_SIX, parts), "x")
    ends = [
        one.interval and (one.interval.low, one.interval.high)
        for one in (number(found, "x_part_energy_kwh_per_1000", name) for name in ("processor", "memory"))
    ]
    assert ends == [pytest.approx((9, 63)), pytest.approx((7.5, 90))]


def test_figures_per_year_multiply_ends_with_ends() -> None:
    """By hand: 60 kWh x PUE 1.5 x 2,000 / 1,000 = 180 kWh; x 400 g = 72 kg.

    Lowest: 30 x 0.6 (the meter) x 1.2 x 1 = 21.6; highest: 90 x 1.4 x 2 x 4 = 1,008.
    """
    footprint = Footprint(uses_per_year=declared(2000, 1000, 4000), pue=declared(1.5, 1.2, 2.0))
    found = energy_results(footing(_SIX, MEASURED, footprint), "x")
    energy = number(found, "x_year_energy_kwh")
    assert energy.value == pytest.approx(180)
    assert energy.interval is not None
    assert energy.interval.low == pytest.approx(21.6)
    assert energy.interval.high == pytest.approx(1008)
    assert "table of errors, version 1" in energy.interval.method
    assert number(found, "x_year_emissions_kg").value == pytest.approx(72)
    assert number(found, "x_emissions_g_per_1000").value == pytest.approx(24_000 * 1.5)


def test_a_modelled_figure_is_known_to_no_more_than_a_factor_of_two() -> None:
    assert footing(_SIX, MODELLED).meter_error == Span(1.0, 0.5, 2.0)
    assert footing(_SIX, MEASURED).meter_error == Span(1.0, 0.6, 1.4)
    # Half of it is known to a tenth and half to a factor of two: 0.7 and 1.55, but no better than 0.6.
    mixed = footing(_SIX, MIXED).meter_error
    assert [mixed.low, mixed.high] == pytest.approx([0.6, 1.55])


def test_the_sci_score_adds_the_making_of_the_hardware() -> None:
    """By hand: E x I + M = 60 kWh x 300 g + 5,000 g = 23,000 g for R = 1,000 (ISO/IEC 21031)."""
    footprint = Footprint(grid_g_per_kwh=declared(300), embodied_g_per_1000=declared(5000, 4000, 6000))
    score = number(use_results(footing(_SIX, MEASURED, footprint)), "inference_sci_g_per_1000")
    assert score.value == pytest.approx(23_000)
    assert score.interval is not None
    assert score.interval.low == pytest.approx(30 * 0.6 * 300 + 4000)


def test_what_is_not_declared_is_never_nothing() -> None:
    found = use_results(footing(_SIX, MEASURED)) + energy_results(footing(_SIX, MEASURED), "x")
    assert "`footprint.embodied_g_per_1000`" in absent(found, "inference_sci_g_per_1000").reason
    assert absent(found, "x_year_energy_kwh").why == "not_collected"
    assert absent(found, "x_year_emissions_kg").why == "not_collected"
    assert not {name for name, *_ in found} & {"inference_water_l_per_1000", "inference_energy_change"}


def test_the_same_energy_on_other_grids() -> None:
    """By hand: 60 kWh x 40.695 g in Sweden, x 661.926 g in Poland."""
    found = use_results(footing(_SIX, MEASURED))
    assert number(found, "inference_elsewhere_g_per_1000", "Sweden, lowest").value == pytest.approx(2441.7)
    assert number(found, "inference_elsewhere_g_per_1000", "Poland, highest").value == pytest.approx(39715.56)
    average = number(found, "inference_elsewhere_g_per_1000", "EU-27, average")
    assert average.value == pytest.approx(14629.7, abs=0.1)


def test_water_and_the_version_before() -> None:
    """By hand: 60 kWh x 1.8 l; 60 kWh over 50 kWh, between 18 / 60 and 126 / 40."""
    footprint = Footprint(water_l_per_kwh=declared(1.8), previous_kwh_per_1000=declared(50, 40, 60))
    found = use_results(footing(_SIX, MEASURED, footprint))
    assert number(found, "inference_water_l_per_1000").value == pytest.approx(108)
    change = number(found, "inference_energy_change")
    assert change.value == pytest.approx(1.2)
    assert change.obtained == "partly modelled"  # nobody read a sensor for the declared term
    assert change.interval is not None
    assert [change.interval.low, change.interval.high] == pytest.approx([0.3, 3.15])
    nothing = Footprint(previous_kwh_per_1000=declared(0))
    assert (
        "may be nothing"
        in absent(use_results(footing(_SIX, MEASURED, nothing)), "inference_energy_change").reason
    )


def _silent() -> Footing:
    """Return repeats in one of which no part gave anything."""
    return footing((9.0, 0.0, 1.0), MEASURED)


def test_no_energy_is_not_zero_energy() -> None:
    for found in (energy_results(_silent(), "inference"), use_results(_silent())):
        assert all(isinstance(result, NotAvailable) for *_, result in found)
        assert "no energy for 1 of 3 repeats" in absent(found, found[0][0]).reason


def test_only_what_is_measured_can_settle_a_budget() -> None:
    measured = footing(_SIX, MEASURED)
    kept = settling(measured, measured.energy, "kWh")
    assert isinstance(kept, Scalar)
    assert kept.interval is not None
    assert [kept.interval.low, kept.interval.high] == pytest.approx([18, 126])
    for parts in (MODELLED, MIXED):
        guessed = footing(_SIX, parts)
        none = settling(guessed, guessed.energy, "kWh")
        assert isinstance(none, NotAvailable)
        assert "the error of an assumed power is not known" in none.reason


def test_one_repeat_shows_no_scatter() -> None:
    one = footing((6.0,), MEASURED)
    assert one.interval_of(one.energy) is None
    assert footing((0.0,), MEASURED).meter_error.high == 1.4


def test_measurements_are_sorted_with_numbers_by_value() -> None:
    result = Scalar(value=1, unit="W", n=1)
    found = [("b", "second", text, result) for text in ("10", "9", "x")] + [("a", "", "", result)]
    made = sorted_measurements(SubjectId("m"), found)
    assert [(one.metric, one.group) for one in made] == [
        ("a", ()),
        ("b", ("9",)),
        ("b", ("10",)),
        ("b", ("x",)),
    ]


@pytest.mark.parametrize(
    ("count", "low", "high", "level"),
    [
        (2, 1, 2, 0.5),
        (5, 1, 5, 0.9375),
        (6, 1, 6, 0.96875),
        # David and Nagaraja (2003), section 7.1: n = 10, second to ninth, level 0.9785
        (10, 2, 9, 0.978515625),
        (20, 6, 15, 0.9586105346679688),
    ],
)
def test_the_interval_of_a_median(count: int, low: int, high: int, level: float) -> None:
    interval = median_interval([float(v) for v in range(count, 0, -1)])
    assert interval is not None
    assert (interval.low, interval.high) == (low, high)
    assert interval.level == pytest.approx(level)


def test_one_value_has_no_interval() -> None:
    assert median_interval([3.0]) is None
