"""Find out what lies at a place, take it through the steps, and say what they tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from conformity import __version__
from conformity.archive.signing.public import PublicKey, certificates_in, load_public, read_key_file
from conformity.archive.standalone.folder import MOST_BYTES, read_file, read_folder
from conformity.archive.standalone.pack import kind_of
from conformity.archive.standalone.steps import STEPS
from conformity.archive.standalone.told import Told, shortened, shown
from conformity.archive.sums import SUMS
from conformity.archive.verify.repository import is_archive
from conformity.errors import DataError, PathError
from conformity.model.base import Sha256, sha256_of
from conformity.model.verification import StepId, StepOutcome, Verification, VerifiedKind, VerifiedStep
from conformity.pipeline.shared import existing
from conformity.pipeline.verifying.archives import archive_steps
from conformity.pipeline.verifying.documents import Progress
from conformity.pipeline.verifying.folders import Ask, Trust, folder_steps
from conformity.pipeline.verifying.lone import lone_steps
from conformity.settings import Settings


def verify(
    place: Path,
    settings: Settings,
    *,
    keys: Sequence[Path] = (),
    authorities: Sequence[Path] = (),
    head: Sha256 | None = None,
    signers: Path | None = None,
    pages: bool = False,
    on_progress: Progress = lambda *_: None,
) -> Verification:
    """Return what every step tells of what lies at a place; nothing is fetched, written or executed.

    Args:
        place: a pack, an archive, a declaration, a set of documents, a redacted copy, or a report in PDF.
        settings: limits.
        keys: files with public keys or certificates whose statements are trusted.
        authorities: files with certificates of authorities that are trusted for seals and time-stamps.
        head: the digest that the last line of an archive's index must have, kept elsewhere.
        signers: a file with the SSH keys that may sign an archive's commits.
        pages: whether PDFs are rendered again to be compared.
        on_progress: told of what is done.

    Raises:
        PathError: there is nothing that can be read, or a key cannot be.
        UsageError: a key is none.
        DataError: it is neither a folder nor a PDF.
    """
    found = _found(place, settings)
    trust = Trust(
        tuple(_key(file, settings) for file in keys),
        tuple(one for file in authorities for one in _certificates(file, settings)),
    )
    ask = Ask(trust, pages, on_progress)
    if not found.is_dir():
        return _concluded(place, "report", *_of_pdf(found, trust))
    if is_archive(found):
        told, last = archive_steps(found, ask, head, signers)
        return _concluded(place, "archive", last, told)
    read = read_folder(str(found))
    sums = read.files.get(SUMS)
    kind = cast("VerifiedKind", kind_of(read.files) or "unknown")
    digest = sha256_of(sums) if sums is not None else None
    return _concluded(place, kind, digest, folder_steps(found, read, ask))


def _found(place: Path, settings: Settings) -> Path:
    """Return where a path leads; what lies inside is not looked at yet, since it may be anything.

    Raises:
        PathError: there is nothing, or it lies outside the allowed root.
    """
    try:
        real = place.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise PathError(f"There is nothing at {shown(str(place))}; name a folder or a PDF.") from error
    if settings.root is not None and not real.is_relative_to(settings.root.resolve()):
        raise PathError(f"{shown(str(place))} lies outside {settings.root}; name a place inside it.")
    return real


def _of_pdf(file: Path, trust: Trust) -> tuple[Sha256, dict[str, Told]]:
    """Return the digest of a PDF, and what every step tells of it alone.

    Raises:
        PathError: it cannot be read.
        DataError: it is no PDF.
    """
    try:
        content = read_file(str(file), MOST_BYTES)
    except OSError as error:
        raise PathError(
            f"{file} cannot be read ({error.strerror or error}); name a file that you may read."
        ) from error
    if content is None or not content.startswith(b"%PDF-"):
        raise DataError(f"{file} is no report in PDF; name a PDF, or the folder of a pack or an archive.")
    return sha256_of(content), lone_steps(file.name, content, trust)


def _key(file: Path, settings: Settings) -> PublicKey:
    """Return a key that is trusted."""
    return load_public(existing(file, settings))


def _certificates(file: Path, settings: Settings) -> tuple[bytes, ...]:
    """Return the certificates in a file."""
    return certificates_in(read_key_file(existing(file, settings)), str(file))


def _concluded(place: Path, kind: VerifiedKind, digest: Sha256 | None, told: dict[str, Told]) -> Verification:
    """Return the steps as a record; names from what was verified are made printable."""
    steps = (_step(number, name, title, told[name]) for number, (name, title) in enumerate(STEPS, 1))
    return Verification(
        tool=f"conformity {__version__}",
        place=shown(str(place))[:500],
        kind=kind,
        sha256=digest,
        steps=tuple(steps),
    )


def _step(number: int, name: str, title: str, told: Told) -> VerifiedStep:
    """Return one step as a record."""
    return VerifiedStep(
        number=number,
        step=cast("StepId", name),
        title=title,
        outcome=cast("StepOutcome", told.outcome()),
        faults=_lines(told.faults),
        unknown=_lines(told.unknown),
        seen=_lines(told.seen),
    )


def _lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return sentences, each once, fit to be printed."""
    return shortened(tuple(dict.fromkeys(shown(text) for text in texts)))
