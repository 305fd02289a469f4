"""Sums of numbers in fixed point, so that neither the order of rows nor the number of threads matters.

Every number is taken as a 64-bit float, as are products and distances, one row at a time; it is split
into its whole part and billionths, and whole numbers are added, which is exact. So two scans, two
engines and two ways to shard a table give the same sums.

The parts are whole numbers of 64 bits. DuckDB adds those in 128 bits and takes the whole part in one;
for the other engines, and for products of more than two numbers in every engine, it is cut into pieces of
31 bits, of which four thousand million rows can be added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import and_, mul

import narwhals as nw

from conformity.engines.bins import not_numeric, read_number
from conformity.engines.cells import Amount
from conformity.engines.columns import NamedFrame, missing
from conformity.errors import DataError
from conformity.model.tally import Sums, Term

BILLION = 10**9
_PIECE = 2**31
_PIECES, _MANY_PIECES = 3, 6
"""Into how many pieces a whole part is cut, the second where more than two numbers are multiplied."""
_LARGEST, _LARGEST_FACTOR = 2.0**92, 2.0**46
"""From here on numbers are refused, the second where they are multiplied: the pieces would not do."""
_LARGEST_WHOLE = 2**53 - 1
"""The largest whole number that JSON keeps exact in every reader."""


@dataclass(frozen=True)
class _Part:
    """One amount of a term, and how many billionths each unit of it is worth."""

    amount: Amount
    worth: int


@dataclass(frozen=True)
class SumPlan:
    """What is added up for one spec; what two specs have in common has the same name in both."""

    spec: Sums
    """What is asked."""
    rows: Amount
    """Rows in which all columns are numbers."""
    texts: tuple[tuple[str, Amount], ...]
    """For each column of text: cells that hold something else than a number."""
    large: Amount
    """Rows with a term that is too large to be added."""
    terms: tuple[tuple[_Part, ...], ...]
    """The parts of each term."""

    def amounts(self) -> Iterator[Amount]:
        """Yield everything that must be added up."""
        yield self.rows
        yield self.large
        yield from (amount for _, amount in self.texts)
        yield from (part.amount for parts in self.terms for part in parts)

    def check(self, table: NamedFrame, totals: Mapping[str, int]) -> None:
        """Raise DataError when the whole table's ``totals`` say that some cells cannot be added."""
        for column, amount in self.texts:
            if count := totals[amount.name]:
                raise not_numeric(table, column, count)
        if count := totals[self.large.name]:
            columns = ", ".join(repr(column) for column in summed_columns(self.spec))
            raise DataError(
                f"{count:,} rows of {table.where} have numbers in {columns} that are too large to be added "
                "exactly (from 2^46 on in products, else 2^92); correct the data or bind another column"
            )

    def sums(self, totals: Mapping[str, int]) -> tuple[int | float, ...]:
        """Return the terms' sums from the totals of one group."""
        return tuple(
            number_of(sum(totals[part.amount.name] * part.worth for part in parts)) for parts in self.terms
        )


def term_name(term: Term) -> str:
    """Return what a term's sum is called: ``x``, ``x*y``, ``|x-y|``, ``|x-y|^2`` or ``|x-y|^2*x``."""
    if term.kind == "product":
        return "*".join(term.columns)
    first, second, *factors = term.columns
    return "*".join([f"|{first}-{second}|" + (f"^{term.power}" if term.power > 1 else ""), *factors])


def sum_plan(table: NamedFrame, spec: Sums) -> SumPlan:
    """Return what must be added up for ``spec``.

    Raises:
        DataError: a column is missing, or can hold no numbers.
    """
    columns = summed_columns(spec)
    positions = tuple(table.position(column) for column in columns)
    read = {column: read_number(table, column, "bind another column") for column in columns}
    limits = {column: limit_of(spec, column) for column in columns}
    finite = reduce(and_, (read[column][0].is_finite() for column in columns))
    # NaN is below no limit, but DuckDB takes a limit for met where a Parquet file's statistics, which leave
    # NaN out, are below it.
    fits = reduce(and_, (read[column][0].abs() < limits[column] for column in columns), finite)
    numbers = {column: nw.when(fits).then(read[column][0]) for column in columns}
    scope = repr(limits)

    def parts(term: Term) -> Iterator[_Part]:
        """Yield the parts of one term."""
        value = _value(term, numbers)
        name = f"{term_name(term)!r} of {scope}"
        if term.degree > 2:
            for n, (cut, worth) in enumerate(_long_parts(signed=_can_be_negative(term))):
                yield _Part(Amount(f"{n} of {name}", value, positions, cut=cut, base=name), worth)
            return
        for n, (part, worth) in enumerate(fixed_parts(table, value, whole=_is_whole(table, term))):
            yield _Part(Amount(f"{n} of {name}", part, positions), worth)

    return SumPlan(
        spec=spec,
        rows=Amount(f"rows of {scope}", fits.cast(nw.Int64), positions),
        texts=tuple(
            (column, _text(table, column, form)) for column, (_, form) in read.items() if form is not None
        ),
        large=Amount(f"large of {scope}", (finite & ~fits).cast(nw.Int64), positions),
        terms=tuple(tuple(parts(term)) for term in spec.terms),
    )


def summed_columns(spec: Sums) -> tuple[str, ...]:
    """Return the columns that any term has, sorted."""
    return tuple(sorted({column for term in spec.terms for column in term.columns}))


def limit_of(spec: Sums, column: str) -> float:
    """Return from where on a column's numbers are too large for the terms they are in."""
    multiplied = (term.columns for term in spec.terms if term.degree > 1)
    return _LARGEST_FACTOR if any(column in columns for columns in multiplied) else _LARGEST


def _text(table: NamedFrame, column: str, fits: nw.Expr) -> Amount:
    """Return the amount of cells of a column of text that are neither blank nor numbers."""
    position = table.position(column)
    return Amount(f"text {column!r}", (~fits & ~missing(table, position)).cast(nw.Int64), (position,))


def _value(term: Term, numbers: Mapping[str, nw.Expr]) -> nw.Expr:
    """Return a term's value in one row."""
    factors = [numbers[column] for column in term.columns]
    if term.kind == "distance":
        first, second, *others = factors
        factors = [*[(first - second).abs()] * term.power, *others]
    return reduce(mul, factors)


def _is_whole(table: NamedFrame, term: Term) -> bool:
    """Return whether a term's values are whole numbers by the types of its columns."""
    return all(table.dtypes[table.position(column)].is_integer() for column in term.columns)


def fixed_parts(table: NamedFrame, value: nw.Expr, *, whole: bool) -> Iterator[tuple[nw.Expr, int]]:
    """Yield whole numbers, and how many billionths each is worth, that together make ``value``."""
    rest = value
    if not whole:
        # Spark's floor has 64 bits; from 2^53 on floats are whole, so that it is needed below only.
        near = value if table.frame.implementation.is_duckdb() else value.clip(-(2.0**53), 2.0**53)
        # Subtracting the whole part is exact, so that only this product is rounded.
        yield ((near - near.floor()) * float(BILLION) + 0.5).floor().cast(nw.Int64), 1
        rest = near.floor() if near is value else near.floor().cast(nw.Float64) + (value - near)
    if table.frame.implementation.is_duckdb():
        yield rest.cast(nw.Int128), BILLION
        return
    last = _PIECES - 1
    for power in range(last):
        # A product, since a quotient asks for zero in many words, which Spark's plans repeat.
        above = (rest * (1.0 / _PIECE)).floor()
        yield (rest - above * float(_PIECE)).cast(nw.Int64), BILLION * _PIECE**power
        rest = above
    yield rest.cast(nw.Int64), BILLION * _PIECE**last


def _long_parts(*, signed: bool) -> Iterator[tuple[Callable[[nw.Expr], nw.Expr], int]]:
    """Yield how a product of more than two numbers is cut, and how many billionths each part is worth.

    Remainders and quotients by powers of two are exact in every engine. Negative products are added apart,
    because engines differ in their remainders.
    """
    for sign in (1, -1) if signed else (1,):
        yield partial(_fraction, sign), sign
        for power in range(_MANY_PIECES):
            yield partial(_piece, sign, power), sign * BILLION * _PIECE**power


def _size(sign: int, value: nw.Expr) -> nw.Expr:
    """Return the size of a value that has the sign, else 0."""
    return nw.when(value * sign > 0).then(value * sign).otherwise(value * 0.0)


def _fraction(sign: int, value: nw.Expr) -> nw.Expr:
    """Return the billionths of a value that has the sign."""
    return ((_size(sign, value) % 1.0) * float(BILLION) + 0.5).floor().cast(nw.Int64)


def _piece(sign: int, power: int, value: nw.Expr) -> nw.Expr:
    """Return 31 bits of a value that has the sign, from its whole part; the highest piece has the rest."""
    piece = _size(sign, value) * 2.0 ** (-31 * power)
    return (piece % float(_PIECE) if power < _MANY_PIECES - 1 else piece).floor().cast(nw.Int64)


def _can_be_negative(term: Term) -> bool:
    """Return whether a term can be below 0: a factor other than a distance stands in it oddly often."""
    factors = term.columns if term.kind == "product" else term.columns[2:]
    return any(factors.count(column) % 2 for column in factors)


def number_of(billionths: int) -> int | float:
    """Return a sum as a whole number if it is one that JSON keeps exact, else as the nearest float."""
    whole, rest = divmod(billionths, BILLION)
    return whole if rest == 0 and abs(whole) <= _LARGEST_WHOLE else billionths / BILLION
