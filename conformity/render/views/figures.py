"""Measurements as figures to print, rounded, and withheld where they would tell on few people."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.manifest import Criterion
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.render.views.context import Context
from conformity.render.views.disclosure import is_few

_PEOPLE = frozenset({"rows", "row", "people", "persons", "cases", "records", "individuals", "cells"})
"""Units that count people: a row of a table stands for a person or a case."""

_SHARES_OF_ALL = frozenset({"group_share"})
"""Metrics that divide a group's size by everybody's: the share of a small group tells its size."""

_MARGINS = frozenset({"selection_rate", "label_rate", "group_size", "group_share", "missing_share_in_group"})
"""Metrics of a group that do not rest on labels and predictions together."""

_FEW_COMPARED = 30
"""The number of cases of a comparison's smallest group is not printed below this: no rate of it is."""

_ABOUT_DISCLOSURE = frozenset({"k_anonymity"})
"""Metrics that say how small the smallest class is: hiding them would hide the risk; they name nobody."""

_LEAST_P = 0.0001
"""Below this a p-value says nothing more."""

_USUAL_LEVEL = 0.95
"""The level of an interval that goes without saying."""


@dataclass(frozen=True)
class Figure:
    """A measurement, ready to print."""

    value: str
    """The number with its unit, or the words that stand for it."""
    interval: str
    """The interval, or empty."""
    range: str
    """The interval as short as can be, for tables, or empty."""
    n: str
    """The number of cases, or empty."""
    method: str
    """How the interval was made, or empty."""
    why: str
    """Why there is no number, or empty."""
    shown: bool
    """Whether there is a number to see."""


def figure(context: Context, measurement: Measurement) -> Figure:
    """Return a measurement as it is printed, with enough places to stay on its side of a bound."""
    result = measurement.result
    if isinstance(result, NotAvailable):
        words = context.words["common"]
        return Figure(
            words["no_number"],
            "",
            "",
            _cases(context, measurement, result.n),
            "",
            context.guarded(measurement.subject, result.reason),
            False,
        )
    if is_withheld(context, measurement):
        return _withheld(context, measurement)
    if isinstance(result, Count):
        return Figure(f"{context.locale.integer(result.value)} {result.unit}", "", "", "", "", "", True)
    criterion = context.criterion_for(measurement)
    return _scalar(context, measurement, result, bounds_of(criterion) if criterion else ())


def is_withheld(context: Context, measurement: Measurement) -> bool:
    """Tell whether printing a number would show a count of people, or a rate of people, below the limit."""
    result = measurement.result
    if isinstance(result, NotAvailable) or not context.is_about_people(measurement.subject):
        return False
    if measurement.metric in _ABOUT_DISCLOSURE:
        return False
    if _tells_size(context, measurement) or _follows_from_few(context, measurement):
        return True
    if isinstance(result, Scalar) and (
        result.n < context.limit
        or _is_small_share(context, measurement)
        or _is_rate_of_few(context, measurement, result)
    ):
        return True
    if result.value >= context.limit or not (isinstance(result, Count) or result.unit in _PEOPLE):
        return False
    return bool(measurement.group) or (result.unit in _PEOPLE and result.value > 0)


def _follows_from_few(context: Context, measurement: Measurement) -> bool:
    """Tell whether a group's figure follows from its labels and predictions together, some of which are few.

    A difference to another group, a mean of rates, or accuracy beside the shares of both outcomes would give
    the small counts back.
    """
    metric = context.metrics.get(measurement.metric)
    crossed = metric is not None and metric.per == "group" and metric.id not in _MARGINS
    place = (measurement.subject, measurement.by, measurement.group)
    return crossed and bool(measurement.group) and place in context.rates_of_few


def _is_small_share(context: Context, measurement: Measurement) -> bool:
    """Tell whether a share of everybody stands for fewer people than the limit."""
    result = measurement.result
    if measurement.metric not in _SHARES_OF_ALL or not isinstance(result, Scalar):
        return False
    return round(result.value * result.n) < context.limit


def _is_rate_of_few(context: Context, measurement: Measurement, result: Scalar) -> bool:
    """Tell whether a share of cases, with its number of cases, tells a count of people below the limit.

    Comparisons of groups count nobody; neither do shares of cells, which are marked as such.
    """
    metric = context.metrics.get(measurement.metric)
    per = metric.per if metric else "group" if measurement.group or not measurement.by else ""
    if per == "attribute" or result.unit != "1" or (metric and not metric.of_cases):
        return False
    return is_few(result.value * result.n, result.n, context.limit)


def _tells_size(context: Context, measurement: Measurement) -> bool:
    """Tell whether a count or share would give a smaller group's size away by subtraction."""
    counted = isinstance(measurement.result, Count) or measurement.metric in _SHARES_OF_ALL
    return counted and _is_partner(context, measurement)


def _is_partner(context: Context, measurement: Measurement) -> bool:
    """Tell whether a measurement is of a group whose size would give a smaller one away."""
    return (measurement.subject, measurement.by, measurement.group) in context.partners


def bounds_of(criterion: Criterion) -> tuple[float, ...]:
    """Return the bounds that a criterion sets, lower first."""
    return tuple(bound for bound in (criterion.at_least, criterion.at_most) if bound is not None)


def bound_words(context: Context, criterion: Criterion) -> str:
    """Return what a criterion demands, such as ``at least 0.8``."""
    words, locale = context.words["common"], context.locale
    metric = context.metrics.get(criterion.metric)
    unit = f" {metric.unit}" if metric is not None and metric.unit != "1" else ""
    if criterion.at_least is not None and criterion.at_most is not None:
        between = words["between"].format(
            low=locale.bound(criterion.at_least), high=locale.bound(criterion.at_most)
        )
        return f"{between}{unit}"
    key = "at_most" if criterion.at_least is None else "at_least"
    return f"{words[key].format(bound=locale.bound(bounds_of(criterion)[0]))}{unit}"


def is_comparison(context: Context, measurement: Measurement) -> bool:
    """Tell whether a measurement compares the groups of an attribute; its cases are those of the smallest."""
    metric = context.metrics.get(measurement.metric)
    return metric is not None and metric.per == "attribute" and bool(measurement.by)


def where(context: Context, measurement: Measurement) -> str:
    """Return what a measurement is about: a group, the groups of an attribute, a column, or everything."""
    words = context.words["common"]
    by = " × ".join(measurement.by)
    if not measurement.by:
        return str(words["all"])
    if measurement.group:
        return f"{by}: {context.group_name(measurement.subject, measurement.by, measurement.group)}"
    metric = context.metrics.get(measurement.metric)
    if metric is not None and metric.per == "column":
        return by
    return f"{by}, {words['across_groups']}"


def _scalar(context: Context, measurement: Measurement, result: Scalar, bounds: tuple[float, ...]) -> Figure:
    """Return an estimate or a physical quantity."""
    value = number(context, result.value, result.unit, bounds)
    if measurement.metric.endswith("_p_value") and result.value < _LEAST_P:
        value = f"< {context.locale.bound(_LEAST_P)}"
    if result.unit != "1":
        value = f"{value} {result.unit}"
    cases = _cases(context, measurement, result.n)
    if result.interval is None:
        return Figure(value, "", "", cases, "", "", True)
    low, high = (
        number(context, end, result.unit, bounds) for end in (result.interval.low, result.interval.high)
    )
    words, level = context.words["common"], result.interval.level
    interval = words["between"].format(low=low, high=high)
    short = words["range"].format(low=low, high=high) if _is_plain(low + high) else interval
    if level != _USUAL_LEVEL:
        interval, short = (
            f"{interval} ({context.locale.percent(level)})",
            f"{short}, {context.locale.percent(level)}",
        )
    return Figure(value, interval, short, cases, result.interval.method, "", True)


def _is_plain(digits: str) -> bool:
    """Tell whether a dash between two numbers cannot be taken for a sign of one of them."""
    return all(character.isdecimal() or character in ".," for character in digits)


def number(context: Context, value: float, unit: str, bounds: tuple[float, ...] = ()) -> str:
    """Return a number without its unit."""
    if unit == "1":
        return context.locale.ratio(value, bounds)
    if float(value).is_integer() and abs(value) < 1e6:
        return context.locale.integer(int(value))
    return context.locale.quantity(value, bounds)


def _withheld(context: Context, measurement: Measurement) -> Figure:
    """Return the words that stand for a number that must not be printed."""
    words = context.words["common"]
    small = words["below"].format(limit=context.limit)
    result = measurement.result
    if _tells_size(context, measurement):
        return Figure(words["withheld"], "", "", "", "", words["withheld_partner"], False)
    if isinstance(result, Scalar) and result.unit not in _PEOPLE:
        few = result.n < context.limit
        why = words["withheld_why" if few else "withheld_few"].format(limit=context.limit)
        return Figure(words["withheld"], "", "", _cases(context, measurement, result.n), "", why, False)
    unit = "" if isinstance(result, NotAvailable) else f" {result.unit}"
    return Figure(small + unit, "", "", "", "", "", False)


def _cases(context: Context, measurement: Measurement, n: int) -> str:
    """Return a number of cases; of a table, small ones as ``< 10``."""
    if context.table(measurement.subject) is not None and n < context.limit:
        return str(context.words["common"]["below"].format(limit=context.limit))
    if _is_partner(context, measurement) and measurement.metric not in _SHARES_OF_ALL:
        return str(context.words["common"]["withheld"])
    place = (measurement.subject, measurement.by)
    if measurement.by and not measurement.group and (n < _FEW_COMPARED or place in context.places_of_few):
        # The number of cases of a comparison is a group's: its size would follow from it.
        return str(context.words["common"]["withheld"])
    return context.locale.integer(n)
