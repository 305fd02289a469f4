"""What may be told of measurements on a table to whoever asks: nothing about a few people, no rare value.

The documents have their own, finer rules in :mod:`conformity.render.views`; these are for a terminal and
a chat, which show single numbers without a report around them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement
from conformity.render.characters import without_small_counts
from conformity.render.views.complements import Group
from conformity.render.views.disclosure import (
    group_sizes,
    is_few,
    rare_values,
    sizes_beside_small,
    told_apart,
    without_values,
)
from conformity.render.views.subtraction import (
    RATES_OF_CASES,
    Extremes,
    Place,
    compares,
    is_within_strata,
    places_with_small_parts,
    rates_beside_few,
    tells_cases,
)
from conformity.settings import DISCLOSURE_LIMIT

_RARE = "(rare value)"
_PEOPLE = frozenset({"rows", "people", "persons", "cells", "cases", "records"})
"""Units that count people."""


@dataclass(frozen=True)
class Telling:
    """The values of one subject that are not to be told, and the limit."""

    rare: frozenset[tuple[str, str, str]]
    """Subject, column and value of every group of fewer people than the limit."""
    limit: int = DISCLOSURE_LIMIT
    """No count of people below this is told."""
    apart: frozenset[tuple[str, str, tuple[str, ...]]] = frozenset()
    """Subject, metric and columns of shares that beside a larger one would tell of few rows."""
    beside: frozenset[Group] = frozenset()
    """Groups from whose sizes that of a small one would follow."""
    extremes: Extremes = field(default_factory=Extremes)
    """The groups with the highest and the lowest rates."""
    sizes: Mapping[Group, int] = field(default_factory=dict)
    """The size of every group."""
    small: frozenset[Place] = frozenset()
    """Subjects and columns of which some group has a part of few people."""
    guarding: frozenset[Group] = frozenset()
    """Groups from whose rates one of few people would follow."""

    @classmethod
    def of(cls, observations: Sequence[Observation], limit: int = DISCLOSURE_LIMIT) -> Telling:
        """Return what may be told of these observations."""
        # The groups of a prompt log are kinds of attack and of answer, not values of a column.
        logs = {str(one.subject) for one in observations if one.probe == "security/prompt_injection_rules"}
        subjects = {str(one.subject) for one in observations} - logs
        rare = rare_values(observations, subjects, limit)
        sizes = group_sizes(observations, subjects)
        return cls(
            rare,
            limit,
            told_apart(observations, subjects, limit),
            sizes_beside_small(observations, subjects, limit),
            Extremes.of(observations),
            sizes,
            places_with_small_parts(observations, sizes, subjects, limit),
            frozenset(
                (subject, by, group)
                for subject, _, by, group in rates_beside_few(
                    observations, RATES_OF_CASES, sizes, subjects, limit
                )
            ),
        )

    def about(self, measurement: Measurement) -> str:
        """Return what a measurement is about, such as ``sex=f, age=< 25``; empty for the whole subject."""
        if not measurement.group:
            return " × ".join(measurement.by)
        pairs = zip(measurement.by, measurement.group, strict=False)
        return ", ".join(
            f"{column}={_RARE if (measurement.subject, column, value) in self.rare else value}"
            for column, value in pairs
        )

    def is_withheld(self, measurement: Measurement) -> bool:
        """Tell whether a measurement would give away a small number of people; k itself is the finding.

        Where in doubt it is withheld: a report shows it, by finer rules.
        """
        result = measurement.result
        if measurement.metric in ("k_anonymity", "k_anonymity_wildcard"):
            return False
        if (measurement.subject, measurement.metric, measurement.by) in self.apart:
            return True
        if self._tells_a_size(measurement) or self._tells_a_part(measurement):
            return True
        if self._rests_on_withheld(measurement):
            return True
        if result.kind == "count":
            return result.unit in _PEOPLE and 0 < result.value < self.limit
        # Of a physical quantity the cases are readings, not people.
        if result.kind == "scalar" and result.obtained:
            return False
        of_people = bool(measurement.by) or (result.kind == "scalar" and result.unit in ("1", *_PEOPLE))
        if of_people and 0 < result.n < self.limit:
            return True
        if result.kind == "not_available":
            return False
        if result.unit in _PEOPLE and 0 < result.value < self.limit:
            return True
        return result.unit == "1" and is_few(result.value * result.n, result.n, self.limit)

    def _tells_a_size(self, measurement: Measurement) -> bool:
        """Tell whether a number gives the size of a group away from which that of a small one follows.

        Unrounded, a rate with its limits tells of how many cases it is.
        """
        result = measurement.result
        if result.kind == "not_available" or (result.kind == "scalar" and result.obtained):
            return False
        return (measurement.subject, measurement.by, measurement.group) in self.beside

    def _tells_a_part(self, measurement: Measurement) -> bool:
        """Tell whether a count of people in a group would give one in a smaller group away."""
        result = measurement.result
        if result.kind != "count" or result.unit not in _PEOPLE or measurement.metric == "group_size":
            return False
        return bool(measurement.group) and (measurement.subject, measurement.by) in self.small

    def _rests_on_withheld(self, measurement: Measurement) -> bool:
        """Tell whether a rate or comparison would give a withheld rate, or number of cases, back."""
        if measurement.result.kind != "scalar":
            return False
        if measurement.group:
            group = (measurement.subject, measurement.by, measurement.group)
            return group in self.guarding and measurement.metric != "group_share"
        if not compares(measurement):
            return False
        if tells_cases(measurement.metric):
            return self._is_of_few(measurement)
        return any(self.is_withheld(one) for one in self.extremes.behind(measurement) or ())

    def _is_of_few(self, measurement: Measurement) -> bool:
        """Tell whether some group, or part of a group, of a comparison is of few people."""
        by = measurement.by[:1] if is_within_strata(measurement.metric) else measurement.by
        place = (measurement.subject, by)
        return place in self.small or any(group[:2] == place for group in self.beside)

    def cases(self, measurement: Measurement) -> int | None:
        """Return of how many cases a number is; None where a size, or a part of one, would follow from it."""
        if measurement.result.kind == "count":
            return None
        n = measurement.result.n
        if not measurement.by or (measurement.result.kind == "scalar" and measurement.result.obtained):
            return n
        if not measurement.group:
            # Within strata rows without a partner are left out: they are few, and follow from the size.
            return None if is_within_strata(measurement.metric) or self._is_of_few(measurement) else n
        group = (measurement.subject, measurement.by, measurement.group)
        is_part = n != self.sizes.get(group) and measurement.metric != "group_share"
        return None if is_part and group[:2] in self.small else n

    @property
    def withheld(self) -> str:
        """What is said in place of such a measurement."""
        return f"withheld: it is about fewer than {self.limit} rows, or would tell of them"

    def words(self, text: str) -> str:
        """Return a note or a reason without rare values."""
        known = without_values(text, [value for _, _, value in self.rare], _RARE)
        return without_small_counts(known, self.limit)
