"""What a signature says: by kind of folder, from the records in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from conformity import __version__
from conformity.archive.signing.public import certificate
from conformity.errors import DataError, IntegrityError
from conformity.model.assessment import Assessment
from conformity.model.base import sha256_of
from conformity.model.declaration import Declaration
from conformity.model.redaction import RedactionRecord
from conformity.model.statement import (
    AssessmentPredicate,
    DeclarationPredicate,
    DocumentsPredicate,
    PdfFile,
    Predicate,
    RedactedCopyPredicate,
    SignedBy,
    StatementKind,
)
from conformity.model.summary import VerdictCounts

if TYPE_CHECKING:
    from conformity.archive.signing.keys import Signer

RECORDS: Final[dict[str, StatementKind]] = {
    "redaction.json": "redacted-copy",
    "documents.json": "documents",
    "declaration.json": "declaration",
    "assessment.json": "assessment",
}
"""Kinds of folders by the record that tells them apart; a redacted copy holds an assessment
too, and a set of documents the document called declaration."""


def signed_by(signer: Signer) -> SignedBy:
    """Return whose key signs, as the statement says it."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return SignedBy(
        keyid=signer.public.keyid,
        algorithm=signer.public.algorithm,
        place=signer.place,
        development=signer.public.development,
        public_key=signer.public.pem,
        certificates=tuple(
            certificate(one).public_bytes(Encoding.PEM).decode() for one in signer.public.certificates
        ),
    )


def predicate_of(
    kind: StatementKind,
    files: Mapping[str, bytes],
    by: SignedBy,
    moment: datetime,
    pdfs: tuple[PdfFile, ...],
) -> Predicate:
    """Return what is said of a folder when it is signed.

    Args:
        kind: what it is.
        files: contents by name, as they will be.
        by: whose key signs.
        moment: when it is signed.
        pdfs: the PDFs among the files.

    Raises:
        DataError: a record cannot be read.
        IntegrityError: the evidence is not the one that was judged.
    """
    said: dict[str, Any] = {
        "tool": f"conformity {__version__}",
        "signed_at": moment,
        "signed_by": by,
        "pdfs": pdfs,
    }
    try:
        if kind == "declaration":
            return _of_declaration(files, said)
        if kind == "documents":
            return _of_documents(files, said)
        if kind == "redacted-copy":
            return _of_copy(files, said)
        return _of_pack(files, said)
    except (ValidationError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"The records of the folder cannot be read ({type(error).__name__}); sign it with the version "
            "that wrote it."
        ) from error


def _of_pack(files: Mapping[str, bytes], said: dict[str, Any]) -> AssessmentPredicate:
    """Return what is said of a pack.

    Raises:
        IntegrityError: the evidence is not the one that was judged.
    """
    assessment = Assessment.model_validate_json(files["assessment.json"])
    if sha256_of(files["evidence.json"]) != assessment.evidence_sha256:
        raise IntegrityError("evidence.json is not the evidence that was judged; make the pack anew.")
    manifest = assessment.manifest
    return AssessmentPredicate(
        **said,
        system=manifest.system.name,
        system_version=manifest.system.version,
        provider=manifest.provider.name,
        edition=manifest.edition.version,
        assessed_at=assessment.assessed_at,
        assessed_by=assessment.tool,
        as_of=assessment.plan.as_of,
        law=assessment.plan.law,
        assessment_sha256=sha256_of(files["assessment.json"]),
        evidence_sha256=assessment.evidence_sha256,
        previous_assessment_sha256=assessment.follows,
        verdicts=VerdictCounts.model_validate(Counter(one.verdict for one in assessment.findings)),
    )


def _of_declaration(files: Mapping[str, bytes], said: dict[str, Any]) -> DeclarationPredicate:
    """Return what is said of a declaration."""
    record = Declaration.model_validate_json(files["declaration.json"])
    return DeclarationPredicate(
        **said,
        system=record.system,
        system_version=record.system_version,
        provider=record.provider,
        prepared_at=record.prepared_at,
        edition=record.assessment_version,
        assessment_sha256=record.assessment_sha256,
        evidence_sha256=record.evidence_sha256,
    )


def _of_documents(files: Mapping[str, bytes], said: dict[str, Any]) -> DocumentsPredicate:
    """Return what is said of a set of documents."""
    record = json.loads(files["documents.json"])
    return DocumentsPredicate(
        **said,
        system=f"{record['about']['system']} {record['about']['system_version']}",
        assessment_sha256=record["about"]["assessment_sha256"],
        documents=tuple(one["id"] for one in record["documents"]),
    )


def _of_copy(files: Mapping[str, bytes], said: dict[str, Any]) -> RedactedCopyPredicate:
    """Return what is said of a redacted copy."""
    record = RedactionRecord.model_validate_json(files["redaction.json"])
    return RedactedCopyPredicate(
        **said,
        pack=record.pack,
        pack_commitment=record.pack_commitment,
        redaction_sha256=sha256_of(files["redaction.json"]),
    )
