"""What may be told of measurements on a table to whoever asks: nothing about a few people, no rare value.

The documents have their own, finer rules in :mod:`conformity.render.views`; these are for a terminal and
a chat, which show single numbers without a report around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement
from conformity.render.characters import without_small_counts
from conformity.render.views.disclosure import is_few, rare_values, without_values
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

    @classmethod
    def of(cls, observations: Sequence[Observation], limit: int = DISCLOSURE_LIMIT) -> Telling:
        """Return what may be told of these observations."""
        subjects = {str(one.subject) for one in observations}
        return cls(rare_values(observations, subjects, limit), limit)

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
        if measurement.metric == "k_anonymity":
            return False
        if result.kind == "count":
            return result.unit in _PEOPLE and 0 < result.value < self.limit
        # Of a physical quantity the cases are readings, not people.
        of_people = bool(measurement.by) or (result.kind == "scalar" and result.unit in ("1", *_PEOPLE))
        if of_people and 0 < result.n < self.limit:
            return True
        if result.kind == "not_available":
            return False
        if result.unit in _PEOPLE and 0 < result.value < self.limit:
            return True
        return result.unit == "1" and is_few(result.value * result.n, result.n, self.limit)

    @property
    def withheld(self) -> str:
        """What is said in place of such a measurement."""
        return f"withheld: it is about fewer than {self.limit} rows"

    def words(self, text: str) -> str:
        """Return a note or a reason without rare values."""
        known = without_values(text, [value for _, _, value in self.rare], _RARE)
        return without_small_counts(known, self.limit)
