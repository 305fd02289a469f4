"""Rows' values packed into one whole number, where the engine knows the bounds of the columns.

A column of whole numbers within known bounds is a digit, and several columns are the digits of one number,
the last one of the least weight. DuckDB groups by one number within bounds about twice as fast as by the
columns, because it needs no hash of them; and what is grouped takes less memory. The bounds are what files
and tables state of themselves, which costs no scan; DuckDB's own plans rest on them, too. A column without
bounds is plain. What a file states may be false: every value is therefore held against the bounds first, by
:func:`are_kept`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

_EXACT = 2**53
"""Numbers beyond this are not packed: as floats they would not be exact."""

_NARROW = 2**30
"""Below this, numbers and codes are computed in 32 bits."""

_WHOLE = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")) | {
    "INTEGER",
    "UINTEGER",
    "BOOLEAN",
}
"""The types, as DuckDB calls them, of columns that can be digits."""

_WIDEST = 2**62
"""The most codes that one number may have."""


@dataclass(frozen=True)
class Digit:
    """A column of whole numbers within bounds."""

    low: int
    """The least number."""
    high: int
    """The greatest number."""
    gaps: bool
    """Whether there may be missing cells, whose digit is then 0."""
    truth: bool = False
    """Whether it is a truth value, 0 or 1."""

    @property
    def radix(self) -> int:
        """Return how many values the digit may have."""
        return self.high - self.low + 1 + self.gaps

    def of(self, column: str, kind: str) -> str:
        """Return the digit of a cell, in SQL.

        Args:
            column: the column's name.
            kind: the type of whole number to compute in.
        """
        number = f"CASE {column} WHEN true THEN 1 WHEN false THEN 0 END" if self.truth else column
        digit = f"(({number})::{kind} - ({self.low - self.gaps}))"
        return f"coalesce({digit}, 0)" if self.gaps else digit

    def number(self, digit: str) -> str:
        """Return the cell's number from its digit, in SQL; null where it is missing."""
        number = f"({digit} + ({self.low - self.gaps}))"
        return f"CASE WHEN {digit} > 0 THEN {number} END" if self.gaps else number


def digits(relation: Any, names: Sequence[str]) -> dict[int, Digit]:
    """Return the digit of each column that can be one, by its position in ``names``; no row is looked at.

    Args:
        relation: a relation of DuckDB.
        names: the names of some of its columns.
    """
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    able = [place for place, name in enumerate(names) if types[name] in _WHOLE]
    if not able:
        return {}
    asked = ", ".join(f"stats({names[place]})" for place in able)
    sql = f"SELECT {asked} FROM given LIMIT 1"  # noqa: S608 - our own names
    lines = relation.query("given", sql).fetchall()
    found = {place: _digit(known) for line in lines for place, known in zip(able, line, strict=True)}
    return {place: digit for place, digit in found.items() if digit is not None}


def _digit(known: Any) -> Digit | None:
    """Return the digit of a column from what DuckDB states of it, if that says enough."""
    low, high = known.get("min"), known.get("max")
    if low is None or high is None or not -_EXACT < int(low) <= int(high) < _EXACT:
        return None
    gaps, truth = bool(known.get("has_null", True)), isinstance(low, bool)
    return Digit(0, 1, True, truth) if truth else Digit(int(low), int(high), gaps)


def are_kept(relation: Any, names: Sequence[str], stated: Mapping[int, Digit]) -> bool:
    """Return whether the values of columns keep the bounds that are stated of them; one scan.

    DuckDB would answer a minimum from the very bounds that are checked; what it does not know is what an
    exclusive or with 0 leaves of them.

    Args:
        relation: a relation of DuckDB.
        names: the names of some of its columns.
        stated: the digits that :func:`digits` returned.
    """
    numbers = {place: digit for place, digit in stated.items() if not digit.truth}
    asked = [f"min(xor({names[place]}, 0)), max(xor({names[place]}, 0))" for place in numbers]
    full = [names[place] for place, digit in numbers.items() if not digit.gaps]
    asked += [f"count(*) - count(xor({name}, 0))" for name in full]
    if not asked:
        return True
    ((*ends,),) = relation.query("given", f"SELECT {', '.join(asked)} FROM given").fetchall()  # noqa: S608 - our own names
    found = zip(ends[::2], ends[1::2], numbers.values(), strict=False)
    gaps = ends[2 * len(numbers) :]
    return not any(gaps) and all(
        low is None or (low >= digit.low and high <= digit.high) for low, high, digit in found
    )


@dataclass(frozen=True)
class Layout:
    """How columns lie in a grouped table: as digits of ``code``, or plain, as ``k`` with their number."""

    columns: tuple[int, ...]
    """The columns, in order."""
    digits: Mapping[int, Digit]
    """Those that can be digits."""

    @cached_property
    def packed(self) -> tuple[int, ...]:
        """Return the columns that are digits: those that one number can hold."""
        taken: list[int] = []
        for column in self.columns:
            able = column in self.digits
            if able and prod(self.digits[one].radix for one in (*taken, column)) <= _WIDEST:
                taken.append(column)
        return tuple(taken)

    @cached_property
    def plain(self) -> tuple[int, ...]:
        """Return the columns that are none."""
        return tuple(column for column in self.columns if column not in self.packed)

    @cached_property
    def codes(self) -> int:
        """Return how many codes there may be."""
        return prod(self.digits[column].radix for column in self.packed)

    @cached_property
    def stride(self) -> Mapping[int, int]:
        """Return the weight of each digit in the code."""
        weights, weight = {}, 1
        for column in reversed(self.packed):
            weights[column] = weight
            weight *= self.digits[column].radix
        return weights

    @cached_property
    def kind(self) -> str:
        """Return the type of whole number that the code is computed in."""
        ends = [abs(end) for column in self.packed for end in _ends(self.digits[column])]
        return "INTEGER" if max([self.codes, *ends]) < _NARROW else "BIGINT"

    def from_rows(self, names: Sequence[str]) -> str:
        """Return what rows are grouped by, in SQL, each expression with its name.

        Args:
            names: the name of every column in the rows, by number.
        """
        terms = [
            f"{self.digits[column].of(names[column], self.kind)} * {self.stride[column]}"
            for column in self.packed
        ]
        return self._selected(" + ".join(terms) or "0", (names[column] for column in self.plain))

    def from_cells(self, cells: Layout) -> str:
        """Return what the table of ``cells``, which has all these columns, is grouped by, in SQL."""
        return self._selected(self.code_from(cells), (f"k{column}" for column in self.plain))

    def code_from(self, cells: Layout) -> str:
        """Return the code of these columns from that of ``cells``, in SQL; it is 0 where none is a digit."""
        if self.packed and self.packed == cells.packed[: len(self.packed)]:
            return f"(code // {cells.stride[self.packed[-1]]})"
        terms = [f"{cells.digit(column)} * {self.stride[column]}" for column in self.packed]
        return f"({' + '.join(terms) or 0})"

    def digit(self, column: int) -> str:
        """Return the digit of a column from the code, in SQL."""
        return f"((code // {self.stride[column]}) % {self.digits[column].radix})"

    def _selected(self, code: str, plain: Iterable[str]) -> str:
        """Return the code and the plain columns, named."""
        named = [f"{text} AS k{column}" for text, column in zip(plain, self.plain, strict=True)]
        return ", ".join([f"({code})::{self.kind} AS code"] * bool(self.packed) + named)


def _ends(digit: Digit) -> tuple[int, int]:
    """Return the bounds of a column."""
    return digit.low, digit.high
