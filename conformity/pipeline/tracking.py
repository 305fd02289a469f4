"""Track the energy of a command or of a piece of a program, and keep a record of it.

A record is written beside its place and then moved there: it is whole or not there at all. While the work
runs a record is kept that says so, so that a tracker that is killed leaves one behind.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

from conformity.errors import PathError, UsageError
from conformity.model.base import digest_of
from conformity.model.energy import EnergyRecord
from conformity.probes.shared.energy.devices import find_devices, meter_name
from conformity.probes.shared.energy.grids import grid
from conformity.probes.shared.energy.machine import graphics_present, hardware, load_now, other_load
from conformity.probes.shared.energy.meter import Meter
from conformity.probes.shared.energy.record import Ended, Tracked, record_of
from conformity.probes.shared.energy.usage import usage_now

_KEPT_EVERY_S = 5.0
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
_KILLED = 128
"""What shells add to the number of the signal that ended a program."""


@dataclass(frozen=True)
class Asked:
    """How to track."""

    country: str
    """ISO 3166-1 alpha-3 code of the country whose grid powers the machine."""
    output: Path | None = None
    """The folder for records; none to write nothing."""
    interval_s: float = 1.0
    """How often to read sensors, in seconds."""
    root: Path | None = None
    """The folder that nothing may leave."""


@dataclass(frozen=True)
class Kept:
    """A record and where it lies."""

    record: EnergyRecord
    """The record."""
    path: Path | None
    """Its file; none when nothing was to be written."""


class Tracker:
    """Tracks one piece of work; as many as one likes run at the same time."""

    def __init__(
        self, asked: Asked, program: str, command: Sequence[str], *, moment: datetime, run: str
    ) -> None:
        """Make everything ready that takes time, so that it is not part of the work.

        Args:
            asked: how to track.
            program: the program's name, for the record.
            command: the whole command, of which a digest is kept; empty for work inside a program.
            moment: the present, in UTC.
            run: 32 hex digits drawn at random.

        Raises:
            DataError: the country is not known.
            MissingLibraryError: no part of this machine can be read.
            PathError: the folder lies outside the root, or cannot be made.
        """
        electricity = grid(asked.country)
        self.path = _place(asked, moment, run)
        self._tracked = Tracked(
            run=run,
            program=program[:200] or "a program without a name",
            command_sha256=digest_of(list(command)) if command else None,
            started_at=moment,
            grid=electricity,
            hardware=hardware(),
            graphics=graphics_present(),
            software=meter_name(),
        )
        self._meter = Meter(find_devices(asked.country), asked.interval_s, on_sample=self._keep)
        self._before = load_now()
        self._usage = usage_now()
        self._kept_at = time.monotonic()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Begin to read."""
        self._before, self._usage = load_now(), usage_now()
        self._meter.start()

    def keep_begun(self) -> None:
        """Write the record of work that has just begun.

        Raises:
            PathError: it cannot be written.
        """
        self._write(record_of(self._tracked, self._meter.so_far(), None, complete=False))

    def abandon(self) -> None:
        """Stop reading and leave nothing behind."""
        self._meter.stop()

    def end(self, exit_code: int | None, *, complete: bool = True) -> Kept:
        """Stop reading, write the record and return it.

        Raises:
            PathError: it cannot be written.
        """
        reading = self._meter.stop()
        after = usage_now()
        ended = Ended(
            exit_code=exit_code,
            other_load=other_load(self._before, load_now()),
            processor_s=after.processor_s - self._usage.processor_s,
            peak_memory_mb=after.own_mb if exit_code is None else after.of_child_mb,
        )
        record = record_of(self._tracked, reading, ended, complete=complete)
        self._write(record)
        return Kept(record, self.path)

    def _keep(self) -> None:
        """Write a record of what was read so far, every few seconds."""
        if time.monotonic() - self._kept_at >= _KEPT_EVERY_S:
            self._kept_at = time.monotonic()
            self.keep_begun()

    def _write(self, record: EnergyRecord) -> None:
        """Put a record in its place, whole."""
        if self.path is None:
            return
        partial = self.path.with_name(f".{self.path.name}.partial")
        try:
            with self._lock:
                partial.write_text(record_json(record), "utf-8")
                partial.replace(self.path)
        except OSError as error:
            raise PathError(
                f"the record {self.path} cannot be written ({error.strerror}); choose another folder"
            ) from error


def record_json(record: EnergyRecord) -> str:
    """Return a record as indented JSON, with a newline at the end."""
    return json.dumps(record.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def track_command(command: Sequence[str], asked: Asked, moment: datetime, run: str) -> Kept:
    """Run a command and return the record of its energy; it has this process's input, output and variables.

    Args:
        command: the program and its arguments.
        asked: how to track.
        moment: the present, in UTC.
        run: 32 hex digits drawn at random.

    Raises:
        UsageError: there is no such program.
        DataError: the country is not known; nothing was run.
        MissingLibraryError: no part of this machine can be read; nothing was run.
        PathError: the record cannot be written.
    """
    tracker = Tracker(asked, Path(command[0]).name, command, moment=moment, run=run)
    tracker.begin()
    try:
        process = subprocess.Popen(command)  # noqa: S603 # what the user asked to run, as the user
    except OSError as error:
        tracker.abandon()
        raise UsageError(f"{command[0]} cannot be started ({error.strerror}); check its name") from error
    with _signals_passed_to(process):
        tracker.keep_begun()
        code = process.wait()
    return tracker.end(code if code >= 0 else _KILLED - code)


@contextlib.contextmanager
def _signals_passed_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass signals on that would end this process, so that the work ends first and its record is kept.

    A terminal sends an interrupt to the work too; from elsewhere it comes here alone.
    """

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    def ignore(_: int, __: FrameType | None) -> None:
        """Do nothing: the terminal has told the work."""

    wanted: dict[int, Callable[[int, FrameType | None], None]] = dict.fromkeys(_PASSED_ON, pass_on)
    wanted[signal.SIGINT] = ignore if sys.stdin is not None and sys.stdin.isatty() else pass_on
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _place(asked: Asked, moment: datetime, run: str) -> Path | None:
    """Return the file of a record, its folder made; none when nothing is to be written.

    Raises:
        PathError: the folder lies outside the root, or cannot be made.
    """
    if asked.output is None:
        return None
    folder = Path.cwd() / asked.output
    path = folder / f"energy-{moment:%Y%m%dT%H%M%SZ}-{run[:8]}.json"
    if asked.root is not None:
        # What stages share brings in all of them: late, as a tracker costs the work that it tracks.
        from conformity.pipeline.shared import check_output

        check_output(path, asked.root)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PathError(f"the folder {folder} cannot be made ({error.strerror}); choose another") from error
    return path
