"""Take single files of an archived version out of git, each held against the digests that were archived."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformity.archive.store import lfs
from conformity.archive.store.git import Git
from conformity.archive.store.repository import found
from conformity.archive.store.state import State, blob, read_state
from conformity.archive.sums import SUMS, parse_sums
from conformity.errors import IntegrityError, NotFoundError
from conformity.model.archive import ArchiveEntry
from conformity.model.base import sha256_of

_LARGEST_FILE = 512 * 1024 * 1024
_LARGEST_LIST = 16 * 1024 * 1024


def take_files(folder: Path, system: str, version: str, names: Sequence[str]) -> dict[str, bytes]:
    """Return some listed files of an archived version by name; the list of digests can be taken too.

    Args:
        folder: where the archive is.
        system: what the system is called in the archive.
        version: version of the assessment.
        names: names in the pack.

    Raises:
        PathError: there is no archive.
        NotFoundError: there is no such system, version or file, or the file was left out of the archive.
        IntegrityError: the index does not hold together, or a file is not the one that was archived.
    """
    git = found(folder).git
    state = read_state(git, str(folder))
    entry = _entry(state, system, version)
    listed = _list(git, state, entry)
    sums = parse_sums(listed, f"{entry.path}/{SUMS}")
    return {name: listed if name == SUMS else _file(git, state, entry, name, sums) for name in names}


def _entry(state: State, system: str, version: str) -> ArchiveEntry:
    """Return the entry of a version.

    Raises:
        NotFoundError: there is none.
    """
    for entry in state.entries:
        if (entry.system, entry.version) == (system, version):
            return entry
    raise NotFoundError(
        f"The archive holds no version {version!r} of {system!r}; list the archive to see what it holds."
    )


def _list(git: Git, state: State, entry: ArchiveEntry) -> bytes:
    """Return the list of digests of a version.

    Raises:
        IntegrityError: it is not the one that was archived.
    """
    path = f"{entry.path}/{SUMS}"
    listed = blob(git, state.blobs[path], _LARGEST_LIST)
    if sha256_of(listed) != entry.pack_sha256:
        raise IntegrityError(
            f"{path} is not the list that was archived: its digest is another; take the archive from a copy "
            "that is whole."
        )
    return listed


def _file(git: Git, state: State, entry: ArchiveEntry, name: str, sums: dict[str, str]) -> bytes:
    """Return one file that the list of its version names.

    Raises:
        NotFoundError: the list does not name it, or it was left out of the archive.
        IntegrityError: it is not the one that was archived.
    """
    path = f"{entry.path}/{name}"
    if name not in sums or path not in state.blobs:
        raise NotFoundError(f"The archive does not hold {path}; show the version to see what it holds.")
    content = lfs.resolved(git.git_dir, blob(git, state.blobs[path], _LARGEST_FILE))
    if sha256_of(content) != f"sha256:{sums[name]}":
        raise IntegrityError(
            f"{path} is not the file that was archived: its digest is not the one in {SUMS}; take the "
            "archive from a copy that is whole."
        )
    return content
