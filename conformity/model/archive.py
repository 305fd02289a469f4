"""The archive: its index, in which every version names the one before, and what is told of its versions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from conformity.model.base import Instant, Line, Prose, Sha256, Slug, Value

SystemSlug = Annotated[str, Slug]
"""The name of a system's folder."""

EditionVersion = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$")
]
"""The version of an assessment, written in one way only."""

Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
"""The id of a git commit."""


class ArchiveEntry(Value):
    """One archived version: one line of ``index.jsonl``, as canonical JSON."""

    entry_schema: Literal["conformity/archive-entry/v1"] = "conformity/archive-entry/v1"
    """Format of this record; readers refuse newer ones."""
    sequence: Annotated[int, Field(ge=1)]
    """Its number in the archive, from 1, without gaps."""
    system: SystemSlug
    """The system's name in the archive, made of its trade name."""
    name: Line
    """The system's trade name."""
    system_version: Line
    """Version of the system that was assessed."""
    provider: Line
    """Who answers for it."""
    version: EditionVersion
    """Version of the assessment."""
    path: Line
    """The folder that holds the files of the pack."""
    pack_sha256: Sha256
    """Digest of the pack's list of digests, ``SHA256SUMS``."""
    assessment_sha256: Sha256
    """Digest of its ``assessment.json``."""
    previous_entry: Sha256 | None
    """Digest of the line before, without its line feed; none for the first."""
    previous_version: Sha256 | None
    """``pack_sha256`` of the version before of the same system; none for the first."""
    archived_at: Instant
    """When it was archived, by the clock of whoever did."""
    assessed_at: Instant
    """When it was judged."""
    placed_on_market_on: date | None
    """When the system was placed on the market or put into service, as declared; none until then."""
    retain_until: date | None
    """The last day on which it must be kept; none where that is not known or no period runs."""
    retain_because: Prose
    """By which rule it must be kept until then, or why no day is known."""
    tallies: Literal["kept", "withheld", "none"]
    """Whether its tallies are in the archive, left out of it, or it has none."""
    statement: Literal["assessment"] | None
    """The kind of the signed statement in it, whose signature was not checked here; none when unsigned."""
    tool: Line
    """Name and version of the tool that archived it."""

    @model_validator(mode="after")
    def _lies_where_it_says(self) -> ArchiveEntry:
        """Check that the folder is the one of this system and version."""
        if self.path != f"systems/{self.system}/{self.version}":
            raise ValueError("`path` is not systems/<system>/<version>")
        return self


class ChainFault(Value):
    """Something wrong with the index of an archive."""

    line: Annotated[int, Field(ge=0)]
    """The line of ``index.jsonl``, from 1; 0 when it is about the whole."""
    text: Line
    """What is wrong, in one sentence."""


class ArchiveOutcome(Value):
    """What came of archiving a pack."""

    state: Literal["archived", "already_there"]
    """Whether it was added, or the same version was there already."""
    entry: ArchiveEntry
    """The entry of the version."""
    entry_sha256: Sha256
    """Digest of the entry's line: the head of the chain when it is the last."""
    commit: Commit
    """The commit that the archive is at now."""
    signed: bool
    """Whether a commit was signed with a key for this; false when nothing was added."""
    pushed_to: Line | None = None
    """The remote to which it was pushed; none when it was not asked for."""
    notices: tuple[Prose, ...] = ()
    """What a person should know, one sentence each."""


class Kept(Value):
    """One archived version, and until when it must be kept as far as is known now."""

    entry: ArchiveEntry
    """The entry of the version."""
    keep_until: date | None
    """The last day on which it must be kept, later versions of the system considered."""
    because: Prose
    """Why."""
    due: bool
    """Whether the day asked about lies after that."""


class ArchiveLog(Value):
    """The versions in an archive."""

    repository: Line
    """Where it is."""
    commit: Commit
    """The commit that was read."""
    head: Sha256
    """The head of the chain: digest of the last line of the index."""
    versions: tuple[Kept, ...]
    """The versions asked for, in the order in which they were archived."""


class ArchivedFile(Value):
    """A file of an archived version."""

    name: Line
    """Its name in the pack."""
    size_bytes: int | None
    """Its size as git stores it; none when it is withheld."""
    sha256: Sha256 | None
    """Its digest as the pack lists it; none for files that stand outside the list."""
    stored: Literal["here", "pointer", "withheld"]
    """Whether it is in the repository, in Git LFS, or was left out."""


class ArchivedVersion(Value):
    """An archived version with its files."""

    version: Kept
    """The entry, and until when it must be kept."""
    entry_sha256: Sha256
    """Digest of the entry's line."""
    commit: Commit
    """The commit that was read."""
    files: tuple[ArchivedFile, ...]
    """Its files."""
