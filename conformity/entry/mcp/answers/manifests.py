"""Drafted and checked manifests, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import CallToolResult

from conformity.entry.mcp.answers.base import Answer, fitted, lines, more, result, told
from conformity.entry.mcp.answers.missing import MissingAnswer, by_urgency, missing, missing_lines

if TYPE_CHECKING:
    from conformity.model.checking import ManifestCheck, ManifestProblem

_MOST = 20


class ProblemAnswer(Answer):
    """One thing that is wrong."""

    pointer: str
    line: int | None = None
    column: int | None = None
    message: str
    fix: str


class CheckAnswer(Answer):
    """What a check of a manifest found."""

    manifest: str
    usable: bool
    counts: dict[str, int]
    errors: tuple[ProblemAnswer, ...]
    missing_information: tuple[MissingAnswer, ...]
    next_cursor: str | None = None
    next_steps: tuple[str, ...] = ()


def check(found: ManifestCheck, start: int = 0, *, drafted: bool = False) -> CallToolResult:
    """Return what a check found: errors first, then what only a person can say.

    Args:
        found: the check.
        start: how many of the missing things the pages before hold.
        drafted: whether the manifest was drafted just now.
    """
    asked = by_urgency(found.missing_information)

    def page(items: int) -> CallToolResult:
        """Return the answer with so many errors and missing things."""
        end = start + items
        answer = CheckAnswer(
            manifest=told(found.name, 300),
            usable=found.usable,
            counts={
                "errors": len(found.errors),
                "missing": len(asked),
                "guesses": sum(one.kind == "guess" for one in asked),
            },
            errors=tuple(_problem(one) for one in found.errors[:items]) if start == 0 else (),
            missing_information=missing(asked[start:end]),
            next_cursor=str(end) if end < len(asked) else None,
            next_steps=_next_steps(found, drafted),
        )
        return result(answer, _text(answer, start, drafted))

    return fitted(page, _MOST)


def _next_steps(found: ManifestCheck, drafted: bool) -> tuple[str, ...]:
    """Return what to do now."""
    steps = []
    if drafted:
        steps.append("A person reads it through, corrects every GUESS and fills in every REPLACE.")
    if found.errors:
        steps.append("Correct the errors, then check it again.")
    else:
        steps.append("generate_conformity_report with it as `manifest`; what is not said stays open.")
    return tuple(steps)


def _text(answer: CheckAnswer, start: int, drafted: bool) -> str:
    """Return a check as lines."""
    faults, asked = answer.errors[:6], answer.missing_information[:5]
    shown = more(
        start + len(answer.missing_information), answer.counts["missing"], "check_manifest with next_cursor"
    )
    return lines(
        f"{answer.manifest}: {'drafted, and ' if drafted else ''}"
        f"{'can be assessed' if answer.usable else 'cannot be assessed'}; {answer.counts['errors']} errors.",
        [f"- line {one.line or '?'}, {one.pointer or 'file'}: {one.message}; {one.fix}" for one in faults],
        f"Missing information ({shown}), {answer.counts['guesses']} of it guessed:" if asked else None,
        missing_lines(asked),
        [f"Next: {step}" for step in answer.next_steps],
    )


def _problem(one: ManifestProblem) -> ProblemAnswer:
    """Return a problem, its texts cut."""
    return ProblemAnswer(
        pointer=told(one.pointer, 120),
        line=one.line,
        column=one.column,
        message=told(one.message, 180),
        fix=told(one.fix, 140),
    )
