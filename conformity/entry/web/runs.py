"""The page of a run: how far it is, and then what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from conformity.entry.jobs.interface import ENDED, PACK
from conformity.entry.rest.auth.callers import caller
from conformity.entry.rest.auth.session import check_form
from conformity.entry.rest.service import Service, service
from conformity.entry.rest.views import event_of, told
from conformity.entry.web.forms import fields
from conformity.entry.web.guesses import guesses_of
from conformity.entry.web.outcomes import outcome_of, scanned_of
from conformity.entry.web.pages import Link, page
from conformity.entry.web.views import Fact, Happened, happened, row, short
from conformity.entry.web.words import moment, said, words
from conformity.errors import DataError
from conformity.intake.lock import LOCKED_MANIFEST
from conformity.model.manifest import PLACEHOLDER
from conformity.model.run import Run, Stage

_REFRESH_S: Final = 3
_STAGES: Final[tuple[Stage, ...]] = tuple(one for one in get_args(Stage) if one != "finished")
_ICONS: Final = {"done": "✓", "now": "▶", "": "○"}


@dataclass(frozen=True)
class StageRow:
    """A stage of a run, ready to print."""

    stage: str
    """Its id."""
    word: str
    """Its name."""
    kind: str
    """``done``, ``now``, or empty when it is still to come."""
    icon: str
    """The same as a shape."""


@dataclass(frozen=True)
class Live:
    """How far a run is, ready to print."""

    events: str
    """Where a script hears what happens next."""
    stages: tuple[StageRow, ...]
    """The stages."""
    known: bool
    """Whether it is known how many steps the stage has."""
    done: int
    """Steps of it that are done."""
    total: int
    """Steps that it has; 1 while that is not known."""
    told: str
    """What was just done."""


def run(request: Request) -> Response:
    """Answer with a run of whoever asks, as it stands.

    Raises:
        NotFoundError: they have no such run.
    """
    given, owner = service(request), caller(request).owner
    found = given.engine.get(request.path_params["run"], owner=owner)
    events = tuple(
        happened(event_of(event, found, given.root)) for event in given.engine.events(found.id, owner=owner)
    )
    title = said("run.title", name=short(found.id))
    is_live = found.status not in ENDED
    return page(
        request,
        "run",
        title,
        run=row(found),
        events=events,
        facts=_facts(found),
        live=_live(found, events) if is_live else None,
        refresh=_REFRESH_S if is_live else None,
        cancelled=found.status == "cancelled",
        trail=(Link("/", words()["nav"]["home"]), Link("/runs", words()["runs"]["title"]), Link("", title)),
        **_ended(found, given, title),
    )


async def cancel(request: Request) -> Response:
    """Ask that a run stop, and lead back to its page.

    Raises:
        NotFoundError: whoever asks has no such run.
        ProblemError: the form was not sent from a page of ours.
    """
    check_form(request, (await fields(request)).get("csrf"))
    name, owner = request.path_params["run"], caller(request).owner
    stopped = await run_in_threadpool(service(request).engine.cancel, name, owner=owner)
    return RedirectResponse(f"/runs/{stopped.id}", 303)


def _ended(found: Run, given: Service, title: str) -> dict[str, Any]:
    """Return what the page says of how a run ended; nothing of that while it goes on.

    What failed is said, not thrown: the page is about that run, whatever became of its files.
    """
    values: dict[str, Any] = {"heading": title, "failure": "", "outcome": None, "scan": None, "guesses": ()}
    if found.failure is not None:
        values["failure"] = told(found.failure.message, found, given.root)
    if found.status != "succeeded":
        return values
    try:
        if found.request.kind != "assessment":
            return values | {"scan": scanned_of(found)}
        outcome = outcome_of(found, given)
        return values | {
            "outcome": outcome,
            "heading": _heading(outcome.system),
            "guesses": guesses_of(Path(found.folder) / PACK / LOCKED_MANIFEST, given.settings),
        }
    except DataError as error:
        return values | {"failure": told(error.message, found, given.root)}


def _heading(system: str) -> str:
    """Return the name of a system, or that it was not given one."""
    return str(words()["run"]["unnamed"]) if system.startswith(PLACEHOLDER) else system


def _live(found: Run, events: tuple[Happened, ...]) -> Live:
    """Return how far a run is."""
    at = _STAGES.index(found.stage) if found.stage in _STAGES else len(_STAGES)
    kinds = ["done" if number < at else "now" if number == at else "" for number in range(len(_STAGES))]
    return Live(
        events=f"/v1/runs/{found.id}/events",
        stages=tuple(
            StageRow(stage, words()["stage"][stage], kind, _ICONS[kind])
            for stage, kind in zip(_STAGES, kinds, strict=True)
        ),
        known=found.total > 0,
        done=found.done,
        total=max(found.total, 1),
        told=events[-1].text if events else words()["run"]["waiting"],
    )


def _facts(found: Run) -> tuple[Fact, ...]:
    """Return what else is known of a run."""
    told_of = words()["run"]
    facts = [
        Fact(told_of["id"], found.id, mono=True),
        Fact(told_of["asked"], moment(found.asked_at).text),
        Fact(told_of["changed"], moment(found.changed_at).text),
    ]
    if found.attempts:
        once = told_of["attempts_one"]
        often = said("run.attempts_more", n=found.attempts)
        facts.append(Fact(told_of["attempts"], once if found.attempts == 1 else often))
    if found.request.kind == "assessment" and found.request.depth:
        facts.append(Fact(told_of["depth"], told_of["depths"][found.request.depth]))
    return tuple(facts)
