"""Programs that stand for a model: started in the worker, fed through standard input, and ended on time.

A program that reads rows gets CSV with a header and answers with one line for each row: the prediction,
and after a comma, if it likes, the probability of the favourable outcome. A first line that reads
``prediction`` or ``prediction,score`` is skipped.
"""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from conformity.model.trials import Command
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.models.estimators import answered
from conformity.probes.shared.models.interface import BadAnswerError, Predicted, RefusedError
from conformity.probes.shared.models.leftovers import adopting, children, end_leftovers

if TYPE_CHECKING:
    import pandas as pd

MOST_ANSWER = 16 * 1024 * 1024
"""Most bytes of an answer that are looked at."""

_HEADERS = (["prediction"], ["prediction", "score"])
_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "PYTHONHASHSEED", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class CommandRunner:
    """Ask a program; implements :class:`~conformity.probes.shared.models.interface.Runner`."""

    command: Command
    """What is started."""
    path: Path
    """The declared file."""
    scratch: Path
    """The folder in which it runs."""
    numbers: bool
    """Whether its predictions are numbers rather than classes."""
    notes: tuple[str, ...] = ("The model is a program, started anew for every set of rows.",)
    """What a reader must know."""
    most_rows: int = 300
    """Most rows of a sample: each call starts the program."""
    starts_anew: bool = True
    """Whether every call starts a program."""

    def predict(self, rows: pd.DataFrame, *, scores: bool = False) -> Predicted:
        """Return what the program decides.

        Raises:
            RefusedError: it ended with an error, or took too long.
            BadAnswerError: it did not answer with one prediction for each row.
        """
        text = run(self.command, self.path, self.scratch, rows.to_csv(index=False))
        lines = [line for line in csv.reader(io.StringIO(text)) if line]
        if lines and [cell.strip().lower() for cell in lines[0]] in _HEADERS:
            lines = lines[1:]
        if len(lines) != len(rows):
            raise BadAnswerError("an answer that is not one prediction for each row")
        answer = np.array([line[0].strip() for line in lines], dtype=np.str_)
        return answered(answer, _chances(lines), len(rows), numbers=self.numbers)


def run(command: Command, path: Path, scratch: Path, given: str, *, folder: Path | None = None) -> str:
    """Return what a program writes to standard output when it is given a text.

    Args:
        command: the program.
        path: the declared file, put in the place of ``{}``.
        scratch: the folder for its answer.
        given: what it reads from standard input.
        folder: the folder in which it runs; the same where none is given.

    Raises:
        NotMeasurableError: it cannot be started here.
        RefusedError: it ended with an error, took too long, or left programs running.
        BadAnswerError: it wrote too much, or something that is no text.
    """
    out = scratch / "answer"
    known = children()
    with adopting():
        process = _started(command, path, out, folder or scratch)
        try:
            _wait(process, given.encode("utf-8"), command.wall_s)
        finally:
            left = end_leftovers(known, process.pid)
    if left:
        raise RefusedError("it left programs running")
    if process.returncode != 0:
        raise RefusedError(f"exit code {process.returncode}")
    return _text(out)


def _started(command: Command, path: Path, out: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Return a program that was started in a folder and writes to a file.

    Raises:
        NotMeasurableError: it cannot be started here.
    """
    words = [word.replace("{}", str(path)) for word in command.words]
    kept = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    try:
        with out.open("wb") as file:
            # Its own session, so that what it leaves running can be ended with it.
            return subprocess.Popen(  # noqa: S603 - the manifest declares it, and the worker is confined
                words,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=kept,
                start_new_session=True,
            )
    except OSError as error:
        raise NotMeasurableError(
            f"the program of the model could not be started here ({error.strerror}); check `command`, and "
            "whether the isolation of workers lets them start programs"
        ) from error


def _wait(process: subprocess.Popen[bytes], given: bytes, wall_s: int) -> None:
    """Feed a program and wait for it; end it and all it started when its time is over.

    Raises:
        RefusedError: it took too long.
    """
    try:
        process.communicate(given, timeout=wall_s)
    except subprocess.TimeoutExpired as error:
        raise RefusedError(f"no answer within {wall_s} s") from error
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.poll()
        process.wait()


def _text(out: Path) -> str:
    """Return an answer as text.

    Raises:
        BadAnswerError: it is too long, or no text.
    """
    if out.stat().st_size > MOST_ANSWER:
        raise BadAnswerError(f"an answer of more than {MOST_ANSWER} bytes")
    try:
        return out.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadAnswerError("an answer that is not text in UTF-8") from error


def _chances(lines: list[list[str]]) -> np.ndarray | None:
    """Return the probabilities of both outcomes; None unless each line has one."""
    try:
        second = np.array([float(line[1]) for line in lines])
    except (IndexError, ValueError):
        return None
    return np.column_stack([1 - second, second])
