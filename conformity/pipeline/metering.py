"""Measured intervals: begun by one call, ended by another, by a process that lives in between.

An interval is a folder. The process that measures writes its record there every few seconds, and ends when a
file called ``stop`` appears, or when its time is up; so an interval outlives whoever asked for it, and never
lasts for ever.
"""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from conformity.errors import BusyError, ConformityError, DataError, NotFoundError, PathError, UsageError
from conformity.intake.names import quoted
from conformity.model.energy import EnergyRecord
from conformity.pipeline.tracking import Asked, Tracker

MOST_MINUTES = 24 * 60
"""The longest that an interval may last."""
MOST_AT_ONCE = 4
"""How many intervals of one asker may run at the same time."""

_ASKED, _STOP, _ENDED, _FAILED = "asked.json", "stop", "ended.json", "failed.txt"
_NAME = re.compile(r"e-[0-9a-f]{16}")
_READY_S = 30.0
_END_S = 30.0
_LOOK_S = 0.2


@dataclass(frozen=True)
class Interval:
    """An interval that has ended."""

    record: EnergyRecord
    """What was measured."""
    path: Path
    """Where the record lies."""
    timed_out: bool
    """Whether it ended because its time was up, before anybody ended it."""


def begin_interval(
    folder: Path, program: list[str], country: str, minutes: int, moment: datetime
) -> tuple[str, Path]:
    """Begin to measure, in a process of its own, and return the interval's name and folder.

    Args:
        folder: the folder of all intervals of whoever asks; it is made.
        program: the command that calls :func:`measure_interval` with the folder that is its last argument.
        country: ISO 3166-1 alpha-3 code of the country whose grid powers the machine.
        minutes: after how many minutes it ends by itself.
        moment: the present, in UTC.

    Raises:
        UsageError: so long an interval is not measured.
        BusyError: too many are running.
        DataError: the country is not known, or nothing can be measured here.
        PathError: the folder cannot be written.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise UsageError(f"An interval lasts 1 to {MOST_MINUTES} minutes, not {minutes}; ask for fewer.")
    _check_free(folder, moment)
    name = f"e-{secrets.token_hex(8)}"
    place = folder / name
    asked = {
        "country": country,
        "minutes": minutes,
        "begun_at": moment.isoformat(),
        "run": secrets.token_hex(16),
    }
    try:
        place.mkdir(mode=0o700, parents=True)
        (place / _ASKED).write_text(json.dumps(asked), "utf-8")
    except OSError as error:
        raise PathError(
            f"The folder {folder} cannot be written ({error.strerror}); choose another."
        ) from error
    # The process leaves ours at once: it is in a session of its own and has no parent that could end it.
    subprocess.run(  # noqa: S603 # our own program, with a folder of ours
        [*program, str(place)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )
    _await(lambda: _record_in(place) is not None or (place / _FAILED).exists(), _READY_S)
    _check_begun(place)
    return name, place


def end_interval(folder: Path, name: str) -> Interval:
    """Return what an interval measured, after ending it if it still runs.

    Args:
        folder: the folder of all intervals of whoever asks.
        name: the name of the interval.

    Raises:
        NotFoundError: there is no such interval.
        DataError: its process was killed; what it had measured until then is in its record.
    """
    place = folder / name
    if _NAME.fullmatch(name) is None or not (place / _ASKED).is_file():
        raise NotFoundError(f"There is no interval {quoted(name)}; begin one first.")
    (place / _STOP).touch()
    _await((place / _ENDED).exists, _END_S)
    path = _record_in(place)
    if path is None or not (place / _ENDED).exists():
        raise DataError(
            f"The process that measured the interval {name} was ended from outside; what it read until then "
            f"lies in {place}, as far as it came. Begin a new interval."
        )
    try:
        record = EnergyRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"The record of the interval {name} cannot be read; begin a new one.") from error
    return Interval(record, path, json.loads((place / _ENDED).read_text("utf-8"))["timed_out"])


def measure_interval(place: Path, *, root: Path | None = None) -> None:
    """Measure until the interval is to end; this is the whole life of a process.

    Args:
        place: the interval's folder.
        root: the folder that nothing may leave.
    """
    try:
        asked = json.loads((place / _ASKED).read_text("utf-8"))
        moment = datetime.fromisoformat(asked["begun_at"])
        tracker = Tracker(
            Asked(country=asked["country"], output=place, root=root),
            "a measured interval",
            (),
            moment=moment,
            run=asked["run"],
        )
        tracker.begin()
        tracker.keep_begun()
    except ConformityError as error:
        (place / _FAILED).write_text(error.message, "utf-8")
        return
    end = time.monotonic() + 60 * asked["minutes"]
    stop = place / _STOP
    while not (stopped := stop.exists()) and time.monotonic() < end:
        time.sleep(_LOOK_S)
    tracker.end(None)
    partial = place / f".{_ENDED}"
    partial.write_text(json.dumps({"timed_out": not stopped}), "utf-8")
    partial.replace(place / _ENDED)


def _check_free(folder: Path, moment: datetime) -> None:
    """Check that another interval may begin.

    Raises:
        BusyError: too many are running.
    """
    running = 0
    for asked in folder.glob(f"*/{_ASKED}"):
        told = json.loads(asked.read_text("utf-8"))
        minutes = (moment - datetime.fromisoformat(told["begun_at"])).total_seconds() / 60
        over = any((asked.parent / name).exists() for name in (_ENDED, _FAILED, _STOP))
        running += not over and minutes < told["minutes"]
    if running >= MOST_AT_ONCE:
        raise BusyError(f"{running} intervals are running, as many as may; end one of them first.")


def _check_begun(place: Path) -> None:
    """Check that the process measures.

    Raises:
        DataError: it does not; its reason is told.
    """
    failed = place / _FAILED
    if failed.exists():
        raise DataError(failed.read_text("utf-8"))
    if _record_in(place) is None:
        raise DataError(f"No reading came within {_READY_S:.0f} s, so nothing is measured; try again.")


def _record_in(place: Path) -> Path | None:
    """Return the record in an interval's folder; None where there is none yet."""
    return next(iter(sorted(place.glob("energy-*.json"))), None)


def _await(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds, or the time is up."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(_LOOK_S)
