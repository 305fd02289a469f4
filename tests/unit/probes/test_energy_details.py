"""Details of figures and words about energy that only a small change of the code would show."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from types import SimpleNamespace
from typing import Any

import pytest

from conformity.model.base import SubjectId
from conformity.model.energy import DeclaredFigure, Footprint
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.shared.energy.figures import (
    elsewhere_results,
    energy_results,
    sorted_measurements,
    use_results,
)
from conformity.probes.shared.energy.footing import Footing, Span, median_interval
from conformity.probes.shared.energy.parts import Part, part_of
from conformity.probes.shared.energy.words import (
    declared_note,
    elsewhere_note,
    graphics_note,
    load_note,
    parts_in_words,
    sampling_note,
)
from tests.support.energy import GERMANY, footing, part

_SIX = (9.0, 6.0, 3.0, 6.0, 6.0, 6.0)


def _figure(value: float, low: float | None = None, high: float | None = None) -> DeclaredFigure:
    """Return a declared figure."""
    return DeclaredFigure(value=value, low=low, high=high, source="the operator", year=2025)


def _result(found: list[tuple[str, str, str, Result]], metric: str) -> Result:
    """Return the result of a metric."""
    return next(result for name, _, _, result in found if name == metric)


def _device(kind: str, **fields: Any) -> Any:
    """Return what looks like one of the meter's devices."""
    made = type(kind, (), {})()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _graphics(*fallbacks: bool) -> Any:
    """Return graphics processors, each with counters or without."""
    cards = [SimpleNamespace(_use_power_fallback=one) for one in fallbacks]
    return _device("GPU", devices=SimpleNamespace(devices=cards))


_COUNTERS = "the graphics processors' own energy counters"
_POWERS = "the graphics processors' own power readings, averaged"


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (
            _device("CPU", _mode="intel_rapl"),
            Part("processor", "measured", "the processor's energy counter (RAPL)", True),
        ),
        (
            _device("CPU", _mode="constant", _tdp=8),
            Part(
                "processor", "modelled", "half of 8 W assumed for all processors, whatever their load", True
            ),
        ),
        (_graphics(False, True), Part("graphics", "measured", _COUNTERS, True)),
        (_graphics(True, True), Part("graphics", "measured", _POWERS, True)),
        (_graphics(), Part("graphics", "measured", _COUNTERS, True)),
        (
            _device("GPU", devices=SimpleNamespace(devices=[SimpleNamespace()])),
            Part("graphics", "measured", _COUNTERS, True),
        ),
        (_device("RAM"), Part("memory", "modelled", "a constant power for modules of memory", True)),
        (
            _device("Other"),
            Part("other", "modelled", "Other: a way that has not been examined", True),
        ),
    ],
)
def test_a_device_is_told_whole(device: Any, expected: Part) -> None:
    assert part_of(device) == expected


@pytest.mark.parametrize(
    ("value", "field"), [(part(), "method"), (Span(1, 1, 1), "low"), (footing(_SIX), "rows")]
)
def test_what_was_read_cannot_be_changed(value: object, field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, "measured")


def test_sums_add_all_three() -> None:
    assert Span(2, 1, 4).plus(Span(20, 10, 40)) == Span(22, 11, 44)


def test_a_whole_run_is_told_as_one() -> None:
    run = Footing(footing(_SIX).repeats, 1, GERMANY, Footprint(), 1)
    assert (run.unit, run.suffix) == ("a run", "")
    two = Footing(run.repeats, 1, GERMANY, Footprint(), 2)
    assert (two.unit, two.suffix) == ("per 2", "_per_2")
    assert footing(_SIX).unit == "per 1,000"


def test_quantities_belong_to_repeats() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        footing(_SIX).each([1.0])


def test_the_error_of_a_reading_of_little_or_nothing() -> None:
    nothing = footing((0.0, 0.0)).meter_error
    little = footing((0.05, 0.05), (part(), part("memory", "modelled"))).meter_error
    assert nothing == Span(1.0, 0.6, 1.4)
    # By hand: half known to a tenth and half to a factor of two, whatever the amount.
    assert (little.value, little.low) == (1.0, 0.6)
    assert little.high == pytest.approx(1.55)


def test_a_level_that_is_just_reached_counts() -> None:
    """By hand for n = 6: 1 - 2 / 64 = 0.96875; for n = 9, k = 2: 1 - 2 x 10 / 512 = 0.9609."""
    nine = median_interval([float(value) for value in range(1, 10)])
    assert nine is not None
    assert (nine.low, nine.high) == (2.0, 8.0)
    assert nine.level == pytest.approx(0.9609375)
    # For n = 8 and k = 2, 1 - 2 x 9 / 256 = 0.9297 does not reach it.
    eight = median_interval([float(value) for value in range(1, 9)])
    assert eight is not None
    assert (eight.low, eight.high) == (1.0, 8.0)
    pair = median_interval([1.0, 5.0])
    assert pair is not None
    assert (pair.low, pair.high) == (1.0, 5.0)


def test_units_and_groups_of_energy() -> None:
    """A run as a whole has no year; a device's part has its name."""
    per_thousand = Footing(footing(_SIX).repeats, 50, GERMANY, Footprint())
    found = energy_results(per_thousand, "x")
    assert [(name, by) for name, by, _, _ in found if name.startswith(("x_part", "x_year_e"))] == [
        ("x_part_energy_kwh_per_1000", "part"),
        ("x_year_energy_kwh", ""),
        ("x_year_emissions_kg", ""),
    ]
    assert "(`footprint.uses_per_year`)" in str(_result(found, "x_year_energy_kwh"))
    assert "x_year_energy_kwh" in {name for name, *_ in energy_results(replace(per_thousand, per=2), "x")}
    run = energy_results(replace(per_thousand, per=1), "x")
    assert [name for name, *_ in run] == ["x_energy_kwh", "x_emissions_g", "x_part_energy_kwh"]
    yearly = energy_results(footing(_SIX, footprint=Footprint(uses_per_year=_figure(1000))), "x")
    assert [getattr(result, "unit", "") for name, _, _, result in yearly if "part" not in name] == [
        *("kWh", "g", "kWh", "kg")
    ]


def test_a_measurement_has_as_many_groups_as_terms() -> None:
    number = Scalar(value=1, unit="W", n=1)
    made = sorted_measurements(SubjectId("m"), [("a", "part", "memory", number), ("b", "", "", number)])
    assert [(one.by, one.group) for one in made] == [(("part",), ("memory",)), ((), ())]


def test_units_and_terms_of_use() -> None:
    footprint = Footprint(water_l_per_kwh=_figure(1.8), previous_kwh_per_1000=_figure(50))
    found = use_results(footing(_SIX, (part("processor", "modelled"),), footprint))
    water, change = (
        _result(found, name) for name in ("inference_water_l_per_1000", "inference_energy_change")
    )
    assert isinstance(water, Scalar)
    assert isinstance(change, Scalar)
    assert (water.unit, change.unit, change.obtained) == ("l", "1", "modelled")
    assert {term for _, term, _, _ in elsewhere_results(footing(_SIX), "inference")} == {"grid"}


@pytest.mark.parametrize("low", [0.0, 0.5])
def test_a_version_before_that_may_have_used_nothing(low: float) -> None:
    footprint = Footprint(previous_kwh_per_1000=_figure(1.0, low, 2.0))
    result = _result(use_results(footing(_SIX, (part(),), footprint)), "inference_energy_change")
    assert isinstance(result, NotAvailable if low == 0 else Scalar)


def test_parts_have_names_that_people_know() -> None:
    told = parts_in_words((part(), part("graphics"), part("memory"), part("other")), "M 1")
    assert told == (
        "CPU measured from a counter; GPU measured from a counter; memory measured from a counter; "
        "another part measured from a counter (M 1)."
    )


def test_one_graphics_processor_among_other_parts_is_enough() -> None:
    assert graphics_note((part(), part("graphics")), "present") == ""


def test_the_worst_load_and_the_worst_cover_are_told() -> None:
    calm, busy = footing((1.0,), other_load=0.05).repeats[0], footing((1.0,), other_load=0.5).repeats[0]
    assert load_note((calm, busy)).startswith("OTHER LOAD: other programs used up to 50%")
    limit = footing((1.0,), other_load=0.2).repeats
    assert load_note(limit) == "Other programs used up to 20% of the processors meanwhile."
    assert load_note((calm,)) == "Other programs used up to 5% of the processors meanwhile."
    whole = footing((1.0, 1.0))
    first = whole.repeats[0]
    short = replace(first, reading=replace(first.reading, covered_s=9.0))
    assert "readings cover 90 % of the time" in sampling_note(
        Footing((first, short), 50, GERMANY, Footprint())
    )


def test_other_states_bear_the_overhead_too() -> None:
    """By hand: 60 kWh x PUE 1.5 x 40.695 g = 3,663 g in Sweden."""
    told = elsewhere_note(footing(_SIX, footprint=Footprint(pue=_figure(1.5))))
    assert "Sweden 3.66e+03" in told


def test_large_figures_are_whole_numbers() -> None:
    told = declared_note(footing(_SIX, footprint=Footprint(uses_per_year=_figure(10_000, 9_999.5, 20_000.4))))
    assert "predictions a year 10,000, 9999.5 to 20,000 (" in told
    assert "PUE 1.5 (the operator" in declared_note(footing(_SIX, footprint=Footprint(pue=_figure(1.5))))
    narrow = Footprint(pue=_figure(1.5, 1.5, 1.75))
    assert "PUE 1.5, 1.5 to 1.75 (the operator" in declared_note(footing(_SIX, footprint=narrow))
