"""Seal a PDF: an invisible signature appended to it (PAdES), so that what was there stays byte for byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from conformity.archive.signing.optional import check_sealing
from conformity.archive.signing.public import certificate
from conformity.archive.signing.seal_keys import SealKey
from conformity.archive.signing.stamp_server import ask
from conformity.errors import InputError, UsageError

FIELD: Final = "Seal"
"""The form field of the seal."""

ARCHIVE_FIELD: Final = "Seal-archive"
"""The form field of the time-stamp over a seal made for long archiving."""

_FORM: Final = "/AcroForm"
_CMS_BYTES: Final = 4096
_STAMP_BYTES: Final = 16384
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class LongTerm:
    """What a seal needs so that it can still be checked when its certificates have run out (B-LTA)."""

    roots: tuple[bytes, ...]
    """Certificates in DER to which those of the seal and of the time-stamp lead."""
    crls: tuple[bytes, ...]
    """Lists of revoked certificates in DER, of every issuer on the way; nothing is fetched."""


def seal_pdf(
    pdf: bytes,
    key: SealKey,
    moment: datetime,
    *,
    server: str | None = None,
    long_term: LongTerm | None = None,
) -> bytes:
    """Return a PDF with an invisible seal appended; it begins with exactly the bytes of ``pdf``.

    Args:
        pdf: the file, not sealed yet.
        key: what seals.
        moment: the time that the seal claims.
        server: a time-stamp server to ask for a proof of the time (B-T); none for a bare seal (B-B).
        long_term: what to add for long archiving (B-LTA); it needs a server.

    Raises:
        MissingLibraryError: the library is not installed.
        InputError: it is no PDF that can be sealed, or is sealed already.
        UsageError: the key or the server cannot be used.

    Source:
        ETSI EN 319 142-1 (PAdES baseline signatures); ISO 32000-1, 12.8.
    """
    import asyncio

    check_sealing("Seals")
    if long_term is not None and server is None:
        raise UsageError("A seal for long archiving holds time-stamps; name a server with --timestamp.")
    _check_valid(key, moment)
    return asyncio.run(_sealed(pdf, key, moment, server, long_term))


def _check_valid(key: SealKey, moment: datetime) -> None:
    """Raise UsageError unless the certificate of a key is valid at a moment."""
    first = certificate(key.certificates[0])
    if not first.not_valid_before_utc <= moment <= first.not_valid_after_utc:
        raise UsageError(
            f"The certificate that seals is valid from {first.not_valid_before_utc:%Y-%m-%d} to "
            f"{first.not_valid_after_utc:%Y-%m-%d}, and not now; seal with one that is."
        )


async def _sealed(
    pdf: bytes, key: SealKey, moment: datetime, server: str | None, long_term: LongTerm | None
) -> bytes:
    """Return a PDF with a seal appended.

    Raises:
        InputError: it is no PDF that can be sealed, or is sealed already.
        UsageError: the key or the server cannot be used.
    """
    from io import BytesIO

    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko_certvalidator.errors import PathError as ChainError
    from pyhanko_certvalidator.errors import ValidationError

    stream = BytesIO(pdf)
    stamper = None if server is None else _stamper(server)
    try:
        contents, status = await _append_seal(stream, key, moment, stamper, long_term)
        if long_term is not None:
            await _append_archive(stream, stamper, long_term, contents, status)
    except PdfError as error:
        raise InputError(
            f"The PDF cannot be sealed ({error}); make the report anew with `conformity assess`."
        ) from error
    except (SigningError, ValidationError, ChainError) as error:
        raise UsageError(
            f"The PDF could not be sealed ({error}); check the key and its certificates."
        ) from error
    return stream.getvalue()


async def _append_seal(
    stream: Any, key: SealKey, moment: datetime, stamper: Any, long_term: LongTerm | None
) -> tuple[bytes, Any]:
    """Append the seal itself; return its CMS object and what was found of its certificates."""
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

    writer = _writer(stream)
    if _FORM in writer.root:
        raise InputError("The PDF holds form fields or a seal already; seal the file as it was rendered.")
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=key.digest,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=long_term is not None,
        validation_context=None if long_term is None else _context(long_term),
    )
    session = PdfSigner(metadata, _signer(key), timestamper=stamper).init_signing_session(writer)
    session.system_time = moment
    status = await session.perform_presign_validation(writer) if long_term is not None else None
    document = session.prepare_tbs_document(
        validation_info=status, bytes_reserved=_reserved(key, stamped=stamper is not None)
    )
    prepared, _ = document.digest_tbs_document(in_place=True)
    signed = await document.perform_signature(
        prepared.document_digest, PdfCMSSignedAttributes(signing_time=moment)
    )
    return bytes(signed.sig_contents), status


async def _append_archive(
    stream: Any, stamper: Any, long_term: LongTerm, contents: bytes, status: Any
) -> None:
    """Append what proves that the certificates were good, and a time-stamp over all of it, in one update."""
    from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
    from pyhanko.sign.validation import DocumentSecurityStore

    writer = _writer(stream)
    context = _context(long_term)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        contents,
        paths=status.validation_paths,
        validation_context=context,
        ocsps=status.ocsps_to_embed,
        crls=status.crls_to_embed,
    )
    await PdfTimeStamper(stamper, field_name=ARCHIVE_FIELD).async_timestamp_pdf(
        writer, "sha256", None, bytes_reserved=2 * _STAMP_BYTES, in_place=True
    )


def _reserved(key: SealKey, *, stamped: bool) -> int:
    """Return how many hex digits are kept free for the signature; an estimate would cost a time-stamp."""
    certificates = sum(len(one) for one in key.certificates)
    return 2 * (_CMS_BYTES + key.size + certificates + (_STAMP_BYTES if stamped else 0))


def _context(long_term: LongTerm) -> Any:
    """Return the rules by which certificates are checked before they are archived; nothing is fetched."""
    from asn1crypto import crl, x509  # type: ignore[import-untyped] # ships no types
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[x509.Certificate.load(one) for one in long_term.roots],
        crls=[crl.CertificateList.load(one) for one in long_term.crls],
        allow_fetching=False,
        revocation_mode="hard-fail",
    )


def _writer(stream: Any) -> Any:
    """Return a writer that appends to a PDF and leaves dates and metadata in it alone."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    stream.seek(0)
    second = generic.ByteStringObject(hashlib.sha256(stream.read()).digest()[:16])

    class Writer(IncrementalPdfFileWriter):
        """Append what is asked for and nothing else, so that the same seal gives the same bytes."""

        def ensure_output_version(self, version: Any) -> None:
            """Leave the version of the format: the file stays PDF/A-3, which is PDF 1.7."""

        def register_extension(self, ext: Any) -> None:
            """Name the extension that PAdES is for PDF 1.7, and none that belongs to PDF 2.0."""
            if str(ext.base_version) == "/1.7":
                super().register_extension(ext)

        def _update_meta(self) -> None:
            """Leave the metadata: they are those of the report, and the clock is not read here."""

        @classmethod
        def _handle_id(cls, prev: Any) -> Any:
            """Return the identifier: the first part stays, the second follows from what was there."""
            try:
                first = prev.trailer["/ID"][0]
            except KeyError:
                first = second
            return generic.ArrayObject([first, second])

    return Writer(stream)


def _signer(key: SealKey) -> Any:
    """Return the key as pyHanko takes it."""
    from asn1crypto import algos, x509
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Ours(Signer):
        """Sign with a key that stays where it is."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            """Return the signature, or as many bytes when only the size is asked for."""
            return bytes(key.size) if dry_run else key.sign(data)

    chain = [x509.Certificate.load(one) for one in key.certificates]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # untyped library
    store.register_multiple(chain)
    return Ours(
        signing_cert=chain[0],
        cert_registry=store,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": key.mechanism}),
    )


def _stamper(server: str) -> Any:
    """Return what asks a server for time-stamps."""
    from asn1crypto import tsp
    from pyhanko.sign.timestamps.api import TimeStamper

    class Ours(TimeStamper):
        """Ask the one server that was named."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            """Return its answer."""
            return tsp.TimeStampResp.load(ask(server, req.dump(), _TIMEOUT_S), strict=True)

    return Ours()  # type: ignore[no-untyped-call] # untyped library
