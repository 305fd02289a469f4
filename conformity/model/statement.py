"""Signed statements: which files were signed, as what, and what is said of them (in-toto Statement v1)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from conformity.model.base import Instant, Line, Sha256, Value
from conformity.model.summary import VerdictCounts

StatementKind = Literal["assessment", "declaration", "documents", "redacted-copy", "archive-entry"]
"""What is signed; a signature over one kind is none over another."""

Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""64 hex digits."""

Certificate = Annotated[str, StringConstraints(pattern=r"^-----BEGIN CERTIFICATE-----\n", max_length=100_000)]
"""A certificate in PEM."""

PublicKeyPem = Annotated[str, StringConstraints(pattern=r"^-----BEGIN PUBLIC KEY-----\n", max_length=2_000)]
"""A public key in PEM."""

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
"""The type of every statement."""


def predicate_type(kind: StatementKind) -> str:
    """Return the type of what a statement of a kind says."""
    return f"urn:conformity-report:{kind}:v1"


class SignedBy(Value):
    """Whose key signs, as the signer states it."""

    keyid: Sha256
    """SHA-256 digest of the public key (DER, SubjectPublicKeyInfo)."""
    algorithm: Literal["ed25519", "ecdsa-p256-sha256", "ecdsa-p384-sha384"]
    """How it signs."""
    place: Literal["file", "token", "command"]
    """Where the private key is kept: a file, a PKCS#11 token, or behind a program that signs."""
    development: bool
    """Whether no certificate that somebody else issued is shown for the key; then it has no legal value."""
    public_key: Annotated[PublicKeyPem | None, Field(exclude_if=lambda value: value is None)] = None
    """The public key itself, in PEM, so that anybody sees whether the signature fits the statement; whose key
    it is, only a copy from elsewhere tells."""
    certificates: Annotated[tuple[Certificate, ...], Field(max_length=10)] = ()
    """Certificates of the key and its issuers; nobody here has checked whether the issuers can be trusted."""


class SealedPdf(Value):
    """The PDF seal on one file: what seals it, and what the file was before."""

    keyid: Sha256
    """SHA-256 digest of the sealing certificate's public key (DER, SubjectPublicKeyInfo)."""
    subject: Line
    """Whom the sealing certificate names."""
    issuer: Line
    """Who issued it, as it says itself."""
    certificate_sha256: Sha256
    """Digest of the sealing certificate (DER)."""
    level: Literal["B-B", "B-T", "B-LTA"]
    """Which PAdES baseline the seal is made for: bare, time-stamped, or with what archives need."""
    development: bool
    """Whether the certificate is issued by itself; then the seal has no legal value."""


class PdfFile(Value):
    """A PDF among the files, as it was before any seal; a sealed file begins with exactly these bytes."""

    name: Line
    """Its name."""
    unsealed_sha256: Sha256
    """Digest of the file before it was sealed."""
    unsealed_bytes: Annotated[int, Field(ge=1)]
    """Its length then."""
    seal: SealedPdf | None = None
    """The seal; none when it was not sealed."""


class _Said(Value):
    """What every statement says."""

    tool: Line
    """Name and version of the tool that signed."""
    signed_at: Instant
    """When it was signed, by the clock of whoever signed; a time-stamp proves a time, this does not."""
    signed_by: SignedBy
    """Whose key signs."""
    pdfs: tuple[PdfFile, ...] = ()
    """The PDFs among the files."""
    meaning: Line = (
        "The files are those that were signed. This is no declaration of conformity (Art. 47), and it does "
        "not say that what is in them is true."
    )
    """What the signature means."""


class AssessmentPredicate(_Said):
    """What is said of a pack."""

    kind: Literal["assessment"] = "assessment"
    """Says that this is about a pack."""
    system: Line
    """Name of the system."""
    system_version: Line
    """Its version."""
    provider: Line
    """Who answers for it."""
    edition: Line
    """Version of the assessment."""
    assessed_at: Instant
    """When it was judged."""
    assessed_by: Line
    """Name and version of the tool that judged."""
    as_of: date
    """The day whose law was applied."""
    law: Line
    """The text of the law in the catalogue, with its date."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    evidence_sha256: Sha256
    """Digest of ``evidence.json``."""
    previous_assessment_sha256: Sha256 | None = None
    """Digest of the ``assessment.json`` of the version before; none when there is none."""
    verdicts: VerdictCounts
    """Requirements by verdict, as the assessment has them."""


class DeclarationPredicate(_Said):
    """What is said of a declaration that is prepared for signature."""

    kind: Literal["declaration"] = "declaration"
    """Says that this is about a declaration."""
    system: Line
    """Name of the system."""
    system_version: Line
    """Its version."""
    provider: Line
    """Who answers for it."""
    status: Literal["prepared for signature"] = "prepared for signature"
    """The person whom the declaration names has not signed by this (Art. 47(1), Annex V(8))."""
    prepared_at: Instant
    """When it was prepared."""
    edition: Line
    """Version of the assessment on which it rests."""
    assessment_sha256: Sha256
    """Digest of that ``assessment.json``."""
    evidence_sha256: Sha256
    """Digest of that ``evidence.json``."""


class DocumentsPredicate(_Said):
    """What is said of a set of documents."""

    kind: Literal["documents"] = "documents"
    """Says that this is about a set of documents."""
    system: Line
    """Name and version of the system."""
    assessment_sha256: Sha256
    """Digest of the ``assessment.json`` that they are made from."""
    documents: tuple[Line, ...]
    """The ids of the documents."""


class RedactedCopyPredicate(_Said):
    """What is said of a copy without what is kept back."""

    kind: Literal["redacted-copy"] = "redacted-copy"
    """Says that this is about a redacted copy."""
    pack: Sha256 | None
    """Digest of the full pack's list of digests; none where it is only committed to."""
    pack_commitment: Sha256
    """Digest of a salt and the digest of the full pack."""
    redaction_sha256: Sha256
    """Digest of ``redaction.json``, which says what was left out."""


class ArchiveEntryPredicate(_Said):
    """What is said of one version in an archive."""

    kind: Literal["archive-entry"] = "archive-entry"
    """Says that this is about an entry of an archive."""
    sequence: Annotated[int, Field(ge=1)]
    """Its number in the index."""
    system: Line
    """The system's name in the archive."""
    version: Line
    """Version of the assessment."""
    pack_sha256: Sha256
    """Digest of the list of digests of the pack."""
    entry_sha256: Sha256
    """Digest of the entry's line in the index."""


Predicate = Annotated[
    AssessmentPredicate
    | DeclarationPredicate
    | DocumentsPredicate
    | RedactedCopyPredicate
    | ArchiveEntryPredicate,
    Field(discriminator="kind"),
]
"""What a statement says of its files."""


class Digests(Value):
    """Digests of a file by algorithm."""

    sha256: Hex
    """SHA-256, in hex."""


class SignedFile(Value):
    """A file that is signed."""

    name: Line
    """Its name in the folder."""
    digest: Digests
    """Its digest."""


class Statement(Value):
    """An in-toto Statement v1 over the files of a folder."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: Literal["https://in-toto.io/Statement/v1"] = Field(default=STATEMENT_TYPE, alias="_type")
    """What this is."""
    subject: Annotated[tuple[SignedFile, ...], Field(min_length=1)]
    """The list of digests and every file in it, by name."""
    predicate_type: Line = Field(alias="predicateType")
    """What kind of statement it is; it fits what is said."""
    predicate: Predicate
    """What is said of the files."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Check that the type is that of what is said, and that the files are sorted, each once."""
        if self.predicate_type != predicate_type(self.predicate.kind):
            raise ValueError("predicateType is not that of the predicate")
        names = [one.name for one in self.subject]
        if names != sorted(set(names)):
            raise ValueError("the files are not sorted by name, each once")
        return self
