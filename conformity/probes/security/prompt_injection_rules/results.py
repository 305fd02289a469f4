"""Measurements from the counts of a log."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Result, Scalar
from conformity.probes.security.prompt_injection_rules.counting import Counted
from conformity.probes.security.prompt_injection_rules.trained import Detected
from conformity.probes.shared.intervals import LEVEL, quantile, wilson
from conformity.probes.shared.prompts.answers import REACTIONS
from conformity.probes.shared.prompts.kinds import KINDS
from conformity.settings import MIN_GROUP

_UNIT = "prompts"
Row = tuple[str, tuple[str, ...], tuple[str, ...], Result]


def measurements(counted: Counted, seen: Detected | str, subject: SubjectId) -> tuple[Measurement, ...]:
    """Return all numbers, sorted by metric and group.

    Args:
        counted: what the rules found.
        seen: what a trained detector found, or why none looked.
        subject: the log.
    """
    rows = [
        *_overall(counted, seen),
        *_kinds(counted),
        *_months(counted),
        *_answers(counted),
        *_personal(counted),
    ]
    return tuple(
        Measurement(metric=MetricId(metric), subject=subject, by=by, group=group, result=result)
        for metric, by, group, result in sorted(rows, key=lambda row: row[:3])
    )


def share(hits: int, cases: int, blank: int = 0) -> Scalar:
    """Return a share with its interval; blank rows might be hits, so they widen it.

    Args:
        hits: cases that count, at most ``cases``.
        cases: at least 1.
        blank: cases of which it is not known.
    """
    either = np.array([hits, hits + blank])
    low, high = wilson(either, cases + blank - either, quantile(LEVEL))
    how = "Wilson score" + (", blank rows taken either way" if blank else "")
    return Scalar(
        value=hits / cases,
        unit="1",
        n=cases,
        interval=Interval(low=float(low[0]), high=float(high[1]), level=LEVEL, method=how),
    )


def _overall(counted: Counted, seen: Detected | str) -> Iterator[Row]:
    """Yield the numbers about the whole log."""
    yield "prompts", (), (), Count(value=counted.read, unit=_UNIT)
    yield "flagged_prompts", (), (), Count(value=counted.flagged, unit=_UNIT)
    yield "flagged_share", (), (), share(counted.flagged, counted.read, counted.blank)
    if counted.known.full:
        reason = "there are more different prompts than are remembered"
        yield "different_prompts", (), (), NotAvailable(why="undefined", reason=reason, n=counted.read)
    else:
        yield "different_prompts", (), (), Count(value=len(counted.met), unit=_UNIT)
    if isinstance(seen, str):
        yield "detected_share", (), (), NotAvailable(why="not_collected", reason=seen, n=counted.read)
    else:
        yield "detected_share", (), (), share(seen.attacks, seen.looked_at)


def _kinds(counted: Counted) -> Iterator[Row]:
    """Yield how many prompts match by kind."""
    for kind in KINDS:
        yield "flagged_in_category", ("category",), (kind,), Count(value=counted.kinds[kind], unit=_UNIT)


def _months(counted: Counted) -> Iterator[Row]:
    """Yield the share by month, of months with enough prompts."""
    for month, cases in counted.months.items():
        result: Result = share(counted.flagged_months[month], cases)
        if cases < MIN_GROUP:
            result = NotAvailable(
                why="too_few_cases", reason=f"fewer than {MIN_GROUP} prompts in this month", n=cases
            )
        yield "flagged_share_by_month", ("month",), (month,), result


def _answers(counted: Counted) -> Iterator[Row]:
    """Yield what the system answered to prompts that are called attacks."""
    if not counted.attacks:
        what = "no prompt that rules call an attack has a logged answer"
        yield "attack_answers", (), (), NotAvailable(why="not_collected", reason=what, n=counted.answered)
        return
    for name in REACTIONS:
        yield "attack_answers", ("answer",), (name,), Count(value=counted.reactions[name], unit=_UNIT)


def _personal(counted: Counted) -> Iterator[Row]:
    """Yield in how many prompts and answers personal data and secrets were found, by kind."""
    for where, cases in (("prompts", counted.read), ("answers", counted.answered)):
        metric = f"{where}_with_personal_data"
        found = {kind: n for (side, kind), n in counted.personal.items() if side == where}
        if not cases:
            yield metric, (), (), NotAvailable(why="not_collected", reason="no answer is logged")
            continue
        for kind, number in found.items():
            yield metric, ("kind",), (kind,), Count(value=number, unit=where)
        if not found:
            yield metric, ("kind",), ("any",), Count(value=0, unit=where)
