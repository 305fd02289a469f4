"""Energy of predictions: what is made of the meter's readings."""

from __future__ import annotations

import pytest

from conformity.errors import MissingLibraryError
from conformity.model.base import SubjectId
from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.environment.inference_energy.energy import (
    EnergyReading,
    EnergyReadings,
    _component,
    measure_energy,
)
from conformity.probes.environment.inference_energy.probe import (
    _measurements,
    _notes,
    median_interval,
)


class _Part:
    """A part of a machine as the meter describes it."""

    def __init__(self, mode: str = "") -> None:
        self._mode = mode


@pytest.mark.parametrize(
    ("kind", "mode", "method"),
    [
        ("CPU", "intel_rapl", "measured"),
        ("CPU", "windows_emi", "measured"),
        ("CPU", "intel_power_gadget", "measured"),
        ("CPU", "cpu_load", "modelled"),
        ("CPU", "constant", "modelled"),
        ("CPU", "something new", "modelled"),
        ("GPU", "", "measured"),
        ("RAM", "", "modelled"),
        ("AppleSiliconChip", "", "modelled"),
    ],
)
def test_each_part_says_how_it_was_obtained(kind: str, mode: str, method: str) -> None:
    part = type(kind, (_Part,), {})(mode)
    assert _component(part).method == method
    assert _component(part).name == kind


def _readings(energies: tuple[float, ...], kinds: tuple[tuple[str, str], ...] = ()) -> EnergyReadings:
    """Return readings with given energies, each for two runs that took one second."""
    return EnergyReadings(
        readings=tuple(EnergyReading(e, e * 0.4, 1.0, runs=2) for e in energies),
        components=tuple(_component(type(kind, (_Part,), {})(mode)) for kind, mode in kinds),
        country="Germany",
        grid_g_per_kwh=400.0,
        grid_year=2023,
        software="a meter",
    )


def test_the_median_is_taken_per_1000_predictions() -> None:
    """By hand: 6 kWh / (50 rows x 2 runs) x 1,000 = 60 kWh; 2.4 kg -> 24,000 g; 1 s -> 10 s."""
    emissions, energy, time = (
        m.result for m in _measurements(_readings((9.0, 6.0, 1.0)), 50, SubjectId("m"))
    )
    assert isinstance(emissions, Scalar)
    assert isinstance(energy, Scalar)
    assert isinstance(time, Scalar)
    assert emissions.value == pytest.approx(24_000)
    assert (energy.value, time.value) == (60.0, 10.0)


def test_no_energy_is_not_zero_energy() -> None:
    emissions, energy, time = (
        m.result for m in _measurements(_readings((9.0, 0.0, 1.0)), 50, SubjectId("m"))
    )
    assert isinstance(emissions, NotAvailable)
    assert isinstance(energy, NotAvailable)
    assert "no energy for 1 of 3 repeats" in energy.reason
    assert isinstance(time, Scalar)


@pytest.mark.parametrize(
    ("kinds", "banner"),
    [
        ((("CPU", "intel_rapl"), ("GPU", "")), "MEASURED"),
        ((("CPU", "cpu_load"), ("RAM", "")), "MODELLED"),
        ((("CPU", "intel_rapl"), ("RAM", "")), "MIXED"),
        ((), "MIXED"),
    ],
)
def test_a_modelled_number_is_never_called_measured(kinds: tuple[tuple[str, str], ...], banner: str) -> None:
    notes = _notes(_readings((1.0,), kinds), 50)
    assert notes[0].startswith(banner)
    assert any("No graphics processor" in note for note in notes) is (("GPU", "") not in kinds)


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


def test_a_meter_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import codecarbon

    monkeypatch.setattr(codecarbon.OfflineEmissionsTracker, "_ensure_emissions_engine", lambda _: 1 / 0)
    with pytest.raises(MissingLibraryError, match="could not be started"):
        measure_energy("DEU", lambda: None, 1)


def test_a_failure_of_the_work_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        measure_energy("DEU", lambda: print(1 // 0), 1)
