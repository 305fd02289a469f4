"""What was measured and looks bad, though nobody fixed a bound for it: it must not go unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformity.model.measurement import Count, Measurement, Scalar
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import Figure, figure, is_withheld

_SHARES = frozenset({"unique_share"})
"""Shares of a whole table that are told beside counts, because no count says the same."""

_MOST = 24
"""How many lines are printed."""


_Found = tuple[str, Measurement]
"""The id of an observation and one of its measurements."""


@dataclass(frozen=True)
class Adverse:
    """One metric of one subject."""

    title: str
    """The metric's name."""
    figures: tuple[str, ...]
    """The numbers, each with the attribute it is about."""
    evidence: tuple[Link, ...]
    """Where they come from."""


@dataclass(frozen=True)
class AdverseSubject:
    """The lines of one subject."""

    title: str
    """What was looked at."""
    rows: tuple[Adverse, ...]
    """The lines."""


@dataclass(frozen=True)
class AdverseList:
    """All of them, as many as are printed."""

    subjects: tuple[AdverseSubject, ...]
    """By subject."""
    more: str
    """How many are not printed, or empty."""


def adverse(context: Context) -> AdverseList:
    """Return what speaks against the system and is judged by no criterion.

    Told are things that were counted and of which fewer would be better, and differences between the groups
    of one attribute whose whole interval lies above zero.
    """
    found: dict[str, dict[str, list[_Found]]] = {}
    for observation in context.evidence.observations:
        for one in observation.measurements:
            if _speaks_against(context, one):
                of_subject = found.setdefault(one.subject, {})
                of_subject.setdefault(one.metric, []).append((observation.id, one))
    total = sum(len(metrics) for metrics in found.values())
    return AdverseList(
        tuple(_subjects(context, found)),
        context.plural("open", "adverse_more", total - _MOST) if total > _MOST else "",
    )


def _subjects(context: Context, found: dict[str, dict[str, list[_Found]]]) -> Iterator[AdverseSubject]:
    """Yield the lines by subject, until there is no more room."""
    room = _MOST
    for subject, metrics in found.items():
        rows = tuple(_row(context, metric, several) for metric, several in list(metrics.items())[:room])
        room -= len(rows)
        if rows:
            yield AdverseSubject(context.subject_title(subject), rows)


def _row(context: Context, metric: str, found: list[_Found]) -> Adverse:
    """Return one line."""
    return Adverse(
        title=context.metric_title(metric),
        figures=tuple(_in_words(context, one, figure(context, one)) for _, one in found),
        evidence=context.evidence_links(list(dict.fromkeys(ident for ident, _ in found))),
    )


def _in_words(context: Context, measurement: Measurement, shown: Figure) -> str:
    """Return a number with its interval and what it is about."""
    text = f"{shown.value} ({shown.range})" if shown.range else shown.value
    if not measurement.by:
        return text
    return str(context.words["open"]["adverse_of"].format(attribute=" × ".join(measurement.by), value=text))


def _speaks_against(context: Context, one: Measurement) -> bool:
    """Tell whether a number that no criterion bounds looks bad."""
    metric = context.metrics.get(one.metric)
    if metric is None or metric.better != "lower" or one.group or context.criterion_for(one) is not None:
        return False
    if metric.per == "attribute":
        return _sets_groups_apart(context, one)
    found = isinstance(one.result, Count) or one.metric in _SHARES
    return metric.per == "subject" and found and _is_positive(one)


def _is_positive(one: Measurement) -> bool:
    """Tell whether a number is above zero."""
    return isinstance(one.result, Count | Scalar) and one.result.value > 0


def _sets_groups_apart(context: Context, one: Measurement) -> bool:
    """Tell whether a difference between the groups of one attribute is surely above zero."""
    result = one.result
    if len(one.by) != 1 or not isinstance(result, Scalar) or not one.metric.endswith("_difference"):
        return False
    sure = result.interval is not None and result.interval.low > 0
    return sure and not is_withheld(context, one)
