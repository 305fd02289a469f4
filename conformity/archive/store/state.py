"""What the repository of an archive holds now: its branch, its commit, its index and its files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from conformity.archive.store.chain import INDEX, entries_of, lines_of
from conformity.archive.store.git import Git
from conformity.archive.store.layout import SYSTEMS
from conformity.archive.sums import SUMS
from conformity.errors import IntegrityError, PathError
from conformity.model.archive import ArchiveEntry

FILE = "100644"
"""The mode of every file of an archive."""

_MOST_LISTED = 512 * 1024 * 1024
_MOST_INDEX = 256 * 1024 * 1024


@dataclass(frozen=True)
class State:
    """What a repository holds at its branch."""

    branch: str
    """The full name of the branch; empty when no branch is checked out."""
    commit: str | None
    """The commit that it is at; None before the first."""
    index: bytes
    """The bytes of the index; empty before the first version."""
    entries: tuple[ArchiveEntry, ...]
    """Its entries, the chain checked."""
    blobs: dict[str, str]
    """Object id of every file, by path."""

    @property
    def lines(self) -> tuple[bytes, ...]:
        """Return the lines of the index."""
        return lines_of(self.index)


def read_state(git: Git, where: str) -> State:
    """Return what a repository holds at the branch that is checked out.

    Args:
        git: git for it.
        where: what to call it in an error.

    Raises:
        PathError: it is a repository of something else.
        IntegrityError: its index does not hold together, or a version of it is gone.
    """
    branch = git.text("symbolic-ref", "--quiet", "HEAD", ends=(0, 1))
    commit = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ends=(0, 1)) or None
    if commit is None:
        return State(branch, None, b"", (), {})
    blobs = _blobs(git, commit, where)
    if INDEX not in blobs:
        raise PathError(f"{where} is a repository of something else (no {INDEX}); name an empty folder.")
    content = blob(git, blobs[INDEX], _MOST_INDEX)
    entries = entries_of(content, f"{where}: {INDEX}")
    for entry in entries:
        if f"{entry.path}/{SUMS}" not in blobs:
            raise IntegrityError(
                f"{where}: the index names {entry.path}, and its files are gone; bring them back from an "
                "earlier commit (git log -- index.jsonl) before anything is archived."
            )
    return State(branch, commit, content, entries, blobs)


def check_writable(state: State, git: Git, where: str) -> None:
    """Check that a version can be added where the repository is now.

    Raises:
        PathError: no branch is checked out, or a merge is in progress.
    """
    if not state.branch:
        raise PathError(
            f"{where} is on no branch (detached HEAD): a version added there could be lost; check out its "
            "branch (git switch main) and archive again."
        )
    if (git.git_dir / "MERGE_HEAD").exists():
        raise PathError(f"{where} is in the middle of a merge; finish or abort it, and archive again.")


def _blobs(git: Git, commit: str, where: str) -> dict[str, str]:
    """Return the object id of every file of a commit, by path.

    Raises:
        IntegrityError: something in it is no ordinary file where the archive keeps its own.
    """
    found: dict[str, str] = {}
    for record in git.within(_MOST_LISTED, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        head, _, name = record.partition(b"\t")
        mode, _, oid = head.decode().split(" ")
        path = name.decode("utf-8", "surrogateescape")
        ours = path in (INDEX, SYSTEMS, "keys") or path.startswith((f"{SYSTEMS}/", "keys/"))
        if ours and mode != FILE:
            raise IntegrityError(
                f"{where}: {path!r} is a link, a repository or a program, which an archive does not hold; "
                "take the archive from a copy that is whole."
            )
        found[path] = oid
    return found


def blobs_of(git: Git, oids: Sequence[str]) -> dict[str, bytes]:
    """Return the bytes of files by their object ids.

    Raises:
        IntegrityError: the repository lacks one.
        GitError: git failed.
    """
    answer = io.BytesIO(git.run("cat-file", "--batch", content="".join(f"{oid}\n" for oid in oids).encode()))
    found: dict[str, bytes] = {}
    for oid in oids:
        head = answer.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            raise lacking(oid)
        found[oid] = answer.read(int(head[2]))
        answer.read(1)
    return found


def blob(git: Git, oid: str, most: int) -> bytes:
    """Return the content of one file by the id of its object, unless it is larger than so many bytes.

    Raises:
        IntegrityError: the archive lacks it.
        GitError: git failed, or it is larger.
    """
    if git.tried("cat-file", "-e", oid)[0]:
        raise lacking(oid)
    return git.within(most, "cat-file", "blob", oid)


def lacking(oid: str) -> IntegrityError:
    """Return the error of an object that is named and not there."""
    return IntegrityError(
        f"The archive lacks a file that it names ({oid}); run `git fsck` there and take it from a copy."
    )
