"""Read a redacted copy, and check that it says of itself what is true: what it lists is what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conformity.archive.redaction.commitments import all_of, root_of
from conformity.archive.redaction.places import leaves, pointer
from conformity.archive.redaction.removal import File
from conformity.archive.sums import read_sums
from conformity.errors import IntegrityError, PathError
from conformity.model.base import sha256_of
from conformity.model.redaction import WITHHELD, RedactionRecord

RECORD = "redaction.json"
"""The file that makes a folder a redacted copy."""

_RECORDS: tuple[File, ...] = ("assessment.json", "evidence.json")
_COLUMN = "withheld-column-"
_MOST_BYTES = 512 * 1024 * 1024


def is_redacted(folder: Path) -> bool:
    """Tell whether a folder is a redacted copy, and no full pack."""
    return (folder / RECORD).is_file()


def read_redaction(folder: Path) -> RedactionRecord:
    """Return the record of a copy, whose digest its list holds.

    Raises:
        PathError: there is none.
        IntegrityError: it is not the file that was listed, or no such record.
    """
    try:
        return RedactionRecord.model_validate_json(_listed(folder, RECORD))
    except ValidationError as error:
        raise IntegrityError(
            f"{folder / RECORD} is no record of a redacted copy that this version reads; take the copy anew."
        ) from error


def check_copy(folder: Path) -> RedactionRecord:
    """Return the record of a copy, checked against the copy.

    Raises:
        PathError: a file is missing.
        IntegrityError: a file is not the one that was listed, or the record is not true of the copy.
    """
    record = read_redaction(folder)
    sums = read_sums(folder)
    records = {name: json.loads(_listed(folder, name)) for name in _RECORDS if name in sums}
    for fault in faults(record, records, sums):
        raise IntegrityError(f"{folder / RECORD} is not true of the copy: {fault}; take the copy anew.")
    return record


def faults(record: RedactionRecord, records: Mapping[File, Any], sums: Mapping[str, str]) -> Iterator[str]:
    """Yield what is not as the record of a copy says, a clause each.

    Args:
        record: the record.
        records: assessment and evidence of the copy as plain data.
        sums: the digests that the copy lists, as 64 hex digits by name.
    """
    if record.root != root_of(all_of(record)):
        yield "its root is not that of its commitments"
    yield from text_faults(record, records)
    for one in record.files:
        if one.fate == "unchanged" and one.sha256 != f"sha256:{sums.get(one.name)}":
            yield f"{one.name} is said to be unchanged, and is another file"
        if one.fate == "left_out" and one.name in sums:
            yield f"{one.name} is said to be left out, and is there"


def text_faults(record: RedactionRecord, records: Mapping[File, Any]) -> Iterator[str]:
    """Yield which texts are not left out though the record says so, or are and it does not, a clause each.

    Args:
        record: the record.
        records: assessment and evidence of the copy as plain data, as far as they are in it.
    """
    texts = {
        (name, pointer(path)): text for name, content in records.items() for path, text in leaves(content)
    }
    listed = {(one.file, one.place): one.commitment for one in record.removed}
    for (file, place), commitment in listed.items():
        text = texts.get((file, place))
        if text is None or not (WITHHELD in text or text.startswith(_COLUMN) or text == commitment):
            yield f"{file}#{place} is said to be left out, and is not"
    for spot, text in texts.items():
        if WITHHELD in text and spot not in listed:
            yield f"{spot[0]}#{spot[1]} is left out, and not listed"


def _listed(folder: Path, name: str) -> bytes:
    """Return the bytes of a file whose digest the copy lists.

    Raises:
        PathError: it is missing, or far larger than any record.
        IntegrityError: it has another digest, or none is listed.
    """
    file = folder / name
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise PathError(
                f"{file} is larger than any record of a pack; name the folder of a redacted copy."
            )
        content = file.read_bytes()
    except OSError as error:
        raise PathError(
            f"{file} cannot be read ({error.strerror}); name the folder that `conformity redact` wrote."
        ) from error
    if read_sums(folder).get(name) != sha256_of(content).removeprefix("sha256:"):
        raise IntegrityError(f"{file} was changed after it was written; take the copy anew.")
    return content
