"""Find, create and lock the git repository of an archive."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from conformity.archive.store.git import Git
from conformity.errors import PathError

OWN: Final = "conformity"
"""The folder inside the objects' folder that belongs to this package: the lock, and work in progress."""

BRANCH: Final = "main"
"""The branch of an archive that is created here."""

PARTIAL: Final = ".conformity-partial-"
"""What the name of a repository that is being created begins with."""

_CREATED: Final = (
    ("core.autocrlf", "false"),
    ("core.logAllRefUpdates", "true"),
    ("receive.denyNonFastForwards", "true"),
    ("receive.denyDeletes", "true"),
)
_WAIT_S = 900.0
_LOOK_S = 0.05


@dataclass(frozen=True)
class Repository:
    """The repository of an archive."""

    folder: Path
    """Where it is."""
    bare: bool
    """Whether it has no work tree."""
    git: Git
    """git for it."""

    @property
    def own(self) -> Path:
        """Return the folder for work in progress."""
        return self.git.git_dir / OWN


def found(folder: Path) -> Repository:
    """Return the repository in a folder.

    Raises:
        PathError: there is none, or one whose parts lie elsewhere.
    """
    place = folder.absolute()
    bare = not os.path.lexists(place / ".git")
    git_dir = place if bare else place / ".git"
    if not all(_is_folder(git_dir / name) for name in (".", "objects", "refs")):
        raise PathError(
            f"{folder} is not the repository of an archive, or its .git leads elsewhere; name the folder "
            "that `conformity archive` made."
        )
    for name, what in (("commondir", "a second work tree"), ("objects/info/alternates", "borrowed objects")):
        if os.path.lexists(git_dir / name):
            raise PathError(
                f"{folder} has {what} ({name}); an archive stands alone: name a whole clone of it."
            )
    if os.path.lexists(git_dir / OWN) and not _is_folder(git_dir / OWN):
        raise PathError(f"{git_dir / OWN} is no folder; move it away and try again.")
    return Repository(place, bare, Git(git_dir.resolve()))


def found_or_made(folder: Path) -> Repository:
    """Return the repository in a folder, created when the folder is empty or missing.

    Raises:
        PathError: the folder holds something else, or cannot be written.
    """
    try:
        if folder.is_symlink() or not _holds_something(folder):
            _create(folder)
    except OSError as error:
        raise PathError(
            f"{folder} could not be made an archive ({error.strerror or error}); free some space or name "
            "another folder."
        ) from error
    return found(folder)


def _holds_something(folder: Path) -> bool:
    """Tell whether there is anything in a folder but what a creator that was killed left.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return any(not entry.name.startswith(PARTIAL) for entry in folder.iterdir())
    except FileNotFoundError:
        return False


def _create(folder: Path) -> None:
    """Create an empty repository: beside its place, then renamed, so that it appears whole.

    Of several that create it at the same time, the first one's stays.

    Raises:
        PathError: the folder is a link.
        OSError: it cannot be written.
    """
    if folder.is_symlink():
        raise PathError(f"{folder} is a symbolic link; name the folder of the archive itself.")
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder))
    try:
        git_dir = partial / "git"
        # Its objects hold the tallies, which are for their owner's eyes alone in the work tree too.
        git_dir.mkdir(mode=0o700)
        git = Git(git_dir)
        git.run("init", "--quiet", "--template=", f"--initial-branch={BRANCH}", "--object-format=sha1")
        for name, value in (*_CREATED, ("core.bare", "false")):
            git.run("config", name, value)
        # git has noted the work tree that its environment names; the one of an archive is the folder itself.
        git.run("config", "--unset", "core.worktree", ends=(0, 5))
        git_dir.rename(folder / ".git")
    except (OSError, PathError):
        # Another creator was first; it may have cleared this one's folder away.
        if not _is_folder(folder / ".git"):
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextlib.contextmanager
def locked(repository: Repository, wait_s: float = _WAIT_S) -> Iterator[Repository]:
    """Yield the repository while nobody else archives into it; others wait for their turn.

    The lock lasts until this process and every git that it started have ended, however they end.

    Args:
        repository: which one.
        wait_s: how long to wait for others, in seconds.

    Raises:
        PathError: the lock cannot be made, or others held it all that time.
    """
    try:
        repository.own.mkdir(exist_ok=True)
        descriptor = os.open(
            repository.own / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
    except OSError as error:
        raise PathError(
            f"{repository.folder} cannot be written ({error.strerror or error}); free some space, or name an "
            "archive that you may write."
        ) from error
    try:
        _wait(descriptor, repository.folder, wait_s)
        clean(repository)
        yield replace(repository, git=repository.git.holding(descriptor))
    finally:
        os.close(descriptor)


def _wait(descriptor: int, folder: Path, wait_s: float) -> None:
    """Take the lock, waiting for whoever has it.

    Raises:
        PathError: somebody had it all the time.
    """
    end = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise PathError(
                    f"Others have been archiving into {folder} for {wait_s:.0f} s; try again when they are "
                    "done."
                ) from None
            time.sleep(_LOOK_S)
        else:
            return


def clean(repository: Repository) -> None:
    """Remove what runs that were killed have left; call it with the lock held."""
    left = [*repository.own.glob("incoming-*"), *repository.own.glob("index*")]
    if not repository.bare:
        left += repository.folder.glob(f"{PARTIAL}*")
    for place in left:
        if _is_folder(place):
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def _is_folder(place: Path) -> bool:
    """Tell whether something is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(place.lstat().st_mode)
    except OSError:
        return False
