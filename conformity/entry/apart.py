"""Commands of ours in a process of their own: what opens files of strangers, or keeps a processor busy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from conformity.errors import InputError, SandboxError

_WALL_S = 120


def told_by(arguments: Sequence[str], folder: Path, allowed: Sequence[int] = (0,)) -> bytes:
    """Return what a command of ours prints as JSON.

    Args:
        arguments: the command, without its name; ``--json`` among them.
        folder: where it runs, which is also its root: paths stand relative to it.
        allowed: exit codes with which there is a result.

    Raises:
        InputError: what it was given is not usable; in its own words.
        SandboxError: it took too long, or broke off.
    """
    environment = {**os.environ, "CONFORMITY_ROOT": str(folder)}
    try:
        ended = subprocess.run(  # noqa: S603 # this interpreter, with arguments of our own
            # -P keeps the current folder, that of what was sent, out of where modules are looked for.
            [sys.executable, "-P", "-m", "conformity", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"The command {arguments[0]} took more than {_WALL_S} s; it was ended.") from error
    if ended.returncode in allowed:
        return ended.stdout
    said = ended.stderr.decode("utf-8", "replace").strip().removeprefix("conformity: ")
    if ended.returncode in (2, 3):
        raise InputError(said.replace(f"{folder}/", "").replace(str(folder), "the upload")[:2000])
    raise SandboxError(f"The command {arguments[0]} ended with {ended.returncode}.")
