"""Runs and the reports that came of them, in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mcp_types import CallToolResult, ContentBlock, ResourceLink

from conformity.entry.mcp.answers.base import Answer, fitted, lines, loose, more, result, told
from conformity.entry.mcp.answers.missing import MissingAnswer, by_urgency, missing, missing_lines

if TYPE_CHECKING:
    from conformity.model.checking import MissingInformation
    from conformity.model.run import Run
    from conformity.model.summary import AssessmentSummary, OpenPoint

_MOST = 8
_LINKED = {
    "report.html": "text/html",
    "report.pdf": "application/pdf",
    "assessment.json": "application/json",
}
"""Documents of a pack, with their types."""
_ADDRESSES = {"report.html": "report.html", "report.pdf": "report.pdf", "assessment.json": "report.json"}
"""What they are called as resources."""


class PointAnswer(Answer):
    """A requirement that is not met."""

    ref: str
    title: str
    verdict: str
    reason: str


class ReportAnswer(Answer):
    """A report in short."""

    system: str
    outcome: str
    classification: str
    counts: dict[str, int]
    open_points: tuple[PointAnswer, ...]
    open_points_in_all: int
    missing_information: tuple[MissingAnswer, ...]
    missing_in_all: int
    guesses_in_all: int
    manifest: str | None = None
    pack: str
    caveat: str


class RunAnswer(Answer):
    """A run, and what came of it: a report or a scan, whichever was asked for."""

    run_id: str
    status: str
    stage: str
    progress: str | None = None
    failure: str | None = None
    report: dict[str, Any] | None = None
    scan: dict[str, Any] | None = None
    next_steps: tuple[str, ...] = ()


def report(
    run: Run,
    summary: AssessmentSummary,
    missing_information: Sequence[MissingInformation],
    drafted: str | None = None,
) -> CallToolResult:
    """Return a run that ended with a report: the essence, with links to its documents.

    Args:
        run: the run.
        summary: the assessment in short.
        missing_information: what only a person can say of its manifest.
        drafted: the manifest that the run drafted, if it did.
    """
    return fitted(lambda items: _report(run, summary, missing_information, drafted, items), _MOST)


def unfinished(run: Run, progress: str) -> CallToolResult:
    """Return a run that has not ended, or not well, and what to do now."""
    steps = {
        "queued": f"Call get_run with run_id {run.id} to wait for the end; the run goes on without you.",
        "running": f"Call get_run with run_id {run.id} to wait for the end; the run goes on without you.",
        "failed": "Mend what the failure names, then ask again.",
        "cancelled": "Ask again for a new run, if it is still wanted.",
    }
    failure = None if run.failure is None else told(run.failure.message, 900)
    answer = RunAnswer(
        run_id=run.id,
        status=run.status,
        stage=run.stage,
        progress=progress,
        failure=failure,
        next_steps=(steps[run.status],),
    )
    return result(
        answer,
        lines(
            f"Run {run.id}: {run.status} ({progress}).",
            f"Failure: {failure}" if failure else None,
            f"Next: {steps[run.status]}",
        ),
    )


def links_of(run: Run, names: Sequence[str]) -> list[ContentBlock]:
    """Return links to the documents of a run that has any.

    Args:
        run: the run.
        names: the names of the files in its pack.
    """
    return [
        ResourceLink(name=name, uri=f"conformity://runs/{run.id}/{_ADDRESSES[name]}", mime_type=kind)
        for name, kind in _LINKED.items()
        if name in names
    ]


def _report(
    run: Run,
    summary: AssessmentSummary,
    missing_information: Sequence[MissingInformation],
    drafted: str | None,
    items: int,
) -> CallToolResult:
    """Return a report with so many items in each of its lists."""
    guesses = sum(one.kind == "guess" for one in missing_information)
    content = ReportAnswer(
        system=told(summary.system, 120),
        outcome=summary.outcome,
        classification=told(summary.classification, 300),
        counts=summary.counts.model_dump(),
        open_points=tuple(_point(one) for one in summary.open_points[:items]),
        open_points_in_all=len(summary.open_points),
        missing_information=missing(by_urgency(missing_information)[:items]),
        missing_in_all=len(missing_information),
        guesses_in_all=guesses,
        manifest=drafted,
        pack=summary.pack,
        caveat=summary.caveat,
    )
    steps = _next_steps(run, summary, content)
    answer = RunAnswer(
        run_id=run.id, status=run.status, stage=run.stage, report=loose(content), next_steps=steps
    )
    names = [file.name for file in summary.files]
    return result(answer, _text(content, steps), links_of(run, names))


def _text(content: ReportAnswer, steps: Sequence[str]) -> str:
    """Return the essence of a report as Markdown."""
    counts = ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in content.counts.items())
    points, asked = content.open_points[:5], content.missing_information[:4]
    shown = more(len(points), content.open_points_in_all, "get_findings")
    open_ones = [f"- {p.verdict.replace('_', ' ')}: {p.ref} {p.title}" for p in points]
    return lines(
        f"{content.system}: {content.classification}",
        f"Requirements: {counts}.",
        [f"Open points ({shown}):", *open_ones] if points else None,
        f"Missing information ({more(len(asked), content.missing_in_all, 'check_manifest')}), "
        f"{content.guesses_in_all} of it guessed:"
        if asked
        else None,
        missing_lines(asked),
        f"Files: {content.pack}",
        [f"Next: {step}" for step in steps],
        content.caveat,
    )


def _point(point: OpenPoint) -> PointAnswer:
    """Return an open point, its reason cut."""
    return PointAnswer(
        ref=point.ref, title=told(point.title, 80), verdict=point.verdict, reason=told(point.reason, 140)
    )


def _next_steps(run: Run, summary: AssessmentSummary, content: ReportAnswer) -> tuple[str, ...]:
    """Return what to do now."""
    steps = []
    if content.manifest:
        steps.append(
            f"A person reads {content.manifest} through, corrects every GUESS, fills in every REPLACE; then "
            "call this again with it as `manifest`."
        )
    if summary.outcome == "cannot_tell":
        steps.append("Answer the open questions of the classification in the manifest.")
    if summary.open_points:
        steps.append(f"get_findings with run_id {run.id} lists what is open, and what to do about it.")
    if summary.left_out:
        steps.append(f"{summary.left_out} longer steps were left out; depth `full` takes them too.")
    return tuple(steps)
