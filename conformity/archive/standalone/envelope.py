"""Check a signed statement: the form of the envelope, what it is over, and who signed it.

Source: DSSE 1.0 (envelope, pre-authentication encoding); in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from conformity.archive.standalone.pack import SUMS, sha256_hex
from conformity.archive.standalone.strict_json import canonical, loaded
from conformity.archive.standalone.told import NO_VALUE, Told, joined, shown

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""What the envelope says it holds."""

_UNSIGNED = "There is no signed statement, so nobody can tell who made these files."
_NO_KEY = "No key that you trust was given (--key), so whose signature it is cannot be told."
_NOT_HELD = "The statement does not hold the key that signed it, so its signature was not checked."
_NO_LIBRARY = "The Python package `cryptography` is not installed here, so signatures cannot be checked."


class Broken(Exception):  # noqa: N818 (it stands in sentences)
    """The envelope or the statement is not as it must be."""


def signature_told(
    envelope: bytes | None, sums: bytes, listed: Mapping[str, str], kind: str, keys: Sequence[bytes]
) -> Told:
    """Tell whether the statement is one of this kind, over exactly these files, by a key that is trusted.

    Args:
        envelope: the bytes of the envelope; None where there is none.
        sums: the bytes of the list of digests.
        listed: the digests in it, by name.
        kind: what the folder is; a signature over another kind of thing says nothing of it.
        keys: public keys or certificates in PEM that are trusted.
    """
    if envelope is None:
        wanted = ("There is no signed statement, though a key was given.",) if keys else ()
        return Told(wanted, (_UNSIGNED,))
    try:
        payload, signatures = _opened(envelope)
        statement = _statement(payload, kind)
        _check_files(statement, {**listed, SUMS: sha256_hex(sums)})
    except Broken as error:
        return Told((str(error),))
    predicate = statement["predicate"]
    named = predicate.get("signed_by")
    named = named if isinstance(named, dict) else {}
    seen = (
        f"{len(listed) + 1} files are signed for, {SUMS} among them.",
        f"Signed at {shown(str(predicate.get('signed_at')))}, as the signer says.",
    )
    return joined(Told(seen=seen), _by(payload, signatures, named, keys), Told(seen=(_worth(named),)))


def _worth(named: Mapping[str, Any]) -> str:
    """Return what a key is worth by what the signer shows for it; certificates are not looked at here."""
    if named.get("development") is not False or not named.get("certificates"):
        return NO_VALUE
    return "The signer shows certificates for the key, which are not looked at here."


def _opened(content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the payload of an envelope, and its signatures by key.

    Raises:
        Broken: it could be written in another way, so that a change could hide in it.
    """
    try:
        found = loaded(content)
        payload = _decoded(found["payload"])
        signatures = {one["keyid"]: _decoded(one["sig"]) for one in found["signatures"]}
        again = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {"keyid": key, "sig": base64.b64encode(sig).decode()} for key, sig in signatures.items()
            ],
        }
        whole = bool(signatures) and canonical(again) == content
    except (ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise Broken("The signed envelope is damaged, or not written as envelopes are here.")
    return payload, signatures


def _decoded(text: Any) -> bytes:
    """Return what base64 stands for.

    Raises:
        ValueError: it is none.
    """
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (AttributeError, binascii.Error) as error:
        raise ValueError("base64") from error


def _statement(payload: bytes, kind: str) -> dict[str, Any]:
    """Return the statement in a payload.

    Raises:
        Broken: it is none, or one for another purpose.
    """
    try:
        value = loaded(payload)
        whole = canonical(value) == payload
    except ValueError:
        value, whole = None, False
    if not whole or not isinstance(value, dict) or value.get("_type") != "https://in-toto.io/Statement/v1":
        raise Broken("The signed statement is damaged, or not of a form that is known here.")
    if not isinstance(value.get("predicate"), dict) or value["predicate"].get("kind") != kind:
        raise Broken(f"The statement was signed for another purpose, not for {kind}.")
    if value.get("predicateType") != f"urn:conformity-report:{kind}:v1":
        raise Broken("The statement says two things of what it is for.")
    return value


def _check_files(statement: Mapping[str, Any], there: Mapping[str, str]) -> None:
    """Check that a statement is over exactly some files.

    Raises:
        Broken: it is over others.
    """
    expected = [{"name": name, "digest": {"sha256": there[name]}} for name in sorted(there)]
    if statement.get("subject") != expected:
        signed = statement.get("subject")
        held = signed if isinstance(signed, list) else []
        other = [one["name"] for one in expected if one not in held]
        raise Broken(
            f"The statement was signed over other files: {shown(str((other or [SUMS])[0]))} differs."
        )


def _by(
    payload: bytes, signatures: Mapping[str, bytes], named: Mapping[str, Any], keys: Sequence[bytes]
) -> Told:
    """Tell who signed: keys that are trusted, or only the key that the statement itself names."""
    try:
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: F401
    except ImportError:
        return Told(unknown=(_NO_LIBRARY,))
    kind = PAYLOAD_TYPE.encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    faults: list[str] = []
    own = None
    if isinstance(named.get("public_key"), str):
        wrong, own = _checked(named["public_key"].encode(), signatures, signed, required=True)
        faults += wrong
        if own is not None and named.get("keyid") != own:
            faults.append("The key in the statement is not the one that it names.")
    good = []
    for pem in keys:
        wrong, keyid = _checked(pem, signatures, signed, required=False)
        faults += wrong
        good += [keyid] if keyid else []
    if good:
        return Told(tuple(faults), seen=tuple(f"The key {keyid} is one that you trust." for keyid in good))
    if keys:
        return Told((*faults, "None of the keys that were given has signed the statement."))
    # An id beside a signature that nobody checked is told of no key: anybody can write it there.
    if own is None:
        return Told(tuple(faults), (_NO_KEY, _NOT_HELD))
    return Told(tuple(faults), (_NO_KEY,), (f"It names the key {own} as its signer.",))


def _checked(
    pem: bytes, signatures: Mapping[str, bytes], signed: bytes, *, required: bool
) -> tuple[list[str], str | None]:
    """Return faults of the signature of one key, and the key's id where its signature is good."""
    key, keyid = _key(pem)
    if key is None:
        return ["A key is no Ed25519 or ECDSA public key or certificate in PEM."], None
    signature = signatures.get(keyid)
    if signature is None:
        return (["The key that the statement names has not signed it."] if required else []), None
    if not _is_good(key, signature, signed):
        return [f"The signature of {keyid} does not fit the statement."], None
    return [], keyid


def _key(pem: bytes) -> tuple[Any, str]:
    """Return a public key, and its id; None when it is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.x509 import load_pem_x509_certificate

    try:
        certificate = b"-----BEGIN CERTIFICATE-----" in pem
        key = (
            load_pem_x509_certificate(pem).public_key()
            if certificate
            else serialization.load_pem_public_key(pem)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None, ""
    if not isinstance(key, (ed25519.Ed25519PublicKey, ec.EllipticCurvePublicKey)):
        return None, ""
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in ("secp256r1", "secp384r1"):
        return None, ""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key, f"sha256:{hashlib.sha256(der).hexdigest()}"


def _is_good(key: Any, signature: bytes, signed: bytes) -> bool:
    """Tell whether a signature is one of this key over these bytes."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            large = key.curve.name == "secp384r1"
            key.verify(signature, signed, ec.ECDSA(hashes.SHA384() if large else hashes.SHA256()))
        else:
            key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
