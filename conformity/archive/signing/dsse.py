"""Signed envelopes: bytes, what kind of bytes they are, and signatures over both (DSSE)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformity.archive.signing.keys import Signer
from conformity.archive.signing.public import KeyId, PublicKey
from conformity.errors import IntegrityError
from conformity.model.base import canonical_json

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""The payload type of an in-toto statement."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""The largest envelope that is read."""

_MOST_SIGNATURES = 16
_KEYID = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class EnvelopeSignature:
    """One signature of an envelope."""

    keyid: KeyId
    """Which key is said to have signed; that alone proves nothing."""
    sig: bytes
    """The signature."""


@dataclass(frozen=True)
class Envelope:
    """Bytes with their type and signatures over both."""

    payload: bytes
    """What is signed, byte for byte."""
    payload_type: str
    """What kind of bytes they are."""
    signatures: tuple[EnvelopeSignature, ...]
    """At least one."""


def pae(payload_type: str, payload: bytes) -> bytes:
    r"""Return the bytes that are signed for a payload of a type.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'

    Source:
        DSSE 1.0, protocol, "Signature Definition" (pre-authentication encoding).
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, signer: Signer) -> Envelope:
    """Return the payload in an envelope, signed.

    Raises:
        ConformityError: the key cannot be used.
    """
    signature = signer.sign(pae(payload_type, payload))
    return Envelope(payload, payload_type, (EnvelopeSignature(signer.public.keyid, signature),))


def verify(envelope: Envelope, payload_type: str, keys: Sequence[PublicKey]) -> tuple[KeyId, ...]:
    """Return which of these keys have signed the envelope; at least one has.

    A signature under the id of one of the keys has to be good. Signatures of other keys are passed over:
    they say nothing to somebody who does not trust those keys.

    Args:
        envelope: as it was read.
        payload_type: the type that is expected; another one does not verify.
        keys: the keys that are trusted.

    Raises:
        IntegrityError: the type is another one, a signature of one of the keys does not fit, or none of the
            keys has signed.

    Source:
        DSSE 1.0, protocol, "Steps to verify"; the payload is used only after this returns.
    """
    if envelope.payload_type != payload_type:
        raise IntegrityError(
            f"The signed envelope holds {envelope.payload_type!r}, not {payload_type!r}; take the one that "
            "was signed for this purpose."
        )
    known = {key.keyid: key for key in keys}
    signed = pae(envelope.payload_type, envelope.payload)
    good: list[KeyId] = []
    for one in envelope.signatures:
        key = known.get(one.keyid)
        if key is None:
            continue
        if not key.has_signed(one.sig, signed):
            raise IntegrityError(
                f"The signature of the key {one.keyid} does not fit what it is said to sign; take the whole "
                "pack from where it was archived."
            )
        good.append(one.keyid)
    if not good:
        raise IntegrityError(
            "None of the keys that were given has signed this envelope; name the key of whoever signed it, "
            "taken from a place that you trust."
        )
    return tuple(good)


def write_envelope(envelope: Envelope) -> bytes:
    """Return an envelope as canonical JSON: the same envelope always gives the same bytes."""
    return canonical_json(
        {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": envelope.payload_type,
            "signatures": [
                {"keyid": str(one.keyid), "sig": base64.b64encode(one.sig).decode()}
                for one in envelope.signatures
            ],
        }
    )


def read_envelope(content: bytes) -> Envelope:
    """Return the envelope in the bytes of its file.

    There is one way to write an envelope, and it has to be written that way: no other fields, no blanks,
    base64 in its one canonical form. So no byte of the file can be changed without this being seen.

    Raises:
        IntegrityError: it is not such an envelope.
    """
    if len(content) > MOST_BYTES:
        raise IntegrityError(
            f"The signed envelope is larger than {MOST_BYTES} bytes; name a pack that was signed here."
        )
    try:
        found = json.loads(content.decode("utf-8"))
        envelope = _envelope(found)
        whole = write_envelope(envelope)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise IntegrityError(_BROKEN) from error
    if whole != content:
        raise IntegrityError(_BROKEN)
    return envelope


_BROKEN = (
    "The signed envelope is damaged, or not written as envelopes are here; take the whole pack from where it "
    "was archived."
)


def _envelope(found: Any) -> Envelope:
    """Return the envelope in parsed JSON; whoever calls compares its bytes.

    Raises:
        ValueError: a field is not what it must be.
        TypeError: a part has another type.
        KeyError: a field is missing.
    """
    kind, signatures = found["payloadType"], found["signatures"]
    if not isinstance(kind, str) or not 0 < len(signatures) <= _MOST_SIGNATURES:
        raise ValueError("payloadType or signatures")
    read = tuple(EnvelopeSignature(_keyid(one["keyid"]), _decoded(one["sig"])) for one in signatures)
    if len({one.keyid for one in read}) != len(read):
        raise ValueError("a key signs twice")
    return Envelope(_decoded(found["payload"]), kind, read)


def _keyid(text: str) -> KeyId:
    """Return the id of a key.

    Raises:
        ValueError: it is none.
        TypeError: it is no text.
    """
    if _KEYID.fullmatch(text) is None:
        raise ValueError("keyid")
    return KeyId(text)


def _decoded(text: str) -> bytes:
    """Return what base64 stands for.

    Raises:
        ValueError: it is no base64.
    """
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (AttributeError, binascii.Error) as error:
        raise ValueError("base64") from error
