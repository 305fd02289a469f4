"""Sums of numbers in fixed point, block by block: the same parts as :mod:`conformity.engines.sums` adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from conformity.engines.columns import NamedFrame
from conformity.engines.dense_codes import NoCodeError
from conformity.engines.sums import BILLION, limit_of, number_of, summed_columns
from conformity.model.tally import Sums, Term

_MOST_NUMBERS = 2
"""How many numbers are multiplied at most; more are left to the engine."""

_EXACT = 2.0**53
"""Numbers from here on, which are rare, are left to the engine."""

_PIECE = 2**31
"""Larger whole parts are cut in two, so that sums of 64 bits hold them."""

WORTHS = (1, BILLION, BILLION * _PIECE)
"""How many billionths each part of a number is worth."""


@dataclass(frozen=True)
class SumsOf:
    """What is added up for a tally of sums, whatever its keys."""

    terms: tuple[Term, ...]
    """The terms."""
    columns: tuple[tuple[int, float], ...]
    """The position of each column, and from where on its numbers are too large."""
    names: tuple[str, ...]
    """The columns' names."""

    @property
    def positions(self) -> tuple[int, ...]:
        """Return the positions of the columns."""
        return tuple(position for position, _ in self.columns)


@dataclass(frozen=True)
class Parts:
    """What a block of rows adds."""

    left: NDArray[np.int64] | None
    """1 for each row that is left out; None where none is."""
    terms: tuple[tuple[NDArray[np.int64] | None, ...], ...]
    """For each term numbers, worth as many billionths as :data:`WORTHS` says; None where all are 0."""


def sums_of(table: NamedFrame, spec: Sums) -> SumsOf | None:
    """Return what is added up for a tally; None where this is left to the engine.

    Raises:
        DataError: there is no such column.
    """
    names = summed_columns(spec)
    positions = [table.position(name) for name in names]
    numeric = all(table.dtypes[position].is_numeric() for position in positions)
    if not numeric or any(term.degree > _MOST_NUMBERS for term in spec.terms):
        return None
    limits = [limit_of(spec, name) for name in names]
    return SumsOf(spec.terms, tuple(zip(positions, limits, strict=True)), names)


def parts(one: SumsOf, numbers: Mapping[int, NDArray[np.float64]]) -> Parts:
    """Return what a block of rows adds.

    Args:
        one: what is added up.
        numbers: the numbers of every column by position, NaN where a cell is missing.

    Raises:
        NoCodeError: a number is too large to be added here.
    """
    finite = np.logical_and.reduce([np.isfinite(numbers[position]) for position in one.positions])
    whole = bool(finite.all())
    cells = {
        name: numbers[position] if whole else np.where(finite, numbers[position], 0.0)
        for name, (position, _) in zip(one.names, one.columns, strict=True)
    }
    for name, (_, limit) in zip(one.names, one.columns, strict=True):
        if cells[name].size and np.abs(cells[name]).max() >= min(limit, _EXACT):
            raise NoCodeError
    terms = tuple(_split(_value(term, cells)) for term in one.terms)
    return Parts(None if whole else (~finite).astype(np.int64), terms)


def sums_of_counts(table: NamedFrame, spec: Sums, counted: nw.LazyFrame[Any]) -> list[float] | None:
    """Return the sums of one column's numbers, of which each is given once with the number of its cells.

    A sum of parts below 2^31, each as often as there are cells, is below 2^62: nothing is rounded.

    Args:
        table: the table.
        spec: what is added up, without keys.
        counted: a frame with the column and ``n``, the number of cells.
    """
    one = sums_of(table, spec)
    if one is None:
        return None
    (position,) = one.positions
    number = nw.col(f"c{position}").cast(nw.Float64)
    found = nw.to_native(counted.select(number, nw.col("n").cast(nw.Int64)).collect(backend="pyarrow"))
    values, cells = (found.column(place).to_numpy() for place in range(2))
    try:
        terms = parts(one, {position: values}).terms
    except NoCodeError:
        return None
    return [
        float(
            number_of(
                sum(
                    int(part @ cells) * worth
                    for part, worth in zip(term, WORTHS, strict=True)
                    if part is not None
                )
            )
        )
        for term in terms
    ]


def _split(value: NDArray[np.float64]) -> tuple[NDArray[np.int64] | None, ...]:
    """Return the parts of the values of a term.

    Raises:
        NoCodeError: a value is too large to be added here.
    """
    floor = np.floor(value)
    largest = float(np.abs(floor).max(initial=0.0))
    if largest >= _EXACT:
        raise NoCodeError
    billionths = np.floor((value - floor) * float(BILLION) + 0.5)
    above = np.floor(floor / _PIECE) if largest >= _PIECE else np.zeros(0)
    low = floor - above * _PIECE if above.size else floor
    return _counted(billionths), _counted(low), _counted(above)


def _value(term: Term, cells: Mapping[str, NDArray[np.float64]]) -> Any:
    """Return a term's value in every row, its numbers multiplied in their order."""
    factors = [cells[column] for column in term.columns]
    if term.kind == "distance":
        first, second, *others = factors
        factors = [*[np.abs(first - second)] * term.power, *others]
    return reduce(mul, factors)


def _counted(numbers: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Return whole numbers as such; None where all are 0."""
    return numbers.astype(np.int64) if numbers.any() else None
