"""Verified packs and compared versions, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import CallToolResult

from conformity.entry.mcp.answers.base import Answer, fitted, lines, result, told

if TYPE_CHECKING:
    from conformity.model.comparison import Comparison
    from conformity.model.verification import Verification, VerifiedStep

_MOST = 12
_PERSON = "Whether there is a substantial modification (Art. 3(23)) is for a person to decide."
_NOT_PASSED = "What cannot be told is not passed."


class StepAnswer(Answer):
    """One step of a verification."""

    number: int
    title: str
    outcome: str
    why: tuple[str, ...] = ()


class VerificationAnswer(Answer):
    """What verifying tells."""

    path: str
    kind: str
    sha256: str | None = None
    counts: dict[str, int]
    steps: tuple[StepAnswer, ...]
    note: str


class ComparisonAnswer(Answer):
    """What changed between two versions."""

    before: str
    after: str
    counts: dict[str, int]
    verdicts: tuple[str, ...]
    bounds: tuple[str, ...]
    measures: tuple[str, ...]
    not_foreseen: tuple[str, ...]
    note: str


def verification(found: Verification) -> CallToolResult:
    """Return the steps of a verification, those that failed with the reasons."""
    return fitted(lambda items: _verification(found, items), 3)


def _verification(found: Verification, items: int) -> CallToolResult:
    """Return a verification with so many reasons a step."""
    of = {outcome: found.count(outcome) for outcome in ("passed", "failed", "cannot_tell")}
    answer = VerificationAnswer(
        path=told(found.place, 200),
        kind=found.kind,
        sha256=found.sha256,
        counts=of,
        steps=tuple(_step(one, items) for one in found.steps),
        note=_NOT_PASSED,
    )
    return result(
        answer,
        lines(
            f"{answer.path}: {answer.kind}; {of['failed']} steps failed, {of['cannot_tell']} could not be "
            f"told, {of['passed']} passed. {_NOT_PASSED}",
            [
                f"- {one.outcome.replace('_', ' ')}: {one.title}"
                for one in answer.steps
                if one.outcome != "passed"
            ],
        ),
    )


def _step(one: VerifiedStep, items: int) -> StepAnswer:
    """Return one step with so many reasons."""
    why = (*one.faults, *one.unknown)[:items]
    return StepAnswer(
        number=one.number, title=one.title, outcome=one.outcome, why=tuple(told(text, 160) for text in why)
    )


def comparison(found: Comparison) -> CallToolResult:
    """Return what changed between two versions, what got worse first."""
    return fitted(lambda items: _comparison(found, items), _MOST)


def _comparison(found: Comparison, items: int) -> CallToolResult:
    """Return a comparison with so many items in each of its lists."""
    changed = [one for one in found.measures if one.reality in ("real", "counted")]
    changed.sort(key=lambda one: one.direction != "worse")
    directions = [one.direction for one in found.verdicts]
    answer = ComparisonAnswer(
        before=told(f"{found.before.system}, {found.before.edition}", 140),
        after=told(f"{found.after.system}, {found.after.edition}", 140),
        counts={
            "verdicts_worse": directions.count("worse"),
            "verdicts_better": directions.count("better"),
            "verdicts_other": directions.count("other") + directions.count("set_aside"),
            "measures_worse": sum(one.direction == "worse" for one in changed),
            "measures_changed": len(changed),
            "measures_withheld": found.withheld_measures,
            "new_non_conformities": len(found.register_entries.new),
        },
        verdicts=tuple(
            told(f"{one.ref} {one.title}: {one.before} -> {one.after}; {', '.join(one.causes)}", 160)
            for one in found.verdicts[:items]
        ),
        bounds=tuple(
            told(f"{one.kind}: {one.criterion}, {one.before or '-'} -> {one.after or '-'}", 140)
            for one in found.bounds[:items]
        ),
        measures=tuple(
            told(
                f"{one.direction}: {one.title} {one.about}: {one.before.text if one.before else '-'} -> "
                f"{one.after.text if one.after else '-'}",
                160,
            )
            for one in changed[:items]
        ),
        not_foreseen=tuple(
            told(one.what, 100) for one in found.work_sheet.observed if one.coverage != "covered"
        )[:items],
        note=_PERSON,
    )
    return result(answer, _text(answer))


def _text(answer: ComparisonAnswer) -> str:
    """Return a comparison as lines."""
    of = answer.counts
    return lines(
        f"{answer.before} -> {answer.after}.",
        f"Verdicts: {of['verdicts_worse']} worse, {of['verdicts_better']} better, {of['verdicts_other']} "
        f"otherwise changed. Measures that changed for certain enough: {of['measures_changed']}, of them "
        f"{of['measures_worse']} worse; {of['measures_withheld']} withheld. New non-conformities: "
        f"{of['new_non_conformities']}.",
        [f"- {one}" for one in (*answer.verdicts[:4], *answer.measures[:4])],
        _PERSON,
    )
