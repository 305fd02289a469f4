"""Measured intervals: begun and ended by two calls, bounded in time and number, by a process in between."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformity.errors import BusyError, DataError, NotFoundError, PathError, UsageError
from conformity.pipeline import metering
from conformity.pipeline.metering import begin_interval, end_interval, measure_interval

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
PROGRAM = [sys.executable, "-m", "conformity.entry.mcp.tracker"]
NAME = "e-0123456789abcdef"


def asked(folder: Path, name: str = NAME, *, minutes: float = 1, country: str = "DEU") -> Path:
    """Write what was asked of an interval whose process never began, and return its folder."""
    place = folder / name
    place.mkdir(parents=True)
    told = {"country": country, "minutes": minutes, "begun_at": NOW.isoformat(), "run": "0" * 32}
    (place / "asked.json").write_text(json.dumps(told))
    return place


def test_an_interval_is_measured_until_it_is_stopped(tmp_path: Path) -> None:
    place = asked(tmp_path)
    (place / "stop").touch()
    measure_interval(place)
    ended = end_interval(tmp_path, NAME)
    assert ended.path.parent == place
    assert ended.record.complete
    assert ended.record.energy_kwh >= 0
    assert not ended.timed_out


def test_an_interval_ends_by_itself_when_its_time_is_up(tmp_path: Path) -> None:
    measure_interval(asked(tmp_path, minutes=0.005))
    assert end_interval(tmp_path, NAME).timed_out


def test_what_cannot_be_measured_is_said_at_once(tmp_path: Path) -> None:
    """A real process begins, finds no such country, and tells why."""
    with pytest.raises(DataError, match="XYZ"):
        begin_interval(tmp_path, PROGRAM, "XYZ", 1, NOW)


def test_a_process_that_never_reads_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "_READY_S", 0)
    with pytest.raises(DataError, match="No reading came"):
        begin_interval(tmp_path, [sys.executable, "-S", "-c", ""], "DEU", 1, NOW)


def test_a_process_that_was_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "_END_S", 0)
    asked(tmp_path)
    with pytest.raises(DataError, match="ended from outside"):
        end_interval(tmp_path, NAME)


def test_a_record_that_was_spoilt_is_told(tmp_path: Path) -> None:
    place = asked(tmp_path)
    (place / "ended.json").write_text('{"timed_out": false}')
    (place / "energy-1.json").write_text("{}")
    with pytest.raises(DataError, match="cannot be read"):
        end_interval(tmp_path, NAME)


@pytest.mark.parametrize("name", [NAME, "e-../..", "", "../e-0123456789abcdef"])
def test_an_interval_that_nobody_began_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError, match="begin one first"):
        end_interval(tmp_path, name)


@pytest.mark.parametrize("minutes", [0, 24 * 60 + 1])
def test_an_interval_has_a_bound(tmp_path: Path, minutes: int) -> None:
    with pytest.raises(UsageError, match="1 to 1440 minutes"):
        begin_interval(tmp_path, PROGRAM, "DEU", minutes, NOW)


def test_only_so_many_run_at_a_time(tmp_path: Path) -> None:
    over = asked(tmp_path, "e-over")
    (over / "ended.json").touch()
    asked(tmp_path, "e-timed-out", minutes=-1)
    for number in range(metering.MOST_AT_ONCE):
        asked(tmp_path, f"e-{number}")
    with pytest.raises(BusyError, match="4 intervals are running"):
        begin_interval(tmp_path, PROGRAM, "DEU", 1, NOW)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PathError, match="cannot be written"):
        begin_interval(tmp_path / "file", PROGRAM, "DEU", 1, NOW)


def test_a_process_that_cannot_measure_leaves_its_reason(tmp_path: Path) -> None:
    place = asked(tmp_path, country="XYZ")
    measure_interval(place)
    assert "XYZ" in (place / "failed.txt").read_text()
    assert not (place / "ended.json").exists()
