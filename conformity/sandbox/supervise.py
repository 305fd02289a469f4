"""Run one child process: feed it, read its lines, end it and all it started when it goes too far."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from conformity.errors import SandboxError
from conformity.sandbox.watch import Watch

_CHUNK = 65_536
_POLL_S = 0.05
_DIAGNOSTICS_BYTES = 65_536


@dataclass(frozen=True)
class Command:
    """What to run, and how far it may go."""

    argv: Callable[[int], list[str]]
    """The program and its arguments, given the file descriptor on which it answers."""
    environment: Mapping[str, str]
    """All environment variables it sees."""
    folder: Path
    """Where it runs."""
    payload: bytes
    """What it finds on standard input."""
    wall_s: float
    """Longest time it may take, in seconds."""
    max_bytes: int
    """Most that it may answer, in bytes."""
    folder_mb: int | None = None
    """Most that its folder may hold, in MiB."""
    on_stdout: bool = False
    """Whether it answers on standard output and prints on standard error, for want of another descriptor."""
    grace_s: float = 0.0
    """How long it may tidy up once it is told to stop, in seconds, before its process group is killed."""


@dataclass(frozen=True)
class Ending:
    """How it ended."""

    why: Literal["ended", "time", "flood", "disk"]
    """By itself, or because it was stopped: it took too long, answered too much or filled the disk."""
    code: int
    """Exit code; negative for the signal that ended it."""
    diagnostics: str
    """The tail of what it printed."""


def supervise(command: Command, on_line: Callable[[bytes], None]) -> Ending:
    """Run a command to its end and hand over every line of its answer as it comes.

    Nothing of its process group is left when this returns or raises.

    Raises:
        SandboxError: the process could not be started.
    """
    read_fd, write_fd = os.pipe()
    try:
        child = _start(command, write_fd)
    except OSError as error:
        os.close(read_fd)
        raise SandboxError(f"no worker could be started: {error}; check that Python can be run") from error
    finally:
        os.close(write_fd)
    run = _Run(command, child, read_fd, on_line)
    why: Literal["ended", "time", "flood", "disk"] | None = None
    try:
        why = run.loop()
    finally:
        if why != "ended" and command.grace_s:
            _tell_to_end(child, command.grace_s)
        _end_group(child)
        run.close()
    return Ending(why=why, code=child.returncode, diagnostics=run.diagnostics.decode("utf-8", "replace"))


def _start(command: Command, write_fd: int) -> subprocess.Popen[bytes]:
    """Start the process in a session, and so a process group, of its own."""
    return subprocess.Popen(  # noqa: S603 # the program is this interpreter
        command.argv(write_fd),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if command.on_stdout else subprocess.STDOUT,
        env=dict(command.environment),
        cwd=command.folder,
        pass_fds=(write_fd,),
        start_new_session=True,
    )


def _tell_to_end(child: subprocess.Popen[bytes], grace_s: float) -> None:
    """Ask the child to end and wait, without reaping it, at most as long as it may take."""
    os.kill(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while not _has_ended(child) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process group, then reap the child.

    The child is not reaped before, so that its number cannot belong to anybody else yet.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Tell whether the child has ended, without reaping it."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


class _Run:
    """The pipes of one child, read and written in turn by one thread."""

    def __init__(
        self,
        command: Command,
        child: subprocess.Popen[bytes],
        read_fd: int,
        on_line: Callable[[bytes], None],
    ) -> None:
        """Take over the pipes."""
        self.diagnostics = b""
        self._command = command
        self._child = child
        self._events = open(read_fd, "rb", buffering=0)  # noqa: SIM115 # closed by close()
        self._on_line = on_line
        self._unsent = memoryview(command.payload)
        self._received = 0
        self._partial: list[bytes] = []
        self._selector = selectors.DefaultSelector()
        stdin, printed = child.stdin, child.stderr if command.on_stdout else child.stdout
        answers = child.stdout if command.on_stdout else self._events
        assert stdin is not None
        assert printed is not None
        assert answers is not None
        self._watch = Watch(command.folder, command.folder_mb)
        self._pipes: tuple[IO[bytes], ...] = (stdin, printed, answers, self._events)
        for pipe, event, step in (
            (stdin, selectors.EVENT_WRITE, self._send),
            (printed, selectors.EVENT_READ, self._hear),
            (answers, selectors.EVENT_READ, self._receive),
        ):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, event, step)

    def loop(self) -> Literal["ended", "time", "flood", "disk"]:
        """Serve the pipes until the child is done or has gone too far."""
        deadline = time.monotonic() + self._command.wall_s
        while self._selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return "time"
            ready = self._selector.select(min(left, _POLL_S))
            for key, _ in ready:
                key.data(key.fileobj)
            if self._received > self._command.max_bytes:
                return "flood"
            if self._watch.is_full():
                return "disk"
            if not ready and _has_ended(self._child):
                # Something it started still holds the pipes open; the answer is complete.
                return "ended"
        while not _has_ended(self._child):
            if time.monotonic() > deadline:
                return "time"
            if self._watch.is_full():
                return "disk"
            time.sleep(_POLL_S / 10)
        return "ended"

    def close(self) -> None:
        """Close every pipe."""
        self._selector.close()
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()

    def _send(self, pipe: IO[bytes]) -> None:
        """Write on; close when all is written or nobody reads."""
        try:
            self._unsent = self._unsent[os.write(pipe.fileno(), self._unsent[:_CHUNK]) :]
        except BrokenPipeError:
            self._unsent = self._unsent[len(self._unsent) :]
        if not self._unsent:
            self._drop(pipe)

    def _hear(self, pipe: IO[bytes]) -> None:
        """Keep the tail of what is printed."""
        content = os.read(pipe.fileno(), _CHUNK)
        self.diagnostics = (self.diagnostics + content)[-_DIAGNOSTICS_BYTES:]
        if not content:
            self._drop(pipe)

    def _receive(self, pipe: IO[bytes]) -> None:
        """Hand over complete lines; a line cut short by the end is dropped."""
        content = os.read(pipe.fileno(), _CHUNK)
        if not content:
            self._drop(pipe)
            return
        self._received += len(content)
        first, *others = content.split(b"\n")
        self._partial.append(first)
        for piece in others:
            line = b"".join(self._partial)
            self._partial = [piece]
            self._on_line(line)

    def _drop(self, pipe: IO[bytes]) -> None:
        """Stop serving a pipe and close it."""
        self._selector.unregister(pipe)
        with contextlib.suppress(OSError):
            pipe.close()
