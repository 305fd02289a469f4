"""Redacted copies: what is left out of a public version of a pack, why, and how it can be proved later."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from conformity.model.base import Line, Prose, Sha256, Value

Ground = Literal["trade_secret", "intellectual_property", "personal_data", "security", "other"]
"""Why something is left out."""

Pointer = Annotated[str, StringConstraints(pattern=r"^(/([^~/]|~[01])*)+$", max_length=500)]
"""A place in a JSON record, as RFC 6901 writes it."""

Salt = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 random bytes in hex digits."""

WITHHELD = "[withheld by the provider]"
"""What stands in place of a text that is left out."""


class Redaction(Value):
    """Something that the provider wants left out of the public copy."""

    of: Line
    """What: a field of the manifest as a JSON pointer, such as ``/criteria/0/reason``, in which ``*`` stands
    for every member of a list; or ``subject:ID``, ``exhibit:ID``, ``criterion:ID``, ``sign-off:ID`` for all
    that is written in words about one of them."""
    ground: Ground
    """Why, as a kind."""
    reason: Prose
    """Why, in words that may be published."""


class RemovedField(Value):
    """One text that was left out of a record, without what it said."""

    file: Literal["assessment.json", "evidence.json"]
    """The record."""
    place: Pointer
    """Where in it."""
    ground: Ground
    """Why, as a kind."""
    reason: Prose
    """Why, in words."""
    commitment: Sha256
    """Digest of file, place, salt and value, to which the provider can be held later."""


class FileInPack(Value):
    """A file of the full pack, and what became of it in the copy."""

    name: Line
    """Its name."""
    fate: Literal["unchanged", "redacted", "left_out", "made_anew"]
    """Whether it is the same, lacks fields, is missing, or was made from the redacted records."""
    sha256: Sha256 | None = None
    """Its digest in the full pack, where it is the same file here."""
    commitment: Sha256
    """Digest of its name, a salt and its digest in the full pack."""


class RedactionRecord(Value):
    """``redaction.json``: what a redacted copy leaves out of which pack."""

    redaction_schema: Literal["conformity/redaction/v1"] = "conformity/redaction/v1"
    """Format of this record; readers refuse newer ones."""
    tool: Line
    """Name and version of the tool."""
    pack: Sha256 | None
    """Digest of the full pack's ``SHA256SUMS``; none where it is only committed to."""
    pack_commitment: Sha256
    """Digest of a salt and the digest of the full pack."""
    files: tuple[FileInPack, ...]
    """Every file of the full pack, sorted by name."""
    removed: tuple[RemovedField, ...]
    """What was left out, in the order of the records."""
    columns: Annotated[int, Field(ge=0)]
    """How many columns have another name here."""
    renamed_evidence: Annotated[int, Field(ge=0)]
    """How many observations have another id here, since an id is the digest of the content."""
    root: Sha256
    """Root of the Merkle tree over all commitments in their order, that of the pack first."""


class KeyedField(Value):
    """A removed text with its salt; for the provider alone."""

    file: Literal["assessment.json", "evidence.json"]
    """The record."""
    place: Pointer
    """Where in it."""
    salt: Salt
    """The salt of its commitment."""
    value: Any
    """What stood there."""


class KeyedFile(Value):
    """A file of the full pack with its digest and salt."""

    name: Line
    """Its name."""
    salt: Salt
    """The salt of its commitment."""
    sha256: Sha256
    """Its digest in the full pack."""


class RedactionKey(Value):
    """What proves a removed field later; whoever holds it can read everything that was left out."""

    key_schema: Literal["conformity/redaction-key/v1"] = "conformity/redaction-key/v1"
    """Format of this record; readers refuse newer ones."""
    root: Sha256
    """Root of the copy's commitments: to which copy the key belongs."""
    pack: Sha256
    """Digest of the full pack."""
    pack_salt: Salt
    """The salt of its commitment."""
    files: tuple[KeyedFile, ...]
    """The files of the full pack."""
    fields: tuple[KeyedField, ...]
    """The removed fields."""
    columns: tuple[tuple[Line, Line], ...]
    """Names of columns in the full pack, each with its name in the copy."""


class Disclosure(Value):
    """One removed field, revealed: with it anybody who has the copy can check what stood there."""

    disclosure_schema: Literal["conformity/disclosure/v1"] = "conformity/disclosure/v1"
    """Format of this record."""
    root: Sha256
    """Root of the copy's commitments."""
    field: KeyedField
    """The field."""


class RedactionOutcome(Value):
    """A redacted copy that was written, in short."""

    folder: Line
    """Where it is."""
    key: Line
    """Where the key is that proves what was left out."""
    files: tuple[Line, ...]
    """What is in it."""
    fields: Annotated[int, Field(ge=0)]
    """How many fields were left out."""
    columns: Annotated[int, Field(ge=0)]
    """How many columns have another name."""
    pack: Sha256
    """Digest of the full pack."""
    root: Sha256
    """Root of the commitments."""
