"""Short, typed answers for tools: a chat gets the essence and links, never the whole report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcp_types import CallToolResult, ContentBlock, ResourceLink, TextContent
from pydantic import BaseModel

from conformity.entry.telling import Telling
from conformity.intake.draft import Guess
from conformity.model.base import Value
from conformity.model.classification import Classification
from conformity.model.measurement import Measurement
from conformity.model.requirement import Requirement
from conformity.model.summary import AssessmentSummary, OpenPoint, ScanResult, VerdictCounts

_OPEN_POINTS = 5
_MISSING = 12
_GUESSES = 40
_MEASUREMENTS = 60
_LINKED = {
    "report.html": "text/html",
    "report.pdf": "application/pdf",
    "assessment.json": "application/json",
    "evidence.json": "application/json",
}


class GuessAnswer(Value):
    """Something that was guessed and must be checked."""

    field: str
    """The field of the manifest."""
    value: str
    """What was guessed."""
    reason: str
    """Why."""


class ReportAnswer(Value):
    """A report in short."""

    system: str
    """Name and version of the system."""
    outcome: str
    """What kind of system it is."""
    classification: str
    """The same in words, with its citation."""
    counts: VerdictCounts
    """How many requirements have which verdict; there is no score."""
    open_points: tuple[OpenPoint, ...]
    """The first open points: missed criteria come first."""
    open_points_in_all: int
    """How many there are."""
    missing_information: tuple[str, ...]
    """What must be answered or filled in."""
    guesses: tuple[GuessAnswer, ...]
    """What was guessed, when the manifest was drafted."""
    manifest: str | None
    """The manifest that was drafted."""
    pack: str
    """The folder with all files."""
    next_steps: tuple[str, ...]
    """What to do now."""
    caveat: str
    """What this is not."""


class MeasurementAnswer(Value):
    """One number, or why there is none."""

    metric: str
    """What was measured."""
    about: str
    """The group, column or attribute; empty for the whole subject."""
    value: float | None
    """The number."""
    unit: str | None
    """Its unit; ``1`` for shares and ratios."""
    low: float | None
    """Lower end of the 95 % interval."""
    high: float | None
    """Upper end of the interval."""
    n: int | None
    """Cases behind it."""
    not_available: str | None
    """Why there is no number."""
    obtained: str | None = None
    """How a physical quantity was obtained: measured, modelled, partly modelled or declared."""


class MeasurementsAnswer(Value):
    """What was measured on one file."""

    file: str
    """The file."""
    sha256: str | None
    """Its digest."""
    measurements: tuple[MeasurementAnswer, ...]
    """The numbers, those across groups first."""
    measurements_in_all: int
    """How many there are."""
    not_measured: tuple[str, ...]
    """Probes that measured nothing, each with the reason."""
    notes: tuple[str, ...]
    """What must be known about the numbers."""


class ClassificationAnswer(Value):
    """What kind of system it is."""

    outcome: str
    """Where the procedure ended."""
    summary: str
    """The outcome in words, with its citation."""
    procedure: str
    """The conformity assessment procedure."""
    procedure_reason: str
    """Why this one."""
    high_risk_from: str | None
    """From when high-risk duties apply to it."""
    also: tuple[str, ...]
    """What applies alongside."""
    missing: tuple[str, ...]
    """Questions that must be answered."""
    steps: tuple[str, ...]
    """Every step taken: question, citation, answer, consequence."""


class RequirementAnswer(Value):
    """A requirement of the Act."""

    id: str
    """Its id."""
    citation: str
    """Where it stands."""
    title: str
    """Its name."""
    obligation: str
    """What it asks, paraphrased."""
    binds: tuple[str, ...]
    """Whom."""
    applies_from: tuple[str, ...]
    """From when."""
    only_if: tuple[str, ...]
    """Conditions."""
    a_tool_can: str
    """``measured``, ``partly`` or ``declared``."""
    evidence: tuple[str, ...]
    """What speaks to it."""
    measured_by: tuple[str, ...]
    """Probes."""
    hand_in: tuple[str, ...]
    """What a person must hand in."""
    status: str
    """``in_force`` or ``deleted``."""


def report(
    summary: AssessmentSummary, guesses: Sequence[Guess], manifest: str | None = None
) -> CallToolResult:
    """Return an assessment in short, with links to its documents."""
    answer = ReportAnswer(
        system=summary.system,
        outcome=summary.outcome,
        classification=summary.classification,
        counts=summary.counts,
        open_points=tuple(_shortened(point) for point in summary.open_points[:_OPEN_POINTS]),
        open_points_in_all=len(summary.open_points),
        missing_information=tuple(summary.missing_information[:_MISSING]),
        guesses=tuple(
            GuessAnswer(field=g.field, value=str(g.value), reason=g.reason) for g in guesses[:_GUESSES]
        ),
        manifest=manifest,
        pack=summary.pack,
        next_steps=_next_steps(summary, manifest),
        caveat=summary.caveat,
    )
    links: list[ContentBlock] = [
        ResourceLink(
            name=file.name,
            uri=Path(file.path).as_uri(),
            mime_type=_LINKED[file.name],
            size=file.size_bytes,
        )
        for file in summary.files
        if file.name in _LINKED
    ]
    return CallToolResult(
        content=[TextContent(text=_report_text(answer)), *links],
        structured_content=answer.model_dump(mode="json"),
    )


def _report_text(answer: ReportAnswer) -> str:
    """Return the essence of a report as Markdown, for clients that show text."""
    counts = ", ".join(f"{n} {v.replace('_', ' ')}" for v, n in answer.counts.model_dump().items())
    lines = [f"**{answer.system}**: {answer.classification}", "", f"Requirements: {counts}.", ""]
    lines.append(f"Open points (first {len(answer.open_points)} of {answer.open_points_in_all}):")
    lines += [f"- {p.verdict.replace('_', ' ')}: {p.ref} {p.title}. {p.reason}" for p in answer.open_points]
    if answer.missing_information:
        lines += ["", "Missing information:", *(f"- {text}" for text in answer.missing_information)]
    if answer.guesses:
        lines += ["", f"Guesses in {answer.manifest}, to be checked:"]
        lines += [f"- {g.field} = {g.value} ({g.reason})" for g in answer.guesses]
    lines += ["", *(f"Next: {step}" for step in answer.next_steps), "", answer.caveat]
    return "\n".join(lines)


def measurements(result: ScanResult, domains: Sequence[str], disclosure_limit: int) -> CallToolResult:
    """Return the measurements of the probes in some domains; a chat is no place for small counts of people.

    Args:
        result: what was measured.
        domains: the domains.
        disclosure_limit: no count of rows below this is told.
    """
    telling = Telling.of(result.observations, disclosure_limit)
    chosen = [o for o in result.observations if o.probe.split("/")[0] in domains]
    found = [m for o in chosen for m in o.measurements]
    found.sort(key=lambda m: (len(m.group), m.metric, m.by, m.group))
    return _result(
        MeasurementsAnswer(
            file=result.subject.path,
            sha256=result.subject.sha256,
            measurements=tuple(_measurement(m, telling) for m in found[:_MEASUREMENTS]),
            measurements_in_all=len(found),
            not_measured=tuple(
                f"{o.probe}: {telling.words(o.reason or '')}" for o in chosen if o.outcome != "measured"
            ),
            notes=tuple(dict.fromkeys(telling.words(note) for o in chosen for note in o.notes)),
        )
    )


def classification(result: Classification) -> CallToolResult:
    """Return what kind of system it is."""
    return _result(
        ClassificationAnswer(
            outcome=result.outcome,
            summary=result.summary,
            procedure=result.route.procedure,
            procedure_reason=f"{result.route.reason} [{result.route.ref}]",
            high_risk_from=str(result.high_risk_from) if result.high_risk_from else None,
            also=result.also,
            missing=result.missing,
            steps=tuple(
                f"{s.question} [{s.ref}] {s.text} {s.answer} → {s.consequence}" for s in result.steps
            ),
        )
    )


def requirement(row: Requirement) -> CallToolResult:
    """Return what a requirement asks."""
    return _result(
        RequirementAnswer(
            id=row.id,
            citation=row.ref,
            title=row.title,
            obligation=row.obligation,
            binds=row.addressees,
            applies_from=tuple(f"{a.on} ({a.regime})" for a in row.applies_from),
            only_if=row.conditions,
            a_tool_can=row.automation,
            evidence=tuple(f"{need.kind}: {need.item}" for need in row.evidence),
            measured_by=row.probes,
            hand_in=row.hand_in,
            status=row.status,
        )
    )


def _shortened(point: OpenPoint) -> OpenPoint:
    """Return an open point with at most 300 characters of reason and three things to do."""
    reason = point.reason if len(point.reason) <= 300 else point.reason[:297] + "..."
    return point.model_copy(update={"reason": reason, "to_do": point.to_do[:3]})


def _next_steps(summary: AssessmentSummary, manifest: str | None) -> tuple[str, ...]:
    """Return what to do now."""
    steps = []
    if manifest:
        steps.append(f"Read {manifest} through: check every guess, fill in every REPLACE, then run again.")
    if summary.outcome == "cannot_tell":
        steps.append("Answer the open questions of the classification in the manifest.")
    if summary.open_points:
        steps.append("Work through the open points in the report; missed criteria come first.")
    if summary.left_out:
        steps.append(f"{summary.left_out} longer steps were left out; depth `full` takes them too.")
    return tuple(steps)


def _measurement(measurement: Measurement, telling: Telling) -> MeasurementAnswer:
    """Return one measurement as a flat row, or say that it is about too few people to be told."""
    fields: dict[str, Any] = {
        "metric": measurement.metric,
        "about": telling.about(measurement),
        "value": None,
        "unit": None,
        "low": None,
        "high": None,
        "n": None,
        "not_available": None,
    }
    result = measurement.result
    if telling.is_withheld(measurement):
        fields["not_available"] = telling.withheld
        return MeasurementAnswer(**fields)
    if result.kind == "not_available":
        fields |= {"not_available": telling.words(result.reason), "n": result.n}
    else:
        fields |= {"value": float(result.value), "unit": result.unit}
    if result.kind == "scalar":
        fields |= {"n": telling.cases(measurement), "obtained": result.obtained}
        if result.interval:
            fields |= {"low": result.interval.low, "high": result.interval.high}
    return MeasurementAnswer(**fields)


def _result(answer: BaseModel) -> CallToolResult:
    """Return an answer as structured content, with the same as JSON text for clients that read text."""
    plain = answer.model_dump(mode="json", exclude_none=True)
    text = TextContent(text=json.dumps(plain, ensure_ascii=False))
    return CallToolResult(content=[text], structured_content=answer.model_dump(mode="json"))
