"""Read an archive: its versions, how long each is kept, and the files of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conformity.archive.store import lfs
from conformity.archive.store.chain import head_of, line_of
from conformity.archive.store.git import Git
from conformity.archive.store.repository import found
from conformity.archive.store.retention import kept
from conformity.archive.store.state import State, blob, blobs_of, lacking, read_state
from conformity.archive.sums import SUMS, parse_sums
from conformity.errors import IntegrityError, PathError, UsageError
from conformity.model.archive import ArchivedFile, ArchivedVersion, ArchiveLog, Kept
from conformity.model.base import sha256_of

_LARGEST_POINTER = 200
_LARGEST_LIST = 16 * 1024 * 1024


def read_log(folder: Path, today: date, *, system: str | None = None, due: bool = False) -> ArchiveLog:
    """Return the versions of an archive, in the order in which they were archived.

    Args:
        folder: where it is.
        today: the day on which something may be due.
        system: one system alone; all when None.
        due: whether only versions that need not be kept any more are returned.

    Raises:
        PathError: there is no archive, or nothing in it.
        UsageError: there is no such system.
        IntegrityError: its index does not hold together.
    """
    state = _state(folder)
    chosen = _of_system(kept(state.entries, today), system)
    return ArchiveLog(
        repository=str(folder),
        commit=str(state.commit),
        head=str(head_of(state.lines)),
        versions=tuple(one for one in chosen if one.due or not due),
    )


def read_version(folder: Path, today: date, system: str, version: str | None) -> ArchivedVersion:
    """Return an archived version with its files.

    Args:
        folder: where the archive is.
        today: the day on which something may be due.
        system: what the system is called in the archive.
        version: version of the assessment; the last one when None.

    Raises:
        PathError: there is no archive, or nothing in it.
        UsageError: there is no such system or version.
        IntegrityError: the index does not hold together, or the version is not the one that it names.
    """
    state = _state(folder)
    chosen = _of_system(kept(state.entries, today), system)
    named = [one for one in chosen if version in (None, one.entry.version)]
    if not named:
        have = ", ".join(one.entry.version for one in chosen)
        raise UsageError(f"There is no version {version!r} of {system} in the archive; it holds {have}.")
    shown = named[-1]
    return ArchivedVersion(
        version=shown,
        entry_sha256=sha256_of(line_of(shown.entry)),
        commit=str(state.commit),
        files=_files(found(folder).git, state, shown),
    )


def _state(folder: Path) -> State:
    """Return what an archive holds.

    Raises:
        PathError: there is no archive, or nothing in it.
        IntegrityError: its index does not hold together.
    """
    state = read_state(found(folder).git, str(folder))
    if not state.entries:
        raise PathError(f"{folder} holds no version yet; archive a pack with `conformity archive`.")
    return state


def _of_system(versions: tuple[Kept, ...], system: str | None) -> tuple[Kept, ...]:
    """Return the versions of a system, or all.

    Raises:
        UsageError: there is no such system.
    """
    if system is None:
        return versions
    chosen = tuple(one for one in versions if one.entry.system == system)
    if not chosen:
        have = ", ".join(sorted({one.entry.system for one in versions}))
        raise UsageError(f"There is no system {system!r} in the archive; it holds {have}.")
    return chosen


def _files(git: Git, state: State, version: Kept) -> tuple[ArchivedFile, ...]:
    """Return the files of a version: those that are there, and those that were left out.

    Raises:
        IntegrityError: its list of digests is not the one that was archived, or lists a file that is gone.
    """
    prefix = f"{version.entry.path}/"
    there = {path.removeprefix(prefix): oid for path, oid in state.blobs.items() if path.startswith(prefix)}
    listed = blob(git, there[SUMS], _LARGEST_LIST)
    if sha256_of(listed) != version.entry.pack_sha256:
        raise IntegrityError(
            f"{prefix}{SUMS} is not the list that was archived: its digest is another; take the archive from "
            "a copy that is whole."
        )
    sums = parse_sums(listed, f"{prefix}{SUMS}")
    gone = [name for name in sums if name not in there]
    if gone and version.entry.tallies != "withheld":
        raise IntegrityError(f"{prefix}{gone[0]} is gone; take the archive from a copy that is whole.")
    sizes = _sizes(git, list(there.values()))
    small = [oid for oid, size in sizes.items() if size <= _LARGEST_POINTER]
    pointers = {oid for oid, content in blobs_of(git, small).items() if lfs.pointed(content)}
    here = {
        name: ArchivedFile(
            name=name,
            size_bytes=sizes[oid],
            sha256=f"sha256:{sums[name]}" if name in sums else None,
            stored="pointer" if oid in pointers else "here",
        )
        for name, oid in there.items()
    }
    left_out = {
        name: ArchivedFile(name=name, size_bytes=None, sha256=f"sha256:{sums[name]}", stored="withheld")
        for name in gone
    }
    return tuple(one for _, one in sorted({**here, **left_out}.items()))


def _sizes(git: Git, oids: list[str]) -> dict[str, int]:
    """Return the sizes of files in bytes, by object id.

    Raises:
        IntegrityError: the repository lacks one.
    """
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    found_sizes: dict[str, int] = {}
    for line in git.text("cat-file", "--batch-check=%(objectname) %(objectsize)", content=asked).splitlines():
        oid, size = line.split(" ", 1)
        if not size.isdigit():
            raise lacking(oid)
        found_sizes[oid] = int(size)
    return found_sizes
