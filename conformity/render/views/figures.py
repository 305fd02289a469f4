"""Measurements as figures to print, rounded, and withheld where they would tell on few people."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.manifest import Criterion
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Scalar
from conformity.render.views.context import Context
from conformity.render.views.disclosure import is_few
from conformity.render.views.subtraction import is_within_strata, tells_cases, tells_no_rate

_PEOPLE = frozenset({"rows", "row", "people", "persons", "cases", "records", "individuals", "cells"})
"""Units that count people: a row of a table stands for a person or a case."""

_SHARES_OF_ALL = frozenset({"group_share"})
"""Metrics that divide a group's size by everybody's: the share of a small group tells its size."""

_MARGINS = frozenset({"selection_rate", "label_rate", "group_size", "group_share", "missing_share_in_group"})
"""Metrics of a group that do not rest on labels and predictions together."""

_FEW_COMPARED = 30
"""The number of cases of a comparison's smallest group is not printed below this: no rate of it is."""

_ABOUT_DISCLOSURE = frozenset({"k_anonymity", "k_anonymity_wildcard"})
"""Metrics that say how small the smallest class is: hiding them would hide the risk; they name nobody."""

_LEAST_P = 0.0001
"""Below this a p-value says nothing more."""

_USUAL_PLACES = 3
"""Places of a share."""

_WIDE = 0.1
"""From this width of its interval on, a share is printed with one place less."""

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
        return Figure(
            f"{context.locale.integer(result.value)} {context.unit(result.unit)}", "", "", "", "", "", True
        )
    criterion = context.criterion_for(measurement)
    return _scalar(context, measurement, result, bounds_of(criterion) if criterion else ())


def is_withheld(context: Context, measurement: Measurement) -> bool:
    """Tell whether printing a number would show a count of people, or a rate of people, below the limit."""
    result = measurement.result
    if isinstance(result, NotAvailable) or not context.is_about_people(measurement.subject):
        return False
    if measurement.metric in _ABOUT_DISCLOSURE or (isinstance(result, Scalar) and result.obtained):
        # Of a physical quantity the cases are readings, not people.
        return False
    if _tells_size(context, measurement) or _follows_from_few(context, measurement):
        return True
    if (measurement.subject, measurement.metric, measurement.by) in context.told_apart:
        return True
    if _is_beside_few(context, measurement) or _rests_on_withheld(context, measurement):
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


def _is_beside_few(context: Context, measurement: Measurement) -> bool:
    """Tell whether the withheld rate of another group would follow from a group's figure."""
    subject, metric, by, group = measurement.subject, measurement.metric, measurement.by, measurement.group
    if not group:
        return False
    if (subject, metric, by, group) in context.rates_beside_few:
        return True
    return (subject, metric, by) in context.beside_references_of_few


def _rests_on_withheld(context: Context, measurement: Measurement) -> bool:
    """Tell whether a comparison is made of a rate that is withheld: another, printed, would give it back.

    Where it is not known which groups' rates a comparison is made of, any group's may be.
    """
    if not is_comparison(context, measurement) or measurement.group:
        return False
    if not isinstance(measurement.result, Scalar) or tells_no_rate(measurement.metric):
        return False
    place = (measurement.subject, measurement.by)
    if tells_cases(measurement.metric):
        return place in context.places_of_few
    ends = context.extremes.behind(measurement)
    if ends is None:
        return any(group[:2] == place for group in context.rates_of_few)
    return any(is_withheld(context, end) for end in ends)


def _follows_from_few(context: Context, measurement: Measurement) -> bool:
    """Tell whether a group's figure follows from its labels and predictions together, some of which are few.

    A difference to another group, a mean of rates, or accuracy beside the shares of both outcomes would give
    the small counts back.
    """
    metric = context.metrics.get(measurement.metric)
    crossed = metric is not None and metric.per == "group" and metric.id not in _MARGINS
    place = (measurement.subject, measurement.by, measurement.group)
    return crossed and bool(measurement.group) and place in (context.rates_of_few | context.groups_beside_few)


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
    """Tell whether a count or share would give a smaller count away by subtraction.

    Where some group has a part of few people, of no group any part is counted: only its size.
    """
    result = measurement.result
    counted = isinstance(result, Count) or measurement.metric in _SHARES_OF_ALL
    if not counted or _is_partner(context, measurement):
        return counted
    is_part = isinstance(result, Count) and result.unit in _PEOPLE and measurement.metric != "group_size"
    place = (measurement.subject, measurement.by)
    return is_part and bool(measurement.group) and place in context.places_with_small_parts


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
    unit = f" {context.unit(metric.unit)}" if metric is not None and metric.unit != "1" else ""
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
    places = _places(result)
    value = number(context, result.value, result.unit, bounds, places)
    if measurement.metric.endswith("_p_value") and result.value < _LEAST_P:
        value = f"< {context.locale.bound(_LEAST_P)}"
    if result.unit != "1":
        value = f"{value} {context.unit(result.unit)}"
    if result.obtained:
        # Part of the figure itself: wherever the number is printed, so is how it was obtained.
        value = f"{value}, {context.words['obtained'][result.obtained]}"
    # The readings of a physical quantity are repeats or records, not cases; its notes tell of them.
    cases = "" if result.obtained else _cases(context, measurement, result.n)
    known = interval_of(context, measurement)
    if known is None or result.obtained == "declared":
        return Figure(value, "", "", cases, "", "", True)
    low, high = (number(context, end, result.unit, bounds, places) for end in (known.low, known.high))
    words, level = context.words["common"], known.level
    if result.obtained:
        # Its ends also hold the error of a meter and declared ranges: no level is known of them.
        short = words["span"].format(low=low, high=high)
        return Figure(value, words["span_told"].format(span=short), short, "", known.method, "", True)
    interval = words["between"].format(low=low, high=high)
    short = words["range"].format(low=low, high=high) if _is_plain(low + high) else interval
    if level != _USUAL_LEVEL:
        interval, short = (
            f"{interval} ({context.locale.percent(level)})",
            f"{short}, {context.locale.percent(level)}",
        )
    return Figure(value, interval, short, cases, known.method, "", True)


def interval_of(context: Context, measurement: Measurement) -> Interval | None:
    """Return the interval of a number that is shown, unless it would tell a group's withheld cases.

    The width of an interval goes by the root of the cases, which follow from it to about a hundredth.
    """
    result = measurement.result
    if not isinstance(result, Scalar) or result.interval is None or result.obtained:
        return result.interval if isinstance(result, Scalar) else None
    withheld = context.words["common"]["withheld"]
    if measurement.group and _cases(context, measurement, result.n) == withheld:
        return None
    return result.interval


def _is_plain(digits: str) -> bool:
    """Tell whether a dash between two numbers cannot be taken for a sign of one of them."""
    return all(character.isdecimal() or character in ".," for character in digits)


def _places(result: Scalar) -> int:
    """Return how many places a share is printed with: one less where its interval makes the last noise."""
    interval = result.interval
    wide = interval is not None and interval.high - interval.low >= _WIDE
    return _USUAL_PLACES - 1 if wide else _USUAL_PLACES


def number(
    context: Context, value: float, unit: str, bounds: tuple[float, ...] = (), places: int = _USUAL_PLACES
) -> str:
    """Return a number without its unit; ``places`` are those of a share when no bound is near."""
    if unit == "1":
        return context.locale.ratio(value, bounds, places)
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
        why = words[_why(context, measurement, result)].format(limit=context.limit)
        return Figure(words["withheld"], "", "", _cases(context, measurement, result.n), "", why, False)
    unit = "" if isinstance(result, NotAvailable) else f" {context.unit(result.unit)}"
    return Figure(small + unit, "", "", "", "", "", False)


def _why(context: Context, measurement: Measurement, result: Scalar) -> str:
    """Return the key of the words that say why a rate or a comparison is withheld."""
    if result.n < context.limit:
        return "withheld_why"
    if _rests_on_withheld(context, measurement):
        return "withheld_gap"
    if _is_beside_few(context, measurement):
        return "withheld_partner"
    return "withheld_few" if _is_of_few(context, measurement, result) else "withheld_partner"


def _is_of_few(context: Context, measurement: Measurement, result: Scalar) -> bool:
    """Tell whether a rate, or another one of its group, counts few people itself, with nothing taken off."""
    group = (measurement.subject, measurement.by, measurement.group)
    return (
        _is_small_share(context, measurement)
        or _is_rate_of_few(context, measurement, result)
        or group in context.rates_of_few
    )


def _cases(context: Context, measurement: Measurement, n: int) -> str:
    """Return a number of cases; of a table, small ones as ``< 10``."""
    if context.table(measurement.subject) is not None and n < context.limit:
        return str(context.words["common"]["below"].format(limit=context.limit))
    if _is_partner(context, measurement) and measurement.metric not in _SHARES_OF_ALL:
        return str(context.words["common"]["withheld"])
    if _tells_a_part(context, measurement, n):
        return str(context.words["common"]["withheld"])
    if is_within_strata(measurement.metric) and n >= _FEW_COMPARED:
        # Rows without a partner in their stratum are few: a group's size less these cases would tell them.
        return str(context.words["common"]["about"].format(n=context.locale.integer(_two_digits(n))))
    return context.locale.integer(n)


def _tells_a_part(context: Context, measurement: Measurement, n: int) -> bool:
    """Tell whether a number of cases, taken off a group's size or off everybody's, would tell of few people.

    A size itself has rules of its own, and tells no part.
    """
    if not measurement.by:
        return False
    group = (measurement.subject, measurement.by, measurement.group)
    if measurement.group:
        whole = measurement.metric in _SHARES_OF_ALL or n == context.sizes.get(group)
        return not whole and group[:2] in context.places_with_small_parts
    # The number of cases of a comparison is a group's: its size would follow from it.
    by = measurement.by[:1] if is_within_strata(measurement.metric) else measurement.by
    place = (measurement.subject, by)
    return n < _FEW_COMPARED or place in context.places_with_small_parts or place in context.places_of_few


def _two_digits(n: int) -> int:
    """Return a number of at least ten rounded to two digits."""
    unit: int = 10 ** (len(str(n)) - 2)
    return round(n / unit) * unit
