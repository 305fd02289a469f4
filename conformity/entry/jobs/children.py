"""The process of a run, as its worker sees it: started, told what to do, listened to, ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformity.measure import Progress
from conformity.model.run import Run, Stage

_LOOK_S = 0.25
"""How often to look whether to stop, and how often progress is told, in seconds."""
_CHUNK = 65_536


@dataclass(frozen=True)
class Failure:
    """Why a stage failed."""

    message: str
    """One sentence for who asked."""
    exit_code: int
    """What the command line would have ended with."""


Outcome = Failure | bool | None
"""How a stage ended: it failed, it is done (True) or was stopped (False), or its process died (None)."""


class Child:
    """A process that does stages of a run; it is started at the first."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._process: subprocess.Popen[bytes] | None = None
        self._partial = b""

    def do(self, stage: Stage, on_progress: Progress, stopped: Callable[[], bool]) -> Outcome:
        """Do a stage, and return how it ended.

        Args:
            stage: which.
            on_progress: told of the latest step now and then.
            stopped: asked now and then whether to stop.
        """
        try:
            process = self._process or self._start()
            _write(process, json.dumps(stage))
        except OSError:
            # It could not be started, or died between two stages.
            return None
        latest: dict[str, Any] | None = None
        look = time.monotonic() + _LOOK_S
        while True:
            answers = self._answers(process, max(0.0, look - time.monotonic()))
            if answers is None:
                return None
            for answer in answers:
                if "failed" in answer:
                    return Failure(answer["failed"], answer["exit_code"])
                if "finished" in answer:
                    return True
                latest = answer
            if time.monotonic() >= look:
                if latest is not None:
                    on_progress(latest["told"], latest["done"], latest["total"])
                    latest = None
                if stopped():
                    return False
                look = time.monotonic() + _LOOK_S

    def end(self) -> None:
        """Kill the process and all it started."""
        process, self._process = self._process, None
        if process is None:
            return
        # It is not reaped before, so that its number cannot belong to anybody else yet.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process in a session, and so a process group, of its own.

        Raises:
            OSError: it cannot be started, or ended at once.
        """
        self._partial = b""
        self._process = subprocess.Popen(  # the program is this interpreter
            # -P keeps the current folder out of where modules are looked for.
            [sys.executable, "-P", "-m", "conformity.entry.jobs.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        _write(self._process, self._run.model_dump_json())
        return self._process

    def _answers(self, process: subprocess.Popen[bytes], seconds: float) -> list[dict[str, Any]] | None:
        """Return the answers that come within some time; None when the process has died."""
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], seconds)[0]:
            return []
        content = os.read(process.stdout.fileno(), _CHUNK)
        if not content:
            return None
        *lines, self._partial = (self._partial + content).split(b"\n")
        return [json.loads(line) for line in lines]


def _write(process: subprocess.Popen[bytes], text: str) -> None:
    """Write a line to a process.

    Raises:
        OSError: it does not read any more.
    """
    assert process.stdin is not None
    process.stdin.write(text.encode() + b"\n")
    process.stdin.flush()
