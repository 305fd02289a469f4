"""The program that trains, ready to be run in the worker."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import ModelFileError
from conformity.model.energy import Training
from conformity.model.subject import ModelSubject
from conformity.model.trials import Command
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.models.commands import run
from conformity.probes.shared.models.interface import BadAnswerError, RefusedError

_OWN_PYTHON = "python"
"""Stands for the interpreter of this assessment, whose libraries a worker may read."""

_FOLDER = "run-"
"""How the folder of a run begins."""

_BLOCK = 512
"""Bytes in which the size of a file on its disk is told."""


@dataclass(frozen=True)
class Program:
    """A declared program and what it is given."""

    training: Training
    """What is declared about measuring it."""
    command: Command
    """What is started."""
    path: Path
    """The declared file."""
    scratch: Path
    """The folder that holds the one in which it runs."""

    def run(self) -> None:
        """Run it once, to its end, in an empty folder; what the run before left is removed.

        Raises:
            NotMeasurableError: it cannot be started, fails, or takes too long.
        """
        for old in self.scratch.glob(f"{_FOLDER}*"):
            shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=self.scratch))
        try:
            run(self.command, self.path, self.scratch, "", folder=folder)
        except (RefusedError, BadAnswerError) as error:
            raise NotMeasurableError(
                f"the program that trains did not come to a good end ({error}); run it by hand on the same "
                "table, in an empty folder and without a network"
            ) from error


def left_mb(scratch: Path) -> float:
    """Return how much storage the files of the last run take, in MB.

    A file under several names counts once, a link as itself, and a hole in a file as nothing.

    Args:
        scratch: the folder that holds the one in which it ran.
    """
    blocks: dict[tuple[int, int], int] = {}
    for folder in scratch.glob(f"{_FOLDER}*"):
        for place, _, names in os.walk(folder):
            for name in names:
                with contextlib.suppress(OSError):
                    found = (Path(place) / name).lstat()
                    blocks[found.st_dev, found.st_ino] = found.st_blocks
    return sum(blocks.values()) * _BLOCK / 1e6


def program_of(target: Target) -> Program:
    """Return the declared program, its words filled in.

    Raises:
        ModelFileError: the subject is no model.
        NotMeasurableError: no training is declared, or its table is not one file that is at hand.
    """
    subject = target.subject
    if not isinstance(subject, ModelSubject):
        raise ModelFileError(f"{subject.id} is not a model; declare it with `kind: model`")
    training, command = subject.training, subject.command
    if training is None or command is None:
        raise NotMeasurableError("the manifest does not declare a program that trains (`training`)")
    if training.data not in target.tables:
        raise NotMeasurableError(f"the table {training.data}, on which to train, is not at hand")
    data = target.tables[training.data][1]
    if not data.is_file():
        raise NotMeasurableError(
            f"the table {training.data} is not one file, which the program could be given"
        )
    words = [word.replace("{data}", str(data)) for word in command.words]
    if words[0] == _OWN_PYTHON:
        words[0] = sys.executable
    return Program(training, command.model_copy(update={"words": tuple(words)}), target.path, target.scratch)
