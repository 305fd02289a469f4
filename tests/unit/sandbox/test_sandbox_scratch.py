"""Scratch folders: for their owner alone, removed afterwards, and swept up behind the killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from conformity.sandbox.scratch import PREFIX, scratch, sweep

_HOLD = """
import sys, time
from conformity.sandbox.scratch import scratch
with scratch() as folder:
    (folder / "rows").write_text("confidential")
    print(folder, flush=True)
    time.sleep(60)
"""


def _age(folder: Path) -> None:
    """Make a folder look as if nothing had happened in it for an hour."""
    os.utime(folder, (time.time() - 3600,) * 2)


def test_a_scratch_folder_is_private_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
        _age(folder)
        sweep(tmp_path)
        assert (folder / "deep" / "file").exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_up(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD], stdout=subprocess.PIPE, text=True, env=environment
    ) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        _age(folder)
        sweep(tmp_path)
        assert (folder / "rows").exists()
        holder.send_signal(signal.SIGKILL)
    sweep(tmp_path)
    assert not folder.exists()


def test_nothing_else_is_swept_up(tmp_path: Path) -> None:
    young, other, file = tmp_path / f"{PREFIX}young", tmp_path / "other", tmp_path / f"{PREFIX}file"
    young.mkdir()
    other.mkdir()
    file.write_text("x")
    link = tmp_path / f"{PREFIX}link"
    link.symlink_to(other)
    _age(other)
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, other, file, link])
