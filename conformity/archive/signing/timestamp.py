"""Time-stamps: ask a server for one, and check one without asking anybody (RFC 3161)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from conformity.archive.signing.cms import certified_by, chain_of, signed_by, strong
from conformity.archive.signing.optional import check_sealing
from conformity.archive.signing.public import certificate
from conformity.archive.signing.stamp_server import ask
from conformity.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_BYTES: Final = 1024 * 1024
"""The largest time-stamp that is read."""

_DAMAGED: Final = (
    "The time-stamp is damaged, or not written as time-stamps are here; take the whole pack anew."
)


@dataclass(frozen=True)
class Stamp:
    """What a time-stamp tells, after it was checked."""

    time: datetime
    """The time that it proves, in UTC: the data were there then."""
    authority: str
    """Whom the certificate of the time-stamping key names."""
    certificates: tuple[bytes, ...]
    """In DER: that of the key first, then those of its issuers as far as the time-stamp holds them."""
    trusted: bool
    """Whether the key is certified by one of the certificates that were given as trusted."""


def stamp(data: bytes, url: str, *, timeout_s: float = 30.0) -> bytes:
    """Return a time-stamp over ``data`` from a server, checked: a CMS ``ContentInfo`` in DER.

    Only the digest of the data goes to the server. What its answer holds besides the signed time, such as
    lists of revoked certificates, is left out: nothing would show a change in it.

    Args:
        data: what is to be stamped.
        url: the server's address.
        timeout_s: how long to wait for it.

    Raises:
        MissingLibraryError: the library is not installed.
        UsageError: the address is none that is asked, or the server did not answer with a time-stamp.
    """
    check_sealing("Time-stamps")
    from asn1crypto import tsp  # type: ignore[import-untyped] # ships no types

    nonce = secrets.randbits(63)
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(data).digest(),
            },
            "nonce": nonce,
            "cert_req": True,
        }
    )
    token = plain_token(answered(ask(url, request.dump(), timeout_s), nonce, url))
    try:
        check_stamp(token, data)
    except IntegrityError as error:
        raise UsageError(
            f"{url} answered with a time-stamp that cannot be used ({error.message}); choose another server."
        ) from error
    return token


def answered(answer: bytes, nonce: int, url: str) -> Any:
    """Return the time-stamp in the answer of a server.

    Raises:
        UsageError: it refused, or its answer is not one to this request.
    """
    from asn1crypto import tsp

    try:
        found = tsp.TimeStampResp.load(answer, strict=True)
        status = found["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise ValueError(status)
        token = found["time_stamp_token"]
        if token["content"]["encap_content_info"]["content"].parsed["nonce"].native != nonce:
            raise ValueError("another nonce")
        return token
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            f"{url} did not answer with a time-stamp ({error}); ask whoever runs it, or choose another "
            "server with --timestamp."
        ) from error


def plain_token(token: Any) -> bytes:
    """Return a time-stamp in DER, without what is neither signed nor certifies the key."""
    from asn1crypto import cms

    signed = token["content"]
    certificates = [one.chosen for one in signed["certificates"]]
    (info,) = signed["signer_infos"]
    chain = _bound(chain_of(info, [one.dump() for one in certificates]))
    plain = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [info["digest_algorithm"]],
            "encap_content_info": signed["encap_content_info"],
            "certificates": [one for one in certificates if one.dump() in chain],
            "signer_infos": [_plain_info(info, chain[0])],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": plain}).dump())


def _plain_info(info: Any, leaf: bytes) -> dict[str, Any]:
    """Return what is kept of a signature: nothing unsigned, and its certificate named in one way."""
    from asn1crypto import x509

    first = x509.Certificate.load(leaf)
    sid, version = info["sid"], "v3"
    if sid.name == "issuer_and_serial_number":
        # Names are equal in any letter case; the one in the certificate is the one that is written.
        named = {"issuer": first.issuer, "serial_number": first.serial_number}
        sid, version = {"issuer_and_serial_number": named}, "v1"
    kept = ("digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    return {"version": version, "sid": _sid(sid), **{name: info[name] for name in kept}}


def _sid(sid: Any) -> Any:
    """Return how a signature names its certificate, as CMS writes it."""
    from asn1crypto import cms

    return cms.SignerIdentifier(sid) if isinstance(sid, dict) else sid


def _bound(chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return the certificates of a chain in which any change shows: all if it ends in a root, else one.

    The signature names the first one by its digest, and each is signed by the next; a root signs itself.
    """
    from cryptography.exceptions import InvalidSignature

    root = certificate(chain[-1])
    try:
        root.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return chain[:1]
    return chain


def check_stamp(token: bytes, data: bytes, trusted: Sequence[bytes] = ()) -> Stamp:
    """Return what a time-stamp over ``data`` tells; nothing is fetched.

    Args:
        token: a CMS ``ContentInfo`` in DER, as :func:`stamp` gives it.
        data: what it is said to be over.
        trusted: certificates in DER by whose keys the time-stamping key may be certified, or that key's own.

    Raises:
        MissingLibraryError: the library is not installed.
        IntegrityError: it is damaged, over other data, or not signed by a key that may stamp times.

    Source:
        RFC 3161, 2.2 to 2.4 and 2.3 (the key's only purpose); RFC 5652, 5.4 and 5.6; RFC 5816.
    """
    check_sealing("Time-stamps")
    from asn1crypto import cms

    if len(token) > MOST_BYTES:
        raise IntegrityError(f"The time-stamp is larger than {MOST_BYTES} bytes; take the whole pack anew.")
    try:
        found = cms.ContentInfo.load(token, strict=True)
        if plain_token(found) != token:
            raise IntegrityError(_DAMAGED)
        return check_imprinted(
            found["content"], lambda algorithm: hashlib.new(algorithm, data).digest(), trusted
        )
    except IntegrityError:
        raise
    except Exception as error:  # Three parsers read what may be forged; they raise errors of many kinds.
        raise IntegrityError(_DAMAGED) from error


def check_imprinted(signed: Any, digest: Callable[[str], bytes], trusted: Sequence[bytes] = ()) -> Stamp:
    """Return what the signed data of a time-stamp tell.

    Args:
        signed: CMS ``SignedData`` as read.
        digest: returns the digest of what it is said to be over, by the name of the hash.
        trusted: certificates in DER by whose keys the time-stamping key may be certified, or that key's own.

    Raises:
        IntegrityError: they do not hold.
        ValueError: they are not written as they should be; so other errors of the library.
    """
    content = signed["encap_content_info"]["content"]
    algorithm = strong(signed["signer_infos"][0]["digest_algorithm"]["algorithm"].native)
    chain = signed_by(signed, hashlib.new(algorithm, bytes(content)).digest(), "tst_info")
    told = content.parsed
    imprint = told["message_imprint"]
    algorithm = strong(imprint["hash_algorithm"]["algorithm"].native)
    if imprint["hashed_message"].native != digest(algorithm):
        raise IntegrityError("The time-stamp is over other bytes; take the whole pack anew.")
    time: datetime = told["gen_time"].native
    certificates = [certificate(one) for one in chain]
    _check_may_stamp(certificates, time)
    return Stamp(
        time=time.astimezone(UTC),
        authority=certificates[0].subject.rfc4514_string(),
        certificates=chain,
        trusted=certified_by(certificates, trusted, time),
    )


def _check_may_stamp(chain: Sequence[Certificate], time: datetime) -> None:
    """Raise IntegrityError unless the first certificate was valid then, and is for time-stamps alone."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    first = chain[0]
    try:
        usage = first.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        usage = None
    if usage is None or not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise IntegrityError("The time-stamp is by a key that is not one for time-stamps (RFC 3161, 2.3).")
    if not first.not_valid_before_utc <= time <= first.not_valid_after_utc:
        raise IntegrityError("The time-stamp is by a key whose certificate was not valid at its time.")
