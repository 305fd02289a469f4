"""Commitments to what is left out: a salted digest each, and one root over all of them.

A commitment hides what it is made of, for the salt is random, and binds to it: no other value gives the same
digest. The root lets one line stand for all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from conformity.model.base import digest_of
from conformity.model.redaction import Disclosure, KeyedField, KeyedFile, RedactionKey, RedactionRecord

_LEAF, _NODE = b"\x00", b"\x01"


def of_field(field: KeyedField) -> str:
    """Return the commitment to a removed field: the digest of the canonical JSON of all of it."""
    return digest_of(field)


def of_file(file: KeyedFile) -> str:
    """Return the commitment to the digest of a file of the full pack."""
    return digest_of(file)


def of_pack(salt: str, pack: str) -> str:
    """Return the commitment to the digest of the full pack."""
    return digest_of({"pack": pack, "salt": salt})


def root_of(commitments: Sequence[str]) -> str:
    """Return the root of the Merkle tree over commitments in their order.

    Args:
        commitments: ``sha256:<64 hex digits>`` each, at least one.

    Source:
        RFC 6962, section 2.1.
    """
    leaves = [
        hashlib.sha256(_LEAF + bytes.fromhex(one.removeprefix("sha256:"))).digest() for one in commitments
    ]
    return "sha256:" + _subtree(leaves).hex()


def all_of(record: RedactionRecord) -> tuple[str, ...]:
    """Return all commitments of a copy in the order in which the root is made of them."""
    return (
        record.pack_commitment,
        *(one.commitment for one in record.files),
        *(one.commitment for one in record.removed),
    )


def disclosed(key: RedactionKey, file: str, place: str) -> Disclosure | None:
    """Return what reveals one removed field, or None where the key holds no such field."""
    for field in key.fields:
        if (field.file, field.place) == (file, place):
            return Disclosure(root=key.root, field=field)
    return None


def is_true(record: RedactionRecord, disclosure: Disclosure) -> bool:
    """Tell whether a copy committed to exactly this value at this place."""
    field = disclosure.field
    return disclosure.root == record.root == root_of(all_of(record)) and (
        field.file,
        field.place,
        of_field(field),
    ) in {(one.file, one.place, one.commitment) for one in record.removed}


def _subtree(leaves: Sequence[bytes]) -> bytes:
    """Return the hash of a tree: the left part is the largest power of two below the number of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(_NODE + _subtree(leaves[:split]) + _subtree(leaves[split:])).digest()
