"""The folders that stages leave: whole or not there, and as they were written."""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from conformity.archive.pack import write_pack
from conformity.archive.sums import SUMS, read_sums
from conformity.errors import IntegrityError, PathError
from conformity.model.base import sha256_of

_THERE = {errno.ENOTEMPTY, errno.EEXIST}
_MARK = "stage"
"""A file of each folder that tells what it is, for a folder of nothing else is nothing."""


def is_left(work: Path, stage: str) -> bool:
    """Tell whether a stage is done."""
    return (work / stage).is_dir()


def leave(work: Path, stage: str, files: Mapping[str, bytes]) -> None:
    """Write what a stage leaves; if somebody else has done it meanwhile, theirs stays.

    Args:
        work: the folder of all stages.
        stage: which one is done.
        files: contents by name.

    Raises:
        PathError: they cannot be written.
    """
    whole = work / f"{stage}-{secrets.token_hex(8)}"
    try:
        write_pack(whole, {**files, _MARK: stage.encode()}, record=_MARK)
        whole.rename(work / stage)
    except OSError as error:
        if error.errno not in _THERE:
            raise PathError(f"{work / stage} could not be written ({error.strerror}).") from error
    except PathError as error:
        why = error.__cause__
        reason = why.strerror if isinstance(why, OSError) else error.message
        raise PathError(
            f"The run's folder {work.parent} could not be written ({reason}); free some space and ask again."
        ) from error
    finally:
        shutil.rmtree(whole, ignore_errors=True)


def left(work: Path, stage: str) -> dict[str, bytes]:
    """Return the files that a stage left, by name.

    Raises:
        IntegrityError: one is not as it was written, or is gone.
    """
    folder = work / stage
    listed = read_sums(folder)
    found: dict[str, bytes] = {}
    for name, digest in listed.items():
        with contextlib.suppress(OSError):
            found[name] = (folder / name).read_bytes()
        if name not in found or sha256_of(found[name]) != f"sha256:{digest}":
            raise IntegrityError(
                f"{folder / name} is not what was written there, and the run cannot go on; ask for it anew."
            )
    return {name: content for name, content in found.items() if name not in (_MARK, SUMS)}
