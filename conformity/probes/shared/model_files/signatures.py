"""Read signatures of models as the OpenSSF writes them, and hold files against what they say; offline.

Source:
    OpenSSF Model Signing 1.0 (payload: in-toto statement with the predicate
    ``https://model_signing/signature/v1.0``); Sigstore bundle 0.3; DSSE 1.0 (pre-authentication encoding).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_PREDICATE = "https://model_signing/signature/v1.0"
_PAYLOAD = "application/vnd.in-toto+json"
_HASHES = {256: "sha256", 384: "sha384", 521: "sha512"}

Checked = Literal["signed", "forged", "unknown"]
"""Whether the key that comes with a signature made it; ``unknown`` where that cannot be told here."""


class SignatureError(Exception):
    """A signature cannot be read; the text says why."""


@dataclass(frozen=True)
class Signature:
    """What a signature says."""

    files: Mapping[str, str]
    """SHA-256 digests in hexadecimal digits, by path in the folder."""
    sound: bool
    """Whether the digest over all files is that of the files named."""
    checked: Checked
    """Whether the key that comes with it made it."""
    signer: str | None
    """Whom the certificate names; None where there is none. Whether that is true needs the network."""


def read_signature(content: bytes) -> Signature:
    """Return what a signature says.

    Args:
        content: a Sigstore bundle in JSON.

    Raises:
        SignatureError: it is no signature of a model.
    """
    try:
        bundle = json.loads(content)
        envelope = bundle["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"], validate=True)
        statement = json.loads(payload)
        resources = statement["predicate"]["resources"]
        files = {str(one["name"]): str(one["digest"]) for one in resources}
        algorithms = {str(one["algorithm"]) for one in resources}
        whole = str(statement["subject"][0]["digest"]["sha256"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, binascii.Error) as error:
        raise SignatureError("it is no signature of a model in Sigstore's format") from error
    if statement.get("predicateType") != _PREDICATE or envelope.get("payloadType") != _PAYLOAD:
        raise SignatureError("it signs something other than a model")
    if algorithms != {"sha256"} or len(files) < len(resources):
        raise SignatureError("its digests are not SHA-256, one for each file")
    checked, signer = _checked(bundle, envelope, payload)
    return Signature(files=files, sound=_together(files) == whole, checked=checked, signer=signer)


def _together(files: Mapping[str, str]) -> str | None:
    """Return the digest over the digests of all files, in the order of their names."""
    try:
        return hashlib.sha256(b"".join(bytes.fromhex(files[name]) for name in sorted(files))).hexdigest()
    except ValueError:
        return None


def _checked(bundle: Any, envelope: Any, payload: bytes) -> tuple[Checked, str | None]:
    """Return whether the certificate in a bundle made its signature, and whom it names."""
    try:
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        return "unknown", None
    raw = _certificate(bundle)
    if raw is None:
        return "unknown", None
    kind = _PAYLOAD.encode()
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    try:
        certificate = x509.load_der_x509_certificate(raw)
        key = certificate.public_key()
        signed = [base64.b64decode(one["sig"], validate=True) for one in envelope["signatures"]]
    except UnsupportedAlgorithm:
        return "unknown", None
    except (ValueError, KeyError, TypeError) as error:
        raise SignatureError("its certificate or signature cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.key_size not in _HASHES or not signed:
        return "unknown", None
    algorithm = getattr(hashes, _HASHES[key.key_size].upper())()
    try:
        for one in signed:
            key.verify(one, encoded, ec.ECDSA(algorithm))
    except InvalidSignature:
        return "forged", None
    return "signed", _named(certificate)


def _certificate(bundle: Any) -> bytes | None:
    """Return the certificate of the signer; None where the bundle has only a hint at a key."""
    try:
        material = bundle["verificationMaterial"]
        chain = material.get("x509CertificateChain", {}).get("certificates", [])
        one = material.get("certificate") or (chain[0] if chain else None)
        return None if one is None else base64.b64decode(one["rawBytes"], validate=True)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SignatureError("its certificate cannot be read") from error


def _named(certificate: Any) -> str | None:
    """Return whom a certificate names: an address or place on the web, else its subject."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return str(certificate.subject.rfc4514_string()) or None
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise SignatureError("the names in its certificate cannot be read") from error
    found = names.get_values_for_type(x509.RFC822Name) + names.get_values_for_type(
        x509.UniformResourceIdentifier
    )
    return str(found[0]) if found else None
