"""Whether a pack is the next version of its system in an archive, or one that is there already."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from conformity.archive.store.chain import numbers
from conformity.archive.store.content import PackFiles
from conformity.archive.store.state import State
from conformity.archive.sums import ENVELOPE, TOKEN
from conformity.errors import PathError
from conformity.model.archive import ArchiveEntry
from conformity.model.base import Sha256


@dataclass(frozen=True)
class Follows:
    """Which version a pack is, and which one it follows."""

    version: str
    """Version of the assessment."""
    assessment_sha256: Sha256
    """Digest of its ``assessment.json``."""
    previous_sha256: Sha256 | None
    """Digest of the ``assessment.json`` of the version before that it names; None when it names none."""


class Versioned(Protocol):
    """A pack with its version."""

    @property
    def files(self) -> PackFiles:
        """Return its files."""
        ...

    @property
    def follows(self) -> Follows:
        """Return its version."""
        ...


def same_version(system: str, pack: Versioned, state: State, where: str) -> ArchiveEntry | None:
    """Return the entry of the very same pack if it is there already; None when its version is not there.

    Args:
        system: what the system is called in the archive.
        pack: the pack.
        state: what the archive holds.
        where: what to call it in an error.

    Raises:
        PathError: another pack of the same version is there.
    """
    for entry in state.entries:
        if (entry.system, entry.version) != (system, pack.follows.version):
            continue
        if entry.pack_sha256 != pack.files.digest:
            raise PathError(
                f"{where} holds another pack as {entry.path}; an archived version is never replaced: raise "
                "`edition.version` in the manifest, name the archived one as `edition.previous`, and assess "
                "again."
            )
        for name in (ENVELOPE, TOKEN):
            if not _same(pack.files.outside.get(name), state.blobs.get(f"{entry.path}/{name}")):
                raise PathError(
                    f"{where} holds the same pack as {entry.path} with another {name}, or without one; sign "
                    "a pack before it is archived."
                )
        return entry
    return None


def check_follows(system: str, pack: Follows, state: State, *, first: bool) -> None:
    """Check that a pack follows the last version of its system.

    Args:
        system: what the system is called in the archive.
        pack: which version it is.
        state: what the archive holds.
        first: whether it may be the first here though it names a version before.

    Raises:
        PathError: it does not; the message says what to do.
    """
    before = [entry for entry in state.entries if entry.system == system]
    if not before:
        if pack.previous_sha256 is not None and not first:
            raise PathError(
                f"The pack follows a version ({pack.previous_sha256}) that is not in the archive; archive "
                "that one first, or begin with this one (--first)."
            )
        return
    last = before[-1]
    if numbers(pack.version) <= numbers(last.version):
        raise PathError(
            f"Version {pack.version} does not come after {last.version}, the last one of {system} in the "
            "archive; raise `edition.version` and assess again."
        )
    if pack.previous_sha256 != last.assessment_sha256:
        raise PathError(
            f"The pack does not follow {last.version}, the last version of {system} in the archive; assess "
            f"again with `--previous` and its pack, or set `edition.previous` to {last.assessment_sha256}."
        )


def _same(content: bytes | None, oid: str | None) -> bool:
    """Tell whether a file is the one with an object id; neither being there is the same."""
    if content is None or oid is None:
        return content is None and oid is None
    made = hashlib.sha256 if len(oid) == 64 else hashlib.sha1
    return made(b"blob %d\0" % len(content) + content).hexdigest() == oid
