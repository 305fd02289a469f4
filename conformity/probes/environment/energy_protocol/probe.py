"""Measure the energy of predictions by the whole protocol, with the idle machine read between repeats."""

from __future__ import annotations

import os
import resource
import statistics
from dataclasses import dataclass

from conformity.model.base import SubjectId
from conformity.model.energy import obtained_by
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.environment.running import make_ready
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.shared.energy.devices import meter_name
from conformity.probes.shared.energy.figures import (
    energy_results,
    repeated,
    settling,
    sorted_measurements,
    without_energy,
)
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.machine import graphics_present, hardware
from conformity.probes.shared.energy.reading import Reading
from conformity.probes.shared.energy.repeats import Repeats, Timing, measure_repeats
from conformity.probes.shared.energy.words import (
    banner,
    declared_note,
    error_note,
    graphics_note,
    grid_note,
    load_note,
    parts_in_words,
    repeats_note,
    sampling_note,
    scatter_note,
)

_FEWEST, _USUAL, _MOST = 5, 6, 10
"""How many repeats suffice, how many are made at the least (fewer give no interval at the level of 95 %), and
at the most, whatever is declared."""
_NOISE = 1e-9
"""A difference smaller than this part of its terms is one of rounding."""
_LEAST_S, _INTERVAL_S, _IDLE_S = 10.0, 0.5, 3.0
_FEWEST_SAMPLES = 20
_COVERED = 0.9
_POINTS = 40
"""How many readings of power are kept."""
_FOR_THE_REST = 0.8
"""Share of the processor time of a worker that repeats may use up."""


@dataclass(frozen=True)
class _Length:
    """How long a repeat must be to count."""

    least_s: float
    """In seconds; or"""
    samples: int
    """so many readings."""


class EnergyProtocolProbe:
    """Measure what predictions cost, in long repeats."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy and carbon of 1,000 predictions, the idle machine's power, and power over time.

        Raises:
            NotMeasurableError: nothing is declared to run, or the model may not be or cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read, or the country is not known.
            MissingLibraryError: the meter does not work on this machine.
        """
        ready = make_ready(target)
        timing = Timing(
            least_s=_LEAST_S,
            interval_s=_INTERVAL_S,
            repeats=min(max(ready.inference.repeats, _USUAL), _MOST),
            idle_s=_IDLE_S,
        )
        seen = measure_repeats(ready.devices, ready.work, timing, may_go_on=_Budget())
        footing = Footing(seen.repeats, ready.rows, ready.grid, ready.footprint)
        found = results(footing, seen, _Length(_LEAST_S, _FEWEST_SAMPLES))
        return ProbeResult(
            measurements=sorted_measurements(SubjectId(target.subject.id), found),
            notes=(*_notes(footing, seen), *ready.notes),
        )


class _Budget:
    """Tells whether the processor time that this worker may use suffices for another repeat."""

    def __init__(self) -> None:
        """Begin with what has been used."""
        self._limit = resource.getrlimit(resource.RLIMIT_CPU)[0]
        self._before = _used_s()

    def __call__(self) -> bool:
        """Return whether as much again as since the last question would stay within the limit."""
        used = _used_s()
        last, self._before = used - self._before, used
        return self._limit == resource.RLIM_INFINITY or used + last <= _FOR_THE_REST * self._limit


def _used_s() -> float:
    """Return the processor time of this process, in seconds."""
    times = os.times()
    return times.user + times.system


def results(footing: Footing, seen: Repeats, length: _Length) -> list[tuple[str, str, str, Result]]:
    """Return all figures, or for each the reason why the protocol was not kept."""
    found = [
        *energy_results(footing, "protocol"),
        ("protocol_energy_budget_kwh_per_1000", "", "", settling(footing, footing.energy, "kWh")),
        ("protocol_emissions_budget_g_per_1000", "", "", settling(footing, footing.carbon, "g")),
        *without_energy(footing, _idle(footing, seen)),
    ]
    broken = _not_kept(footing, seen, length)
    if broken is None:
        return without_energy(footing, found)
    return [(metric, "", "", broken) for metric in dict.fromkeys(metric for metric, *_ in found)]


def _idle(footing: Footing, seen: Repeats) -> list[tuple[str, str, str, Result]]:
    """Return the idle machine's power, what predictions add to it, and power over time."""
    idle = [reading.power_w for reading in seen.idle]
    rest = statistics.median(idle)
    # The same parts were read, so that the difference is obtained in the same way.
    added = footing.per_1000([_added(repeat.reading, rest) for repeat in footing.repeats])
    return [
        ("protocol_idle_power_w", "", "", repeated(idle, "W", footing.obtained)),
        ("protocol_added_energy_kwh_per_1000", "", "", repeated(added, "kWh", footing.obtained)),
        *(
            (
                "protocol_power_w",
                "second",
                str(second),
                Scalar(value=watts, unit="W", n=1, obtained=footing.obtained),
            )
            for second, watts in _power_over_time(seen)
        ),
    ]


def _added(reading: Reading, rest_w: float) -> float:
    """Return the energy of a repeat above that of the idle machine, in kWh; it may be less than nothing."""
    added = reading.energy_kwh - rest_w * reading.duration_s / 3.6e6
    return added if abs(added) > _NOISE * reading.energy_kwh else 0.0


def _power_over_time(seen: Repeats) -> list[tuple[int, float]]:
    """Return the average power in stretches of whole seconds of the repeats, by the second they end in."""
    points = [
        (repeat.began_s + at, watts)
        for repeat in seen.repeats
        for at, watts in repeat.reading.power_over_time()
    ]
    last = max((at for at, _ in points), default=0.0)
    stretch = max(1.0, last / _POINTS)
    bins: dict[int, list[float]] = {}
    for at, watts in points:
        bins.setdefault(round((int(at / stretch) + 1) * stretch), []).append(watts)
    return [(second, statistics.fmean(several)) for second, several in sorted(bins.items())]


def _not_kept(footing: Footing, seen: Repeats, length: _Length) -> NotAvailable | None:
    """Return why the readings do not suffice, or None when they do."""
    count = len(footing.repeats)
    if count < _FEWEST:
        why = f"{count} repeats were made and {_FEWEST} are needed: {seen.stopped}"
        return NotAvailable(why="too_few_cases", reason=why, n=count)
    for repeat in footing.repeats:
        reading = repeat.reading
        if reading.duration_s < length.least_s and reading.count < length.samples:
            why = f"a repeat was shorter than {length.least_s:g} s and {length.samples} readings"
            return NotAvailable(why="too_few_cases", reason=why, n=count)
        if reading.covered < _COVERED:
            why = (
                f"readings cover less than {_COVERED:.0%} of a repeat: the machine was too busy to read them"
            )
            return NotAvailable(why="undefined", reason=why, n=count)
    return None


def _notes(footing: Footing, seen: Repeats) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    parts = footing.parts
    notes = [
        # The report prints the first few beside the figures: what qualifies these most comes first.
        f"{banner(parts)} Parts: {parts_in_words(parts, meter_name())}",
        load_note(footing.repeats),
        repeats_note(footing),
        grid_note(footing),
        _idle_note(seen),
        sampling_note(footing),
        "" if footing.silent else scatter_note(footing),
        error_note(footing),
        declared_note(footing),
        f"Hardware: {'; '.join(hardware())}.",
        graphics_note(parts, graphics_present()),
    ]
    return tuple(note for note in notes if note)


def _idle_note(seen: Repeats) -> str:
    """Return the idle machine's power before, between and after the repeats, one by one, and who used it."""
    idle, load = seen.idle, seen.idle_load
    told = ", ".join(f"{reading.power_w:.3g}" for reading in idle)
    methods = obtained_by(part.method for part in idle[0].parts)
    others = "could not be told" if load is None else f"was up to {load:.0%} of the processors"
    return (
        f"Idle machine before, between and after the repeats, W: {told} ({methods}); the load of other "
        f"programs meanwhile {others}."
    )


PROBE = EnergyProtocolProbe()
"""The probe."""
