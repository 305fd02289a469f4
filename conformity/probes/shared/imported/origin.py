"""Where imported numbers come from, as it is told beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from conformity.errors import DataError
from conformity.model.subject import ImportedRecordSubject, Program
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.imported.reading import printable

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Origin:
    """The program that measured, with what its file says of itself."""

    program: str
    """Its name."""
    version: str | None = None
    """Its version, where the file says it."""
    run_on: str | None = None
    """The day of its run, where the file says it, as year-month-day."""


def day_of(value: object) -> str | None:
    """Return the day of a moment as programs write it, or None where it is none."""
    found = _DAY.match(value) if isinstance(value, str) else None
    return found.group() if found else None


def version_of(value: object) -> str | None:
    """Return a version as it may be printed, or None where there is none."""
    return printable(value, 40) if isinstance(value, str) and value.strip() else None


def told(origin: Origin) -> str:
    """Return the sentence that says who measured."""
    # Not called a day: what stands there may be these words.
    version, when = origin.version or "not stated", origin.run_on or "not stated"
    return (
        f"Measured by another program and not by this tool: {origin.program}; version: {version}; day of "
        f"its run: {when}."
    )


def notes_of(origin: Origin, subject: ImportedRecordSubject) -> tuple[str, ...]:
    """Return what is told of an origin; the manifest fills what the file leaves out, and that is told.

    Raises:
        NotMeasurableError: the manifest dates the record later than the file dates its run, so that a bound
            fixed after the run would count as fixed before it (Art. 9(8)).
    """
    if origin.run_on and subject.produced_on and _is_before(origin.run_on, subject.produced_on):
        raise NotMeasurableError(dated_later(subject.path))
    stated = Origin(
        program=origin.program,
        version=origin.version or version_of(subject.written_version),
        run_on=origin.run_on or (subject.produced_on.isoformat() if subject.produced_on else None),
    )
    if stated == origin:
        return (told(origin),)
    return (told(stated), "What the file itself does not say of version or day is the provider's word.")


def _is_before(run_on: str, produced_on: date) -> bool:
    """Tell whether a day lies before another one by more than time zones explain."""
    try:
        return date.fromisoformat(run_on) + timedelta(days=1) < produced_on
    except (ValueError, OverflowError):
        return False


def dated_later(name: str) -> str:
    """Return the sentence on a file whose run is older than the manifest says."""
    return f"{name} says that its run was earlier than `produced_on` in the manifest; give the day of the run"


def nothing_read(name: str) -> str:
    """Return the sentence on a file in which nothing is read."""
    return f"{name} holds nothing that is read; docs/imports.md says what is"


def other_version(name: str) -> str:
    """Return the sentence on a file in a version or form that is not read."""
    return f"{name} is written in a version or form that is not read; docs/imports.md names those that are"


def imported(target: Target, program: Program) -> ImportedRecordSubject:
    """Return the declared record of a program's results.

    Raises:
        DataError: something else is declared.
    """
    subject = target.subject
    if not isinstance(subject, ImportedRecordSubject) or subject.written_by != program:
        raise DataError(
            f"{subject.id} is no record that {program} wrote; declare it with `kind: imported_record` and "
            f"`written_by: {program}`"
        )
    return subject
