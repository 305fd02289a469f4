"""What every kind of record comes to: entries of energy with the way in which it was obtained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from conformity.errors import DataError
from conformity.model.measurement import Obtained

_TOO_DIRTY_KG = 2.0
"""No grid emits as much as this for a kWh, in kg CO2e; the dirtiest emit about 1."""
_TOO_CLEAN_KG = 0.001


@dataclass(frozen=True)
class Entry:
    """One run, task, request or benchmark, checked."""

    energy_kwh: float | None
    """Its energy; none where it was too short to tell."""
    low_kwh: float | None = None
    """The least that it may be, where a range was recorded."""
    high_kwh: float | None = None
    """The most that it may be."""
    emissions_kg: float | None = None
    """Its emissions, where recorded."""
    duration_s: float | None = None
    """How long it took, where recorded."""
    obtained: Obtained = "declared"
    """How the energy was obtained, where the record tells."""
    key: tuple[str, str] = ("", "")
    """What makes it the same as another: run and task, or nothing."""
    grid: str = ""
    """The grid that was taken, where recorded."""
    ended_at: datetime | None = None
    """When it ended, where recorded."""
    notes: tuple[str, ...] = ()
    """What a reader must know of it."""


def number(text: object, column: str, where: str) -> float:
    """Return a finite number that is not negative.

    Raises:
        DataError: it is none.
    """
    if not isinstance(text, str | int | float) or isinstance(text, bool):
        raise DataError(f"{where}: {column} is not a number; correct it")
    try:
        value = float(text)
    except ValueError:
        raise DataError(f"{where}: {column} is not a number; correct it") from None
    if not math.isfinite(value) or value < 0:
        raise DataError(f"{where}: {column} is {value:g}; it must be a number that is not negative")
    return value


def positive(text: object, column: str, where: str) -> float:
    """Return a number above 0.

    Raises:
        DataError: it is none; nothing was recorded then.
    """
    value = number(text, column, where)
    if value == 0:
        raise DataError(f"{where}: {column} is 0, so nothing was recorded; leave the row out and say why")
    return value


def check_units(energy_kwh: float, emissions_kg: float, where: str) -> None:
    """Check that emissions are in kg: in g they are a thousand times what any grid can emit.

    Raises:
        DataError: no grid can have emitted that.
    """
    per_kwh = emissions_kg / energy_kwh
    if per_kwh > _TOO_DIRTY_KG:
        raise DataError(
            f"{where}: {per_kwh:.3g} kg CO2e for a kWh is more than any grid emits; emissions are in g where "
            "kg are due, or the energy is not in kWh"
        )
    if per_kwh < _TOO_CLEAN_KG:
        raise DataError(
            f"{where}: {per_kwh:.3g} kg CO2e for a kWh is less than any grid emits; emissions are in tonnes "
            "where kg are due, or the energy is in Wh or J"
        )
