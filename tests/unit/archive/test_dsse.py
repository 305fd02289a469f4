"""Envelopes: what is signed, who signed, and that no byte of the file can change unseen."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformity.archive.signing import dsse
from conformity.archive.signing.dsse import (
    PAYLOAD_TYPE,
    Envelope,
    EnvelopeSignature,
    pae,
    read_envelope,
    sign,
    verify,
    write_envelope,
)
from conformity.archive.signing.keys import FileSigner
from conformity.errors import IntegrityError
from tests.support.keys import edwards, elliptic

SIGNERS = {"ed25519": edwards(), "p256": elliptic("p256"), "p384": elliptic("p384")}
PAYLOAD = b'{"a":1}'


def test_what_is_signed_is_what_the_specification_says() -> None:
    """Known answer: DSSE 1.0 (secure-systems-lab/dsse), protocol.md, "Test Vectors"."""
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_counted_in_bytes() -> None:
    assert pae("ä", b"\xff\x00") == b"DSSEv1 2 \xc3\xa4 2 \xff\x00"


@pytest.mark.parametrize("name", SIGNERS)
def test_a_signature_is_found_good_after_it_was_written_and_read(name: str) -> None:
    signer = SIGNERS[name]
    envelope = sign(PAYLOAD, PAYLOAD_TYPE, signer)
    read = read_envelope(write_envelope(envelope))
    assert read == envelope
    assert verify(read, PAYLOAD_TYPE, [edwards("other").public, signer.public]) == (signer.public.keyid,)


@pytest.mark.parametrize("name", SIGNERS)
def test_the_same_bytes_get_the_same_signature(name: str) -> None:
    assert sign(PAYLOAD, PAYLOAD_TYPE, SIGNERS[name]) == sign(PAYLOAD, PAYLOAD_TYPE, SIGNERS[name])


def test_several_sign_one_payload() -> None:
    one, two = sign(PAYLOAD, PAYLOAD_TYPE, edwards()), sign(PAYLOAD, PAYLOAD_TYPE, elliptic())
    both = read_envelope(write_envelope(replace(one, signatures=one.signatures + two.signatures)))
    assert verify(both, PAYLOAD_TYPE, [elliptic().public]) == (elliptic().public.keyid,)
    assert verify(both, PAYLOAD_TYPE, [elliptic().public, edwards().public]) == (
        edwards().public.keyid,
        elliptic().public.keyid,
    )


def test_a_bad_signature_is_not_made_good_by_another_one() -> None:
    one, two = sign(PAYLOAD, PAYLOAD_TYPE, edwards()), sign(b"other", PAYLOAD_TYPE, elliptic())
    both = replace(one, signatures=one.signatures + two.signatures)
    with pytest.raises(IntegrityError, match="does not fit"):
        verify(both, PAYLOAD_TYPE, [elliptic().public, edwards().public])


@pytest.mark.parametrize("keys", [(), (edwards("other"),)], ids=["no key", "another key"])
def test_nothing_is_good_without_the_key_that_signed(keys: tuple[FileSigner, ...]) -> None:
    with pytest.raises(IntegrityError, match="None of the keys"):
        verify(sign(PAYLOAD, PAYLOAD_TYPE, edwards()), PAYLOAD_TYPE, [key.public for key in keys])


def test_another_type_of_payload_does_not_verify() -> None:
    envelope = sign(PAYLOAD, "text/plain", edwards())
    with pytest.raises(IntegrityError, match="'text/plain', not"):
        verify(envelope, PAYLOAD_TYPE, [edwards().public])
    with pytest.raises(IntegrityError, match="does not fit"):
        verify(replace(envelope, payload_type=PAYLOAD_TYPE), PAYLOAD_TYPE, [edwards().public])


@pytest.mark.parametrize("name", SIGNERS)
def test_no_byte_of_the_file_changes_unseen(name: str) -> None:
    """Every position, three other values each: the lowest bit, the highest bit, and case."""
    signer = SIGNERS[name]
    content = write_envelope(sign(PAYLOAD, PAYLOAD_TYPE, signer))
    unseen = []
    for at in range(len(content)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(content)
            changed[at] ^= flip
            try:
                verify(read_envelope(bytes(changed)), PAYLOAD_TYPE, [signer.public])
            except IntegrityError:
                continue
            unseen.append((at, flip))
    assert unseen == []


def _json(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """Return an envelope in JSON, changed."""
    found = json.loads(write_envelope(sign(PAYLOAD, PAYLOAD_TYPE, edwards())))
    changed = change(found)
    return json.dumps(found if changed is None else changed, separators=(",", ":"), sort_keys=True).encode()


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    """Return a change that sets a field of an envelope."""
    return lambda found: {**found, name: value}


SIGNATURE = {"keyid": "sha256:" + "0" * 64, "sig": "AAAA"}
BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another field": _set("more", 1),
    "no object": lambda _: [],
    "no payload": lambda found: found.pop("payload") and None,
    "type is no text": _set("payloadType", 1),
    "no signature": _set("signatures", []),
    "too many signatures": _set(
        "signatures", [{"keyid": f"sha256:{at:064x}", "sig": "AAAA"} for at in range(17)]
    ),
    "one key signs twice": _set("signatures", [SIGNATURE, SIGNATURE]),
    "no id of a key": _set("signatures", [{**SIGNATURE, "keyid": "me"}]),
    "id is a number": _set("signatures", [{**SIGNATURE, "keyid": 7}]),
    "base64 for addresses": _set("payload", "-_-_"),
    "base64 with a bit too many": _set("payload", "AB=="),
    "no base64": _set("payload", "!"),
    "base64 beyond ASCII": _set("payload", "ä"),
    "payload is a number": _set("payload", 7),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_envelope_is_refused(name: str) -> None:
    with pytest.raises(IntegrityError, match="is damaged, or not written as"):
        read_envelope(_json(BROKEN[name]))


def test_the_same_written_otherwise_is_refused() -> None:
    content = write_envelope(sign(PAYLOAD, PAYLOAD_TYPE, edwards()))
    for other in (
        content + b"\n",
        b" " + content,
        content.replace(b'"sig"', b'"sig" '),
        b"\xff",
        b"[" * 9999,
    ):
        with pytest.raises(IntegrityError, match="is damaged"):
            read_envelope(other)


def test_a_name_that_stands_twice_is_refused() -> None:
    content = write_envelope(sign(PAYLOAD, PAYLOAD_TYPE, edwards()))
    twice = content.replace(b'{"payload":', b'{"payload":"AAAA","payload":', 1)
    with pytest.raises(IntegrityError, match="is damaged"):
        read_envelope(twice)


def test_an_envelope_that_is_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dsse, "MOST_BYTES", 10)
    with pytest.raises(IntegrityError, match="larger than 10 bytes"):
        read_envelope(b"x" * 11)


def test_a_signature_of_no_form_at_all_is_no_good_one() -> None:
    for signer in SIGNERS.values():
        envelope = Envelope(PAYLOAD, PAYLOAD_TYPE, (EnvelopeSignature(signer.public.keyid, b"no signature"),))
        with pytest.raises(IntegrityError, match="does not fit"):
            verify(envelope, PAYLOAD_TYPE, [signer.public])


def test_base64_is_the_standard_one() -> None:
    written = json.loads(write_envelope(Envelope(b"\xfb\xff", "t", sign(b"", "t", edwards()).signatures)))
    assert written["payload"] == base64.standard_b64encode(b"\xfb\xff").decode() == "+/8="
