"""Bring the work tree and the index of a repository up to a new commit, and touch nothing of the user's.

A file is written where there is none, or where the file is still the one of the commit before; anything else
is left as it is, and told. Links are never followed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformity.archive.store import lfs
from conformity.archive.store.content import TALLIES
from conformity.archive.store.incoming import entries
from conformity.archive.store.repository import Repository
from conformity.archive.store.state import blobs_of

MARK: Final = b"conformity"
"""What is written into the lock of an index, to tell it from git's own."""

_AT_ONCE = 32
_PATIENCE_S = 5.0
_LOOK_S = 0.05
_IN_THE_WAY = {errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENXIO}


@dataclass(frozen=True)
class Change:
    """A file that differs between two commits."""

    path: str
    """Its path."""
    oid: str
    """Its object in the later one."""
    before: str | None
    """Its object in the earlier one; None when it was not there."""


def refresh(repository: Repository, old: str | None, new: str) -> tuple[str, ...]:
    """Bring work tree and index from one commit to a later one; return which paths were left as they are.

    Args:
        repository: with its lock held.
        old: the earlier commit; None for nothing at all.
        new: the later commit.

    Raises:
        OSError: the disk is full, or a file cannot be written.
        GitError: git failed.
    """
    if repository.bare:
        return ()
    changes = _changes(repository, old, new)
    left: set[str] = set()
    for at in range(0, len(changes), _AT_ONCE):
        some = changes[at : at + _AT_ONCE]
        contents = blobs_of(repository.git, [one.oid for one in some])
        left |= {one.path for one in some if not _same_place(repository, one, contents[one.oid])}
    return tuple(sorted(left | _stage(repository, changes)))


def _changes(repository: Repository, old: str | None, new: str) -> tuple[Change, ...]:
    """Return the files that were added or changed between two commits."""
    git = repository.git
    start = old or git.text("hash-object", "-t", "tree", "--stdin")
    how = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--diff-filter=d")
    raw = git.run("diff-tree", *how, start, new)
    parts = raw.split(b"\0")[:-1]
    found = []
    for head, name in zip(parts[::2], parts[1::2], strict=True):
        _, _, before, oid, _ = head.decode().split(" ")
        path = name.decode("utf-8", "surrogateescape")
        found.append(Change(path, oid, before if before.strip("0") else None))
    return tuple(found)


def _same_place(repository: Repository, change: Change, stored: bytes) -> bool:
    """Put a file into the work tree if its place is free or unchanged; return whether it is there now."""
    *parents, name = change.path.split("/")
    content = lfs.resolved(repository.git.git_dir, stored)
    try:
        with _opened(repository.folder, parents) as place:
            there = _there(place, name)
            if there is not None and there != content and not _is(there, change):
                return False
            if there != content:
                _put(repository, place, name, content, private=_private(change.path))
            return True
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            return False
        raise


@contextlib.contextmanager
def _opened(folder: Path, parents: Sequence[str]) -> Iterator[int]:
    """Yield a folder below another, made where it is missing, reached through no link.

    Raises:
        OSError: there is a link or a file on the way, or it cannot be made.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    here = os.open(folder, flags)
    try:
        for part in parents:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o700 if part == TALLIES.rstrip("/") else 0o777, dir_fd=here)
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _there(place: int, name: str) -> bytes | None:
    """Return the bytes of a file in a folder; None when there is none.

    Raises:
        OSError: it is a link or no file.
    """
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def _is(content: bytes, change: Change) -> bool:
    """Tell whether bytes are those of a file before or after a change."""
    made = hashlib.sha256 if len(change.oid) == 64 else hashlib.sha1
    return made(b"blob %d\0" % len(content) + content).hexdigest() in (change.oid, change.before)


def _put(repository: Repository, place: int, name: str, content: bytes, *, private: bool) -> None:
    """Write a file beside its place and rename it, so that it appears whole.

    Raises:
        OSError: it cannot be written.
    """
    partial = Path(tempfile.mkdtemp(prefix="incoming-", dir=repository.own))
    try:
        file = partial / "file"
        file.write_bytes(content)
        if private:
            file.chmod(0o600)
        os.rename(file, name, dst_dir_fd=place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _private(path: str) -> bool:
    """Tell whether a file is for its owner's eyes alone."""
    return f"/{TALLIES}" in path


def _stage(repository: Repository, changes: Sequence[Change]) -> set[str]:
    """Bring the index up to changes; return the paths for which it holds something else.

    Raises:
        OSError: the disk is full, or another git keeps the index to itself.
        GitError: git failed.
    """
    git_dir = repository.git.git_dir
    with _index_locked(git_dir / "index.lock", repository.own):
        copy = repository.own / "index"
        if (git_dir / "index").is_file():
            shutil.copyfile(git_dir / "index", copy)
        git = repository.git.having(GIT_INDEX_FILE=str(copy))
        staged = _staged(git.run("ls-files", "--stage", "-z"))
        fit = [one for one in changes if staged.get(one.path) in (None, one.oid, one.before)]
        new = {one.path: one.oid for one in fit if staged.get(one.path) != one.oid}
        if new:
            git.run("update-index", "-z", "--index-info", content=entries(new))
            copy.replace(git_dir / "index")
        copy.unlink(missing_ok=True)
        return {one.path for one in changes} - {one.path for one in fit}


def _staged(listed: bytes) -> dict[str, str]:
    """Return what an index holds for each path; no object's id where it holds several."""
    found: dict[str, str] = {}
    for record in listed.split(b"\0")[:-1]:
        head, _, name = record.partition(b"\t")
        _, oid, stage = head.decode().split(" ")
        found[name.decode("utf-8", "surrogateescape")] = oid if stage == "0" else "unmerged"
    return found


@contextlib.contextmanager
def _index_locked(lock: Path, own: Path) -> Iterator[None]:
    """Hold the lock that git takes before it writes an index.

    Args:
        lock: the lock.
        own: the folder for work in progress.

    Raises:
        OSError: somebody else holds it for long.
    """
    end = time.monotonic() + _PATIENCE_S
    # Linked, so that the lock never stands there without its mark, whenever this process is killed.
    marked = own / "index-lock"
    marked.write_bytes(MARK)
    try:
        while True:
            try:
                lock.hardlink_to(marked)
                break
            except FileExistsError:
                if time.monotonic() >= end:
                    raise
                time.sleep(_LOOK_S)
    finally:
        marked.unlink()
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
