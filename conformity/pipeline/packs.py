"""The records of a pack, read and held against its digests before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformity.archive.sums import SUMS, read_sums
from conformity.errors import DataError, IntegrityError, PathError
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256, sha256_of
from conformity.model.evidence import Evidence
from conformity.model.faults import first_fault
from conformity.pipeline.shared import existing
from conformity.settings import Settings

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
    return (
        f"{file} is no record that this version reads: {first_fault(error)}; use the version that wrote it."
    )
