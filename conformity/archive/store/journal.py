"""Move the branch of an archive, and finish or forget what a run that was killed had begun.

What is about to be done is written down first. The branch itself moves in one step of git's; what follows it
(a tag, the work tree) is finished by the next run if this one cannot.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from conformity.archive.store.git import GitError
from conformity.archive.store.repository import Repository
from conformity.archive.store.worktree import MARK, refresh
from conformity.errors import PathError

_NAME = "journal"
_SETTLE_S = 0.5


@dataclass(frozen=True)
class Move:
    """A step of the branch."""

    branch: str
    """Full name of the branch."""
    old: str | None
    """Where it was; None when it was not there."""
    new: str
    """Where it goes."""
    tag: str | None = None
    """Full name of the tag that comes with it."""
    tagged: str | None = None
    """The tag's object."""


def begin(repository: Repository, move: Move) -> None:
    """Write down what is about to be done.

    Raises:
        OSError: it cannot be written.
    """
    place = repository.own / _NAME
    partial = repository.own / f"incoming-{_NAME}"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(asdict(move), file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(place)


def make(repository: Repository, move: Move, message: str) -> None:
    """Move the branch, and make the tag, together or not at all.

    Raises:
        PathError: somebody else moved the branch.
        GitError: git failed.
    """
    none = "0" * len(move.new)
    steps = ["start", f"update {move.branch} {move.new} {move.old or none}"]
    if move.tag is not None:
        steps.append(f"create {move.tag} {move.tagged}")
    content = "".join(f"{step}\n" for step in (*steps, "prepare", "commit")).encode()
    git = repository.git
    try:
        git.run("update-ref", "-m", message, "--create-reflog", "--stdin", content=content)
    except GitError as error:
        now = git.text("rev-parse", "--verify", "--quiet", move.branch, ends=(0, 1))
        if now == move.new:
            return
        if now != (move.old or ""):
            raise PathError(
                f"Somebody else committed to {repository.folder} meanwhile; nothing was archived: try again."
            ) from error
        raise


def finish(repository: Repository, move: Move) -> tuple[str, ...]:
    """Bring the work tree up to the branch, and forget what was written down; return what should be told."""
    try:
        left = refresh(repository, move.old, move.new)
        end(repository)
    except (OSError, PathError) as error:
        why = error.message if isinstance(error, PathError) else error.strerror or str(error)
        return (
            f"The version is archived, but the files beside .git could not be brought up to it ({why}); the "
            "next `conformity archive` does that, or `git restore --source=HEAD --staged --worktree .`.",
        )
    if not left:
        return ()
    shown = ", ".join(left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
    return (
        f"Files beside .git differ from what was archived and were left as they are: {shown}. The archive "
        "itself is whole; `git status` there shows the difference.",
    )


def end(repository: Repository) -> None:
    """Forget what was written down."""
    (repository.own / _NAME).unlink(missing_ok=True)


def recover(repository: Repository) -> tuple[str, ...]:
    """Finish or forget what a run that was killed had begun; return what should be told.

    Call it with the lock held: then no git of that run is alive.

    Raises:
        GitError: git failed.
    """
    move = _read(repository.own / _NAME)
    if move is None:
        end(repository)
        return ()
    _remove_locks(repository, move)
    git = repository.git
    if git.tried("merge-base", "--is-ancestor", move.new, move.branch, ends=(0, 1, 128))[0] != 0:
        end(repository)
        return ()
    if move.tag is not None and not git.text("rev-parse", "--verify", "--quiet", move.tag, ends=(0, 1)):
        git.run("update-ref", move.tag, str(move.tagged), "")
    return finish(repository, move)


def _read(place: Path) -> Move | None:
    """Return what was written down; None when there is nothing of use."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Move(**json.loads(place.read_text("utf-8")))
    return None


def _remove_locks(repository: Repository, move: Move) -> None:
    """Remove the locks of git that a killed run has left, but not those of somebody who is at work."""
    git_dir = repository.git.git_dir
    locks = [git_dir / f"{name}.lock" for name in ("HEAD", move.branch, move.tag, "packed-refs") if name]
    seen = {lock: lock.stat().st_mtime_ns for lock in locks if lock.is_file()}
    if seen:
        time.sleep(_SETTLE_S)
    for lock, changed in seen.items():
        with contextlib.suppress(OSError):
            if lock.stat().st_mtime_ns == changed:
                lock.unlink()
    index = git_dir / "index.lock"
    with contextlib.suppress(OSError):
        if index.read_bytes() == MARK:
            index.unlink()
