"""Annex C: the measurements, by subject: sentences for each observation, tables for groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import Figure, figure, is_comparison, where
from conformity.render.views.grid import Grid, Place, Series, grids

_MOST_ROWS = 24
"""Groups of a subject, and figures in sentences of an observation, that are printed."""

_MOST_METRICS = 5
"""Metrics of one observation that are printed for groups, in the probe's order."""

_MOST_NAMES = 12
"""Columns with the same figure that are named together."""


@dataclass(frozen=True)
class Statement:
    """Figures that need no table: a metric of columns or attributes, or the metrics of a whole subject."""

    title: str
    """What they have in common."""
    text: str
    """The figures, each with what it is about."""


@dataclass(frozen=True)
class Block:
    """The measurements of one observation."""

    anchor: str
    """Its place."""
    entry: Link
    """The observation in the register."""
    probe: str
    """The probe."""
    statements: tuple[Statement, ...]
    """Figures in sentences."""
    in_tables: str
    """The metrics whose figures are in the subject's tables, or empty."""
    more: str
    """How many are not printed, or empty."""


@dataclass(frozen=True)
class SubjectFigures:
    """The measurements of one subject."""

    title: str
    """The subject."""
    blocks: tuple[Block, ...]
    """One for each observation."""
    grids: tuple[Grid, ...]
    """Figures of groups, of all observations."""
    reasons: str
    """Why cells of the tables hold no number, each with its letter, or empty."""


@dataclass(frozen=True)
class _Part:
    """One figure in a sentence, of one or more measurements."""

    title: str
    """What it belongs to."""
    text: str
    """The figure in words."""
    measurements: int
    """How many measurements it stands for."""


@dataclass(frozen=True)
class _Split:
    """The measurements of one observation that are printed, by where they are printed."""

    observation: Observation
    """The observation."""
    series: tuple[Series, ...]
    """Those of groups, for the tables."""
    parts: tuple[_Part, ...]
    """The others."""


def subject_figures(context: Context) -> tuple[SubjectFigures, ...]:
    """Return the measurements of all observations that have any, by subject."""
    found: dict[str, list[Observation]] = {}
    for one in context.evidence.observations:
        if one.measurements:
            found.setdefault(one.subject, []).append(one)
    return tuple(_subject(context, subject, several) for subject, several in found.items())


def _subject(context: Context, subject: str, observations: Sequence[Observation]) -> SubjectFigures:
    """Return the measurements of one subject, as many as are printed."""
    splits = [_split(context, one) for one in observations]
    series = [one for split in splits for one in split.series]
    places = sorted(
        {place for one in series for place in one.measurements},
        key=lambda place: (place[0], context.group_order(subject, *place)),
    )[:_MOST_ROWS]
    tables, reasons = grids(context, series, places)
    return SubjectFigures(
        title=context.subject_title(subject),
        blocks=tuple(_block(context, split, frozenset(places)) for split in splits),
        grids=tables,
        reasons="; ".join(reasons),
    )


def _block(context: Context, split: _Split, places: frozenset[Place]) -> Block:
    """Return one observation; ``places`` are the rows of the subject's tables."""
    words, observation = context.words, split.observation
    tabled = sum(place in places for one in split.series for place in one.measurements)
    parts = split.parts[:_MOST_ROWS]
    rest = len(observation.measurements) - tabled - sum(part.measurements for part in parts)
    titles = ", ".join(one.title for one in split.series)
    return Block(
        anchor=f"m-{observation.id}",
        entry=context.evidence_link(observation.id),
        probe=context.probe_title(observation.probe),
        statements=tuple(
            Statement(title, "; ".join(part.text for part in some))
            for title, some in groupby(parts, key=lambda part: part.title)
        ),
        in_tables=words["annex"]["in_tables"].format(metrics=titles) if titles else "",
        more=words["annex"]["more_figures"].format(n=context.locale.integer(rest)) if rest else "",
    )


def _split(context: Context, observation: Observation) -> _Split:
    """Return what of an observation goes into tables and what into sentences."""
    printed = [one for one in observation.measurements if _is_printed(context, one)]
    of_groups = _in_order(context, observation, {one.metric for one in printed if one.group})
    uniform = [name for name in of_groups if _common(context, printed, name)]
    tabled = [name for name in of_groups if name not in uniform][:_MOST_METRICS]
    parts = [
        *_parts(context, [one for one in printed if not one.group and (one.by or one.metric not in tabled)]),
        *(
            _uniform(context, [one for one in printed if one.group and one.metric == name])
            for name in uniform
        ),
    ]
    link = context.evidence_link(observation.id)
    series = tuple(
        Series(
            context.metric_title(name),
            link,
            {(one.by, one.group): one for one in printed if one.metric == name and (one.group or not one.by)},
        )
        for name in tabled
    )
    return _Split(observation, series, tuple(parts))


def _is_printed(context: Context, measurement: Measurement) -> bool:
    """Tell whether a measurement is printed: all but those of groups that several attributes form."""
    table = context.table(measurement.subject)
    attributes = {column.name for column in table.with_role("protected")} if table else set()
    crossed = len(measurement.by) > 1 and set(measurement.by) <= attributes
    return not crossed or context.criterion_for(measurement) is not None


def _in_order(context: Context, observation: Observation, metrics: set[str]) -> list[str]:
    """Return metrics in the order of the probe; those it does not know come last."""
    probe = context.probes.get(observation.probe)
    known = [str(metric.id) for metric in probe.metrics] if probe else []
    return sorted(metrics, key=lambda one: (known.index(one) if one in known else len(known), one))


def _common(context: Context, measurements: Sequence[Measurement], metric: str) -> str:
    """Return the figure that all groups with a number share, or nothing when they differ."""
    shown = [figure(context, one) for one in measurements if one.group and one.metric == metric]
    values = [one.value for one in shown if not one.why]
    plain = all(one.range == "" for one in shown)
    return values[0] if len(values) > 1 and len(set(values)) == 1 and plain else ""


def _uniform(context: Context, measurements: Sequence[Measurement]) -> _Part:
    """Return one figure of all groups, with the groups of which there is no number."""
    words = context.words
    without = [where(context, one) for one in measurements if figure(context, one).why]
    value = _common(context, measurements, measurements[0].metric)
    text = f"{value}; {words['annex']['but_for'].format(groups=', '.join(without))}" if without else value
    title = f"{context.metric_title(measurements[0].metric)}, {words['common']['each_group']}"
    return _Part(title, text, len(measurements))


def _parts(context: Context, measurements: Sequence[Measurement]) -> list[_Part]:
    """Return figures in words: of the whole subject first, then by metric; equal ones of columns together."""
    ordered = sorted(measurements, key=lambda one: (one.by != (), one.metric if one.by else "", one.by))
    parts: list[_Part] = []
    for (title, _, shown), several in groupby(ordered, key=lambda one: _key(context, one)):
        members = list(several)
        parts.append(_Part(title, _in_words(context, members, shown), len(members)))
    return parts


def _key(context: Context, measurement: Measurement) -> tuple[str, str, Figure]:
    """Return what measurements in one part have in common: the sentence, the metric, and the figure."""
    shown, words = figure(context, measurement), context.words["common"]
    if not measurement.by:
        everything = str(words["all"])
        return everything[:1].upper() + everything[1:], measurement.metric, shown
    title, metric = context.metric_title(measurement.metric), context.metrics.get(measurement.metric)
    if metric is None or metric.per != "column":
        title = f"{title}, {words['across_groups']}"
    return title, measurement.metric, shown


def _in_words(context: Context, members: Sequence[Measurement], shown: Figure) -> str:
    """Return what one figure is about, the figure, its interval and its cases."""
    words = context.words
    names = [" × ".join(one.by) or context.metric_title(one.metric) for one in members]
    text = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        text += f" {words['common']['and_others'].format(n=len(names) - _MOST_NAMES)}"
    text += f": {shown.value}" if members[0].by else f" {shown.value}"
    if shown.why:
        return f"{text} ({shown.why})"
    if shown.range:
        text += f" ({shown.range})"
    key = "cases_smallest" if is_comparison(context, members[0]) else "cases"
    return f"{text}, {words['annex'][key].format(n=shown.n)}" if shown.n else text
