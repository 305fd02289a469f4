"""What an export wrote: files for other programs, made from a pack."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conformity.model.base import Line, Sha256, Value
from conformity.model.summary import VerdictCounts


class ExportedFile(Value):
    """One file."""

    format: Line
    """The name of its format."""
    name: Line
    """Its name in the folder."""
    sha256: Sha256
    """Its digest."""
    size_bytes: Annotated[int, Field(ge=0)]
    """Its size."""


class ExportSet(Value):
    """Files that were made from one assessment."""

    tool: Line
    """Name and version of the tool that made them."""
    system: Line
    """Name and version of the system."""
    assessment_version: Line
    """Version of the assessment."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    counts: VerdictCounts
    """How many requirements have which verdict."""
    files: tuple[ExportedFile, ...]
    """The files, in the order asked for."""


class Exported(Value):
    """Where the files of an export are."""

    folder: Line
    """The folder."""
    made: ExportSet
    """What is in it."""
