"""Archive a pack, list what an archive holds, and show one version of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from conformity import __version__
from conformity.archive.store.adding import Candidate, Manner, add
from conformity.archive.store.chain import numbers
from conformity.archive.store.content import PackFiles, pack_files
from conformity.archive.store.following import Follows
from conformity.archive.store.reading import read_log, read_version
from conformity.archive.sums import ENVELOPE
from conformity.errors import DataError, IntegrityError, PathError
from conformity.model.archive import ArchivedVersion, ArchiveLog, ArchiveOutcome
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256
from conformity.pipeline.packs import read_pack
from conformity.pipeline.shared import check_output, existing
from conformity.settings import Settings


def archive(
    pack: Path,
    repository: Path,
    moment: datetime,
    settings: Settings,
    *,
    key: Path | None = None,
    tallies: bool = True,
    first: bool = False,
    remote: str | None = None,
) -> ArchiveOutcome:
    """Add a pack to an archive, which is created when it is not there.

    Args:
        pack: the folder that an assessment wrote.
        repository: the folder of the archive.
        moment: the present, in UTC.
        settings: limits.
        key: SSH key that signs the commit and its tag.
        tallies: whether tallies are archived; left out, the list of digests still names them.
        first: whether the pack may be the first of its system here though it names a version before.
        remote: the remote to push to; None for no push.

    Returns:
        The entry, and what a person should know.

    Raises:
        IntegrityError: the pack is not as it was written, or its signed statement is over other files.
        PathError: it does not follow the version before, or the archive cannot be used.
        MissingLibraryError: git, or what signing or large files need, is not installed.
        ConformityError: the pack is unusable.

    Source:
        Art. 18(1) of Regulation (EU) 2024/1689.
    """
    place = repository.absolute()
    check_output(place, settings.root)
    folder = existing(pack, settings)
    if place.resolve().is_relative_to(folder):
        raise PathError(f"{repository} lies inside the pack {folder}; name a folder beside it.")
    files = pack_files(folder)
    # Before an archive is begun: a pack that was changed leaves none behind.
    files.check()
    found = read_pack(folder, settings)
    if found.assessment_sha256 != f"sha256:{files.sums['assessment.json']}":
        raise IntegrityError(f"{folder} was changed while it was read; nothing was archived: try again.")
    _check_version(found.assessment)
    _check_signed(files)
    manner = Manner(moment, f"conformity {__version__}", key=key, tallies=tallies, first=first, remote=remote)
    return add(place, _candidate(files, found.assessment, found.assessment_sha256), manner)


def list_archive(
    repository: Path, today: date, settings: Settings, *, system: str | None = None, due: bool = False
) -> ArchiveLog:
    """Return the versions of an archive, or those that need not be kept any more; nothing is deleted.

    Raises:
        ConformityError: there is no archive, or its index does not hold together.
    """
    return read_log(existing(repository, settings), today, system=system, due=due)


def show_version(
    repository: Path, today: date, settings: Settings, *, system: str, version: str | None = None
) -> ArchivedVersion:
    """Return one archived version with its files; the last one when none is named.

    Raises:
        ConformityError: there is no such version, or the archive does not hold together.
    """
    return read_version(existing(repository, settings), today, system, version)


def _candidate(files: PackFiles, assessment: Assessment, digest: Sha256) -> Candidate:
    """Return what is archived, with what its records say."""
    manifest = assessment.manifest
    return Candidate(
        files=files,
        name=manifest.system.name,
        system_version=manifest.system.version,
        provider=manifest.provider.name,
        follows=Follows(manifest.edition.version, digest, assessment.follows),
        assessed_at=assessment.assessed_at,
        placed_on_market_on=manifest.system.placed_on_market_on,
        outcome=assessment.plan.classification.outcome,
    )


def _check_version(assessment: Assessment) -> None:
    """Check that the version is written in the one way in which folders are named.

    Raises:
        DataError: it is not.
    """
    version = assessment.manifest.edition.version
    if ".".join(str(number) for number in numbers(version)) != version:
        raise DataError(
            f"`edition.version` {version} has zeros or digits that it does not need; write it as 1.0.0, and "
            "assess again."
        )


def _check_signed(files: PackFiles) -> None:
    """Check that a signed statement, if there is one, is over these files; whose key it is, is not checked.

    Raises:
        IntegrityError: it is over other files, or no statement.
    """
    content = files.outside.get(ENVELOPE)
    if content is None:
        return
    from conformity.archive.signing.dsse import read_envelope
    from conformity.archive.signing.statement import check_statement, read_statement

    check_statement(read_statement(read_envelope(content).payload), "assessment", files.sums)
