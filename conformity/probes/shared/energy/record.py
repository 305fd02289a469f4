"""Make the record of one run from what was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conformity.model.energy import EnergyRecord, Grid, PartEnergy, PowerSample, obtained_by
from conformity.probes.shared.energy.machine import Seen
from conformity.probes.shared.energy.reading import Reading

_POINTS = 300
"""How many readings of power a record holds."""

_FEWEST = 2
_COVERED = 0.9


@dataclass(frozen=True)
class Tracked:
    """What is tracked, known before it begins."""

    run: str
    """32 hex digits drawn at random."""
    program: str
    """The program, without its arguments."""
    command_sha256: str | None
    """Digest of the whole command; none for work inside a program."""
    started_at: datetime
    """When it begins."""
    grid: Grid
    """The electricity."""
    hardware: tuple[str, ...]
    """The machine."""
    graphics: Seen
    """Whether the machine has a graphics processor."""
    software: str
    """The meter."""


@dataclass(frozen=True)
class Ended:
    """How the work ended, and what it used beside energy."""

    exit_code: int | None = None
    """How the program ended; none for work inside a program."""
    other_load: float | None = None
    """Share of the processors that others used."""
    processor_s: float | None = None
    """Processor time, in seconds."""
    peak_memory_mb: float | None = None
    """Most memory, in MB."""


def record_of(tracked: Tracked, reading: Reading, ended: Ended | None, *, complete: bool) -> EnergyRecord:
    """Return the record; its sums and words follow from the reading.

    Args:
        tracked: what was tracked.
        reading: what was read so far.
        ended: how it ended; None while it runs.
        complete: whether the work came to its end.
    """
    parts = tuple(
        PartEnergy(name=part.name, method=part.method, how=part.how, energy_kwh=energy)
        for part, energy in zip(reading.parts, reading.energies_kwh, strict=True)
    )
    whole, last = sum(part.energy_kwh for part in parts), ended or Ended()
    return EnergyRecord(
        run=tracked.run,
        complete=complete,
        program=tracked.program,
        command_sha256=tracked.command_sha256,
        exit_code=last.exit_code,
        started_at=tracked.started_at,
        duration_s=reading.duration_s,
        interval_s=reading.interval_s,
        samples=reading.count,
        covered=reading.covered,
        parts=parts,
        energy_kwh=whole,
        obtained=obtained_by(part.method for part in parts),
        grid=tracked.grid,
        emissions_g=whole * tracked.grid.g_per_kwh,
        other_load=last.other_load,
        processor_s=last.processor_s,
        peak_memory_mb=last.peak_memory_mb,
        hardware=tracked.hardware,
        gaps=_gaps(tracked, reading, complete=complete),
        software=tracked.software,
        power=_power(reading),
    )


def _gaps(tracked: Tracked, reading: Reading, *, complete: bool) -> tuple[str, ...]:
    """Return what is missing from the figures, in sentences."""
    gaps = (
        []
        if complete
        else ["The work did not come to its end: the figures are those until the last reading."]
    )
    if reading.count < _FEWEST:
        gaps.append(
            f"It took less than {_FEWEST} readings at an interval of {reading.interval_s:g} s: too short to "
            "tell; let it run longer, or again and again."
        )
    elif reading.covered < _COVERED:
        gaps.append(f"Readings cover only {reading.covered:.0%} of the time.")
    gaps.extend(
        f"The {part.name} gave no energy; see whether its sensor can be read." for part in reading.silent
    )
    if not any(part.name == "graphics" for part in reading.parts):
        gaps.extend(_graphics(tracked.graphics))
    return tuple(gaps)


def _graphics(present: Seen) -> tuple[str, ...]:
    """Return what must be said of a graphics processor that was not read."""
    said: dict[Seen, tuple[str, ...]] = {
        "present": (
            "The machine has a graphics processor that was not read: its energy is not in the figures.",
        ),
        "hidden": ("Whether the machine has a graphics processor could not be told; none was read.",),
        "absent": (),
    }
    return said[present]


def _power(reading: Reading) -> tuple[PowerSample, ...]:
    """Return power over time, thinned out by putting neighbours together."""
    pairs = reading.power_over_time()
    size = -(-len(pairs) // _POINTS) or 1
    made, before = [], 0.0
    for start in range(0, len(pairs), size):
        some = pairs[start : start + size]
        end = some[-1][0]
        joules, last = 0.0, before
        for at, watts in some:
            joules, last = joules + watts * (at - last), at
        made.append(PowerSample(at_s=end, watts=joules / (end - before)))
        before = end
    return tuple(made)
