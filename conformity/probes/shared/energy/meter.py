"""Read the machine's energy again and again while a piece of work runs, part by part.

CodeCarbon finds the machine's parts and reads them; when, how often and over which time is decided here,
since its own times and mean powers are wrong for short tasks. No clock that can be set enters a duration.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformity.probes.shared.energy.accelerator import Graphics, graphics_now
from conformity.probes.shared.energy.parts import part_of
from conformity.probes.shared.energy.reading import Reading, Sample, halved

_logger = logging.getLogger(__name__)

_LATE = 3.0
"""A reading more than so many intervals after the one before leaves a gap."""

Clock = Callable[[], float]
"""Seconds since some moment; it never goes back."""


@dataclass
class Meter:
    """Reads parts at an interval, in a thread of its own, until it is stopped; several may run at once."""

    devices: Sequence[Any]
    """CodeCarbon's parts of the machine."""
    interval_s: float
    """How often to read them, in seconds."""
    clock: Clock = time.monotonic
    """The time."""
    on_sample: Callable[[], None] | None = None
    """Called after each reading, from the meter's thread; a failure in it ends nothing."""
    most: int = 4096
    """How many readings are kept apart; beyond, neighbours are put together, so that memory stays bounded."""
    _samples: list[Sample] = field(default_factory=list, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _began_s: float = field(default=0.0, init=False)
    _read_s: float = field(default=0.0, init=False)
    _count: int = field(default=0, init=False)
    _covered_s: float = field(default=0.0, init=False)
    _graphics: Graphics | None = field(default=Graphics(0.0, 0.0), init=False)

    def start(self) -> None:
        """Take the parts' counters as they are and begin to read."""
        for device in self.devices:
            device.start()
        self._began_s = self._read_s = self.clock()
        self._thread = threading.Thread(target=self._run, name="energy-meter", daemon=True)
        self._thread.start()

    def stop(self) -> Reading:
        """Read a last time and return everything."""
        self._ended.set()
        assert self._thread is not None, "a meter is started before it is stopped"
        self._thread.join()
        self.read()
        return self.so_far()

    def read(self) -> None:
        """Read all parts once."""
        with self._lock:
            now = self.clock()
            passed, self._read_s = now - self._read_s, now
            energies = tuple(_read(device, passed) for device in self.devices)
            self._samples.append(Sample(at_s=now - self._began_s, energies_kwh=energies))
            self._count += 1
            self._covered_s += min(passed, _LATE * self.interval_s)
            did = graphics_now(self.devices, passed)
            self._graphics = self._graphics.then(did) if self._graphics and did else None
            if len(self._samples) >= self.most:
                self._samples = halved(self._samples)

    def so_far(self) -> Reading:
        """Return everything that was read."""
        with self._lock:
            return Reading(
                parts=tuple(part_of(device) for device in self.devices),
                samples=tuple(self._samples),
                count=self._count,
                covered_s=self._covered_s,
                duration_s=self._read_s - self._began_s,
                interval_s=self.interval_s,
                graphics=self._graphics if self._count else None,
            )

    def _run(self) -> None:
        """Read until the end."""
        while not self._ended.wait(self.interval_s):
            self.read()
            if self.on_sample is not None:
                try:
                    self.on_sample()
                except Exception as error:
                    # The figures matter more than what is done with them on the way.
                    _logger.warning("energy_sample_not_kept kind=%s", type(error).__name__)


def _read(device: Any, passed_s: float) -> float:
    """Return what a part used in the last ``passed_s`` seconds, in kWh; nothing where it cannot be read."""
    try:
        _, energy = device.measure_power_and_energy(passed_s)
        return max(float(energy.kWh), 0.0)
    except Exception as error:
        # Whatever it is, the others go on; a part that gives nothing is told as a gap.
        _logger.warning("energy_part_failed kind=%s", type(error).__name__)
        return 0.0
