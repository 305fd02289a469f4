"""Read what an archive holds: a file of a version, its verdicts, and two versions beside each other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from conformity.archive.store.taking import take_files
from conformity.archive.sums import SUMS, parse_sums
from conformity.errors import DataError
from conformity.model.archive import ArchiveEntry
from conformity.model.base import Sha256
from conformity.model.comparison import Comparison
from conformity.model.summary import VerdictCounts
from conformity.pipeline.comparing import compare
from conformity.pipeline.shared import existing
from conformity.settings import Settings

_RECORDS = ("assessment.json", "evidence.json", SUMS)


@dataclass(frozen=True)
class InArchive:
    """A version that lies in an archive."""

    repository: Path
    """The folder of the archive."""
    system: str
    """What the system is called in the archive."""
    version: str
    """Version of the assessment."""


@dataclass(frozen=True)
class Contents:
    """What an archived version holds, in short."""

    counts: VerdictCounts
    """How many requirements have which verdict."""
    files: tuple[str, ...]
    """The names of its files."""


def archived_file(at: InArchive, name: str, settings: Settings) -> bytes:
    """Return a file of an archived version, which is the one that was archived.

    Args:
        at: the version.
        name: the file's name in the pack.
        settings: limits.

    Raises:
        NotFoundError: there is no such system, version or file.
        IntegrityError: the archive does not hold together.
        ConformityError: there is no archive.
    """
    return take_files(existing(at.repository, settings), at.system, at.version, [name])[name]


def archived_contents(repository: Path, entry: ArchiveEntry, settings: Settings) -> Contents:
    """Return what an archived version holds, in short.

    Raises:
        DataError: its assessment cannot be read.
        ConformityError: the archive does not hold together.
    """
    place = existing(repository, settings)
    return _contents(place, entry.system, entry.version, entry.pack_sha256)


def compare_versions(before: Path | InArchive, after: Path | InArchive, settings: Settings) -> Comparison:
    """Return the difference between two versions of a system, each in a pack or in an archive.

    Raises:
        NotFoundError: an archive holds no such version.
        DataError: a record cannot be read, or the versions are of two systems.
        IntegrityError: a record is not the one that was written.
        ConformityError: there is no pack or no archive.
    """
    with _folder_of(before, settings) as first, _folder_of(after, settings) as second:
        # Both were found inside the root, or taken out of an archive inside it to a place of our own.
        try:
            return compare(first, second, replace(settings, root=None))
        except DataError as error:
            # It names the folders, of which one of our own says nothing.
            told = error.message.replace(str(first), _called(before)).replace(str(second), _called(after))
            raise DataError(told) from error


def _called(version: Path | InArchive) -> str:
    """Return what a version is called in a message."""
    return str(version) if isinstance(version, Path) else f"{version.system} {version.version}"


@contextmanager
def _folder_of(version: Path | InArchive, settings: Settings) -> Iterator[Path]:
    """Give the folder of a pack, or one with the records of an archived version, gone afterwards.

    Raises:
        NotFoundError: the archive holds no such version.
        ConformityError: there is no pack or no archive, or it does not hold together.
    """
    if isinstance(version, Path):
        yield existing(version, settings)
        return
    place = existing(version.repository, settings)
    files = take_files(place, version.system, version.version, _RECORDS)
    with TemporaryDirectory(prefix="conformity-version-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        yield Path(folder)


@lru_cache(maxsize=256)
def _contents(repository: Path, system: str, version: str, _pack: Sha256) -> Contents:
    """Return what a version holds; what was archived never changes, so it is read once.

    Raises:
        DataError: its assessment cannot be read.
        ConformityError: the archive does not hold together.
    """
    taken = take_files(repository, system, version, ["assessment.json", SUMS])
    try:
        findings = json.loads(taken["assessment.json"])["findings"]
        counts = VerdictCounts.model_validate(Counter(one["verdict"] for one in findings))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"assessment.json of {system} {version} is no record that this version reads; use the version "
            "that wrote it."
        ) from error
    return Contents(counts, tuple(parse_sums(taken[SUMS])))
