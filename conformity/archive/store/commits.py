"""Commits and tags of an archive as git stores them: fixed names and times, signed if there is a key."""

from __future__ import annotations

from datetime import datetime

from conformity.archive.store.sshkeys import SIGNER, SshKey
from conformity.model.archive import ArchiveEntry
from conformity.model.base import Sha256

_NAME = "conformity archive"


def commit_of(entry: ArchiveEntry, head: Sha256, tree: str, parent: str | None, key: SshKey | None) -> bytes:
    """Return the commit that adds a version.

    Args:
        entry: the version.
        head: digest of its line in the index.
        tree: the whole tree with it.
        parent: the commit before; None for the first.
        key: signs the commit; None for an unsigned one.

    Raises:
        ConformityError: the key cannot be used.
    """
    heads = [
        f"tree {tree}",
        *([f"parent {parent}"] if parent else []),
        f"author {_who(entry.assessed_at)}",
        f"committer {_who(entry.archived_at)}",
    ]
    text = (
        f"Archive {entry.system} {entry.version}\n\nSequence: {entry.sequence}\nPack: {entry.pack_sha256}\n"
        f"Entry: {head}\nTool: {' '.join(entry.tool.split())}\n"
    )
    if key is not None:
        signature = key.sign(_object(heads, text))
        heads.append("gpgsig " + signature.replace("\n", "\n "))
    return _object(heads, text)


def tag_of(entry: ArchiveEntry, head: Sha256, commit: str, key: SshKey) -> bytes:
    """Return the signed tag of a version.

    Raises:
        ConformityError: the key cannot be used.
    """
    heads = [
        f"object {commit}",
        "type commit",
        f"tag {entry.system}/{entry.version}",
        f"tagger {_who(entry.archived_at)}",
    ]
    unsigned = _object(heads, f"{entry.system} {entry.version}\n\nPack: {entry.pack_sha256}\nEntry: {head}\n")
    return unsigned + key.sign(unsigned).encode() + b"\n"


def _who(moment: datetime) -> str:
    """Return in whose name something is done, and when, as git writes it."""
    return f"{_NAME} <{SIGNER}> {int(moment.timestamp())} +0000"


def _object(heads: list[str], text: str) -> bytes:
    """Return a commit or tag made of its head lines and its text."""
    return ("\n".join(heads) + "\n\n" + text).encode()
