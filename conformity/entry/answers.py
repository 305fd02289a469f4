"""A measurement as a flat, typed row, with no more in it than may be told outside a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformity.model.base import Value

if TYPE_CHECKING:
    from conformity.entry.telling import Telling
    from conformity.model.measurement import Measurement


class MeasurementAnswer(Value):
    """One number, or why there is none."""

    metric: str
    """What was measured."""
    about: str
    """The group, column or attribute; empty for the whole subject."""
    value: float | None
    """The number."""
    unit: str | None
    """Its unit; ``1`` for shares and ratios."""
    low: float | None
    """Lower end of the 95 % interval."""
    high: float | None
    """Upper end of the interval."""
    n: int | None
    """Cases behind it."""
    not_available: str | None
    """Why there is no number."""
    obtained: str | None = None
    """How a physical quantity was obtained: measured, modelled, partly modelled or declared."""


def measurement_answer(measurement: Measurement, telling: Telling) -> MeasurementAnswer:
    """Return one measurement as a flat row, or say that it is about too few people to be told."""
    fields: dict[str, Any] = {
        "metric": measurement.metric,
        "about": telling.about(measurement),
        "value": None,
        "unit": None,
        "low": None,
        "high": None,
        "n": None,
        "not_available": None,
    }
    result = measurement.result
    if telling.is_withheld(measurement):
        fields["not_available"] = telling.withheld
        return MeasurementAnswer(**fields)
    if result.kind == "not_available":
        # Without the cases: of a group they are its size, which may give away that of a smaller one.
        fields["not_available"] = telling.words(result.reason)
    else:
        fields |= {"value": float(result.value), "unit": result.unit}
    if result.kind == "scalar":
        fields |= {"n": telling.cases(measurement), "obtained": result.obtained}
        if result.interval:
            fields |= {"low": result.interval.low, "high": result.interval.high}
    return MeasurementAnswer(**fields)
