"""Push an archive to its remote: forwards only, never by force."""

from __future__ import annotations

from conformity.archive.store import lfs
from conformity.archive.store.git import Git, GitError
from conformity.archive.store.state import State
from conformity.errors import PathError


def check_remote(git: Git, remote: str, state: State) -> None:
    """Check, before anything is archived, that the remote has nothing that is not here.

    Args:
        git: git for the archive.
        remote: name of the remote.
        state: what the archive holds.

    Raises:
        PathError: there is no such remote, it cannot be reached, or it holds versions that are not here.
    """
    if remote not in git.text("remote").split():
        raise PathError(
            f"The archive has no remote {remote!r}; add one (git remote add {remote} ADDRESS), or leave "
            "--push out."
        )
    try:
        there = git.text(
            "ls-remote", "--quiet", "--upload-pack=git-upload-pack", remote, state.branch
        ).split()
    except GitError as error:
        raise PathError(
            f"The remote {remote!r} cannot be reached ({_said(error)}); nothing was archived. Archive "
            "without --push and push later."
        ) from error
    if there and not (state.commit and _is_here(git, there[0], state.commit)):
        raise PathError(
            f"The remote {remote!r} holds versions that are not here: the two have diverged, or this one is "
            f"behind. Nothing was archived; bring it up to date (git pull --ff-only {remote}), and if that "
            "is refused archive into a fresh clone instead. Nothing is ever pushed by force."
        )


def push(git: Git, remote: str, state: State) -> None:
    """Push the branch and the signed tags on it.

    Args:
        git: git for the archive.
        remote: name of the remote.
        state: what the archive holds now.

    Raises:
        PathError: the remote refused, or could not be reached; the version is archived here.
    """
    try:
        if lfs.tracked(_reading(git, state), [path for path in state.blobs if path.isascii()]):
            lfs.check(git)
            git.run("lfs", "push", remote, state.branch)
        target = f"{state.branch}:{state.branch}"
        git.run(
            "push",
            "--quiet",
            "--no-verify",
            "--follow-tags",
            f"--receive-pack={_receiver(git, remote)}",
            remote,
            target,
        )
    except GitError as error:
        raise PathError(
            f"The version is archived here and was not pushed to {remote!r} ({_said(error)}). Nothing is "
            "pushed by force: if the remote holds other versions, archive into a fresh clone of it; "
            "otherwise run the same command again."
        ) from error


def _receiver(git: Git, remote: str) -> str:
    """Return the command by which a remote takes what is pushed.

    A remote inside the archive's own folder came with the archive: its hooks would run here, so it is told
    to run none. What a remote elsewhere does is up to whoever keeps it.
    """
    home = git.git_dir.parent if git.git_dir.name == ".git" else git.git_dir
    addresses = git.text("remote", "get-url", "--push", "--all", remote).split("\n")
    places = [(git.git_dir / address.removeprefix("file://")).resolve() for address in addresses]
    inside = any(place.is_dir() and place.is_relative_to(home) for place in places)
    return "git -c core.hooksPath=/dev/null receive-pack" if inside else "git-receive-pack"


def _is_here(git: Git, theirs: str, ours: str) -> bool:
    """Tell whether a commit of the remote is one that this archive has built on."""
    return git.tried("merge-base", "--is-ancestor", theirs, ours, ends=(0, 1, 128))[0] == 0


def _reading(git: Git, state: State) -> Git:
    """Return git with an index that holds what the archive holds."""
    staging = git.having(GIT_INDEX_FILE=str(git.git_dir / "conformity" / "index-attributes"))
    staging.run("read-tree", state.commit or "--empty")
    return staging


def _said(error: GitError) -> str:
    """Return what git said, in short and on one line."""
    lines = [line.strip() for line in error.said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "!", "remote:"))]
    return (telling or lines or ["git failed"])[0][:200]
