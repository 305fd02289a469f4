"""Whether a redacted copy is what its record says: what was left out, and which full pack it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from conformity.archive.redaction.commitments import all_of, root_of
from conformity.archive.redaction.redacted import text_faults
from conformity.archive.redaction.removal import File
from conformity.archive.standalone.strict_json import loaded
from conformity.archive.standalone.told import Told
from conformity.model.base import sha256_of
from conformity.model.faults import first_fault
from conformity.model.redaction import RedactionRecord

_RECORDS: Final[tuple[File, ...]] = ("assessment.json", "evidence.json")


def copy_told(files: Mapping[str, bytes]) -> Told:
    """Tell whether the record of a redacted copy fits the files beside it.

    Args:
        files: contents by name, among them ``redaction.json``.
    """
    try:
        record = RedactionRecord.model_validate_json(files["redaction.json"])
    except ValidationError as error:
        return Told((f"redaction.json does not fit its schema: {first_fault(error)}",))
    faults = [] if record.root == root_of(all_of(record)) else ["The root is not that of the commitments."]
    faults += _fate_faults(record, files)
    faults += _place_faults(record, files)
    pack = record.pack or "which it does not name"
    return Told(
        tuple(faults),
        seen=(
            f"Copy of the pack {pack}, committed to as {record.pack_commitment}.",
            f"{len(record.removed)} texts are withheld; the root of the commitments is {record.root}.",
        ),
    )


def _fate_faults(record: RedactionRecord, files: Mapping[str, bytes]) -> list[str]:
    """Return which files of the full pack did not fare as the record says."""
    faults = []
    for one in record.files:
        there = one.name in files
        if there == (one.fate == "left_out"):
            faults.append(f"{one.name} is said to be {one.fate.replace('_', ' ')}, and is not so.")
        elif one.sha256 is not None and sha256_of(files[one.name]) != one.sha256:
            faults.append(f"{one.name} is said to be as in the full pack, and is another.")
    return faults


def _place_faults(record: RedactionRecord, files: Mapping[str, bytes]) -> list[str]:
    """Return where a text stands that is said to be withheld, or is withheld and not said to be."""
    values: dict[File, Any] = {}
    for name in _RECORDS:
        if name not in files:
            continue
        try:
            values[name] = loaded(files[name])
        except ValueError:
            return [f"{name} cannot be read."]
    return [f"{text}." for text in text_faults(record, values)]
