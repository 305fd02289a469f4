"""Check the seal of a PDF: that nothing changed under it, and that only what belongs there came after it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from conformity.archive.signing.cms import certified_by, signed_by
from conformity.archive.signing.optional import check_sealing
from conformity.archive.signing.public import certificate, is_chain, key_digest
from conformity.archive.signing.seal_tail import check_tail, end_of_revision
from conformity.archive.signing.timestamp import Stamp, check_imprinted
from conformity.errors import IntegrityError
from conformity.model.base import sha256_of
from conformity.model.statement import PdfFile, SealedPdf

MOST_BYTES: Final = 512 * 1024 * 1024
"""The largest PDF that is checked."""

_DAMAGED: Final = "The seal of the PDF cannot be read; take the file from where it was archived."


@dataclass(frozen=True)
class Seal:
    """What a seal tells, after it was found intact."""

    facts: SealedPdf
    """Whom its certificate names, and what kind of seal it is."""
    certificates: tuple[bytes, ...]
    """In DER: that of the key first, then those of its issuers as far as the seal holds them."""
    sealed_at: datetime | None
    """When it was sealed, by the clock of whoever sealed."""
    stamp: Stamp | None
    """The time-stamp on the seal, if there is one."""
    archive_stamp: Stamp | None
    """The time-stamp over the whole file, where it is made for long archiving."""
    unsealed_bytes: int
    """How many bytes of the file were there before it was sealed."""
    trusted: bool
    """Whether the key is certified by one of the certificates that were given as trusted."""


def check_seal(pdf: bytes, trusted: Sequence[bytes] = ()) -> Seal | None:
    """Return what the seal of a PDF tells; None when it has none. Nothing is fetched.

    The seal has to cover the file to its end; or, when it is made for long archiving, all but one update
    that adds certificates and a time-stamp, which covers the file to its end.

    Args:
        pdf: the bytes of the file.
        trusted: certificates in DER by whose keys the sealing key may be certified, or that key's own.

    Raises:
        MissingLibraryError: the library is not installed.
        IntegrityError: the seal does not hold, or more came after it than may.

    Source:
        ISO 32000-1, 12.8.1 (ByteRange); ETSI EN 319 142-1, 5.4 and 5.5 (updates for long archiving).
    """
    check_sealing("Seals")
    from io import BytesIO

    from pyhanko.pdf_utils.reader import PdfFileReader

    if len(pdf) > MOST_BYTES:
        raise IntegrityError(f"The PDF is larger than {MOST_BYTES} bytes; no report is.")
    try:
        reader = PdfFileReader(BytesIO(pdf))
        signatures = list(reader.embedded_signatures)
        if not signatures:
            _check_unmarked(pdf)
            return None
        return _checked(pdf, reader, signatures, trusted)
    except IntegrityError:
        raise
    except Exception as error:  # Three parsers read what may be forged; they raise errors of many kinds.
        raise IntegrityError(_DAMAGED) from error


def check_unsealed(pdf: bytes, told: PdfFile) -> None:
    """Check that a PDF begins with the bytes that a statement says were there before it was sealed.

    Args:
        pdf: the bytes of the file.
        told: what the statement says.

    Raises:
        IntegrityError: it does not, or it is sealed and the statement does not say so, or the other way.
    """
    whole = told.unsealed_bytes == len(pdf)
    if (told.seal is None) != whole or sha256_of(pdf[: told.unsealed_bytes]) != told.unsealed_sha256:
        raise IntegrityError(
            f"{told.name} does not begin with the file that was rendered, as its signed statement says; take "
            "it from where it was archived."
        )


def _check_unmarked(pdf: bytes) -> None:
    """Raise IntegrityError when a PDF without a seal bears the traces of one."""
    if b"/ByteRange" in pdf:
        raise IntegrityError("The PDF was sealed, and its seal was taken out of sight; take the file anew.")


def _checked(pdf: bytes, reader: Any, signatures: list[Any], trusted: Sequence[bytes]) -> Seal:
    """Return what the seal tells, and check what came after it.

    Raises:
        IntegrityError: it does not hold, or more came after it than may.
    """
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    seals = [one for one in signatures if one.sig_object_type == "/Sig"]
    stamps = [one for one in signatures if one.sig_object_type == "/DocTimeStamp"]
    if len(seals) != 1 or len(signatures) > 2 or len(seals) + len(stamps) != len(signatures):
        raise IntegrityError("The PDF holds signatures besides one seal; take the file anew.")
    seal, last = seals[0], (stamps or seals)[0]
    _check_range(pdf, last)
    for one in signatures:
        one.compute_integrity_info(skip_diff=True)
    expected = SignatureCoverageLevel.ENTIRE_REVISION if stamps else SignatureCoverageLevel.ENTIRE_FILE
    if last.coverage != SignatureCoverageLevel.ENTIRE_FILE or seal.coverage != expected:
        raise IntegrityError("The PDF was changed after it was sealed; take the file anew.")
    if seal.signed_revision < 1 or reader.total_revisions != seal.signed_revision + 1 + len(stamps):
        raise IntegrityError("The PDF holds more updates than its seal; take the file anew.")
    for revision in range(seal.signed_revision, reader.total_revisions):
        check_tail(reader, revision)
    over = _stamp_over(last, trusted) if stamps else None
    return _told(pdf, reader, seal, over, trusted)


def _check_range(pdf: bytes, signature: Any) -> None:
    """Check that a signature covers all but its own hex digits, to the last byte.

    Raises:
        IntegrityError: it does not.
    """
    parts = [int(part) for part in signature.byte_range]
    if len(parts) != 4 or parts[0] != 0 or parts[2] + parts[3] != len(pdf):
        raise IntegrityError("The seal does not cover the PDF to its end; take the file anew.")
    hidden = pdf[parts[1] : parts[2]]
    digits = hidden[1:-1]
    if hidden[:1] + hidden[-1:] != b"<>" or digits.strip(b"0123456789abcdefABCDEF"):
        raise IntegrityError("The seal leaves out more of the PDF than itself; take the file anew.")


def _told(pdf: bytes, reader: Any, seal: Any, over: Stamp | None, trusted: Sequence[bytes]) -> Seal:
    """Return what a seal tells whose coverage was checked.

    Raises:
        IntegrityError: its signature does not fit.
    """
    chain = signed_by(seal.signed_data, seal.compute_digest(), "data")
    stamp = _stamp_on(seal, trusted)
    first = certificate(chain[0])
    sealed_at = seal.self_reported_timestamp
    when = stamp.time if stamp else (sealed_at or first.not_valid_before_utc)
    if not first.not_valid_before_utc <= when <= first.not_valid_after_utc:
        raise IntegrityError("The certificate of the seal was not valid when it was sealed.")
    facts = SealedPdf(
        keyid=key_digest(chain[0]),
        subject=first.subject.rfc4514_string() or "(no name)",
        issuer=first.issuer.rfc4514_string() or "(no name)",
        certificate_sha256=sha256_of(chain[0]),
        level="B-LTA" if over else "B-T" if stamp else "B-B",
        development=not is_chain(chain),
    )
    return Seal(
        facts=facts,
        certificates=chain,
        sealed_at=None if sealed_at is None else sealed_at.astimezone(UTC),
        stamp=stamp,
        archive_stamp=over,
        unsealed_bytes=end_of_revision(pdf, reader, seal.signed_revision - 1),
        trusted=certified_by([certificate(one) for one in chain], trusted, when),
    )


def _stamp_on(seal: Any, trusted: Sequence[bytes]) -> Stamp | None:
    """Return the time-stamp on the signature of a seal; None when there is none.

    Raises:
        IntegrityError: it does not hold.
    """
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

    tokens = list(extract_tst_data_iter(seal.signer_info, signed=False))
    if not tokens:
        return None
    (token,) = tokens
    signature: bytes = seal.signer_info["signature"].native
    return check_imprinted(token, lambda algorithm: hashlib.new(algorithm, signature).digest(), trusted)


def _stamp_over(last: Any, trusted: Sequence[bytes]) -> Stamp:
    """Return the time-stamp over a whole file.

    Raises:
        IntegrityError: it does not hold.
    """
    covered: bytes = last.compute_digest()
    return check_imprinted(last.signed_data, lambda _: covered, trusted)
