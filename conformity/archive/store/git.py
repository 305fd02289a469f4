"""Run git on one repository, deaf to configuration, attributes and variables that could start a program.

The repository may come from anywhere. Only commands that read and write objects, the index and references
are used; nothing is checked out, and no filter, hook, pager, editor or helper that it names is ever run.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from conformity.errors import MissingLibraryError, PathError

_CONFIG: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    # What they hold of commits and places of objects is taken on trust; the objects themselves are read.
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.quotePath=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    # Objects and references are on the disk before anybody is told of them.
    "core.fsync=all",
    "core.fsyncMethod=fsync",
    "core.filesRefLockTimeout=5000",
    "core.packedRefsTimeout=5000",
    "core.askPass=",
    "credential.helper=",
    "advice.graftFileDeprecated=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "push.recurseSubmodules=no",
    "push.gpgSign=false",
    "push.followTags=false",
)
_KEPT = ("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK")
"""Variables of the caller that git sees."""

_FIXED: Final = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    "GIT_PROXY_COMMAND": "false",
    "GIT_ALLOW_PROTOCOL": "file:ssh:https",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "LC_ALL": "C",
}
_NO_ROOM = (
    "No space left",
    "Out of diskspace",
    "Disk quota",
    "File too large",
    "couldn't write",
    "unable to write",
)
"""How git says that a disk is full; for references it says no more than that it could not write."""
_NETWORK_S = 600


class GitError(PathError):
    """Git refused or failed; ``said`` is what it wrote."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


@dataclass(frozen=True)
class Git:
    """git for one repository."""

    git_dir: Path
    """The folder with its objects, absolute."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables beside the fixed ones."""
    held: tuple[int, ...] = ()
    """Open files that git keeps open too, so that a lock on them lasts as long as any git that runs."""

    def having(self, **variables: str) -> Git:
        """Return the same with more variables."""
        return replace(self, variables={**self.variables, **variables})

    def holding(self, descriptor: int) -> Git:
        """Return the same with one more open file that git keeps open."""
        return replace(self, held=(*self.held, descriptor))

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of git with these arguments.

        Raises:
            MissingLibraryError: git is not installed.
        """
        settings = [part for one in _CONFIG for part in ("-c", one)]
        return [git_program(), f"--git-dir={self.git_dir}", *settings, *arguments]

    def environment(self) -> dict[str, str]:
        """Return the variables that git sees; none of the caller's own that begin with ``GIT_``."""
        own = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # The work tree is never used; naming one here overrules what the repository's configuration names.
        return {**own, **_FIXED, "GIT_WORK_TREE": str(self.git_dir), **self.variables}

    def run(self, *arguments: str, content: bytes = b"", ends: Collection[int] = (0,)) -> bytes:
        """Run git and return what it writes on standard output.

        Args:
            arguments: the command and its arguments.
            content: standard input.
            ends: exit codes that are no failure.

        Raises:
            MissingLibraryError: git is not installed.
            GitError: it failed.
        """
        return self.tried(*arguments, content=content, ends=ends)[1]

    def tried(
        self, *arguments: str, content: bytes = b"", ends: Collection[int] = (0, 1)
    ) -> tuple[int, bytes]:
        """Run git and return its exit code with what it writes; see :meth:`run`.

        Raises:
            MissingLibraryError: git is not installed.
            GitError: it ended otherwise, or took longer than any exchange with a remote may.
        """
        try:
            done = subprocess.run(  # noqa: S603 # git from the path, with arguments of our own
                self.command(*arguments),
                input=content,
                capture_output=True,
                cwd=self.git_dir,
                env=self.environment(),
                pass_fds=self.held,
                timeout=_NETWORK_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitError(
                f"git {arguments[0]} could not be run ({error}); try again.", str(error)
            ) from error
        if done.returncode not in ends:
            raise failed(arguments[0], done.returncode, done.stderr)
        return done.returncode, done.stdout

    def within(self, most: int, *arguments: str) -> bytes:
        """Run git and return what it writes, unless that is more than so many bytes.

        A repository of a few bytes can name a folder in itself so often that its files could never be listed.

        Raises:
            MissingLibraryError: git is not installed.
            GitError: it failed, or would not come to an end.
        """
        with tempfile.TemporaryFile() as said:
            writer = subprocess.Popen(  # noqa: S603 # git from the path, with arguments of our own
                self.command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                cwd=self.git_dir,
                env=self.environment(),
                pass_fds=self.held,
            )
            with writer:
                content = writer.stdout.read(most + 1) if writer.stdout else b""
                if len(content) > most:
                    writer.kill()
            if len(content) > most:
                raise GitError(
                    f"git {arguments[0]} tells more than {most} bytes, which no archive holds; take the "
                    "archive from a copy that is whole."
                )
            said.seek(0)
            if writer.returncode:
                raise failed(arguments[0], writer.returncode, said.read())
        return content

    def text(self, *arguments: str, content: bytes = b"", ends: Collection[int] = (0,)) -> str:
        """Run git and return what it writes as text, without the blanks at its ends; see :meth:`run`."""
        return self.run(*arguments, content=content, ends=ends).decode("utf-8", "replace").strip()


def git_program() -> str:
    """Return where git is.

    Raises:
        MissingLibraryError: it is not installed.
    """
    found = shutil.which("git")
    if found is None:
        raise MissingLibraryError(
            "git is not installed, and an archive is a git repository; install it (Debian: "
            "apt-get install git)."
        )
    return found


def failed(command: str, code: int, stderr: bytes) -> GitError:
    """Return the error of a git that failed: what it said, in one sentence, and what to do."""
    said = stderr.decode("utf-8", "replace")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines[-1:]
    short = (telling[0] if telling else f"exit code {code}")[:300]
    if code == -signal.SIGXFSZ or any(words in said for words in _NO_ROOM):
        return GitError(
            f"The archive cannot be written, as on a full disk (git {command}: {short}); no version was "
            "changed or lost: free some space and archive again.",
            said,
        )
    return GitError(
        f"git {command} failed on the archive ({short}); run `git fsck` there, and archive again.", said
    )
