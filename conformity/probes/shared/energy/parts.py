"""The parts of the machine that the meter reads, each with the way in which its figure is obtained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformity.model.energy import Method, PartName

_SENSORS = {
    "intel_rapl": "the processor's energy counter (RAPL)",
    "windows_emi": "the energy meter interface of Windows",
    "intel_power_gadget": "Intel Power Gadget",
}


@dataclass(frozen=True)
class Part:
    """A part of the machine and how its energy is obtained."""

    name: PartName
    """Which part."""
    method: Method
    """From a sensor, or from a model."""
    how: str
    """Which sensor, or which assumption with its constant."""
    silent_zero: bool
    """Whether a figure of nothing means that the sensor gave nothing: no such part ever uses nothing."""


def part_of(device: Any) -> Part:
    """Return what one of the meter's devices is, told by its own settings.

    Whatever has not been examined is not called measured.
    """
    known: dict[str, Callable[[Any], Part]] = {"CPU": _processor, "GPU": _graphics, "RAM": _memory}
    kind = type(device).__name__
    if kind in known:
        return known[kind](device)
    return Part("other", "modelled", f"{kind}: a way that has not been examined", True)


def _processor(device: Any) -> Part:
    """Return how the processor's energy is obtained."""
    mode = str(device._mode)
    if mode in _SENSORS:
        return Part("processor", "measured", _SENSORS[mode], True)
    watts = getattr(device, "_tdp", None)
    power = f"{float(watts):g} W" if isinstance(watts, int | float) else "a power"
    how = {
        "cpu_load": f"the load of the processors, and {power} assumed for all of them under full load",
        "constant": f"half of {power} assumed for all processors, whatever their load",
    }
    return Part("processor", "modelled", how.get(mode, f"the mode {mode}, which has not been examined"), True)


def _graphics(device: Any) -> Part:
    """Return how the graphics processors' energy is obtained."""
    devices = list(getattr(getattr(device, "devices", None), "devices", ()))
    if devices and all(getattr(one, "_use_power_fallback", False) for one in devices):
        return Part("graphics", "measured", "the graphics processors' own power readings, averaged", True)
    return Part("graphics", "measured", "the graphics processors' own energy counters", True)


def _memory(device: Any) -> Part:
    """Return how the memory's energy is obtained."""
    size = getattr(device, "machine_memory_GB", None)
    told = f" of {float(size):.0f} GB" if isinstance(size, int | float) else ""
    return Part("memory", "modelled", f"a constant power for modules{told} of memory", True)
