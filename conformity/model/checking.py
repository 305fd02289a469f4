"""What a check of a manifest found: what is wrong, and what only a person can say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import Line, Prose, Sha256, Value


class ManifestProblem(Value):
    """One thing that is wrong with a manifest."""

    pointer: str
    """Where, as a JSON pointer (RFC 6901); empty for the whole file."""
    field: str
    """The same as people write it, such as ``subjects[0].path``; empty for the whole file."""
    line: Annotated[int, Field(ge=1)] | None
    """Its line, or that of its nearest parent; none where the file could not be read at all."""
    column: Annotated[int, Field(ge=1)] | None
    """Its column."""
    message: Prose
    """What is wrong."""
    fix: Prose
    """What to do about it."""


class MissingInformation(Value):
    """Something that only a person can say, or must confirm."""

    kind: Literal["placeholder", "question", "guess"]
    """A text that was left to be filled in, a question of the classification, or a guess to be confirmed."""
    field: Line
    """The field of the manifest where it goes."""
    article: Line
    """The provision that asks for it, or that it bears on."""
    question: Prose
    """What to answer."""
    example: Prose
    """How an answer may look; of a guess, what was guessed."""


class ManifestCheck(Value):
    """What a check of a manifest found; nothing was measured."""

    name: str
    """The manifest, as the caller named it."""
    sha256: Sha256 | None
    """Digest of its bytes; none where they could not be read."""
    system: Line | None
    """Name and version of the system; none where there are errors."""
    errors: tuple[ManifestProblem, ...] = ()
    """What is wrong, in the order of the file; with any of them nothing can be assessed."""
    missing_information: tuple[MissingInformation, ...] = ()
    """What is not said yet: an assessment can be made without it, and leaves what depends on it open."""

    @property
    def usable(self) -> bool:
        """Tell whether the manifest can be assessed."""
        return not self.errors
