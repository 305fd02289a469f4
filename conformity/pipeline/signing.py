"""Sign a folder that was written here: check it, seal its PDFs, sign a statement over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from conformity.archive.pack import check_place, write_pack
from conformity.archive.signing.dsse import PAYLOAD_TYPE, write_envelope
from conformity.archive.signing.dsse import sign as sign_envelope
from conformity.archive.signing.keys import Signer
from conformity.archive.signing.seal import LongTerm
from conformity.archive.signing.seal_keys import SealKey
from conformity.archive.signing.statement import pack_digest, read_statement, statement_bytes, statement_of
from conformity.archive.signing.timestamp import check_stamp, stamp
from conformity.archive.sums import ENVELOPE, OUTSIDE, SUMS, TOKEN, parse_sums, sums_of
from conformity.errors import IntegrityError, UsageError
from conformity.model.base import sha256_of
from conformity.model.signing import SigningOutcome
from conformity.model.statement import PdfFile, StatementKind
from conformity.pipeline.shared import check_output, existing
from conformity.pipeline.signed import RECORDS, predicate_of, signed_by
from conformity.settings import Settings

_MOST_BYTES = 512 * 1024 * 1024
_MOST_IN_ALL = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True)
class Proofs:
    """What is added to a signature: seals on the PDFs, a proof of the time."""

    seal: SealKey | None = None
    """The key that seals PDFs; none to leave them as they are."""
    long_term: LongTerm | None = None
    """What seals hold so that they last longer than their certificates."""
    server: str | None = None
    """The address of the time-stamp server to ask; none to ask nobody."""


def sign_folder(
    folder: Path,
    signer: Signer,
    moment: datetime,
    settings: Settings,
    *,
    proofs: Proofs | None = None,
    replace: bool = False,
) -> SigningOutcome:
    """Sign a pack, a declaration, a set of documents or a redacted copy; it is found out which.

    The folder is checked first. Then a new one is written beside it, with seals, list of digests, signed
    statement and time-stamp, and takes its place.

    Args:
        folder: what to sign.
        signer: the key.
        moment: the present, in UTC.
        settings: limits.
        proofs: seals and time-stamps to add.
        replace: whether an earlier signature is to be replaced; the PDFs are sealed anew if they are.

    Returns:
        What was signed, and with what.

    Raises:
        IntegrityError: the folder is not as it was written.
        UsageError: it is signed already, or the key cannot be used.
        ConformityError: it is no folder that can be signed, or cannot be written.
    """
    proofs = proofs or Proofs()
    place = existing(folder, settings)
    check_output(place, settings.root)
    files = _read(place)
    kind, record = _kind_of(files, place)
    check_place(place, record)
    if ENVELOPE in files and not replace:
        raise UsageError(f"{place} is signed already; add --replace to put a new signature in its place.")
    earlier = _earlier(files)
    content = {name: data for name, data in files.items() if name not in OUTSIDE}
    told: list[PdfFile] = []
    for name in sorted(one for one in content if one.endswith(".pdf")):
        content[name], said = _sealed(name, content[name], earlier.get(name), moment, proofs)
        told.append(said)
    sums = parse_sums(sums_of(content))
    predicate = predicate_of(kind, content, signed_by(signer), moment, tuple(told))
    payload = statement_bytes(statement_of(kind, sums, predicate))
    content[ENVELOPE] = write_envelope(sign_envelope(payload, PAYLOAD_TYPE, signer))
    if proofs.server is not None:
        content[TOKEN] = stamp(content[ENVELOPE], proofs.server)
    write_pack(place, content, record)
    return _outcome(place, kind, content, sums, signer, tuple(told))


def _read(place: Path) -> dict[str, bytes]:
    """Return the files of a folder, each held against its list of digests.

    Raises:
        IntegrityError: one is missing, added, changed, or no plain file.
    """
    from conformity.archive.standalone.folder import read_folder

    found = read_folder(str(place), _MOST_BYTES, _MOST_IN_ALL)
    if found.faults:
        raise IntegrityError(f"{place} cannot be signed: {found.faults[0]}")
    if SUMS not in found.files:
        raise IntegrityError(f"{place} holds no {SUMS}; sign a folder that was written here.")
    sums = parse_sums(found.files[SUMS], str(place / SUMS))
    there = {name: sha256_of(data)[7:] for name, data in found.files.items() if name not in OUTSIDE}
    differing = sorted(name for name in {*sums, *there} if sums.get(name) != there.get(name))
    if differing:
        raise IntegrityError(
            f"{place / differing[0]} is missing, added or changed ({len(differing)} files in all): {SUMS} "
            "says otherwise; make the folder anew before you sign it."
        )
    return found.files


def _kind_of(files: Mapping[str, bytes], place: Path) -> tuple[StatementKind, str]:
    """Return what a folder is, and the record that says so.

    Raises:
        UsageError: it is nothing that is signed here.
    """
    for record, kind in RECORDS.items():
        if record in files:
            return kind, record
    raise UsageError(
        f"{place} is no pack, declaration, set of documents or redacted copy; name a folder that "
        "`conformity` wrote."
    )


def _earlier(files: Mapping[str, bytes]) -> dict[str, PdfFile]:
    """Return what an earlier statement says of the PDFs; empty when there is none.

    Raises:
        IntegrityError: it cannot be read.
    """
    from conformity.archive.signing.dsse import read_envelope

    if ENVELOPE not in files:
        return {}
    statement = read_statement(read_envelope(files[ENVELOPE]).payload)
    return {one.name: one for one in statement.predicate.pdfs}


def _sealed(
    name: str, pdf: bytes, earlier: PdfFile | None, moment: datetime, proofs: Proofs
) -> tuple[bytes, PdfFile]:
    """Return a PDF as it is to be, and what it was before any seal.

    Raises:
        IntegrityError: it is not what the earlier statement says.
    """
    from conformity.archive.signing.seal import seal_pdf
    from conformity.archive.signing.seal_check import check_seal, check_unsealed

    if earlier is not None:
        check_unsealed(pdf, earlier)
    unsealed = pdf if earlier is None else pdf[: earlier.unsealed_bytes]
    seal = None if earlier is None else earlier.seal
    if proofs.seal is not None:
        pdf = seal_pdf(unsealed, proofs.seal, moment, server=proofs.server, long_term=proofs.long_term)
        found = check_seal(pdf)
        if found is None or not pdf.startswith(unsealed) or found.unsealed_bytes != len(unsealed):
            raise IntegrityError(f"The seal of {name} does not hold; nothing was written: report it.")
        seal = found.facts
    said = PdfFile(name=name, unsealed_sha256=sha256_of(unsealed), unsealed_bytes=len(unsealed), seal=seal)
    return pdf, said


def _outcome(
    place: Path,
    kind: StatementKind,
    content: Mapping[str, bytes],
    sums: Mapping[str, str],
    signer: Signer,
    pdfs: tuple[PdfFile, ...],
) -> SigningOutcome:
    """Return what was signed, and with what."""
    stamped = check_stamp(content[TOKEN], content[ENVELOPE]) if TOKEN in content else None
    return SigningOutcome(
        folder=str(place),
        kind=kind,
        pack_sha256=pack_digest(sums),
        signed_by=signed_by(signer),
        files=len(sums) + 1,
        pdfs=pdfs,
        stamped_at=None if stamped is None else stamped.time,
        stamped_by=None if stamped is None else stamped.authority,
    )
