"""Tracking: records are whole or not there, a killed tracker leaves one, and nothing is written elsewhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformity.errors import DataError, PathError, UsageError
from conformity.model.base import digest_of
from conformity.model.energy import EnergyRecord
from conformity.pipeline import tracking
from conformity.pipeline.tracking import Asked, Kept, Tracker, track_command

MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUN = "0123456789abcdef" * 2
_BUSY = "import time; end = time.monotonic() + {}\nwhile time.monotonic() < end: sum(range(1000))"


def run(command: tuple[str, ...], output: Path | None = None, **changed: object) -> Kept:
    """Track a command, read every 0.05 s."""
    asked = Asked(country="DEU", output=output, interval_s=0.05, **changed)  # type: ignore[arg-type]
    return track_command(command, asked, MOMENT, RUN)


def test_a_record_tells_everything(tmp_path: Path) -> None:
    command = (sys.executable, "-c", _BUSY.format(0.4))
    kept = run(command, tmp_path / "new" / "folder")
    assert kept.path == tmp_path / "new" / "folder" / "energy-20261122T120000Z-01234567.json"
    record = EnergyRecord.model_validate_json(kept.path.read_bytes())
    assert record == kept.record
    assert (record.complete, record.exit_code, record.samples > 4) == (True, 0, True)
    assert record.energy_kwh > 0
    assert record.emissions_g == pytest.approx(record.energy_kwh * 380.95)
    assert record.command_sha256 == digest_of(list(command))
    assert "range" not in kept.path.read_text("utf-8")  # arguments may hold secrets
    assert record.processor_s is not None
    assert record.processor_s > 0.05
    joules = sum(
        sample.watts * (sample.at_s - before)
        for sample, before in zip(record.power, [0.0, *(s.at_s for s in record.power)], strict=False)
    )
    assert joules / 3.6e6 == pytest.approx(record.energy_kwh, rel=0.01)
    assert list(kept.path.parent.iterdir()) == [kept.path]


def test_nothing_is_written_outside_the_folder_and_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for folder in ("here", "home", "temporary", "records"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    run((sys.executable, "-c", "pass"), tmp_path / "records")
    assert run((sys.executable, "-c", "pass")).path is None
    assert [path.parent.name for path in tmp_path.rglob("*") if path.is_file()] == ["records"]


@pytest.mark.parametrize(
    ("code", "exit_code"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_exit_code_is_that_of_the_command(code: str, exit_code: int) -> None:
    assert run((sys.executable, "-c", code)).record.exit_code == exit_code


def test_a_command_shorter_than_the_interval_says_so() -> None:
    asked = Asked(country="DEU", interval_s=30)
    record = track_command((sys.executable, "-c", "pass"), asked, MOMENT, RUN).record
    assert record.samples == 1
    assert any("too short to tell" in gap for gap in record.gaps)


def test_what_cannot_be_started_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be started"):
        run(("no-such-program",), tmp_path)
    with pytest.raises(DataError, match="no electricity mix for 'XXX'"):
        track_command(("true",), Asked(country="XXX", output=tmp_path), MOMENT, RUN)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(PathError, match="cannot be made"):
        run(("true",), tmp_path / "file")
    with pytest.raises(PathError, match="does not lie inside"):
        run(("true",), tmp_path / "x", root=tmp_path / "y")


def test_a_record_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tracker = Tracker(Asked("DEU", tmp_path, 30), "work", (), moment=MOMENT, run=RUN)
    tracker.begin()
    assert tracker.path is not None
    tracker.path.mkdir()
    with pytest.raises(PathError, match="cannot be written"):
        tracker.end(None)


def test_a_record_is_kept_while_the_work_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "_KEPT_EVERY_S", 0.1)
    tracker = Tracker(Asked("DEU", tmp_path, 0.05), "work", (), moment=MOMENT, run=RUN)
    assert tracker.path is not None
    tracker.begin()
    time.sleep(0.4)
    record = EnergyRecord.model_validate_json(tracker.path.read_bytes())
    assert (record.complete, record.exit_code, record.energy_kwh > 0) == (False, None, True)
    assert "did not come to its end" in record.gaps[0]
    assert tracker.end(None).record.complete
    assert tracker._tracked.command_sha256 is None


def _tracked_elsewhere(folder: Path, seconds: float) -> subprocess.Popen[bytes]:
    """Start the command line in a process of its own, tracking work of some seconds."""
    words = ["track", "--country", "DEU", "--interval", "0.05", "-o", str(folder), "--"]
    code = f"import os, time; print(os.getpid(), flush=True); time.sleep({seconds})"
    work = [sys.executable, "-c", code]
    return subprocess.Popen(  # our own program
        [sys.executable, "-m", "conformity", *words, *work], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _child(tracker: subprocess.Popen[bytes], folder: Path) -> int:
    """Return the process that is tracked, once it runs and a record is there."""
    assert tracker.stdout is not None
    number = int(tracker.stdout.readline())
    end = time.monotonic() + 20
    while not list(folder.glob("energy-*.json")) and time.monotonic() < end:
        time.sleep(0.02)
    return number


def test_a_killed_tracker_leaves_a_valid_record(tmp_path: Path) -> None:
    tracker = _tracked_elsewhere(tmp_path, 20)
    child = _child(tracker, tmp_path)
    tracker.kill()
    tracker.wait()
    # What was tracked lives on, and holds the pipes.
    os.kill(child, signal.SIGKILL)
    tracker.communicate()
    (path,) = tmp_path.glob("energy-*.json")
    record = EnergyRecord.model_validate_json(path.read_bytes())
    assert (record.complete, record.exit_code) == (False, None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_goes_to_the_work_and_its_record_is_kept(tmp_path: Path, number: signal.Signals) -> None:
    tracker = _tracked_elsewhere(tmp_path, 20)
    _child(tracker, tmp_path)
    tracker.send_signal(number)
    tracker.communicate(timeout=20)
    (path,) = tmp_path.glob("energy-*.json")
    record = EnergyRecord.model_validate_json(path.read_bytes())
    assert record.complete
    # Python ends with the signal's number, or with 1 when it was interrupted in its own words.
    assert tracker.returncode == record.exit_code
    assert record.exit_code in (128 + number, 1)


def test_two_trackers_at_once(tmp_path: Path) -> None:
    trackers = [_tracked_elsewhere(tmp_path, 0.5) for _ in range(2)]
    for tracker in trackers:
        tracker.communicate(timeout=60)
        assert tracker.returncode == 0
    records = [EnergyRecord.model_validate(json.loads(path.read_bytes())) for path in tmp_path.glob("*.json")]
    assert len({record.run for record in records}) == 2
    assert all(record.complete and record.energy_kwh > 0 for record in records)
