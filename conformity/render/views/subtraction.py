"""What would give a withheld figure back by subtraction: extremes of gaps, parts of groups, rates beside one.

A gap between groups is the highest rate less the lowest; with one of them printed it tells the other. The
cases of one rate, taken off a group's size or off everybody's, tell those of another. A rate that alone of
all groups is withheld follows from those of the others and of everybody.

Source:
    Hundepool et al., Statistical Disclosure Control, 2012, section 4.4 (secondary cell suppression).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conformity.model.evidence import Observation
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.render.views.complements import Group

Place = tuple[str, tuple[str, ...]]
"""Subject and columns."""

_POSITIVE, _FALSE_POSITIVE = "true_positive_rate", "false_positive_rate"

_RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "demographic_parity_difference": ("selection_rate",),
    "disparate_impact_ratio": ("selection_rate",),
    "label_rate_difference": ("label_rate",),
    "equal_opportunity_difference": (_POSITIVE,),
    "equal_opportunity_ratio": (_POSITIVE,),
    "equalized_odds_difference": (_POSITIVE, _FALSE_POSITIVE),
    "equalized_odds_ratio": (_POSITIVE, _FALSE_POSITIVE),
    "accuracy_difference": ("accuracy",),
    "predictive_parity_difference": ("positive_predictive_value",),
    "false_omission_rate_difference": ("false_omission_rate",),
    "treatment_equality_difference": ("false_negative_share",),
    "auc_difference": ("auc",),
    "mean_score_difference": ("mean_score",),
    "calibration_difference": ("calibration_in_the_large",),
    "worst_group_calibration_error": ("expected_calibration_error",),
    "gap_within_strata": ("selection_rate", "label_rate"),
}
"""The rates of groups whose highest and lowest a comparison is made of."""

RATES_OF_CASES = frozenset(
    {
        "accuracy",
        "precision",
        "recall",
        "selection_rate",
        "label_rate",
        "true_positive_rate",
        "false_positive_rate",
        "true_negative_rate",
        "false_negative_rate",
        "positive_predictive_value",
        "negative_predictive_value",
        "false_discovery_rate",
        "false_omission_rate",
        "false_negative_share",
    }
)
"""Rates of groups that times their cases are numbers of people, for those who have no definitions at hand."""

_OF_THE_FIRST = frozenset({"gap_within_strata"})
"""Comparisons of the groups of their first column, within the values of the others."""

_TELLS_NO_RATE = frozenset(
    {"proxy_association", "proxy_information", "between_group_inequality_share", "attribute_guess_gain"}
)
"""Comparisons that sum over all groups: none of them has a part that a rate could be read from."""

_TELLS_CASES = frozenset({"minimum_detectable_difference"})
"""Comparisons that follow from the number of cases of the smallest group and the rate of the reference."""

_PEOPLE = frozenset({"rows", "people", "persons", "cases", "records", "individuals", "cells"})
_SIZE, _SHARE = "group_size", "group_share"

_TO_REFERENCE = "_to_reference"


@dataclass(frozen=True)
class Extremes:
    """The groups with the highest and the lowest rate, by metric and place, and where groups are few."""

    found: Mapping[tuple[str, str, tuple[str, ...]], tuple[Measurement, ...]] = field(default_factory=dict)
    """By subject, metric and columns: the measurements that are highest or lowest, ties among them."""

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> Extremes:
        """Return the extremes of every rate of groups that some comparison is made of."""
        rates = {name for names in _RESTS_ON.values() for name in names}
        series: dict[tuple[str, str, tuple[str, ...]], list[tuple[float, Measurement]]] = {}
        for one in _of_groups(observations):
            if one.metric in rates and isinstance(one.result, Scalar):
                key = (one.subject, one.metric, one.by)
                series.setdefault(key, []).append((one.result.value, one))
        return cls({key: _ends(values) for key, values in series.items()})

    def behind(self, comparison: Measurement) -> tuple[Measurement, ...] | None:
        """Return the extreme rates that a comparison is made of; None where they are not known."""
        names = _RESTS_ON.get(comparison.metric)
        if names is None:
            return None
        by = comparison.by[:1] if comparison.metric in _OF_THE_FIRST else comparison.by
        found = [self.found.get((comparison.subject, name, by), ()) for name in names]
        return tuple(one for some in found for one in some) or None


def compares(measurement: Measurement) -> bool:
    """Tell whether a number is known to compare the groups of columns."""
    return (
        bool(measurement.by) and not measurement.group and measurement.metric in {*_RESTS_ON, *_TELLS_CASES}
    )


def beside_references_of_few(
    observations: Iterable[Observation], few: frozenset[Group]
) -> frozenset[tuple[str, str, tuple[str, ...]]]:
    """Return subject, metric and columns of distances to a reference group whose own rates are withheld.

    The reference group is the one without a distance; its rate would follow from another's and the distance.
    """
    told: dict[tuple[str, str, tuple[str, ...]], set[tuple[str, ...]]] = {}
    for one in _of_groups(observations):
        if one.metric.endswith(_TO_REFERENCE):
            told.setdefault((one.subject, one.metric, one.by), set()).add(one.group)
    return frozenset(
        (subject, metric, by)
        for (subject, metric, by), groups in told.items()
        if any((subject, by) == group[:2] and group[2] not in groups for group in few)
    )


def tells_no_rate(metric: str) -> bool:
    """Tell whether a comparison sums over all groups, so that no group's rate follows from it."""
    return metric in _TELLS_NO_RATE


def is_within_strata(metric: str) -> bool:
    """Tell whether a comparison is of the groups of its first column, within the values of the others."""
    return metric in _OF_THE_FIRST


def tells_cases(metric: str) -> bool:
    """Tell whether the number of cases of the smallest group follows from a comparison."""
    return metric in _TELLS_CASES


def places_with_small_parts(
    observations: Iterable[Observation],
    sizes: Mapping[Group, int],
    tables: Container[str],
    limit: int,
) -> frozenset[Place]:
    """Return where some group has a part of some people but fewer than ``limit``.

    A part is what a rate of the group rests on, or what it leaves out of the group, or what is counted in it.
    """
    return frozenset(
        (one.subject, one.by)
        for one in _of_groups(observations)
        if one.subject in tables
        for part in _parts(one, sizes.get((one.subject, one.by, one.group), 0))
        if 0 < part < limit
    )


def _parts(measurement: Measurement, size: int) -> tuple[int, ...]:
    """Return the numbers of people that a group's measurement tells: its cases, and those left out."""
    result = measurement.result
    if isinstance(result, Count):
        return (result.value,) if result.unit in _PEOPLE else ()
    if measurement.metric == _SHARE or (isinstance(result, Scalar) and result.obtained):
        return ()
    # No cases at all are mostly a reason of another kind, and what they leave out is the whole group.
    return (result.n, size - result.n) if result.n else ()


def rates_beside_few(
    observations: Iterable[Observation],
    rates: Container[str],
    sizes: Mapping[Group, int],
    tables: Container[str],
    limit: int,
) -> frozenset[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Return subject, metric, columns and group of rates that are withheld beside those of few people.

    Rounding does not help: several rates of a group, each rounded, leave one number of people together. Of a
    group smaller than ``limit`` its own size and another are withheld, and nothing can be taken off.
    """
    series: dict[tuple[str, str, tuple[str, ...]], list[Measurement]] = {}
    for one in _of_groups(observations):
        if one.subject not in tables or one.metric not in rates or isinstance(one.result, Count):
            continue
        if sizes.get((one.subject, one.by, one.group), 0) >= limit:
            series.setdefault((one.subject, one.metric, one.by), []).append(one)
    return frozenset(
        (one.subject, one.metric, one.by, one.group)
        for several in series.values()
        for one in _beside(several, limit)
    )


def _beside(several: list[Measurement], limit: int) -> Iterator[Measurement]:
    """Yield the rates of one metric to withhold, those of the fewest cases first."""
    results = [(one, one.result) for one in several if isinstance(one.result, Scalar)]
    shown = sorted(
        ((result.n, one.group, round(result.value * result.n), one) for one, result in results),
        key=lambda entry: entry[:2],
    )
    gone = [entry for entry in shown if _few(entry[2], entry[0], limit)]
    shown = [entry for entry in shown if not _few(entry[2], entry[0], limit)]
    unknown = sum(isinstance(one.result, NotAvailable) and one.result.n > 0 for one in several)
    while shown and (gone or unknown) and not _is_hidden(gone, unknown, limit):
        gone.append(shown.pop(0))
        yield gone[-1][-1]


def _is_hidden(gone: list[tuple[int, tuple[str, ...], int, Measurement]], unknown: int, limit: int) -> bool:
    """Tell whether withheld rates hide each other: several groups, with too many people of each outcome."""
    won = sum(entry[2] for entry in gone)
    lost = sum(entry[0] for entry in gone) - won
    return len(gone) + unknown > 1 and min(won, lost) >= limit


def _few(numerator: int, cases: int, limit: int) -> bool:
    """Tell whether a rate is withheld for its few cases, or the few who are, or are not, counted."""
    return cases < limit or 0 < numerator < limit or 0 < cases - numerator < limit


def _ends(values: list[tuple[float, Measurement]]) -> tuple[Measurement, ...]:
    """Return the measurements with the highest and with the lowest value."""
    ends = {max(value for value, _ in values), min(value for value, _ in values)}
    return tuple(one for value, one in values if value in ends)


def _of_groups(observations: Iterable[Observation]) -> Iterator[Measurement]:
    """Yield the measurements of groups."""
    for observation in observations:
        yield from (one for one in observation.measurements if one.group)
