"""List the findings of a pack, a page at a time, with figures as a report prints them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

from conformity.errors import UsageError
from conformity.intake.names import listed, quoted
from conformity.model.assessment import Assessment
from conformity.model.evidence import Observation
from conformity.model.finding import CriterionJudgement, Finding, Reading, Verdict
from conformity.model.found import (
    FindingsPage,
    FoundCriterion,
    FoundFinding,
    FoundReading,
    Wanted,
    cursor_of,
)
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.telling import context_of, key_of, telling_of
from conformity.render.views.context import Context
from conformity.render.views.figures import bound_words
from conformity.settings import DISCLOSURE_LIMIT, Settings

MOST = 100
"""The most findings on one page."""

_ORDER: tuple[Verdict, ...] = ("not_met", "undetermined", "not_collected", "met", "not_applicable")
_OPEN = frozenset({"not_met", "undetermined", "not_collected"})
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,5})\.[0-9a-f]{12}")
_READINGS = 5


def findings_of(
    pack: Path,
    settings: Settings,
    *,
    article: str | None = None,
    verdict: str | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> FindingsPage:
    """Return a page of the findings of a pack: missed ones first, then open ones, in the order of the law.

    Args:
        pack: the folder.
        settings: limits.
        article: a provision, such as ``10``, ``art10.2`` or ``Art. 10(2)(f)``; what lies below it is meant
            too.
        verdict: a verdict, or ``open`` for all that is missed, undetermined or not collected.
        limit: how many on a page, 1 to 100.
        cursor: what the page before named for this one.

    Raises:
        UsageError: the verdict or the limit is none, there is nothing on that provision, or the cursor is
            of another assessment.
        PathError: there is no pack.
        DataError: a record cannot be read.
        IntegrityError: a record is not the one whose digest the pack lists.
    """
    _check(verdict, limit)
    found = read_pack(pack, settings)
    start = _start(cursor, found)
    chosen = _chosen(found.assessment, article, cast("Wanted | None", verdict))
    context = context_of(found.assessment, found.evidence, DISCLOSURE_LIMIT)
    teller = _Teller(found, context)
    end = start + limit
    system = found.assessment.manifest.system
    return FindingsPage(
        system=f"{system.name} {system.version}",
        assessment_version=found.assessment.manifest.edition.version,
        assessment_sha256=found.assessment_sha256,
        total=len(chosen),
        start=min(start, len(chosen)),
        findings=tuple(teller.finding(one) for one in chosen[start:end]),
        next_cursor=cursor_of(end, found.assessment_sha256) if end < len(chosen) else None,
    )


def _check(verdict: str | None, limit: int) -> None:
    """Check that a verdict is one, and that a page can be so long.

    Raises:
        UsageError: it is none, or cannot.
    """
    known = ("open", *get_args(Verdict))
    if verdict is not None and verdict not in known:
        raise UsageError(f"There is no verdict {quoted(verdict)}; choose from {listed(known)}.")
    if not 1 <= limit <= MOST:
        raise UsageError(f"A page has 1 to {MOST} findings, not {limit}; ask for fewer.")


def _start(cursor: str | None, pack: Pack) -> int:
    """Return how many findings the pages before hold.

    Raises:
        UsageError: the cursor is none, or of another assessment.
    """
    if cursor is None:
        return 0
    parts = _CURSOR.fullmatch(cursor)
    if parts is None or cursor != cursor_of(int(parts[1]), pack.assessment_sha256):
        raise UsageError(
            f"The cursor {quoted(cursor)} is not of this assessment; begin without one and take next_cursor."
        )
    return int(parts[1])


def _chosen(assessment: Assessment, article: str | None, verdict: Wanted | None) -> list[Finding]:
    """Return the findings that are asked for, in their order.

    Raises:
        UsageError: there is no finding on the provision.
    """
    findings: Sequence[Finding] = assessment.findings
    if article is not None:
        wanted = _prefix(article)
        findings = [one for one in findings if f"{one.requirement.lower()}.".startswith(f"{wanted}.")]
        if not findings:
            there = dict.fromkeys(one.requirement.split(".")[0] for one in assessment.findings)
            raise UsageError(f"There is no finding on {quoted(article)}; there are some on {listed(there)}.")
    if verdict == "open":
        findings = [one for one in findings if one.verdict in _OPEN]
    elif verdict is not None:
        findings = [one for one in findings if one.verdict == verdict]
    return sorted(findings, key=lambda one: _ORDER.index(one.verdict))


def _prefix(article: str) -> str:
    """Return how the ids of requirements on a provision begin, in lower case.

    >>> _prefix("Art. 10(2)(f)"), _prefix("10"), _prefix("Annex IV(1)")
    ('art10.2.f', 'art10', 'annexiv.1')
    """
    text = re.sub(r"[()\s]+", ".", article.lower().strip())
    text = re.sub(r"^(article|art)\.*", "art", text)
    text = re.sub(r"^annex\.*", "annex", text)
    text = re.sub(r"\.+", ".", text).strip(".")
    return f"art{text}" if text[:1].isdigit() else text


class _Teller:
    """Puts findings into words as the report of the pack does."""

    def __init__(self, pack: Pack, context: Context) -> None:
        self._pack = pack
        self._context = context
        self._telling = telling_of(context)
        self._titles = {row.requirement.id: row.requirement for row in pack.assessment.plan.requirements}

    def finding(self, one: Finding) -> FoundFinding:
        """Return a finding for a list."""
        row = self._titles[one.requirement]
        judged = sorted(one.measured, key=lambda item: _ORDER.index(item.verdict))
        return FoundFinding(
            requirement=one.requirement,
            ref=row.ref,
            title=row.title,
            verdict=one.verdict,
            basis=one.basis,
            reason=self._telling.guard(one.reason),
            criteria=tuple(self._criterion(item) for item in judged),
            evidence=one.evidence,
            to_do=tuple(self._telling.guard(text) for text in one.to_do),
        )

    def _criterion(self, judged: CriterionJudgement) -> FoundCriterion:
        """Return one bound, judged."""
        criterion = self._context.criteria[judged.criterion]
        readings = sorted(judged.readings, key=lambda item: _ORDER.index(item.verdict))
        return FoundCriterion(
            criterion=judged.criterion,
            bound=f"{criterion.metric} {bound_words(self._context, criterion)}",
            verdict=judged.verdict,
            reason=self._telling.guard(judged.reason),
            readings=tuple(self._reading(item) for item in readings[:_READINGS]),
        )

    def _reading(self, reading: Reading) -> FoundReading:
        """Return one measured number as a report prints it."""
        observation: Observation = self._context.observations[reading.evidence]
        told = self._telling.told[key_of(observation, reading.measurement)]
        return FoundReading(
            evidence=reading.evidence, about=told.about, figure=told.text, verdict=reading.verdict
        )
