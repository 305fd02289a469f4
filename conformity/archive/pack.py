"""Write a pack: beside its place, then renamed, so that it appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from conformity.errors import PathError
from conformity.model.base import sha256_of

SUMS = "SHA256SUMS"
"""The file that lists the digest of every other file, in the form that ``sha256sum -c`` reads."""


def write_pack(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` and their digests as ``folder``.

    An earlier pack at the same place is replaced; anything else there is left alone and refused.

    Args:
        folder: where the pack is to appear.
        files: contents by name relative to the folder, with ``/`` between parts.

    Raises:
        PathError: the folder holds something that is not a pack, or cannot be written.
    """
    check_place(folder)
    sums = "".join(f"{sha256_of(content)[7:]}  {name}\n" for name, content in sorted(files.items()))
    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
        for name, content in {**files, SUMS: sums.encode()}.items():
            _write(partial / name, content)
        partial.chmod(0o755)
        _swap(partial, folder)
    except OSError as error:
        raise PathError(
            f"The pack {folder} could not be written ({error.strerror or error}); nothing was left there. "
            "Free some space or choose another folder with -o."
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def check_place(folder: Path) -> None:
    """Check that a pack may be written at ``folder``, before any work is done.

    Raises:
        PathError: there is a file, or a folder that is not empty and not a pack.
    """
    if folder.is_dir():
        if any(folder.iterdir()) and not (folder / SUMS).is_file():
            raise PathError(f"{folder} is not empty and not a pack; choose another folder with -o.")
    elif os.path.lexists(folder):
        raise PathError(f"{folder} is a file; a pack is a folder: choose another place with -o.")


def _write(file: Path, content: bytes) -> None:
    """Write one file and see it to the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _swap(partial: Path, folder: Path) -> None:
    """Put ``partial`` where ``folder`` is, moving an earlier pack out of the way first."""
    if not folder.exists():
        partial.rename(folder)
        return
    retired = partial.with_name(partial.name + "-old")
    folder.rename(retired)
    try:
        partial.rename(folder)
    except OSError:
        with contextlib.suppress(OSError):
            retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)
