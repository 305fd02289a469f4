"""What a meter read between a beginning and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.probes.shared.energy.accelerator import Graphics
from conformity.probes.shared.energy.parts import Part


@dataclass(frozen=True)
class Sample:
    """One reading of all parts."""

    at_s: float
    """Seconds since the meter began."""
    energies_kwh: tuple[float, ...]
    """What each part used since the reading before, in kWh, in the order of the parts."""


@dataclass(frozen=True)
class Reading:
    """What was read between a beginning and an end."""

    parts: tuple[Part, ...]
    """What was covered; what is not listed is not in the numbers."""
    samples: tuple[Sample, ...]
    """The readings; neighbours are put together when there are very many."""
    count: int
    """How often parts were read."""
    covered_s: float
    """How much of the time lay within three intervals of a reading, in seconds."""
    duration_s: float
    """How long it took, in seconds."""
    interval_s: float
    """How often parts were to be read, in seconds."""
    graphics: Graphics | None = None
    """What the graphics processors did; none where there are none, or some reading of them failed."""

    @property
    def energies_kwh(self) -> tuple[float, ...]:
        """What each part used, in kWh."""
        return tuple(
            sum(sample.energies_kwh[place] for sample in self.samples) for place in range(len(self.parts))
        )

    @property
    def energy_kwh(self) -> float:
        """What all parts used, in kWh."""
        return sum(self.energies_kwh)

    @property
    def power_w(self) -> float:
        """The average power, in W; 0 for a reading that took no time."""
        return self.energy_kwh * 3.6e6 / self.duration_s if self.duration_s > 0 else 0.0

    @property
    def silent(self) -> tuple[Part, ...]:
        """The parts that gave nothing, though no such part ever uses nothing."""
        pairs = zip(self.parts, self.energies_kwh, strict=True)
        return tuple(part for part, energy in pairs if energy <= 0 and part.silent_zero)

    @property
    def covered(self) -> float:
        """Share of the time that lay within three intervals of a reading."""
        return min(self.covered_s / self.duration_s, 1.0) if self.duration_s > 0 else 0.0

    def power_over_time(self) -> tuple[tuple[float, float], ...]:
        """Return pairs of seconds since the beginning and average power since the reading before, in W."""
        pairs, before = [], 0.0
        for sample in self.samples:
            if sample.at_s > before:
                pairs.append((sample.at_s, sum(sample.energies_kwh) * 3.6e6 / (sample.at_s - before)))
            before = sample.at_s
        return tuple(pairs)


def halved(samples: Sequence[Sample]) -> list[Sample]:
    """Return samples of which each two neighbours are put together; no energy is lost."""
    made = [
        Sample(
            second.at_s,
            tuple(a + b for a, b in zip(first.energies_kwh, second.energies_kwh, strict=True)),
        )
        for first, second in zip(samples[::2], samples[1::2], strict=False)
    ]
    return made + list(samples[len(made) * 2 :])
