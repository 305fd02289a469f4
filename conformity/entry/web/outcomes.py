"""What came of a run, as its page prints it: of an assessment in short, of a scan number by number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from conformity.entry.jobs.interface import PACK, RESULT
from conformity.entry.rest.service import Service
from conformity.entry.telling import Telling
from conformity.entry.web.documents import DOCUMENTS
from conformity.entry.web.pages import Link
from conformity.entry.web.points import Point, points
from conformity.entry.web.views import Count, counts
from conformity.entry.web.words import english, said, words
from conformity.errors import DataError
from conformity.model.base import Sha256, Value
from conformity.model.found import FindingsPage
from conformity.model.measurement import Measurement
from conformity.model.run import Run
from conformity.model.summary import AssessmentSummary, ScanResult
from conformity.pipeline.found import findings_of
from conformity.settings import Settings

_POINTS: Final = 8
_MISSING: Final = 12
_MEASUREMENTS: Final = 200
_Shape = TypeVar("_Shape", bound=Value)


@dataclass(frozen=True)
class Outcome:
    """An assessment in short, ready to print."""

    system: str
    """Name and version of the system."""
    classification: str
    """What kind of system it is, with its citation."""
    counts: tuple[Count, ...]
    """How many requirements have which verdict."""
    links: tuple[Link, ...]
    """The documents."""
    missing: tuple[str, ...]
    """What must be answered or filled in."""
    missing_more: str
    """What of that is not listed, or empty."""
    points: tuple[Point, ...]
    """The most important open points."""
    points_more: str
    """How many there are, where more than the most important; or empty."""
    caveat: str
    """What this is not."""


@dataclass(frozen=True)
class Measured:
    """One number, ready to print."""

    metric: str
    """What was measured."""
    about: str
    """The group or column, or that it is about the whole file."""
    value: str
    """The number with its unit and interval, or why there is none."""
    cases: str
    """Of how many cases it is, where that may be told."""


@dataclass(frozen=True)
class Scanned:
    """What one module alone measured, ready to print."""

    rows: tuple[Measured, ...]
    """The numbers."""
    more: str
    """How many are not listed, or empty."""
    not_measured: tuple[str, ...]
    """What could not be measured, with the reason."""
    notes: tuple[str, ...]
    """What must be known about the numbers."""


def outcome_of(run: Run, given: Service) -> Outcome:
    """Return what came of an assessment.

    Raises:
        DataError: its result cannot be read any more.
        ConformityError: its pack is not as it was written.
    """
    summary = _result(run, AssessmentSummary)
    found = _open_findings(Path(run.folder) / PACK, summary.assessment_sha256, given.unbound)
    missing = summary.missing_information
    left = len(missing) - _MISSING
    return Outcome(
        system=summary.system,
        classification=summary.classification,
        counts=counts(summary.counts),
        links=_links(run, summary),
        missing=missing[:_MISSING],
        missing_more=said("run.missing_more", n=left) if left > 0 else "",
        points=points(found.findings),
        points_more=said("run.points_more", n=found.total) if found.total > _POINTS else "",
        caveat=summary.caveat,
    )


def scanned_of(run: Run) -> Scanned:
    """Return what a scan measured; nothing of a few people, no rare value.

    Raises:
        DataError: its result cannot be read any more.
    """
    found = _result(run, ScanResult)
    telling = Telling.of(found.observations)
    measured = [one for seen in found.observations for one in seen.measurements]
    measured.sort(key=lambda one: (len(one.group), one.metric, one.by, one.group))
    left = len(measured) - _MEASUREMENTS
    return Scanned(
        rows=tuple(_measured(one, telling) for one in measured[:_MEASUREMENTS]),
        more=said("scan.more", n=english().integer(left)) if left > 0 else "",
        not_measured=tuple(
            f"{seen.probe}: {telling.words(seen.reason or '')}"
            for seen in found.observations
            if seen.outcome != "measured"
        ),
        notes=tuple(dict.fromkeys(telling.words(note) for seen in found.observations for note in seen.notes)),
    )


@lru_cache(maxsize=32)
def _open_findings(pack: Path, _assessment: Sha256, settings: Settings) -> FindingsPage:
    """Return the first open points of a pack, in which nothing changes once it was written."""
    return findings_of(pack, settings, verdict="open", limit=_POINTS)


def _links(run: Run, summary: AssessmentSummary) -> tuple[Link, ...]:
    """Return the documents of a run that there are, the report first, and the list of findings."""
    there, said_of = {file.name for file in summary.files}, words()["documents"]
    known = (
        ("html", f"/runs/{run.id}/report", said_of["open"]),
        ("pdf", f"/runs/{run.id}/{DOCUMENTS['pdf']}", said_of["as_pdf"]),
        ("json", f"/runs/{run.id}/{DOCUMENTS['json']}", said_of["as_json"]),
    )
    found = tuple(Link(href, text) for kind, href, text in known if DOCUMENTS[kind] in there)
    return (*found, Link(f"/runs/{run.id}/findings", said_of["findings"]))


def _result(run: Run, shape: type[_Shape]) -> _Shape:
    """Return the result of a run.

    Raises:
        DataError: it cannot be read any more.
    """
    try:
        return shape.model_validate_json((Path(run.folder) / RESULT).read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(words()["run"]["gone"]) from error


def _measured(measurement: Measurement, telling: Telling) -> Measured:
    """Return one number, ready to print, or say that it is about too few people to be told."""
    result = measurement.result
    cases: int | None = None
    if telling.is_withheld(measurement):
        text = telling.withheld
    elif result.kind == "not_available":
        text = telling.words(result.reason)
    elif result.kind == "count":
        text = f"{english().integer(result.value)} {result.unit}"
    else:
        cases = telling.cases(measurement)
        unit = "" if result.unit == "1" else f" {result.unit}"
        text = english().quantity(result.value) + unit + (f", {result.obtained}" if result.obtained else "")
        if result.interval:
            low, high = (english().quantity(end) for end in (result.interval.low, result.interval.high))
            text += f" [{low}, {high}]"
    return Measured(
        measurement.metric,
        telling.about(measurement) or str(words()["scan"]["whole"]),
        text,
        "" if cases is None else english().integer(cases),
    )
