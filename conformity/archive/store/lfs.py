"""Git LFS, where an archive's ``.gitattributes`` asks for it: pointers in git, the files beside it.

It is never on by default: a pointer whose server has gone is a version that was not kept.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from conformity.archive.store.git import Git
from conformity.errors import IntegrityError, MissingLibraryError, PathError
from conformity.model.base import sha256_of

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize ([0-9]{1,15})\n"
)
_PROGRAMS = (
    r"^lfs\.(extension|customtransfer)\.|^lfs\.(standalonetransferagent|storage)$|\.standalonetransferagent$"
)
"""Settings of LFS that start programs, or keep the files elsewhere."""


def tracked(staging: Git, paths: Iterable[str]) -> frozenset[str]:
    """Return which paths the attributes of an archive give to LFS.

    Args:
        staging: git with an index that holds the archive's ``.gitattributes``.
        paths: paths in the archive.

    Raises:
        GitError: git failed.
    """
    asked = b"".join(path.encode() + b"\0" for path in paths)
    parts = staging.run("check-attr", "--cached", "-z", "--stdin", "filter", content=asked).split(b"\0")
    return frozenset(
        name.decode() for name, value in zip(parts[0:-1:3], parts[2:-1:3], strict=True) if value == b"lfs"
    )


def check(git: Git) -> None:
    """Check that LFS can be used here: it is installed, and set to start no program.

    Raises:
        MissingLibraryError: it is not installed.
        PathError: the repository's configuration lets it start programs, or keep its files elsewhere.
    """
    if shutil.which("git-lfs") is None:
        raise MissingLibraryError(
            "The archive keeps large files in Git LFS (.gitattributes), and git-lfs is not installed; "
            "install it (Debian: apt-get install git-lfs). Nothing was archived."
        )
    named = git.text("config", "--name-only", "--get-regexp", _PROGRAMS, ends=(0, 1))
    if named:
        raise PathError(
            f"The archive's configuration sets {named.split()[0]}, with which Git LFS would start a program "
            "or keep files elsewhere; remove the setting. Nothing was archived."
        )


def pointer(git: Git, path: str, content: bytes) -> bytes:
    """Return the pointer of a file, which LFS has stored beside the repository.

    Raises:
        IntegrityError: LFS has not stored these very bytes.
        GitError: it failed.
    """
    made = git.run("lfs", "clean", "--", path, content=content)
    if made == content and _POINTER.fullmatch(content):
        return made
    digest = sha256_of(content).removeprefix("sha256:")
    place = _place(git.git_dir, digest)
    matched = _POINTER.fullmatch(made)
    if matched is None or matched[1].decode() != digest or not place.is_file():
        raise IntegrityError(
            f"Git LFS has not stored {path} as it is; run `git lfs fsck`. Nothing was archived."
        )
    for name in (place, place.parent):
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(descriptor)
        os.close(descriptor)
    return made


def resolved(git_dir: Path, content: bytes) -> bytes:
    """Return the file that a pointer stands for if it is here, or else ``content`` itself."""
    digest = pointed(content)
    if digest is None:
        return content
    place = _place(git_dir, digest)
    if place.is_symlink() or not place.is_file():
        return content
    stored = place.read_bytes()
    return stored if sha256_of(stored) == f"sha256:{digest}" else content


def pointed(content: bytes) -> str | None:
    """Return the digest in a pointer, 64 hex digits; None when it is none."""
    matched = _POINTER.fullmatch(content)
    return matched[1].decode() if matched else None


def _place(git_dir: Path, digest: str) -> Path:
    """Return where LFS stores a file.

    Source:
        Git LFS specification, "The Pointer" and "Local storage".
    """
    return git_dir / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
