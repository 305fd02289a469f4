"""How much a feature tells about a protected attribute, or why that is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.model.tally import MISSING
from conformity.probes.fairness.proxies.pairing import Pairing
from conformity.probes.shared.association import Association, cramers_v, uncertainty_coefficient
from conformity.probes.shared.intervals import LEVEL, Ints
from conformity.settings import MIN_GROUP

_METHOD = "multinomial bootstrap of the cells, less the lift by chance"


@dataclass(frozen=True)
class Strength:
    """How much one feature tells about one attribute."""

    feature: str
    """The feature's column."""
    table: Ints
    """(r, c) rows by value of the feature and group; of no size where there is no number."""
    v: Result
    """Cramér's V."""

    @property
    def examined(self) -> bool:
        """Tell whether there is a number."""
        return isinstance(self.v, Scalar)

    def information(self) -> Scalar:
        """Return the uncertainty coefficient of a feature that was examined."""
        return _measured(self.table, uncertainty_coefficient)


def strength_of(feature: str, pairing: Pairing | None, rows: int) -> Strength:
    """Return the association of a feature, or why there is none.

    Args:
        feature: the feature's column.
        pairing: the rows by feature and attribute; None when they have too many combinations.
        rows: number of rows of the table.
    """
    reason = _why_not(feature, pairing, rows)
    if reason is not None or pairing is None:
        assert reason is not None
        return Strength(feature, np.zeros((0, 0), dtype=np.int64), reason)
    return Strength(feature, pairing.table, _measured(pairing.table, cramers_v))


def strongest(found: Sequence[Strength], most: int) -> list[Strength]:
    """Return the features without a number, and of the others those that may be the strongest.

    They are chosen by the upper limit of V, so that a bound kept by all that are shown is kept by all.
    """
    missing = [one for one in found if not one.examined]
    known = [one for one in found if one.examined]
    return missing + sorted(known, key=lambda one: (-_upper(one.v), one.feature))[:most]


def _upper(result: Result) -> float:
    """Return the upper limit of a measure."""
    assert isinstance(result, Scalar)
    assert result.interval is not None
    return result.interval.high


def _measured(table: Ints, measure: Callable[[Ints], Association]) -> Scalar:
    """Return a measure of a table with its interval."""
    found = measure(table)
    interval = Interval(low=found.low, high=found.high, level=LEVEL, method=_METHOD)
    return Scalar(value=found.value, unit="1", n=int(table.sum()), interval=interval)


def _why_not(feature: str, pairing: Pairing | None, rows: int) -> NotAvailable | None:
    """Return why a feature cannot be examined; None if it can."""
    name = repr(feature[:100])
    if pairing is None:
        return NotAvailable(
            why="undefined",
            reason=f"{name} has too many values to be counted beside the attribute; declare `edges` for it "
            "or hand in a coarser column",
            n=rows,
        )
    if rows < MIN_GROUP:
        return NotAvailable(why="too_few_cases", reason=f"fewer than {MIN_GROUP} rows; collect more", n=rows)
    if set(pairing.features) == {MISSING}:
        return NotAvailable(why="not_collected", reason=f"{name} is blank in every row; hand in its values")
    for column, values in ((feature, pairing.features), (pairing.attribute, pairing.groups)):
        if len(set(values)) == 1:
            return NotAvailable(
                why="undefined",
                reason=f"{column[:100]!r} has the same value in every row, so that nothing can be told",
                n=rows,
            )
    return None
