"""The folder of runs and the folders in it: for their owner alone, and no part of a git repository."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from conformity.errors import PathError
from conformity.model.run import RunRequest
from conformity.pipeline.staged.limits import paths_of
from conformity.pipeline.staged.places import INPUT, PACK

RUNS = "runs"
"""The folder in the data folder that holds a folder for each run."""


def make_data_folder(data: Path) -> None:
    """Make the folder of runs unless it is there.

    Raises:
        PathError: it cannot be made or written.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / RUNS).mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError), (data / ".gitignore").open("x", encoding="ascii") as file:
            file.write("*\n")
    except OSError as error:
        raise PathError(
            f"The folder of runs {data} cannot be written ({error.strerror}); set CONFORMITY_DATA to another."
        ) from error


def make_run_folder(data: Path, run_id: str) -> bool:
    """Make the folder of a run; return whether it was not there.

    Raises:
        PathError: it cannot be made.
    """
    folder = data / RUNS / run_id
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    except OSError as error:
        raise PathError(f"{folder} cannot be made ({error.strerror}); free some space.") from error
    return True


def check_paths(request: RunRequest, data: Path, run_id: str, is_own: Callable[[str], bool]) -> None:
    """Check that a request names nothing in the folder of runs but its own input, or the pack of an own run.

    Args:
        request: what is asked.
        data: the folder of runs.
        run_id: the run that is asked for.
        is_own: tells whether a run is of the one who asks.

    Raises:
        PathError: it does.
    """
    limit = data.resolve()
    for field, path in paths_of(request).items():
        real = path.resolve()
        if field != "output" and limit.is_relative_to(real) and not _is_hidden(limit.relative_to(real)):
            raise PathError(f"`{field}` holds the folder of the server's runs; name something beside it.")
        if not real.is_relative_to(limit):
            continue
        match real.relative_to(limit).parts:
            case (first, name, what, *_) if (first, name, what) == (RUNS, run_id, INPUT):
                allowed = field != "output"
            case (first, name, what) if (first, what, field) == (RUNS, PACK, "previous"):
                allowed = is_own(name)
            case _:
                allowed = False
        if not allowed:
            raise PathError(f"`{field}` lies in the folder of the server's runs; name a place outside it.")


def _is_hidden(inside: Path) -> bool:
    """Tell whether whoever reads a folder of tables passes over what lies at a path in it."""
    return any(part.startswith(".") for part in inside.parts)
