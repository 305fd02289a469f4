"""Typed numbers: each with unit, sample size and, where it is an estimate, an interval."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from conformity.model.base import Line, MetricId, SubjectId, Value


class Interval(Value):
    """Where the true value lies, as far as the sample tells."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Confidence level."""
    method: Line
    """How the ends were computed."""

    @model_validator(mode="after")
    def _ordered(self) -> Interval:
        """Check that the ends are in order."""
        if self.low > self.high:
            raise ValueError(f"interval ends are reversed: {self.low} > {self.high}")
        return self


Obtained = Literal["measured", "modelled", "partly modelled", "declared"]
"""How a physical quantity was obtained: read from sensors, assumed, some of each, or declared."""


class Scalar(Value):
    """A number that is an estimate or a physical quantity."""

    kind: Literal["scalar"] = "scalar"
    """Says that this is a number."""
    value: float
    """The point estimate."""
    unit: Line
    """The unit; ``1`` for shares and ratios."""
    n: Annotated[int, Field(ge=0)]
    """The number of cases behind it; for a comparison, the smallest group's."""
    interval: Interval | None = None
    """The interval; none for a quantity that is counted, not estimated."""
    obtained: Annotated[Obtained | None, Field(exclude_if=lambda value: value is None)] = None
    """How a physical quantity was obtained; its cases are readings, not people. It is printed with the number
    wherever that is, so that a modelled one cannot read like a measured one. None for all other numbers."""


class Count(Value):
    """A number of things, counted completely: there is nothing to estimate."""

    kind: Literal["count"] = "count"
    """Says that this is a count."""
    value: Annotated[int, Field(ge=0)]
    """How many."""
    unit: Line
    """What was counted."""


class NotAvailable(Value):
    """No number, and why; it can never be read as zero or as a pass."""

    kind: Literal["not_available"] = "not_available"
    """Says that there is no number."""
    why: Literal["too_few_cases", "undefined", "not_collected"]
    """Too few cases to estimate; not defined for this data; or nothing to measure was handed in."""
    reason: Line
    """What is missing, in words."""
    n: Annotated[int, Field(ge=0)] = 0
    """The number of cases there were."""


Result = Annotated[Scalar | Count | NotAvailable, Field(discriminator="kind")]
"""What a measurement came to."""


class Measurement(Value):
    """One metric of one subject, for all of it, for one group, or across the groups."""

    metric: MetricId
    """What was measured."""
    subject: SubjectId
    """On what."""
    by: tuple[str, ...] = ()
    """The columns that form groups; for a metric per column, the column."""
    group: tuple[str, ...] = ()
    """The group, a value for each column of ``by``; empty when it is about all of them together."""
    result: Result
    """The outcome."""


def in_order(measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """Return measurements sorted by metric, columns and group: the order in which they are kept."""
    return tuple(sorted(measurements, key=lambda one: (one.metric, one.by, one.group)))
