"""Findings, a page at a time, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import CallToolResult

from conformity.entry.mcp.answers.base import Answer, fitted, lines, result, told

if TYPE_CHECKING:
    from conformity.model.found import FindingsPage, FoundCriterion, FoundFinding


class FindingAnswer(Answer):
    """One requirement judged."""

    requirement: str
    ref: str
    title: str
    verdict: str
    reason: str
    measured: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class FindingsAnswer(Answer):
    """A page of findings."""

    system: str
    total: int
    findings: tuple[FindingAnswer, ...]
    next_cursor: str | None = None


def findings(page: FindingsPage) -> CallToolResult:
    """Return as many findings of a page as fit; the cursor goes on after the last of them."""
    return fitted(lambda items: _findings(page.first(items)), len(page.findings))


def _findings(page: FindingsPage) -> CallToolResult:
    """Return a page as text and structure."""
    answer = FindingsAnswer(
        system=told(page.system, 120),
        total=page.total,
        findings=tuple(_finding(one) for one in page.findings),
        next_cursor=page.next_cursor,
    )
    end = page.start + len(page.findings)
    left = page.total - end
    return result(
        answer,
        lines(
            f"{answer.system}: findings {page.start + 1} to {end} of {page.total}."
            if page.findings
            else f"{answer.system}: no such findings.",
            [f"- {one.verdict.replace('_', ' ')}: {one.ref} {one.title}" for one in answer.findings],
            f"{left} more: get_findings with cursor {page.next_cursor}" if page.next_cursor else None,
        ),
    )


def _finding(one: FoundFinding) -> FindingAnswer:
    """Return one finding, its texts cut."""
    return FindingAnswer(
        requirement=one.requirement,
        ref=one.ref,
        title=told(one.title, 80),
        verdict=one.verdict,
        reason=told(one.reason, 180),
        measured=tuple(text for item in one.criteria[:2] for text in _measured(item)),
        to_do=tuple(told(text, 140) for text in one.to_do[:2]),
        evidence=one.evidence[:3],
    )


def _measured(item: FoundCriterion) -> list[str]:
    """Return a bound with the worst number held against it."""
    worst = item.readings[:1]
    if not worst:
        return [told(f"{item.bound}: {item.verdict.replace('_', ' ')}; {item.reason}", 180)]
    return [
        told(f"{item.bound}: {one.figure} {one.about}, {item.verdict.replace('_', ' ')}", 180)
        for one in worst
    ]
