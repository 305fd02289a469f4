"""Write a pack: beside its place, then renamed, so that it appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from conformity.archive.exchange import exchange
from conformity.archive.sums import OUTSIDE, SUMS, sums_of
from conformity.errors import PathError

__all__ = ["RECORD", "SUMS", "check_place", "put_pack", "write_pack"]

RECORD = "assessment.json"
"""The file without which a folder is no pack."""

_PRIVATE = "tallies"
_DIGEST = 64
_MAX_SUMS = 16 * 1024 * 1024


def write_pack(folder: Path, files: Mapping[str, bytes], record: str = RECORD) -> None:
    """Write ``files`` and their digests as ``folder``.

    An earlier pack at the same place is replaced; anything else there is left alone and refused. The
    tallies, which are complete and therefore confidential, are for their owner's eyes alone.

    Args:
        folder: where the pack is to appear.
        files: contents by name relative to the folder, with ``/`` between parts.
        record: the file without which a folder is nothing that was written here.

    Raises:
        PathError: the folder holds something that is not a pack, or cannot be written.
    """
    check_place(folder, record)
    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # For nobody else to read while it is written; the pack inside gets the permissions usual here.
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
        whole = partial / "pack"
        whole.mkdir()
        for name, content in {**files, SUMS: sums_of(files)}.items():
            _write(whole / name, content)
        _swap(whole, folder, partial.with_name(partial.name + "-old"))
    except OSError as error:
        raise PathError(
            f"The pack {folder} could not be written ({error.strerror or error}); nothing was left there. "
            "Free some space or choose another folder with -o."
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def put_pack(whole: Path, folder: Path) -> None:
    """Put a pack that was written elsewhere on the same file system in its place; an earlier one there goes.

    Args:
        whole: where it was written, in a folder of its own.
        folder: where it is to appear.

    Raises:
        PathError: the folder holds something that is not a pack, or cannot be written.
    """
    check_place(folder)
    try:
        _swap(whole, folder, whole.with_name(f"{whole.name}-old"))
    except OSError as error:
        raise PathError(f"The pack {folder} could not be put there ({error.strerror or error}).") from error


def check_place(folder: Path, record: str = RECORD) -> None:
    """Check that a pack, or another set with its own ``record``, may be written, before any work is done.

    Raises:
        PathError: there is a file or a link, or a folder that is not empty and not a pack.
    """
    if folder.is_symlink():
        raise PathError(f"{folder} is a symbolic link; a pack is a folder: choose another place with -o.")
    if folder.is_dir():
        if any(folder.iterdir()) and not _is_pack(folder, record):
            raise PathError(
                f"{folder} is not empty and not a pack, or holds more than a pack; "
                "choose another folder with -o."
            )
    elif os.path.lexists(folder):
        raise PathError(f"{folder} is a file; a pack is a folder: choose another place with -o.")


def _is_pack(folder: Path, record: str) -> bool:
    """Tell whether a folder holds a pack and nothing else, so that nothing of others goes with it.

    A list of digests alone says nothing: many data sets come with one.
    """
    sums = folder / SUMS
    if sums.is_symlink() or not sums.is_file() or sums.stat().st_size > _MAX_SUMS:
        return False
    lines = sums.read_bytes().decode("utf-8", "replace").splitlines()
    listed = {line[_DIGEST + 2 :] for line in lines} | OUTSIDE
    there = {entry.relative_to(folder).as_posix() for entry in folder.rglob("*") if not _is_folder(entry)}
    return record in there and there <= listed


def _is_folder(entry: Path) -> bool:
    """Tell whether an entry is a folder itself, not a link to one."""
    return entry.is_dir() and not entry.is_symlink()


def _write(file: Path, content: bytes) -> None:
    """Write one file and see it to the disk."""
    private = file.parent.name == _PRIVATE
    file.parent.mkdir(parents=True, exist_ok=True)
    if private:
        file.parent.chmod(0o700)
    with open(file, "xb", opener=_open_private if private else None) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _open_private(path: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(path, flags, 0o600)


def _swap(whole: Path, folder: Path, retired: Path) -> None:
    """Put ``whole`` where ``folder`` is; an earlier pack there goes at the same moment, where that can be."""
    if not folder.exists():
        whole.rename(folder)
        return
    if exchange(whole, folder):
        return
    folder.rename(retired)
    try:
        whole.rename(folder)
    except OSError:
        with contextlib.suppress(OSError):
            retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)
