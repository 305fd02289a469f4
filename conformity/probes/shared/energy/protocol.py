"""The whole protocol: repeats that are long enough, beside the idle machine, or no figure at all."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformity.model.energy import obtained_by
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.shared.energy.figures import energy_results, repeated, settling, without_energy
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.reading import Reading
from conformity.probes.shared.energy.repeats import Repeats, Timing

FEWEST, USUAL, MOST = 5, 6, 10
"""How many repeats suffice, how many are made at the least (fewer give no interval at the level of 95 %), and
at the most, whatever is declared."""
_NOISE = 1e-9
"""A difference smaller than this part of its terms is one of rounding."""
_COVERED = 0.9
_POINTS = 40
"""How many readings of power are kept."""
_FOR_THE_REST = 0.8
"""Share of the processor time of a worker that repeats may use up."""
MOST_S = 700.0
"""No further repeat begins that would reach beyond so many seconds; a worker is ended a little later."""


@dataclass(frozen=True)
class Length:
    """How long a repeat must be to count."""

    least_s: float
    """In seconds; or"""
    samples: int
    """so many readings."""


LENGTH = Length(least_s=10.0, samples=20)
"""How long a repeat of the protocol must be."""


def protocol_timing(repeats: int) -> Timing:
    """Return how long and how often to read, whatever number of repeats is declared."""
    return Timing(least_s=LENGTH.least_s, interval_s=0.5, repeats=min(max(repeats, USUAL), MOST), idle_s=3.0)


class Allowance:
    """Tells whether the time that this worker may use suffices for another repeat."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with what has been used.

        Args:
            clock: seconds since some moment.
        """
        self._limit = resource.getrlimit(resource.RLIMIT_CPU)[0]
        self._clock = clock
        self._began = self._before_s = clock()
        self._before = used_s()

    def __call__(self) -> bool:
        """Return whether as much again as since the last question would stay within the limits."""
        used, now = used_s(), self._clock()
        last, self._before = used - self._before, used
        last_s, self._before_s = now - self._before_s, now
        if now - self._began + last_s > MOST_S:
            return False
        return self._limit == resource.RLIM_INFINITY or used + last <= _FOR_THE_REST * self._limit


def used_s() -> float:
    """Return the processor time of this process, in seconds; programs that it starts have their own limit."""
    times = os.times()
    return times.user + times.system


def protocol_results(
    footing: Footing,
    seen: Repeats,
    length: Length,
    prefix: str,
    further: Sequence[tuple[str, str, str, Result]] = (),
) -> list[tuple[str, str, str, Result]]:
    """Return all figures, or for each the reason why the protocol was not kept.

    Args:
        footing: what was read.
        seen: the repeats and the idle machine.
        length: how long a repeat must be.
        prefix: what the metrics' names begin with.
        further: figures that hold only where the protocol was kept.
    """
    found = [
        *further,
        *energy_results(footing, prefix),
        (f"{prefix}_energy_budget_kwh{footing.suffix}", "", "", settling(footing, footing.energy, "kWh")),
        (f"{prefix}_emissions_budget_g{footing.suffix}", "", "", settling(footing, footing.carbon, "g")),
        *_beside_idle(footing, seen, prefix),
    ]
    broken = _not_kept(footing, seen, length)
    if broken is None:
        return without_energy(footing, found)
    return [(metric, "", "", broken) for metric in dict.fromkeys(metric for metric, *_ in found)]


def _beside_idle(footing: Footing, seen: Repeats, prefix: str) -> list[tuple[str, str, str, Result]]:
    """Return the idle machine's power, what the work adds to it, and power over time."""
    idle = [reading.power_w for reading in seen.idle]
    rest = statistics.median(idle)
    return [
        (f"{prefix}_idle_power_w", "", "", repeated(idle, "W", footing.obtained)),
        (f"{prefix}_added_energy_kwh{footing.suffix}", "", "", _above_idle(footing, rest)),
        *(
            (
                f"{prefix}_power_w",
                "second",
                str(second),
                Scalar(value=watts, unit="W", n=1, obtained=footing.obtained),
            )
            for second, watts in _power_over_time(seen)
        ),
    ]


def _above_idle(footing: Footing, rest_w: float) -> Result:
    """Return the energy above that of the idle machine; none where both are assumed, not read."""
    if footing.obtained == "modelled":
        reason = "the idle machine and the work were both modelled: their difference is one of assumptions"
        return NotAvailable(why="undefined", reason=reason, n=len(footing.repeats))
    # The same parts were read, so that the difference is obtained in the same way.
    added = footing.each([_added(repeat.reading, rest_w) for repeat in footing.repeats])
    return repeated(added, "kWh", footing.obtained)


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


def _not_kept(footing: Footing, seen: Repeats, length: Length) -> NotAvailable | None:
    """Return why the readings do not suffice, or None when they do."""
    count = len(footing.repeats)
    if count < FEWEST:
        why = f"{count} repeats were made and {FEWEST} are needed: {seen.stopped}"
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


def idle_note(seen: Repeats) -> str:
    """Return the idle machine's power before, between and after the repeats, one by one, and who used it."""
    idle, load = seen.idle, seen.idle_load
    told = ", ".join(f"{reading.power_w:.3g}" for reading in idle)
    methods = obtained_by(part.method for part in idle[0].parts)
    others = "could not be told" if load is None else f"was up to {load:.0%} of the processors"
    return (
        f"Idle machine before, between and after the repeats, W: {told} ({methods}); the load of other "
        f"programs meanwhile {others}."
    )
