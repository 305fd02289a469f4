"""Arrays of counts and sums over axes, filled from a stream of rows.

Every row adds one to a place in each array, and whole numbers to sums: nothing is rounded, and the order of
rows does not matter. Sets of few axes share an array, from which each is added up in the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformity.engines.dense_axes import Axis, Joint, joined
from conformity.engines.dense_sums import WORTHS, Parts, SumsOf
from conformity.settings import load_settings

TOGETHER = 2**18
"""The most places of an array that several sets share: as many as a cache holds."""

_NARROW = 2**20
"""From so many places on, an array counts in 32 bits."""

_COSTS = ((TOGETHER, 6.0), (2**21, 9.0), (2**23, 14.0))
"""About how many nanoseconds a row takes, in arrays of up to so many places."""

_DEAR = 20.0
"""The same, in larger ones."""

_ADDED = 2.0
"""About how many nanoseconds a place takes when a large array is added up."""

_LARGEST = 2**26
"""The most places of an array."""

_BUDGET = 320 * 2**20
"""How many bytes all arrays may take, where a worker has memory enough."""

_SHARE = 8
"""Arrays may take this part of a worker's memory."""

_MOST_ROWS = 2**31
"""Of so many rows an array of 32 bits may hold no count, nor one of 64 bits a sum."""

_BLOCK = 2**16
"""How many rows are counted at a time: their codes stay in a cache."""


@dataclass(frozen=True)
class Need:
    """What is counted for one tally."""

    axes: tuple[Axis, ...]
    """By what rows are told apart; each once."""
    sums: SumsOf | None = None
    """What is added up."""

    @property
    def places(self) -> int:
        """Return how many combinations there are."""
        return _places(self.axes)

    @property
    def size(self) -> int:
        """Return how many bytes its arrays take."""
        sums = 8 * (1 + len(WORTHS) * len(self.sums.terms)) if self.sums else 0
        return self.places * (sums + (8 if self.places <= _NARROW else 4))


@dataclass
class Totals:
    """Sums of one kind, at every place of an array."""

    left: NDArray[np.int64]
    """Rows left out."""
    terms: list[tuple[NDArray[np.int64], ...]]
    """For each term its parts."""


@dataclass(eq=False)
class Cells:
    """An array of counts over some axes, and of sums."""

    axes: tuple[Axis, ...]
    """The axes, the last one with neighbouring places."""
    counts: NDArray[Any]
    """How many rows there are at each place."""
    joints: Mapping[Axis, Joint] = field(default_factory=dict)
    """For axes that are not among them the one that tells them."""
    sums: dict[SumsOf, Totals] = field(default_factory=dict)
    """What is added up there."""

    @classmethod
    def over(cls, axes: tuple[Axis, ...], sums: Iterable[SumsOf], joints: Mapping[Axis, Joint]) -> Cells:
        """Return empty cells."""
        places = _places(axes)
        cells = cls(axes, np.zeros(places, np.int64 if places <= _NARROW else np.uint32), joints)
        for one in sums:
            terms = [tuple(np.zeros(places, np.int64) for _ in WORTHS) for _ in one.terms]
            cells.sums[one] = Totals(np.zeros(places, np.int64), terms)
        return cells

    def add(self, codes: Mapping[Axis, NDArray[Any]], rows: int, parts: Mapping[SumsOf, Parts]) -> None:
        """Add rows.

        Args:
            codes: for each axis the number of every row.
            rows: how many rows there are.
            parts: what is added of each kind of sums.
        """
        narrow = np.zeros(rows, np.int32)
        for axis in self.axes:
            narrow *= axis.size
            narrow += codes[axis]
        places = narrow.astype(np.intp)
        np.add.at(self.counts, places, self.counts.dtype.type(1))
        for one, totals in self.sums.items():
            of_rows = parts[one]
            if of_rows.left is not None:
                np.add.at(totals.left, places, of_rows.left)
            for arrays, numbers in zip(totals.terms, of_rows.terms, strict=True):
                for array, number in zip(arrays, numbers, strict=True):
                    if number is not None:
                        np.add.at(array, places, number)

    def of(self, array: NDArray[Any], axes: Sequence[Axis]) -> NDArray[Any]:
        """Return one of the arrays added up over all other axes, with these in order."""
        shaped = array.reshape([axis.size for axis in self.axes])
        here = [self._holder(axis) for axis in axes]
        others = tuple(place for place, axis in enumerate(self.axes) if axis not in here)
        kept = [axis for axis in self.axes if axis in here]
        added = shaped.sum(axis=others, dtype=array.dtype) if others else shaped
        if len(set(here)) < len(here):
            return self._apart(added, kept, axes)
        added = added.transpose([kept.index(axis) for axis in here])
        for place, axis in enumerate(axes):
            if axis in self.joints:
                added = merged(added, place, self.joints[axis].of[axis], axis.size)
        return added

    def _apart(self, added: NDArray[Any], kept: Sequence[Axis], axes: Sequence[Axis]) -> NDArray[Any]:
        """Return an array over axes of which several are told from the same joint one."""
        places = np.nonzero(added)
        numbers = []
        for axis in axes:
            found = places[kept.index(self._holder(axis))]
            numbers.append(self.joints[axis].of[axis][found] if axis in self.joints else found)
        apart = np.zeros([axis.size for axis in axes], added.dtype)
        np.add.at(apart, tuple(numbers), added[places])
        return apart

    def _holder(self, axis: Axis) -> Axis:
        """Return the axis of these cells that tells what an axis does."""
        return self.joints[axis].axis if axis in self.joints else axis


def merged(array: NDArray[Any], axis: int, numbers: NDArray[Any], size: int) -> NDArray[Any]:
    """Return an array in which places with one number along an axis, of so many numbers, are added up."""
    added = np.zeros((size, *np.delete(array.shape, axis)), array.dtype)
    np.add.at(added, numbers, np.moveaxis(array, axis, 0))
    return np.moveaxis(added, 0, axis)


def affordable(needs: Mapping[Any, Need], rows: int) -> list[Any]:
    """Return which needs, by name, memory has room for: those of most places are left out first."""
    left = {name: need for name, need in needs.items() if need.places <= _LARGEST and rows < _MOST_ROWS}
    most = min(_BUDGET, load_settings().worker_memory_mb * 2**20 // _SHARE)
    while sum(need.size for need in _outermost(left.values())) > most:
        del left[max(left, key=lambda name: left[name].size)]
    return list(left)


def _outermost(needs: Collection[Need]) -> list[Need]:
    """Return the needs whose axes are not all among those of another one, each set of axes once."""
    sets = {frozenset(need.axes): need for need in sorted(needs, key=lambda need: need.size)}
    return [need for axes, need in sets.items() if not any(axes < other for other in sets)]


def packed(needs: Mapping[Any, Need], rows: int) -> dict[Any, Cells]:
    """Return for each need the cells that hold it; several share theirs.

    Args:
        needs: what is counted, by name.
        rows: how many rows there are.
    """
    joints = joined(dict.fromkeys(axis for need in needs.values() for axis in need.axes))
    bases: list[tuple[dict[Axis, None], dict[SumsOf, None], list[Any]]] = []
    for name, need in sorted(needs.items(), key=lambda item: -item[1].places):
        axes = dict.fromkeys(joints[axis].axis if axis in joints else axis for axis in need.axes)
        home = _home([base for base, _, _ in bases], axes, rows)
        if home is None:
            bases.append(({}, {}, []))
            home = len(bases) - 1
        base, sums, members = bases[home]
        base.update(axes)
        sums.update(dict.fromkeys([need.sums] if need.sums else []))
        members.append(name)
    made = [(Cells.over(tuple(base), sums, joints), members) for base, sums, members in bases]
    return {name: cells for cells, members in made for name in members}


def _home(bases: Sequence[Mapping[Axis, None]], axes: Mapping[Axis, None], rows: int) -> int | None:
    """Return the base to which axes are added at least cost, if that is less than to count them alone."""
    best, home = _cost(_places(axes), rows), None
    for number, base in enumerate(bases):
        before, after = _places(base), _places({**base, **axes})
        cost = _cost(after, rows) - _cost(before, rows) + (_ADDED * after if before > TOGETHER else 0.0)
        if cost < best and (after == before or after <= _NARROW):
            best, home = cost, number
    return home


def _places(axes: Iterable[Axis]) -> int:
    """Return how many combinations of numbers axes have."""
    return prod(axis.size for axis in axes)


def _cost(places: int, rows: int) -> float:
    """Return about how many nanoseconds it takes to count rows into so many places."""
    return rows * next((each for most, each in _COSTS if places <= most), _DEAR)


def blocks(rows: int) -> list[slice]:
    """Return slices that cut so many rows into blocks."""
    return [slice(start, min(start + _BLOCK, rows)) for start in range(0, rows, _BLOCK)]
