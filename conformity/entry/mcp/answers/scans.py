"""What a scan measured, in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcp_types import CallToolResult

from conformity.entry.answers import measurement_answer
from conformity.entry.mcp.answers.base import Answer, fitted, lines, loose, result, told
from conformity.entry.mcp.answers.reports import RunAnswer
from conformity.settings import DISCLOSURE_LIMIT

if TYPE_CHECKING:
    from conformity.entry.telling import Telling
    from conformity.model.measurement import Measurement
    from conformity.model.run import Run
    from conformity.model.summary import ScanResult

_MOST = 40
_NOTES = 3


class NumberAnswer(Answer):
    """One number, or why there is none."""

    metric: str
    about: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    n: int | None = None
    obtained: str | None = None
    not_available: str | None = None


class ScanAnswer(Answer):
    """What was measured on one file."""

    file: str
    sha256: str | None = None
    numbers: tuple[NumberAnswer, ...]
    numbers_in_all: int
    not_measured: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    next_cursor: str | None = None


def scan(
    found: ScanResult, domains: Sequence[str], *, run: Run | None = None, start: int = 0
) -> CallToolResult:
    """Return the measurements of the probes in some domains, those across groups first.

    No number is told that is about a few people: a chat has no report around it.

    Args:
        found: what was measured.
        domains: the domains.
        run: the run that measured; None where there was none.
        start: how many numbers the pages before hold.
    """
    from conformity.entry.telling import Telling

    telling = Telling.of(found.observations, DISCLOSURE_LIMIT)
    chosen = [one for one in found.observations if one.probe.split("/")[0] in domains]
    numbers = [measurement for one in chosen for measurement in one.measurements]
    numbers.sort(key=lambda m: (len(m.group), m.metric, m.by, m.group))
    silent = [
        told(f"{one.probe}: {telling.words(one.reason or '')}", 120)
        for one in chosen
        if one.outcome != "measured"
    ]
    notes = dict.fromkeys(told(telling.words(note), 220) for one in chosen for note in one.notes)

    def page(items: int) -> CallToolResult:
        """Return the answer with so many numbers."""
        end = start + items
        answer = ScanAnswer(
            file=told(found.subject.path),
            sha256=found.subject.sha256,
            numbers=tuple(_number(one, telling) for one in numbers[start:end]),
            numbers_in_all=len(numbers),
            not_measured=tuple(silent[: items if start == 0 else 0]),
            notes=tuple(list(notes)[: min(items, _NOTES) if start == 0 else 0]),
            # Somewhere a page must begin anew, and a scan without a run has no further pages.
            next_cursor=str(end) if run is not None and end < len(numbers) else None,
        )
        return _as_result(answer, run)

    return fitted(page, _MOST)


def _as_result(answer: ScanAnswer, run: Run | None) -> CallToolResult:
    """Return a scan as text and structure."""
    shown = [_line(one) for one in answer.numbers]
    text = lines(
        f"{answer.file}: {answer.numbers_in_all} numbers, {len(shown)} shown."
        + (f" The rest: get_run with cursor {answer.next_cursor}." if answer.next_cursor else ""),
        shown[:12],
        [f"Not measured: {one}" for one in answer.not_measured[:2]],
    )
    if run is None:
        return result(answer, text)
    return result(
        RunAnswer(run_id=run.id, status=run.status, stage=run.stage, scan=loose(answer)),
        f"Run {run.id}. {text}",
    )


def _line(one: NumberAnswer) -> str:
    """Return a number as a line."""
    what = f"{one.metric} {one.about}" if one.about else one.metric
    if one.value is None:
        return f"- {what}: {one.not_available}"
    interval = "" if one.low is None or one.high is None else f" [{one.low:.4g}, {one.high:.4g}]"
    unit = "" if one.unit in (None, "1") else f" {one.unit}"
    cases = "" if one.n is None else f", n={one.n}"
    how = f", {one.obtained}" if one.obtained else ""
    return f"- {what}: {one.value:.4g}{unit}{interval}{cases}{how}"


def _number(measurement: Measurement, telling: Telling) -> NumberAnswer:
    """Return one measurement, or say that it is about too few people to be told."""
    one = measurement_answer(measurement, telling)
    return NumberAnswer(
        metric=one.metric,
        about=told(one.about, 100) or None,
        value=_rounded(one.value),
        low=_rounded(one.low),
        high=_rounded(one.high),
        unit=one.unit,
        n=one.n,
        obtained=one.obtained,
        not_available=None if one.not_available is None else told(one.not_available, 140),
    )


def _rounded(value: float | None) -> float | None:
    """Return a number with six significant digits: more would tell of the cases behind it."""
    return None if value is None else float(f"{value:.6g}")
