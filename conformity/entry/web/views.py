"""Values of the model as the pages print them: verdicts, runs, events; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from conformity.entry.web.keeping import handed_in
from conformity.entry.web.words import Moment, moment, said, words
from conformity.model.finding import Verdict
from conformity.model.run import Run, RunEvent, RunRequest
from conformity.model.summary import VerdictCounts
from conformity.render.views.verdicts import ICONS, Mark

_STATE_ICONS = {"queued": "○", "running": "▶", "succeeded": "✓", "failed": "✖", "cancelled": "–"}
_SHOWN = 8


@dataclass(frozen=True)
class Count:
    """How many requirements have a verdict."""

    mark: Mark
    """The verdict."""
    n: int
    """How many."""


@dataclass(frozen=True)
class RunRow:
    """A run, ready to print."""

    href: str
    """Its page."""
    name: str
    """Its name, short."""
    what: str
    """What was asked."""
    status: str
    """How far it is, as a class of the style."""
    state: str
    """The same in words."""
    icon: str
    """The same as a shape."""
    asked: Moment
    """When it was asked for."""


@dataclass(frozen=True)
class Happened:
    """Something that happened to a run, ready to print."""

    number: int
    """Its place in the run's history."""
    at: str
    """When, for machines."""
    time: str
    """When, for people: the time of day in UTC."""
    text: str
    """What."""
    stage: str
    """The stage from then on."""
    done: int
    """Steps of the stage that are done."""
    total: int
    """Steps that the stage has; 0 while that is not known."""


@dataclass(frozen=True)
class Fact:
    """A name and what it is, ready to print."""

    name: str
    """The name."""
    value: str
    """What it is."""
    mono: bool = False
    """Whether it is an id or a digest."""


def mark(verdict: Verdict) -> Mark:
    """Return the word and the shape of a verdict."""
    return Mark(verdict, words()["verdict"][verdict], ICONS[verdict])


def counts(several: VerdictCounts) -> tuple[Count, ...]:
    """Return how many requirements have which verdict, in the order in which verdicts are listed."""
    by_verdict = several.model_dump()
    return tuple(Count(mark(one), by_verdict[one]) for one in ICONS)


def row(run: Run) -> RunRow:
    """Return a run, ready to print."""
    return RunRow(
        href=f"/runs/{run.id}",
        name=short(run.id),
        what=asked(run.request, handed_in(Path(run.folder))),
        status=run.status,
        state=words()["status"][run.status],
        icon=_STATE_ICONS[run.status],
        asked=moment(run.asked_at),
    )


def short(run_id: str) -> str:
    """Return the name of a run as lists have it: its beginning tells runs of one caller apart."""
    return run_id[:_SHOWN]


def asked(request: RunRequest, uploaded: tuple[str, ...]) -> str:
    """Return what was asked, with the names of files but not the folders of the server.

    Args:
        request: what was asked.
        uploaded: the names of files that were handed in on a page; none where they were not.
    """
    match request.kind:
        case "assessment":
            paths = request.data if request.manifest is None else (request.manifest,)
        case "prompt_log_scan":
            paths = (request.log,)
        case "model_scan" | "inference_energy":
            paths = (request.model,)
        case "energy_record":
            paths = (request.record,)
        case _:
            paths = (request.data,)
    return said(
        f"kind.{request.kind}", what=", ".join(PurePosixPath(path).name for path in uploaded or paths)
    )


def happened(event: RunEvent) -> Happened:
    """Return an event, ready to print."""
    return Happened(
        number=event.number,
        at=moment(event.at).machine,
        time=f"{event.at:%H:%M:%S}",
        text=_told(event),
        stage=event.stage,
        done=event.done,
        total=event.total,
    )


def _told(event: RunEvent) -> str:
    """Return what happened in words."""
    if event.message is None:
        ended = event.status in ("failed", "cancelled")
        return str(words()["status"][event.status] if ended else words()["stage"][event.stage])
    if event.done:
        return said("run.step", message=event.message, done=event.done, total=event.total)
    return event.message
