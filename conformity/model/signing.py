"""What came of signing, and what is told of a key."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conformity.model.base import Instant, Line, Sha256, Value
from conformity.model.statement import PdfFile, SignedBy, StatementKind


class SigningOutcome(Value):
    """A folder that was signed."""

    folder: Line
    """Where it is."""
    kind: StatementKind
    """As what it was signed."""
    pack_sha256: Sha256
    """Digest of its list of digests, under which it is known from now on."""
    signed_by: SignedBy
    """Whose key signed."""
    files: Annotated[int, Field(ge=1)]
    """How many files the statement names."""
    pdfs: tuple[PdfFile, ...]
    """The PDFs, with their seals."""
    stamped_at: Instant | None = None
    """The time that a time-stamp over the signed statement proves; none when nobody was asked."""
    stamped_by: Line | None = None
    """Who stamped it."""


class KeyTold(Value):
    """A key, as far as it may be told."""

    file: Line
    """Where it was read."""
    keyid: Sha256
    """SHA-256 digest of the public key (DER, SubjectPublicKeyInfo)."""
    algorithm: Line
    """How it signs."""
    development: bool
    """Whether no certificate that somebody else issued is shown for it; then it has no legal value."""
    subject: Line | None = None
    """Whom its certificate names."""
    issuer: Line | None = None
    """Who issued that, as it says itself."""
    public: str
    """The public key in PEM."""
