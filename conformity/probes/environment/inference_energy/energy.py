"""Measure the energy of a piece of work with CodeCarbon, offline, and say how each part was obtained."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

from conformity.errors import DataError, MissingLibraryError

_MEASURED_CPU = {
    "intel_rapl": "the processor's energy counter (RAPL)",
    "windows_emi": "the energy meter interface of Windows",
    "intel_power_gadget": "Intel Power Gadget",
}
_MODELLED_CPU = {
    "cpu_load": "processor load times the power assumed for the processor type",
    "constant": "a constant power assumed for the processor type",
}


@dataclass(frozen=True)
class Component:
    """A part of the machine and how its energy was obtained."""

    name: str
    """``CPU``, ``GPU`` or ``RAM``."""
    method: Literal["measured", "modelled"]
    """From a counter, or from a model."""
    how: str
    """Which counter or model."""


@dataclass(frozen=True)
class EnergyReading:
    """One repeat."""

    energy_kwh: float
    """Energy of the machine, in kWh."""
    emissions_kg: float
    """Emissions at the grid's average intensity, in kg CO2e."""
    duration_s: float
    """Time it took, in seconds."""
    runs: int
    """How often the work was done."""


@dataclass(frozen=True)
class EnergyReadings:
    """All repeats, and how to read them."""

    readings: tuple[EnergyReading, ...]
    """One for each repeat."""
    components: tuple[Component, ...]
    """What was covered; what is not listed is not in the numbers."""
    country: str
    """Name of the country whose grid was taken."""
    grid_g_per_kwh: float
    """Its average intensity, in g CO2e per kWh."""
    grid_year: int
    """The year of that intensity."""
    software: str
    """Name and version of the meter."""


def grid(country: str) -> tuple[str, float, int]:
    """Return name, intensity (g CO2e per kWh) and year of a country's grid.

    Args:
        country: ISO 3166-1 alpha-3 code.

    Raises:
        DataError: the meter has no data for it; it would fall back to a world average in silence.
    """
    from codecarbon.input import DataSource

    known: dict[str, Any] = DataSource().get_global_energy_mix_data()  # type: ignore[no-untyped-call]
    if country not in known:
        raise DataError(
            f"there is no electricity mix for {country!r}; give the ISO 3166-1 alpha-3 code of a country, "
            "such as DEU (there is none for the European Union)"
        )
    row = known[country]
    return str(row["country_name"]), float(row["carbon_intensity"]), int(row["year"])


def find_parts(country: str) -> None:
    """Let the meter find out which parts the machine has; it remembers that for the process.

    It waits for other programs for a second, in which a caller with several threads can do its own work.
    What goes wrong here goes wrong again, and is reported, when the first reading is taken.
    """
    with contextlib.suppress(Exception):
        _tracker(country)._ensure_hardware_ready()


def measure_energy(
    country: str, work: Callable[[], None], repeats: int, *, least_s: float = 0.3
) -> EnergyReadings:
    """Do a piece of work again and again and return what each repeat cost.

    Nothing is sent or written; the data centre's own overhead (PUE) is not added.

    Args:
        country: ISO 3166-1 alpha-3 code of the country whose grid powers the machine.
        work: what to do; the caller has done it once to warm up.
        repeats: how many readings to take.
        least_s: in each reading the work is done until this many seconds have passed.

    Raises:
        DataError: the country is not known.
        MissingLibraryError: the meter does not work on this machine.
    """
    name, intensity, year = grid(country)
    tracker = _tracker(country)
    readings = tuple(_reading(tracker, f"repeat-{n}", work, least_s) for n in range(repeats))
    return EnergyReadings(
        readings=readings,
        components=tuple(_component(part) for part in tracker._hardware),
        country=name,
        grid_g_per_kwh=intensity,
        grid_year=year,
        software=f"CodeCarbon {version('codecarbon')}",
    )


def _tracker(country: str) -> Any:
    """Return a meter that neither writes nor sends; the online one would take Canada's grid offline."""
    from codecarbon import OfflineEmissionsTracker

    # Everything is given here, so that no configuration file or variable can change a number.
    return OfflineEmissionsTracker(
        country_iso_code=country,
        region=None,
        cloud_provider=None,
        cloud_region=None,
        country_2letter_iso_code=None,
        output_methods=[],
        output_handlers=[],
        emissions_endpoint=None,
        electricitymaps_api_token=None,
        force_carbon_intensity_g_co2e_kwh=None,
        force_cpu_power=None,
        force_ram_power=None,
        force_mode_cpu_load=False,
        tracking_mode="machine",
        measure_power_secs=1,
        pue=1.0,
        wue=0.0,
        allow_multiple_runs=True,
        log_level=logging.CRITICAL,
    )


def _reading(tracker: Any, name: str, work: Callable[[], None], least_s: float) -> EnergyReading:
    """Take one reading."""
    import time

    tracker.start_task(name)
    if not getattr(tracker, "_active_task", None):
        raise MissingLibraryError("the energy meter could not be started on this machine; see the log")
    runs = 0
    began = time.perf_counter()
    try:
        while runs == 0 or time.perf_counter() - began < least_s:
            work()
            runs += 1
    finally:
        seen = tracker.stop_task(name)
    return EnergyReading(
        energy_kwh=float(seen.energy_consumed),
        emissions_kg=float(seen.emissions),
        duration_s=float(seen.duration),
        runs=runs,
    )


def _component(part: Any) -> Component:
    """Return how the energy of a part is obtained, told by the meter's own settings."""
    kind = type(part).__name__
    if kind == "CPU":
        mode = str(part._mode)
        if mode in _MEASURED_CPU:
            return Component("CPU", "measured", _MEASURED_CPU[mode])
        return Component("CPU", "modelled", _MODELLED_CPU.get(mode, f"the mode {mode}"))
    if kind == "GPU":
        return Component("GPU", "measured", "the graphics processor's own counter")
    if kind == "RAM":
        return Component("RAM", "modelled", "a constant power for the number and size of memory modules")
    # Whatever else there is has not been examined, and so is not called measured.
    return Component(kind, "modelled", "a way that has not been examined")
