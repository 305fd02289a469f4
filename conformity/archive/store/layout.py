"""What an archive looks like: where a version lies, and the files that every archive begins with."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from conformity.archive.store.chain import INDEX
from conformity.model.archive import ArchiveEntry

SYSTEMS: Final = "systems"
"""The folder with a folder for each system."""

SIGNERS: Final = "keys/allowed_signers"
"""The public keys with which commits were signed, in the form that git reads."""

_README: Final = """\
An archive of conformity assessments
====================================

systems/<system>/<version>/  the files of one assessment, as they were made
index.jsonl                  one line for each version, in order of archiving
keys/allowed_signers         the public keys of signed commits, where any are

Nothing here is ever changed or removed by the tool; versions are only added.
Keep elsewhere: a copy of this repository, the digest of the last line of
index.jsonl (the head of the chain), and the public keys. Whoever can write
here could otherwise exchange all three together.

To check a version by hand, with nothing of the tool installed:

1. The files are those that the pack lists.
     cd systems/<system>/<version>
     sha256sum --check --strict SHA256SUMS
   Where the index says that tallies are "withheld", add --ignore-missing.

2. The list is the one that was archived: this prints what `pack_sha256` says
   on the version's line of index.jsonl.
     sha256sum SHA256SUMS

3. The lines follow one another: this prints what `previous_entry` says on line
   N + 1. A line is taken without its line feed.
     sed -n 'Np' index.jsonl | tr -d '\\n' | sha256sum

4. Git's own view: the repository is sound, and a signed commit or tag is good.
     git fsck --strict
     git -c gpg.ssh.allowedSignersFile=/path/to/your/copy/allowed_signers \\
       verify-commit HEAD
     git -c gpg.ssh.allowedSignersFile=/path/to/your/copy/allowed_signers \\
       verify-tag <system>/<version>

5. The time-stamp, where there is statement.tsr.
     openssl ts -verify -in statement.tsr -data statement.dsse.json \\
       -CAfile the-authority.pem

6. The signature, where there is statement.dsse.json: `payload` is base64 of a
   statement with the digests of all files. What is signed is the text
     DSSEv1 <length> <payloadType> <length> <payload>
   with one blank between the parts, and each length the number of bytes of what
   follows it. For an Ed25519 key, with that text in the file pae and the
   signature, decoded, in sig:
     openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in pae -sigfile sig

The evidence and the tallies are exact figures: keep this archive confidential.
"""

_ATTRIBUTES: Final = """\
# The bytes are what was signed: no line end is ever converted, no two indexes are ever merged.
* -text
index.jsonl -merge
"""

FIRST_FILES: Final[dict[str, bytes]] = {
    "README.txt": _README.encode(),
    ".gitattributes": _ATTRIBUTES.encode(),
}
"""What every archive begins with."""


def path_of(system: str, version: str) -> str:
    """Return the folder of a version."""
    return f"{SYSTEMS}/{system}/{version}"


def system_of(name: str, provider: str, entries: Sequence[ArchiveEntry]) -> str:
    """Return what a system is called in an archive: as before, or by a name that is free.

    Args:
        name: the system's trade name.
        provider: who answers for it.
        entries: the index.
    """
    for entry in entries:
        if (entry.name, entry.provider) == (name, provider):
            return entry.system
    plain = slug_of(name)
    if plain in {entry.system for entry in entries}:
        return _marked(plain, f"{name}\n{provider}")
    return plain


def slug_of(name: str) -> str:
    """Return a name for folders and tags that is made of a trade name.

    >>> slug_of("Crédit Limit Adviser 2.0")
    'credit-limit-adviser-2-0'

    Letters without a Latin base leave no trace in it; a part of the digest of the name then keeps it apart.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")
    lost = any(c.isalnum() and not c.isascii() for c in bare)
    if lost or not plain or len(plain) > _LONGEST:
        return _marked(plain or "system", name)
    return plain


def _marked(plain: str, text: str) -> str:
    """Return a name with a part of the digest of a text, no longer than a name may be."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{plain[: _LONGEST - _DIGITS - 1].strip('-')}-{digest}"


_LONGEST = 64
_DIGITS = 8

__all__ = ["FIRST_FILES", "INDEX", "SIGNERS", "SYSTEMS", "path_of", "slug_of", "system_of"]
