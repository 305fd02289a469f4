"""What git tells of an archive: what is committed, whether that is what lies here, and who signed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformity.archive.standalone.folder import MOST_BYTES, MOST_IN_ALL, Found
from conformity.archive.standalone.told import Told
from conformity.archive.store.chain import INDEX, index_bytes
from conformity.archive.store.git import Git
from conformity.archive.store.layout import SYSTEMS
from conformity.archive.store.repository import Repository
from conformity.archive.store.repository import found as find_repository
from conformity.archive.store.state import State, read_state
from conformity.archive.sums import SUMS
from conformity.errors import ConformityError

_SAFE: Final = (
    *("-c", "gpg.program=false", "-c", "gpg.x509.program=false", "-c", "gpg.ssh.program=ssh-keygen"),
    *("-c", "gpg.ssh.defaultKeyCommand=", "-c", "log.showSignature=false"),
)
"""Whatever a repository's own configuration names, no other program checks a signature."""

_SIGNED: Final = {
    "G": "",
    "U": "It is signed by a key that is not among those that you trust.",
    "N": "It is not signed.",
}
_NO_SIGNERS: Final = "No file with the keys that may sign commits was given (--signers)."


@dataclass(frozen=True)
class Committed:
    """What the branch of an archive holds."""

    repository: Repository
    """Where it is."""
    state: State
    """Its commit, index and files."""


def committed(folder: Path) -> Committed:
    """Return what the branch of the archive in a folder holds.

    Raises:
        ConformityError: there is no repository, or it does not hold together.
    """
    repository = find_repository(folder)
    return Committed(repository, read_state(repository.git, str(folder)))


def version_in(held: Committed, path: str) -> Found:
    """Return the files of one version as they are committed.

    Args:
        held: what is committed.
        path: the folder of the version in the archive.
    """
    blobs = {
        name[len(path) + 1 :]: oid for name, oid in held.state.blobs.items() if name.startswith(f"{path}/")
    }
    files: dict[str, bytes] = {}
    faults: list[str] = []
    left = MOST_IN_ALL
    for name, oid in sorted(blobs.items()):
        size = int(held.repository.git.text("cat-file", "-s", oid))
        if size > min(MOST_BYTES, left):
            faults.append(f"{name} is larger than any file of a pack.")
            continue
        left -= size
        files[name] = held.repository.git.run("cat-file", "blob", oid)
    parents = {name[:at] for name in blobs for at in range(len(name)) if name[at] == "/"}
    return Found(files, tuple(sorted(parents)), tuple(faults))


def blob_ids(path: str, found: Found, length: int) -> dict[str, str]:
    """Return the ids under which git keeps these files, by path.

    Args:
        path: the folder of the version in the archive.
        found: its files.
        length: of an id in hex digits; 40 for SHA-1, which is what git takes for it, 64 for SHA-256.
    """
    return {f"{path}/{name}": _blob_id(content, length) for name, content in found.files.items()}


def _blob_id(content: bytes, length: int) -> str:
    """Return the id under which git keeps some bytes."""
    made = hashlib.sha256() if length == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()


def repository_told(held: Committed, index: bytes, here: Mapping[str, str], signers: Path | None) -> Told:
    """Tell whether the repository is sound, what lies beside it is what is committed, and who signed.

    Args:
        held: what is committed.
        index: the bytes of the index that was checked.
        here: ids of the files that were checked, by path.
        signers: a file with the SSH keys that may sign commits, in the form that git reads.
    """
    git, state = held.repository.git, held.state
    faults = []
    if state.index != index:
        faults.append(f"{INDEX} is not the one that is committed.")
    due = {path: oid for path, oid in state.blobs.items() if path.startswith(f"{SYSTEMS}/")}
    differing = sorted(path for path in due.keys() | here.keys() if due.get(path) != here.get(path))
    faults += [f"{path} is not as it is committed." for path in differing]
    # All objects are read: nothing but this compares a folder or a file with the id that a signature covers.
    code, said = git.tried("fsck", "--full", "--strict", "--no-dangling", ends=range(256))
    if code:
        faults.append(f"git fsck finds faults: {said.decode('utf-8', 'replace').strip()[:200] or code}")
    seen = (f"Commit {state.commit}.",)
    try:
        signature = _signature_told(git, str(state.commit), signers)
    except ConformityError as error:
        signature = Told(unknown=(f"The signature of the commit could not be checked: {error.message}",))
    return Told((*faults, *signature.faults), signature.unknown, (*seen, *signature.seen))


def _signature_told(git: Git, commit: str, signers: Path | None) -> Told:
    """Tell who signed a commit, which covers everything before it."""
    allowed = str(signers.absolute()) if signers else "/dev/null"
    shown = git.text(
        *_SAFE, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "log", "-1", "--format=%G?%n%GF%n%GS", commit
    )
    letter, fingerprint, who = [*shown.split("\n"), "", ""][:3]
    if letter == "N" and signers is None:
        return Told(unknown=("The commit is not signed.",))
    if letter in ("G", "U") and signers is None:
        return Told(unknown=(f"The commit is signed by {fingerprint}. {_NO_SIGNERS}",))
    if letter == "G":
        return Told(seen=(f"The commit is signed by {who}, {fingerprint}, whom you trust.",))
    return Told(
        (f"The commit {commit} is not signed as it must be. {_SIGNED.get(letter, 'It does not fit.')}",)
    )


def index_of(folder: Path) -> bytes | None:
    """Return the bytes of the index beside a repository; None when there is none that can be read."""
    try:
        return index_bytes(folder)
    except ConformityError:
        return None


def is_archive(folder: Path) -> bool:
    """Tell whether a folder looks like an archive: an index lies there, or it is a bare repository.

    A folder with a list of digests is what the list says, so that an index put there hides nothing.
    """
    if os.path.lexists(folder / SUMS):
        return False
    if os.path.lexists(folder / INDEX):
        return True
    return (folder / "objects").is_dir() and (folder / "refs").is_dir() and (folder / "HEAD").is_file()
