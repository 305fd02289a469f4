"""Do one stage of a run, and those before it that are not done."""

from __future__ import annotations

from typing import get_args

from conformity.measure import Progress
from conformity.model.base import canonical_json
from conformity.model.run import AssessmentRequest, Run, RunRequest, Stage
from conformity.pipeline.staged import assessing
from conformity.pipeline.staged.folders import is_left, leave
from conformity.pipeline.staged.limits import settings_of
from conformity.pipeline.staged.places import RESULT, work_of
from conformity.pipeline.staged.scans import scan
from conformity.settings import Settings

_ASSESSMENT: tuple[Stage, ...] = ("preparing", "measuring", "judging", "rendering")
_SCAN: tuple[Stage, ...] = ("measuring",)
assert {*_ASSESSMENT, *_SCAN} <= set(get_args(Stage))


def stages_of(request: RunRequest) -> tuple[Stage, ...]:
    """Return the stages of what is asked, in order; publishing, which follows them, is for the worker."""
    return _ASSESSMENT if isinstance(request, AssessmentRequest) else _SCAN


def carry_out(run: Run, stage: Stage, settings: Settings, on_progress: Progress) -> None:
    """Do a stage of a run unless it is done, and before it whatever of the earlier ones is not done.

    Args:
        run: what was asked, when, and where its folder is.
        stage: how far to go.
        settings: limits of the server.
        on_progress: told of every step done.

    Raises:
        ConformityError: something handed in cannot be used; the stage has left nothing.
    """
    stages = stages_of(run.request)
    for one in stages[: stages.index(stage) + 1]:
        if not is_left(work_of(run), one):
            _do(run, one, settings, on_progress)


def _do(run: Run, stage: Stage, settings: Settings, on_progress: Progress) -> None:
    """Do one stage."""
    request = run.request
    if not isinstance(request, AssessmentRequest):
        result = scan(request, run.asked_at, settings_of(run, settings))
        # Where a stage of an assessment that makes documents leaves them, so that they are published alike.
        return leave(work_of(run), stage, {RESULT: canonical_json(result)})
    if stage == "preparing":
        return assessing.prepare(run, request, settings, on_progress)
    if stage == "measuring":
        return assessing.measure(run, request, settings, on_progress)
    if stage == "judging":
        return assessing.judge(run)
    return assessing.render(run, request, on_progress)
