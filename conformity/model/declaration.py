"""The EU declaration of conformity (Art. 47, Annex V): what the provider fixes, and what is prepared."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import Instant, Line, Prose, Sha256, SubjectId, Value

Day = date
"""A day; by another name, since a field is called ``date``."""


class NotifiedBody(Value):
    """The notified body that took part (Annex V(7))."""

    name: Line
    """Its name."""
    number: Line
    """Its identification number."""
    procedure: Line
    """The conformity assessment procedure that it carried out."""
    certificate: Line
    """The certificate that it issued."""


class Signing(Value):
    """What the provider fixes for the declaration of conformity (Annex V); the tool signs nothing."""

    signatory: Line
    """Name of the person who signs."""
    function: Line
    """The function in which the person signs."""
    place: Line
    """Place of issue."""
    date: Day | None = None
    """Day of issue; empty until the person signs."""
    on_behalf_of: Line | None = None
    """For whom the person signs; the provider when nothing is said."""
    type: Line
    """The type of the system, which with its name tells it from others (Annex V(1))."""
    personal_data: Literal["yes", "no"]
    """Whether the system processes personal data; then the declaration speaks of their protection too."""
    authorised_representative: Line | None = None
    """Name and address of the authorised representative, if there is one (Annex V(2))."""
    other_union_law: tuple[Line, ...] = ()
    """Other Union law that asks for such a declaration; one declaration serves all (Art. 47(3))."""
    notified_body: NotifiedBody | None = None
    """The notified body, where one took part."""


class DeclarationItem(Value):
    """One of the eight items of Annex V."""

    item: Annotated[int, Field(ge=1, le=8)]
    """Its number in Annex V."""
    ref: Line
    """The citation."""
    title: Line
    """What it is about."""
    text: tuple[Prose, ...]
    """What the declaration says there."""


class SubjectDigest(Value):
    """A subject that identifies the system which was assessed."""

    id: SubjectId
    """Its id in the manifest."""
    sha256: Sha256
    """Its digest."""


class Declaration(Value):
    """A declaration prepared for signature; it says nothing until the named person signs it."""

    declaration_schema: Literal["conformity/declaration/v1"] = "conformity/declaration/v1"
    """Format of this record; readers refuse newer ones."""
    status: Literal["prepared for signature"] = "prepared for signature"
    """It is not signed: signing is the act of the person named (Art. 47(4))."""
    tool: Line
    """Name and version of the tool that prepared it."""
    prepared_at: Instant
    """When it was prepared."""
    system: Line
    """Name of the system."""
    system_version: Line
    """Its version."""
    provider: Line
    """Name of the provider."""
    signing: Signing
    """Who is to sign, and what the provider fixed for the declaration."""
    items: Annotated[tuple[DeclarationItem, ...], Field(min_length=8, max_length=8)]
    """The eight items of Annex V."""
    subjects: tuple[SubjectDigest, ...]
    """What identifies the system that was assessed."""
    assessment_version: Line
    """Version of the assessment on which it rests."""
    assessment_sha256: Sha256
    """Digest of that ``assessment.json``."""
    evidence_sha256: Sha256
    """Digest of that ``evidence.json``."""
    keep_for: Line = "10 years from placing on the market or putting into service (Art. 18(1)(e), Art. 47(1))"
    """How long it is to be kept at the disposal of the national competent authorities."""


class DeclarationOutcome(Value):
    """What came of preparing a declaration."""

    refusals: tuple[Prose, ...] = ()
    """What stands in the way; then nothing was written."""
    folder: Line | None = None
    """Where the declaration lies."""
    files: tuple[Line, ...] = ()
    """The names of its files."""
    signatory: Line | None = None
    """Who is to sign it."""
