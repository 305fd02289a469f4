"""Groups compared: which measurements go into which figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.model.finding import Verdict
from conformity.model.manifest import Criterion
from conformity.model.measurement import Count, Measurement, Scalar
from conformity.render.charts import Chart, Dot, Series, dot_plot, room_for, scale_end, scale_ticks
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import bound_words, bounds_of, figure, interval_of, is_withheld
from conformity.render.views.references import SIGN, references
from conformity.render.views.verdicts import COLOURS, mark

_DRAWN = (
    "selection_rate",
    "label_rate",
    "true_positive_rate",
    "false_positive_rate",
    "accuracy",
    "balanced_accuracy",
    "positive_predictive_value",
    "negative_predictive_value",
    "auc",
    "mean_score",
)
"""The rates that are drawn for every attribute, in this order; others when a criterion bounds them."""

_MOST_ROWS = 24
"""The most groups in one drawing."""

_COMPARISONS = 14
"""The most comparisons in one drawing: taller ones leave half a page empty before them."""

_PANELS = 5
_GROUP_ROOMS = (136, 34)
_GROUP_ROOMS_WITH_ICONS = (136, 48)
_COMPARISON_ROOMS = (300, 76)
_LONGEST_NAMES = 400
"""The most room for the names of comparisons, in pixels."""

_OF_ANOTHER_KIND = frozenset({"minimum_detectable_difference", "representation_chi_square_p"})
"""Comparisons that say what the data can tell, not how far groups lie apart: no scale is theirs too."""


@dataclass(frozen=True)
class Plot:
    """A figure with the observations that it shows."""

    chart: Chart
    """The drawing."""
    evidence: tuple[Link, ...]
    """Where its numbers come from."""
    more: str
    """How many groups are not drawn, or empty."""


@dataclass(frozen=True)
class Found:
    """A measurement and the observation it comes from."""

    evidence: str
    """Id of the observation."""
    measurement: Measurement
    """The measurement."""


_Place = tuple[str, tuple[str, ...]]


def plots(context: Context) -> tuple[Plot, ...]:
    """Return all figures: for each table the comparisons, then the rates for each attribute."""
    rates, comparisons = _sorted_out(context)
    drawn: list[Plot] = []
    for subject in dict.fromkeys([*comparisons, *(place[0] for place in rates)]):
        drawn.extend(_comparison_plots(context, subject, comparisons.get(subject, ()), len(drawn)))
        for place, metrics in rates.items():
            if place[0] == subject:
                drawn.extend(_rate_plots(context, place, metrics, len(drawn)))
    return tuple(drawn)


def _sorted_out(
    context: Context,
) -> tuple[dict[_Place, dict[str, list[Found]]], dict[str, list[Found]]]:
    """Return the rates by table, attribute and metric, and the comparisons by table."""
    rates: dict[_Place, dict[str, list[Found]]] = {}
    comparisons: dict[str, list[Found]] = {}
    for observation in context.evidence.observations:
        for measurement in observation.measurements:
            found = Found(observation.id, measurement)
            if not measurement.by or not _belongs(context, measurement):
                continue
            per = context.metrics[measurement.metric].per
            if per == "attribute" and not measurement.group and _is_worth_a_row(context, measurement):
                comparisons.setdefault(measurement.subject, []).append(found)
            elif per == "group" and measurement.group and _is_drawn(context, measurement):
                place = (measurement.subject, measurement.by)
                rates.setdefault(place, {}).setdefault(measurement.metric, []).append(found)
    return rates, comparisons


def _belongs(context: Context, measurement: Measurement) -> bool:
    """Tell whether a measurement is a share or ratio of one attribute, or one that a criterion bounds.

    Groups that two attributes form are many; they are drawn only where the provider fixed a bound for them.
    """
    metric = context.metrics.get(measurement.metric)
    if metric is None or metric.unit != "1" or context.table(measurement.subject) is None:
        return False
    return len(measurement.by) == 1 or context.criterion_for(measurement) is not None


def _is_worth_a_row(context: Context, measurement: Measurement) -> bool:
    """Tell whether a comparison of groups has a number to show, or a bound that it was held against."""
    if measurement.metric in _OF_ANOTHER_KIND:
        return False
    number = isinstance(measurement.result, Scalar) and not is_withheld(context, measurement)
    return number or context.criterion_for(measurement) is not None


def _is_drawn(context: Context, measurement: Measurement) -> bool:
    """Tell whether a rate is one that is drawn."""
    return measurement.metric in _DRAWN or context.criterion_for(measurement) is not None


def _rate_plots(
    context: Context, place: _Place, metrics: dict[str, list[Found]], first: int
) -> Iterator[Plot]:
    """Yield the figures of one attribute, at most three panels each."""
    chosen, total = _largest_groups(context, place, metrics)
    ordered = sorted(metrics, key=lambda metric: (_rank(metric), metric))
    end = scale_end(_ends(context, [found for metric in ordered for found in metrics[metric]]))
    for number, names in enumerate(_chunks(ordered)):
        yield _rate_plot(
            context, place, {name: metrics[name] for name in names}, chosen, total, end, first + number
        )


def _rate_plot(
    context: Context,
    place: _Place,
    metrics: dict[str, list[Found]],
    chosen: Sequence[tuple[str, ...]],
    total: int,
    end: float,
    number: int,
) -> Plot:
    """Return one figure: groups as rows, metrics as panels."""
    subject, by = place
    words, locale = context.words["groups"], context.locale
    reference = references(context).get(place)
    names = [
        context.group_name(subject, by, group) + (f" {SIGN}" if group == reference else "")
        for group in chosen
    ]
    series = [_rate_series(context, found, chosen) for found in metrics.values()]
    title = words["rates"].format(attribute=" × ".join(by), subject=context.subject_title(subject))
    return Plot(
        chart=dot_plot(
            f"figure-{number}",
            title,
            _description(context, names, series),
            names,
            series,
            _GROUP_ROOMS_WITH_ICONS if any(dot.icon for one in series for dot in one.dots) else _GROUP_ROOMS,
            [(tick, locale.bound(tick)) for tick in scale_ticks(end, 4 if len(series) < 3 else 2)],
        ),
        evidence=_sources(context, [found for several in metrics.values() for found in several]),
        more=words["more"].format(n=len(chosen), total=total) if total > len(chosen) else "",
    )


def _rate_series(context: Context, found: list[Found], chosen: Sequence[tuple[str, ...]]) -> Series:
    """Return one panel: the groups' values of one metric."""
    by_group = {one.measurement.group: one for one in found}
    first = found[0].measurement
    lines = [
        (bound, bound_words(context, criterion))
        for criterion in [context.criterion_for(first)]
        if criterion is not None and not criterion.group
        for bound in bounds_of(criterion)
    ]
    dots = tuple(
        _group_dot(context, by_group[group]) if group in by_group else Dot(None, None, None, "")
        for group in chosen
    )
    return Series(context.metric_title(first.metric), dots, tuple(lines))


def _group_dot(context: Context, found: Found) -> Dot:
    """Return one group's row: with its own bound, where a criterion is on this group alone."""
    criterion = context.criterion_for(found.measurement)
    own = criterion if criterion is not None and criterion.group else None
    return _dot(context, found.measurement, own, _verdict(context, found))


def _comparison_plots(context: Context, subject: str, found: Sequence[Found], first: int) -> Iterator[Plot]:
    """Yield the figures of the comparisons of one table: differences, best at 0, then ratios, best at 1."""
    number = first
    for key, ratios in (("differences", False), ("ratios", True)):
        ordered = sorted((one for one in found if _is_ratio(one) is ratios), key=_by_attribute)
        for start in range(0, len(ordered), _COMPARISONS):
            yield _comparison_plot(context, (subject, key), ordered[start : start + _COMPARISONS], number)
            number += 1


def _is_ratio(found: Found) -> bool:
    """Tell whether a comparison is a ratio, whose name says so."""
    return "ratio" in found.measurement.metric.split("_")


def _comparison_plot(context: Context, place: tuple[str, str], found: list[Found], number: int) -> Plot:
    """Return a figure of comparisons of one kind across groups of one table, each with its own bound."""
    subject, key = place
    words, locale = context.words["groups"], context.locale
    ends = _ends(context, found)
    names, dots = [], []
    for one in found:
        criterion = context.criterion_for(one.measurement)
        name = f"{' × '.join(one.measurement.by)}: {context.metric_title(one.measurement.metric)}"
        names.append(f"{name}, {bound_words(context, criterion)}" if criterion else name)
        dots.append(_dot(context, one.measurement, criterion, _verdict(context, one)))
    series = [Series("", tuple(dots))]
    title = words[key].format(subject=context.subject_title(subject))
    beside, after = _COMPARISON_ROOMS
    room = min(max(beside, *(room_for(name) for name in names)), _LONGEST_NAMES)
    return Plot(
        chart=dot_plot(
            f"figure-{number}",
            title,
            _description(context, names, series),
            names,
            series,
            (room, after),
            [(tick, locale.bound(tick)) for tick in scale_ticks(scale_end(ends))],
        ),
        evidence=_sources(context, found),
        more="",
    )


def _by_attribute(found: Found) -> tuple[tuple[str, ...], str]:
    """Return what comparisons are ordered by: attribute, then metric."""
    return found.measurement.by, found.measurement.metric


def _verdict(context: Context, found: Found) -> Verdict | None:
    """Return the verdict of the criterion whose bound is printed, or nothing when there is none."""
    one = found.measurement
    criterion = context.criterion_for(one)
    if criterion is None:
        return None
    return context.verdicts.get((criterion.id, found.evidence, one.by, one.group))


def _dot(
    context: Context,
    measurement: Measurement,
    criterion: Criterion | None = None,
    verdict: Verdict | None = None,
) -> Dot:
    """Return the dot and the bar of one measurement; nothing is drawn of what must not be shown."""
    bounds = bounds_of(criterion) if criterion else ()
    text = figure(context, measurement).value
    shape = mark(context, verdict) if verdict else None
    shown = (shape.icon, COLOURS[verdict], shape.word) if verdict and shape else ("", "", "")
    result = measurement.result
    if not isinstance(result, Scalar) or is_withheld(context, measurement):
        return Dot(None, None, None, text, bounds, *shown)
    interval = interval_of(context, measurement)
    low, high = (interval.low, interval.high) if interval else (None, None)
    return Dot(result.value, low, high, text, bounds, *shown)


def _ends(context: Context, found: Sequence[Found]) -> list[float]:
    """Return everything that must fit on the scale."""
    ends: list[float] = []
    for one in found:
        criterion = context.criterion_for(one.measurement)
        dot = _dot(context, one.measurement, criterion)
        ends.extend(value for value in (dot.value, dot.high, *dot.bounds) if value is not None)
    return ends


def _largest_groups(
    context: Context, place: _Place, metrics: dict[str, list[Found]]
) -> tuple[list[tuple[str, ...]], int]:
    """Return the groups to draw, in their usual order, and how many there are."""
    sizes: dict[tuple[str, ...], int] = {}
    for one in [found for several in metrics.values() for found in several]:
        result = one.measurement.result
        n = 0 if isinstance(result, Count) else result.n
        sizes[one.measurement.group] = max(n, sizes.get(one.measurement.group, 0))
    largest = sorted(sizes, key=lambda group: (-sizes[group], group))[:_MOST_ROWS]
    return sorted(largest, key=lambda group: context.group_order(*place, group)), len(sizes)


def _rank(metric: str) -> int:
    """Return the place of a metric among those that are drawn."""
    return _DRAWN.index(metric) if metric in _DRAWN else len(_DRAWN)


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the panels of each figure, as evenly as possible."""
    figures = -(-len(names) // _PANELS)
    size = -(-len(names) // figures)
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _description(context: Context, names: Sequence[str], series: Sequence[Series]) -> str:
    """Return the numbers of a figure in words."""
    words = context.words["groups"]
    parts = []
    for one in series:
        rows = "; ".join(
            words["point_alone"].format(label=name, value=f"{dot.text} {dot.word}".rstrip())
            for name, dot in zip(names, one.dots, strict=True)
            if dot.text
        )
        parts.append(words["described"].format(metric=one.title, rows=rows) if one.title else rows)
    return ". ".join(parts)


def _sources(context: Context, found: Sequence[Found]) -> tuple[Link, ...]:
    """Return links to the observations behind a figure."""
    return context.evidence_links(list(dict.fromkeys(one.evidence for one in found)))
