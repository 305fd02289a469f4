"""The stand-alone verifier tells of no key that it did not check, and tells what the tool tells."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from conformity.archive.signing.dsse import PAYLOAD_TYPE, pae
from conformity.archive.standalone.envelope import signature_told
from conformity.archive.standalone.pack import SUMS, listed_in
from conformity.archive.standalone.told import Told
from conformity.archive.sums import ENVELOPE
from conformity.archive.verify.signature import signature_told as installed
from conformity.model.base import canonical_json
from tests.support.keys import edwards
from tests.support.signed_packs import signed_files


def _told(envelope: bytes, keys: tuple[bytes, ...] = ()) -> Told:
    """Return what is told of an envelope over a small pack; the tool has to come to the same outcome."""
    sums = signed_files(signer="b")[SUMS]
    listed = listed_in(sums)
    told = signature_told(envelope, sums, listed, "assessment", keys)
    if not keys:
        assert installed(envelope, "assessment", listed, []).outcome() == told.outcome()
    return told


def _made(content: dict[str, Any], *more: dict[str, str], by: str = "b") -> bytes:
    """Return an envelope over a statement, signed by somebody, with more that stands beside the signature."""
    payload, signer = canonical_json(content), edwards(by)
    sig = base64.b64encode(signer.sign(pae(PAYLOAD_TYPE, payload))).decode()
    return canonical_json(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": signer.public.keyid, "sig": sig}, *more],
        }
    )


@pytest.fixture
def statement() -> dict[str, Any]:
    """Return the statement over the pack, as somebody has signed it."""
    found: dict[str, Any] = json.loads(
        base64.b64decode(json.loads(signed_files(signer="b")[ENVELOPE])["payload"])
    )
    return found


def test_a_key_id_beside_a_signature_that_nobody_checked_is_not_told(statement: dict[str, Any]) -> None:
    """Anybody may write the id of the provider's key beside bytes that are no signature of it."""
    other = {"keyid": edwards("a").public.keyid, "sig": base64.b64encode(bytes(64)).decode()}
    told = _told(_made(statement, other))
    assert told.outcome() == "cannot_tell"
    assert edwards("a").public.keyid not in str(told)
    assert f"It names the key {edwards('b').public.keyid} as its signer." in told.seen


def test_a_statement_that_holds_another_key_than_it_names_has_failed(statement: dict[str, Any]) -> None:
    statement["predicate"]["signed_by"]["keyid"] = edwards("a").public.keyid
    assert "is not the one that it names" in _told(_made(statement)).faults[0]


def test_a_statement_without_its_key_was_not_checked(statement: dict[str, Any]) -> None:
    del statement["predicate"]["signed_by"]["public_key"]
    told = _told(_made(statement))
    assert any("was not checked" in one for one in told.unknown)
    assert not any("as its signer" in one for one in told.seen)


def test_keys_on_other_curves_are_none(statement: dict[str, Any]) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256K1()).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert "no Ed25519 or ECDSA" in _told(_made(statement), (pem,)).faults[0]
