"""Do a piece of work again and again under the meter, with the idle machine read in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from conformity.probes.shared.energy.machine import Load, load_now, other_load
from conformity.probes.shared.energy.meter import Clock, Meter
from conformity.probes.shared.energy.reading import Reading
from conformity.probes.shared.energy.usage import usage_now


@dataclass(frozen=True)
class Timing:
    """How long and how often to read."""

    least_s: float
    """In each repeat the work is done until so many seconds have passed."""
    interval_s: float
    """How often parts are read, in seconds."""
    repeats: int
    """How many repeats."""
    idle_s: float = 0.0
    """How long the idle machine is read before, between and after the repeats, in seconds; 0 for never."""


@dataclass(frozen=True)
class Repeat:
    """One repeat."""

    reading: Reading
    """What was read."""
    runs: int
    """How often the work was done."""
    processor_s: float
    """Processor time that it took, with that of programs it started, in seconds."""
    other_load: float | None
    """Share of the processors that others used meanwhile; none where it cannot be told."""
    began_s: float
    """When it began, in seconds since the first reading."""


@dataclass(frozen=True)
class Repeats:
    """All repeats, and the idle machine between them."""

    repeats: tuple[Repeat, ...]
    """The repeats."""
    idle: tuple[Reading, ...] = ()
    """The idle machine before, between and after."""
    stopped: str = ""
    """Why there are fewer repeats than were asked for, or empty."""
    idle_load: float | None = None
    """The largest share of the processors that others used while this program did nothing."""


def measure_repeats(
    devices: Sequence[Any],
    work: Callable[[], None],
    timing: Timing,
    *,
    may_go_on: Callable[[], bool] = lambda: True,
    clock: Clock = time.monotonic,
) -> Repeats:
    """Return what each repeat of a piece of work cost.

    Args:
        devices: the machine's parts.
        work: what to do; the caller has done it once to warm up.
        timing: how long and how often.
        may_go_on: asked before each repeat but the first whether there is time for another one.
        clock: the time.
    """
    began = clock()
    done: list[Repeat] = []
    idle: list[_Idle] = []
    stopped = ""
    while len(done) < timing.repeats:
        if done and not may_go_on():
            stopped = "the processor time that a worker may use does not suffice for more"
            break
        idle.extend(_idle(devices, timing))
        done.append(_repeat(devices, work, timing, began, clock))
    idle.extend(_idle(devices, timing))
    loads = [one.other_load for one in idle if one.other_load is not None]
    return Repeats(tuple(done), tuple(one.reading for one in idle), stopped, max(loads, default=None))


@dataclass(frozen=True)
class _Idle:
    """The machine while this program does nothing."""

    reading: Reading
    """What was read."""
    other_load: float | None
    """Share of the processors that others used meanwhile."""


def _idle(devices: Sequence[Any], timing: Timing) -> tuple[_Idle, ...]:
    """Return what the machine used while this program did nothing; nothing if that is not asked for."""
    if timing.idle_s <= 0:
        return ()
    meter, before = Meter(devices, timing.interval_s), load_now()
    meter.start()
    time.sleep(timing.idle_s)
    return (_Idle(meter.stop(), _other_load(before)),)


def _repeat(
    devices: Sequence[Any], work: Callable[[], None], timing: Timing, began: float, clock: Clock
) -> Repeat:
    """Return one repeat; the meter is stopped however the work ends."""
    meter = Meter(devices, timing.interval_s, clock=clock)
    before, spent = load_now(), usage_now().processor_s
    meter.start()
    first = clock()
    runs = 0
    try:
        while runs == 0 or clock() - first < timing.least_s:
            work()
            runs += 1
    finally:
        reading = meter.stop()
    return Repeat(
        reading=reading,
        runs=runs,
        processor_s=usage_now().processor_s - spent,
        other_load=_other_load(before),
        began_s=first - began,
    )


def _other_load(before: Load | None) -> float | None:
    """Return the share of the processors that others used since ``before``."""
    return other_load(before, load_now())
