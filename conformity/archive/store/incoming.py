"""Bring files into a repository: prepared in a folder of their own, then moved in as a whole.

Until the branch is moved, nobody sees any of it; what is left of a run that was killed is removed by the
next one. No filter or attribute of the repository has a say in the bytes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from conformity.archive.store.git import Git, failed
from conformity.archive.store.repository import Repository
from conformity.archive.store.state import FILE

_ORDER = {".pack": 0, ".rev": 1, ".bitmap": 1, ".idx": 2}
"""A pack of objects is found by its ``.idx``, which therefore comes last."""


@dataclass(frozen=True)
class Incoming:
    """A place beside the objects of a repository where new ones are prepared."""

    folder: Path
    """Where it is."""
    git: Git
    """git that writes new objects there, and reads the old ones too."""

    def store(self, contents: Iterable[tuple[str, bytes]]) -> dict[str, str]:
        """Store files, and return their object ids by path.

        Raises:
            GitError: git failed, as on a full disk.
            ConformityError: whatever reading ``contents`` raises; nothing was moved in then.
        """
        marks = self.folder / "marks"
        writer = subprocess.Popen(  # noqa: S603 # git from the path, with arguments of our own
            self.git.command("fast-import", "--quiet", "--done", f"--export-marks={marks}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.git.git_dir,
            env=self.git.environment(),
            pass_fds=self.git.held,
        )
        try:
            paths = _write_all(writer, contents)
            _, said = writer.communicate()
        finally:
            _end(writer)
            (self.git.git_dir / f"fast_import_crash_{writer.pid}").unlink(missing_ok=True)
        if writer.returncode:
            raise failed("fast-import", writer.returncode, said)
        found = dict(line.split() for line in marks.read_text("ascii").splitlines())
        return {path: found[f":{number}"] for number, path in enumerate(paths, 1)}

    def tree(self, commit: str | None, blobs: Mapping[str, str]) -> str:
        """Return the tree of a commit with files added or replaced.

        Args:
            commit: the commit; None for an empty tree.
            blobs: object ids by path.

        Raises:
            GitError: git failed.
        """
        git = self.staging()
        git.run("read-tree", commit or "--empty")
        git.run("update-index", "-z", "--index-info", content=entries(blobs))
        return git.text("write-tree")

    def staging(self) -> Git:
        """Return git with an index of its own, which is nobody's work tree's."""
        return self.git.having(GIT_INDEX_FILE=str(self.folder / "index"))

    def object(self, kind: str, content: bytes) -> str:
        """Store a commit or a tag, and return its object id.

        Raises:
            GitError: git failed, or the content is not of its kind.
        """
        return self.git.text("hash-object", "-t", kind, "-w", "--stdin", content=content)

    def move_in(self, objects: Path) -> None:
        """Move everything prepared into the repository.

        Args:
            objects: the folder with the repository's objects.

        Raises:
            OSError: a file cannot be moved.
        """
        source = self.folder / "objects"
        files = [file for file in source.rglob("*") if file.is_file()]
        for file in sorted(files, key=lambda one: (_ORDER.get(one.suffix, 0), one.name)):
            place = objects / file.relative_to(source)
            place.parent.mkdir(exist_ok=True)
            file.replace(place)
        for folder in {objects, *(objects / file.relative_to(source).parent for file in files)}:
            _sync(folder)


@contextlib.contextmanager
def incoming(repository: Repository) -> Iterator[Incoming]:
    """Yield a place to prepare objects in, which is removed afterwards.

    Raises:
        OSError: it cannot be made.
    """
    folder = Path(tempfile.mkdtemp(prefix="incoming-", dir=repository.own))
    try:
        objects = folder / "objects"
        objects.mkdir()
        # Relative to the folder that git runs in, so that no character of a path has to be quoted.
        git = repository.git.having(
            GIT_OBJECT_DIRECTORY=str(objects), GIT_ALTERNATE_OBJECT_DIRECTORIES="objects"
        )
        yield Incoming(folder, git)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def entries(blobs: Mapping[str, str]) -> bytes:
    """Return files as ``git update-index -z --index-info`` reads them."""
    return b"".join(
        f"{FILE} {oid}\t".encode() + path.encode("utf-8", "surrogateescape") + b"\0"
        for path, oid in sorted(blobs.items())
    )


def _write_all(writer: subprocess.Popen[bytes], contents: Iterable[tuple[str, bytes]]) -> list[str]:
    """Write files to git as it runs, and return their paths; a git that ended early is told of later."""
    paths: list[str] = []
    stream: IO[bytes] | None = writer.stdin
    assert stream is not None
    with contextlib.suppress(BrokenPipeError):
        for path, content in contents:
            paths.append(path)
            stream.write(b"blob\nmark :%d\ndata %d\n" % (len(paths), len(content)))
            stream.write(content)
            stream.write(b"\n")
        stream.write(b"done\n")
        stream.flush()
    return paths


def _end(writer: subprocess.Popen[bytes]) -> None:
    """See a git off that may still run because something else went wrong."""
    if writer.poll() is None:
        writer.kill()
        writer.wait()
    for stream in filter(None, (writer.stdin, writer.stderr)):
        with contextlib.suppress(OSError):
            stream.close()


def _sync(folder: Path) -> None:
    """See the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
