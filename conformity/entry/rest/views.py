"""What the API tells of runs: nothing of where the server keeps its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from conformity.model.base import Instant, Line, Value
from conformity.model.run import Run, RunEvent, RunFailure, RunId, RunStatus, Stage
from conformity.pipeline.staged.limits import paths_of

RETRY_S = 2
"""After how many seconds a client may look at a run again."""


class RunLinks(Value):
    """Where more of a run is, as paths of this server."""

    self: str
    """The run."""
    events: str
    """What happens to it, as a stream."""
    cancel: str
    """Where to ask that it stop."""
    result: str | None
    """What came of it in short; none before it has succeeded."""
    report: str | None
    """Its report in several formats; none before it has succeeded, or where it makes none."""
    findings: str | None
    """Its findings; as for the report."""


class RunView(Value):
    """A run, as it stands now."""

    id: RunId
    """Its name."""
    kind: Line
    """What was asked: an assessment, or one module alone."""
    status: RunStatus
    """How far it is."""
    stage: Stage
    """What it is doing, or did last."""
    message: Line | None
    """What was just done, in words."""
    done: Annotated[int, Field(ge=0)]
    """Steps of the stage that are done."""
    total: Annotated[int, Field(ge=0)]
    """Steps that the stage has; 0 while that is not known."""
    asked_at: Instant
    """When it was asked for; the assessment bears this time."""
    changed_at: Instant
    """When anything of this record changed last."""
    attempts: Annotated[int, Field(ge=0)]
    """How often a worker took it up."""
    failure: RunFailure | None
    """Why it failed."""
    links: RunLinks
    """Where more of it is."""


class RunPage(Value):
    """Some runs, the latest first."""

    items: tuple[RunView, ...]
    """The runs."""
    next: Line | None
    """The cursor of the next page; none on the last."""


def view_of(run: Run, root: Path) -> RunView:
    """Return what the API tells of a run.

    Args:
        run: the run.
        root: the folder inside which paths are; it is left out of texts.
    """
    path = f"/v1/runs/{run.id}"
    done = run.status == "succeeded"
    has_report = done and run.request.kind == "assessment"
    failure = run.failure
    if failure is not None:
        failure = RunFailure(message=told(failure.message, run, root), exit_code=failure.exit_code)
    return RunView(
        id=run.id,
        kind=run.request.kind,
        status=run.status,
        stage=run.stage,
        message=told(run.message, run, root) if run.message else None,
        done=run.done,
        total=run.total,
        asked_at=run.asked_at,
        changed_at=run.changed_at,
        attempts=run.attempts,
        failure=failure,
        links=RunLinks(
            self=path,
            events=f"{path}/events",
            cancel=f"{path}/cancel",
            result=f"{path}/result" if done else None,
            report=f"{path}/report" if has_report else None,
            findings=f"/v1/findings?run={run.id}" if has_report else None,
        ),
    )


def event_of(event: RunEvent, run: Run, root: Path) -> RunEvent:
    """Return an event as the API tells it."""
    if event.message is None:
        return event
    return event.model_copy(update={"message": told(event.message, run, root)})


def told(text: str, run: Run, root: Path) -> str:
    """Return a text without the folders of the server: paths stand relative to the upload, or to the root."""
    folder = Path(run.folder)
    given = paths_of(run.request).values()
    inputs = {str(path.parent) for path in given if path.is_relative_to(folder)}
    for place in (*sorted(inputs, key=len, reverse=True), str(folder), str(root)):
        text = text.replace(f"{place}/", "").replace(place, "the folder of this run")
    return text.strip() or "-"
