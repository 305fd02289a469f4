"""Make the document set of an assessment: read a pack, check it, compose, render, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformity.archive.pack import check_place, write_pack
from conformity.archive.sums import SUMS, read_sums
from conformity.compose import compose
from conformity.errors import DataError, IntegrityError, PathError, UsageError
from conformity.judge.nonconformities import with_register
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256, sha256_of
from conformity.model.document import Document, DocumentSet, in_short
from conformity.model.evidence import Evidence
from conformity.pipeline.shared import check_output, existing
from conformity.settings import DISCLOSURE_LIMIT, Settings

RECORD = "documents.json"
"""The file that names every document of the set; without it a folder is no set of documents."""

FORMATS = ("html", "pdf", "json")
"""The formats in which a document can be written."""

MOST_BYTES = 512 * 1024 * 1024
"""The largest record that is read."""


@dataclass(frozen=True)
class Pack:
    """The records of a pack, with the digest under which the assessment is known."""

    folder: Path
    """Where it is."""
    assessment: Assessment
    """What was judged."""
    evidence: Evidence
    """What it rests on."""
    assessment_sha256: Sha256
    """Digest of the bytes of ``assessment.json``."""


def read_pack(pack: Path, settings: Settings) -> Pack:
    """Return the records of a pack; the evidence is the one that the assessment names.

    Raises:
        PathError: there is no pack.
        DataError: a record cannot be read as what it is said to be.
        IntegrityError: a record is not the one whose digest the pack lists, or the evidence is not the one
            that was judged.
    """
    folder = existing(pack, settings)
    judged, seen = _bytes(folder / "assessment.json"), _bytes(folder / "evidence.json")
    _check_listed(folder, {"assessment.json": judged, "evidence.json": seen})
    try:
        assessment = Assessment.model_validate_json(judged)
    except ValidationError as error:
        raise DataError(_unreadable(folder / "assessment.json", error)) from error
    if sha256_of(seen) != assessment.evidence_sha256:
        raise IntegrityError(
            f"{folder / 'evidence.json'} is not the evidence that was judged: its digest is not the one in "
            "assessment.json; take the pack from where it was archived."
        )
    try:
        evidence = Evidence.model_validate_json(seen)
    except ValidationError as error:
        raise DataError(_unreadable(folder / "evidence.json", error)) from error
    return Pack(folder, assessment, evidence, sha256_of(judged))


def compose_documents(pack: Pack, ids: Sequence[str] = ()) -> tuple[Document, ...]:
    """Return the documents with these ids, or all, in the order of the set.

    Raises:
        UsageError: there is no document with one of the ids.
    """
    return compose(with_register(pack.assessment), pack.evidence, pack.assessment_sha256, ids)


def write_documents(
    pack: Path,
    folder: Path | None,
    *,
    formats: Sequence[str],
    ids: Sequence[str],
    language: str,
    settings: Settings,
) -> DocumentSet:
    """Write the document set of a pack beside it, or to ``folder``.

    Args:
        pack: the folder that an assessment wrote.
        folder: where the set is to appear; the pack's name with ``-documents`` when not given.
        formats: names of formats.
        ids: which documents; all when empty.
        language: BCP 47 tag.
        settings: limits.

    Returns:
        What was written, in short.

    Raises:
        ConformityError: something handed in is unusable; nothing was written.
    """
    from conformity.render.dossier import rendered

    chosen = _choose(formats)
    found = read_pack(pack, settings)
    place = (folder or found.folder.with_name(f"{found.folder.name}-documents")).absolute()
    check_output(place, settings.root)
    check_place(place, RECORD)
    documents = compose_documents(found, ids)
    files = rendered(
        documents,
        found.assessment,
        found.evidence,
        formats=chosen,
        disclosure_limit=DISCLOSURE_LIMIT,
        language=language,
    )
    write_pack(place, files, RECORD)
    system = found.assessment.manifest.system
    return DocumentSet(
        folder=str(place),
        system=f"{system.name} {system.version}",
        assessment_sha256=found.assessment_sha256,
        documents=tuple(in_short(one) for one in documents),
        files=tuple(sorted(files)),
    )


def _choose(names: Sequence[str]) -> tuple[str, ...]:
    """Return the formats named, without repeats.

    Raises:
        UsageError: there is no such format, or none was named.
    """
    for name in names:
        if name not in FORMATS:
            raise UsageError(f"There is no format {name!r} of documents; choose from {', '.join(FORMATS)}.")
    if not names:
        raise UsageError(f"Name at least one format of {', '.join(FORMATS)}.")
    return tuple(dict.fromkeys(names))


def _bytes(file: Path) -> bytes:
    """Return the bytes of a record.

    Raises:
        PathError: it is missing, or far larger than any record.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise PathError(f"{file} is larger than any record of a pack; name the folder of a pack.")
        return file.read_bytes()
    except OSError as error:
        raise PathError(
            f"{file} cannot be read ({error.strerror}); name the folder that `conformity assess` wrote."
        ) from error


def _check_listed(folder: Path, records: Mapping[str, bytes]) -> None:
    """Check that the pack's list of digests holds those of the records.

    Raises:
        IntegrityError: there is no list, or a record has another digest there, or none.
    """
    listed = read_sums(folder)
    for name, content in records.items():
        if listed.get(name) != sha256_of(content).removeprefix("sha256:"):
            raise IntegrityError(
                f"{folder / name} was changed after it was written: its digest is not the one in {SUMS}; "
                "take the pack from where it was archived."
            )


def _unreadable(file: Path, error: ValidationError) -> str:
    """Return why a record cannot be used: which field of it, for a person."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the document"
    why = f"{where}: {first['msg']}"
    return f"{file} is no record that this version reads: {why}; use the version that wrote it."
