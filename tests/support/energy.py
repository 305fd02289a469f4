"""Sensors that give known joules: a tree of RAPL files, a graphics library, and readings made by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from conformity.model.energy import Footprint, Grid, Method, PartName
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.parts import Part
from conformity.probes.shared.energy.reading import Reading, Sample
from conformity.probes.shared.energy.repeats import Repeat

J_PER_KWH = 3.6e6
GERMANY = Grid(country="DEU", name="Germany", g_per_kwh=400.0, year=2023, source="made up for tests")


class Steady:
    """A part that uses 36 W all the time."""

    def start(self) -> None:
        """Begin."""

    def measure_power_and_energy(self, passed_s: float) -> tuple[None, Any]:
        """Return the energy of a time."""
        return None, SimpleNamespace(kWh=36 * passed_s / J_PER_KWH)


class Rapl:
    """A tree of energy counters as the kernel shows them, turned by hand."""

    def __init__(self, folder: Path, packages: int = 1, most_uj: int = 2**32) -> None:
        """Make the tree, its counters at different values."""
        self.base = folder / "intel-rapl"
        self._files = []
        for place in range(packages):
            domain = self.base / f"intel-rapl:{place}"
            domain.mkdir(parents=True)
            (domain / "name").write_text(f"package-{place}\n", "ascii")
            (domain / "max_energy_range_uj").write_text(f"{most_uj}\n", "ascii")
            self._files.append(domain / "energy_uj")
            self.set(place, 10_000_000 * (place + 1) ** 3)

    def set(self, package: int, microjoules: int) -> None:
        """Turn a counter to a value."""
        self._files[package].write_text(f"{microjoules}\n", "ascii")

    def add(self, package: int, joules: float) -> None:
        """Turn a counter on."""
        self.set(package, int(self._files[package].read_text("ascii")) + round(joules * 1e6))

    def device(self, folder: Path) -> Any:
        """Return CodeCarbon's processor that reads this tree."""
        from codecarbon.external.hardware import CPU

        return CPU(str(folder), "intel_rapl", "Some processor", 65, rapl_dir=str(self.base))


class Nvml:
    """What NVIDIA's library answers, for two processors whose counters are turned by hand."""

    NVMLError = RuntimeError
    NVMLError_NotSupported = RuntimeError
    NVML_TEMPERATURE_GPU = 0

    def __init__(self) -> None:
        """Begin with both counters at some value."""
        self.millijoules: list[float] = [5_000.0, 900_000.0]
        self.counts = True
        self.busy: list[float] = [0.0, 0.0]
        self.used = [1, 1]

    def nvmlInit(self) -> None:  # noqa: N802 # the library's own name
        """Begin."""

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        """Return how many processors there are."""
        return len(self.millijoules)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        """Return what stands for a processor."""
        return index

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> float:  # noqa: N802
        """Return a counter, in mJ."""
        if not self.counts:
            raise RuntimeError("not supported")
        return self.millijoules[handle]

    def nvmlDeviceGetName(self, handle: int) -> str:  # noqa: N802
        """Return a name."""
        return f"Processor {handle}"

    def nvmlDeviceGetUUID(self, handle: int) -> str:  # noqa: N802
        """Return a unique name."""
        return f"GPU-{handle}"

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        """Return sizes of memory, in bytes."""
        return SimpleNamespace(free=1, total=2, used=self.used[handle])

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        """Return the share of the last moments in which anything ran, in percent."""
        if self.busy[handle] < 0:
            raise RuntimeError("not supported")
        return SimpleNamespace(gpu=self.busy[handle], memory=0)

    def nvmlDeviceGetPowerUsage(self, _: int) -> float:  # noqa: N802
        """Return the power, in mW."""
        return 50_000.0

    def nvmlDeviceGetEnforcedPowerLimit(self, _: int) -> float:  # noqa: N802
        """Return the most power, in mW."""
        return 300_000.0


def part(name: PartName = "processor", method: Method = "measured") -> Part:
    """Return a part."""
    return Part(name, method, "a counter" if method == "measured" else "an assumption", True)


def reading(
    kwh: tuple[float, ...], parts: tuple[Part, ...], duration_s: float = 10.0, count: int = 20
) -> Reading:
    """Return a reading of one sample."""
    return Reading(
        parts=parts,
        samples=(Sample(duration_s, kwh),),
        count=count,
        covered_s=duration_s,
        duration_s=duration_s,
        interval_s=0.5,
    )


def footing(
    energies: tuple[float, ...],
    parts: tuple[Part, ...] = (),
    footprint: Footprint | None = None,
    rows: int = 50,
    other_load: float | None = 0.0,
) -> Footing:
    """Return repeats of two runs each with given energies in kWh, shared out evenly among the parts."""
    covered = parts or (part(),)
    repeats = tuple(
        Repeat(
            reading=reading(tuple(energy / len(covered) for _ in covered), covered),
            runs=2,
            processor_s=4.0,
            other_load=other_load,
            began_s=13.0 * place,
        )
        for place, energy in enumerate(energies)
    )
    return Footing(repeats, rows, GERMANY, footprint or Footprint())
