"""Signatures in CMS, as seals and time-stamps hold them: who signed, and who certifies the key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from conformity.archive.signing.public import certificate
from conformity.errors import IntegrityError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_HASHES: Final = ("sha256", "sha384", "sha512")


def strong(algorithm: str) -> str:
    """Return the name of a hash.

    Raises:
        ValueError: it is none that is still strong.
    """
    if algorithm not in _HASHES:
        raise ValueError(algorithm)
    return algorithm


def signed_by(signed: Any, digest: bytes, content_type: str) -> tuple[bytes, ...]:
    """Return the certificates of the key that signed, in DER: its own, and those of its issuers.

    Args:
        signed: CMS ``SignedData`` with one signature.
        digest: the digest of what was signed, under the hash that the signature names.
        content_type: what is said to be signed.

    Raises:
        IntegrityError: the signature does not fit.
        ValueError: it is not written as it should be; so other errors of the library.

    Source:
        RFC 5652, 5.4 and 5.6; RFC 5035 (the signature names its certificate).
    """
    from asn1crypto import x509  # type: ignore[import-untyped] # ships no types
    from pyhanko.sign.validation.generic_cms import get_signing_cert_attr, validate_sig_integrity

    (info,) = signed["signer_infos"]
    if get_signing_cert_attr(info["signed_attrs"]) is None:
        raise ValueError("the signature does not name its certificate")
    strong(info["digest_algorithm"]["algorithm"].native)
    chain = chain_of(info, [one.chosen.dump() for one in signed["certificates"]])
    intact, valid = validate_sig_integrity(info, x509.Certificate.load(chain[0]), content_type, digest)
    if not (intact and valid):
        raise IntegrityError("A signature in CMS does not fit what it is over; take the whole pack anew.")
    return chain


def chain_of(info: Any, certificates: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the certificate of the key that signed, and those that certify it, in order.

    Raises:
        ValueError: the key's own is missing.
    """
    from asn1crypto import x509
    from cryptography.exceptions import InvalidSignature

    named = {one: x509.Certificate.load(one) for one in certificates}
    found = [one for one in certificates if _is_named(info, named[one])]
    if not found:
        raise ValueError("no certificate")
    chain = found[:1]
    while True:
        last = certificate(chain[-1])
        for one in certificates:
            if one in chain:
                continue
            try:
                last.verify_directly_issued_by(certificate(one))
            except (ValueError, TypeError, InvalidSignature):
                continue
            chain.append(one)
            break
        else:
            return tuple(chain)


def _is_named(info: Any, one: Any) -> bool:
    """Tell whether a certificate is the one that a signature names."""
    sid = info["sid"]
    if sid.name == "subject_key_identifier":
        return bool(sid.chosen.native == one.key_identifier)
    named = (sid.chosen["issuer"], sid.chosen["serial_number"].native)
    return bool(named == (one.issuer, one.serial_number))


def certified_by(chain: Sequence[Certificate], trusted: Sequence[bytes], time: datetime) -> bool:
    """Tell whether a chain of certificates leads to one that is trusted, each valid at a time.

    Args:
        chain: each issued by the next.
        trusted: certificates in DER.
        time: when they have to be valid.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    anchors = [certificate(one) for one in trusted]
    for at, one in enumerate(chain):
        if not one.not_valid_before_utc <= time <= one.not_valid_after_utc:
            return False
        if at:
            try:
                if not one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                    return False
            except x509.ExtensionNotFound:
                return False
        for anchor in anchors:
            if anchor == one:
                return True
            try:
                one.verify_directly_issued_by(anchor)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return anchor.not_valid_before_utc <= time <= anchor.not_valid_after_utc
    return False
