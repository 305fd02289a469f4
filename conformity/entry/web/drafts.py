"""Look at the manifest of what was handed in, correct it, and begin the assessment."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from conformity.entry.clock import now
from conformity.entry.rest.asked import MANIFEST, reachable
from conformity.entry.rest.auth.callers import Caller, require
from conformity.entry.rest.auth.session import check_form
from conformity.entry.rest.service import Service, service
from conformity.entry.web.forms import fields
from conformity.entry.web.guesses import guesses_in, questions_in, with_answers
from conformity.entry.web.keeping import Draft, as_input, find, put_manifest, within
from conformity.entry.web.pages import Link, page
from conformity.entry.web.words import said, words
from conformity.errors import NotFoundError
from conformity.model.checking import ManifestCheck, ManifestProblem
from conformity.model.run import AssessmentRequest

_ENCODED: Final = 3
"""How many bytes of a form a byte of text can take."""


def show(request: Request) -> Response:
    """Answer with the manifest: its guesses, its open questions, its text; or lead to the run it became.

    Raises:
        ProblemError: whoever asks may not assess.
        NotFoundError: they have handed in nothing of this name.
    """
    from conformity.pipeline.filling import fillable

    who, given = require("assess")(request), service(request)
    name = request.path_params["draft"]
    try:
        draft, files = find(given, name, who.owner)
    except NotFoundError:
        return _led_on(given, name, who.owner)
    checked = _checked(given, who, files)
    text = (files / MANIFEST).read_text("utf-8", "replace")
    return page(
        request,
        "draft",
        words()["draft"]["title"],
        lead=said(f"draft.lead_{'drafted' if draft.drafted else 'given'}", files=", ".join(draft.names)),
        problems=tuple(_problem(one) for one in checked.errors),
        guesses=guesses_in(checked),
        missing=questions_in(checked, fillable(text)),
        text=text,
        action=f"/drafts/{draft.id}",
        trail=(
            Link("/", words()["nav"]["home"]),
            Link("/upload", words()["nav"]["upload"]),
            Link("", words()["draft"]["title"]),
        ),
    )


async def assess(request: Request) -> Response:
    """Take the corrected manifest; check it, or begin the assessment if nothing is wrong with it.

    Raises:
        ProblemError: whoever asks may not assess, or the form was not sent from a page of ours.
        NotFoundError: they have handed in nothing of this name.
        BusyError: as many runs wait as may wait.
    """
    who, given = require("assess")(request), service(request)
    sent = await fields(request, _ENCODED * given.settings.manifest_max_bytes)
    check_form(request, sent.get("csrf"))
    name = request.path_params["draft"]
    return await run_in_threadpool(partial(_taken, given, name, who, sent))


def _taken(given: Service, name: str, who: Caller, sent: dict[str, str]) -> Response:
    """Return where the form leads: to the run, or back to the manifest with what is wrong with it.

    Raises:
        NotFoundError: this owner has handed in nothing of this name.
        BusyError: as many runs wait as may wait.
    """
    try:
        draft, files = find(given, name, who.owner)
    except NotFoundError:
        return _led_on(given, name, who.owner)
    put_manifest(files, with_answers(sent.get("manifest", "").replace("\r\n", "\n"), sent))
    if sent.get("then") == "assess" and _checked(given, who, files).usable:
        _begin(given, draft, files)
        return RedirectResponse(f"/runs/{draft.id}", 303)
    return RedirectResponse(f"/drafts/{draft.id}", 303)


def _begin(given: Service, draft: Draft, files: Path) -> None:
    """Begin the assessment.

    Raises:
        BusyError: as many runs wait as may wait; what was handed in stays as it is.
    """
    with as_input(given, draft, files) as place:
        asked = AssessmentRequest(manifest=str(place / MANIFEST), depth=draft.depth)
        given.engine.submit(asked, owner=draft.owner, asked_at=now(), run_id=draft.id)


def _led_on(given: Service, name: str, owner: str) -> Response:
    """Return the way to the run that something handed in became.

    Raises:
        NotFoundError: this owner has no such run either.
    """
    return RedirectResponse(f"/runs/{given.engine.get(name, owner=owner).id}", 303)


def _checked(given: Service, who: Caller, files: Path) -> ManifestCheck:
    """Return what is wrong with the manifest, and what only a person can say; it names but its own files."""
    from conformity.pipeline.checking import check_manifest

    return check_manifest(files / MANIFEST, reachable(within(given.settings, files), who))


def _problem(problem: ManifestProblem) -> str:
    """Return something that is wrong with a manifest, in words."""
    message = problem.message.rstrip(".") + "."
    fix = f"{problem.fix[0].upper()}{problem.fix[1:].rstrip('.')}."
    place = "draft.problem_nowhere" if problem.line is None else "draft.problem"
    return said(
        place, line=problem.line, message=f"{problem.field}: {message}" if problem.field else message, fix=fix
    )
