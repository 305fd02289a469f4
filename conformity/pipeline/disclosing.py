"""Reveal one text that a redacted copy leaves out, and check what somebody reveals."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from conformity.archive.redaction.commitments import disclosed, is_true
from conformity.archive.redaction.redacted import check_copy
from conformity.errors import DataError, IntegrityError, PathError, UsageError
from conformity.model.redaction import Disclosure, RedactionKey
from conformity.pipeline.shared import existing
from conformity.settings import Settings

_MOST_BYTES = 64 * 1024 * 1024
_Record = TypeVar("_Record", bound=BaseModel)


def reveal(copy: Path, key: Path, place: str, settings: Settings) -> Disclosure:
    """Return what proves to a holder of the copy which text stood at a place.

    Args:
        copy: the redacted copy.
        key: the file that was written beside it.
        place: the file and the place in it, such as ``assessment.json#/manifest/criteria/0/reason``.
        settings: limits.

    Raises:
        UsageError: nothing is left out there.
        IntegrityError: the key is that of another copy, or the copy was changed.
        ConformityError: a file is not usable.
    """
    record = check_copy(existing(copy, settings))
    known = _read(existing(key, settings), RedactionKey)
    if known.root != record.root:
        raise IntegrityError(f"{key} belongs to another redacted copy than {copy}; name the key of this one.")
    file, _, where = place.partition("#")
    found = disclosed(known, file, where)
    if found is None:
        raise UsageError(
            f"Nothing is left out at {place!r}; redaction.json of the copy lists every place, to be written "
            "as assessment.json#/manifest/criteria/0/reason."
        )
    return found


def check_disclosure(copy: Path, disclosure: Path, settings: Settings) -> Disclosure:
    """Return what somebody reveals, checked: the copy committed to exactly this text at this place.

    Raises:
        IntegrityError: it did not, or the copy was changed.
        ConformityError: a file is not usable.
    """
    record = check_copy(existing(copy, settings))
    found = _read(existing(disclosure, settings), Disclosure)
    if not is_true(record, found):
        raise IntegrityError(
            f"{disclosure} is not what {copy} left out at {found.field.file}#{found.field.place}: the "
            "commitment there is another one."
        )
    return found


def _read(file: Path, model: type[_Record]) -> _Record:
    """Return a record from a file.

    Raises:
        PathError: it cannot be read, or is far too large.
        DataError: it is no such record.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise PathError(f"{file} is larger than any such record; name the right file.")
        content = file.read_bytes()
    except OSError as error:
        raise PathError(
            f"{file} cannot be read ({error.strerror}); name a file that you may read."
        ) from error
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise DataError(f"{file} is no record of the kind that belongs here; name the right file.") from error
