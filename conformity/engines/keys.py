"""What each kind of key makes of a cell: a raw value to group by, a text for the tally, or a refusal.

Another kind of key is one more case in each function here, and nothing elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

import narwhals as nw

from conformity.engines import bins, digits, periods
from conformity.engines.columns import NamedFrame
from conformity.engines.values import Outcomes, text_of
from conformity.errors import DataError
from conformity.model.tally import (
    BandKey,
    BinKey,
    CategoryKey,
    DigitsKey,
    GridKey,
    Key,
    OutcomeKey,
    PeriodKey,
)


def raw(table: NamedFrame, key: Key) -> nw.Expr:
    """Return what a scan groups by for ``key``.

    Categories and outcomes are grouped as they stand in the file, since trimming every cell would
    cost more than the scan; the few distinct values are merged afterwards, by :func:`labeller`.

    Raises:
        DataError: there is no such column, or its type cannot hold what the key needs.
    """
    match key:
        case BinKey() | GridKey():
            return bins.bin_index(table, key)
        case BandKey():
            raise _unsettled(key)
        case PeriodKey():
            return periods.period(table, key)
        case DigitsKey():
            return digits.two_digits(table, key)
        case CategoryKey() | OutcomeKey():
            return nw.col(f"c{table.position(key.column)}")
        case _:
            assert_never(key)


def labeller(key: Key) -> Callable[[Any], str]:
    """Return the function from a raw value of ``key`` to its text in the tally."""
    match key:
        case BinKey() | GridKey():
            return bins.labeller(key)
        case BandKey():
            raise _unsettled(key)
        case PeriodKey():
            return periods.period_label
        case DigitsKey():
            return digits.digits_label
        case OutcomeKey():
            return Outcomes(key).label
        case CategoryKey():
            return text_of
        case _:
            assert_never(key)


def bad_value(key: Key) -> int | str | None:
    """Return the raw value of cells that do not hold what ``key`` needs; None when there are no such."""
    match key:
        case BinKey() | GridKey():
            return bins.NOT_A_NUMBER
        case PeriodKey():
            return periods.NOT_A_DATE
        case CategoryKey() | OutcomeKey() | DigitsKey() | BandKey():
            return None
        case _:
            assert_never(key)


def refusal(table: NamedFrame, key: Key, count: int) -> DataError:
    """Return the error for ``count`` cells whose raw value is :func:`bad_value` of ``key``."""
    if isinstance(key, PeriodKey):
        return periods.not_dates(table, key, count)
    if isinstance(key, BinKey):
        return bins.not_numeric(table, key.column, count, "remove the `edges`")
    return bins.not_numeric(table, key.column, count)


def _unsettled(key: BandKey) -> AssertionError:
    """Return the error for bands that were not turned into bins by :mod:`conformity.engines.bands`."""
    return AssertionError(f"the bands of {key.column!r} have no edges yet")
