"""Profile a column with too many different values to fetch them: the engine counts and finds percentiles."""

from __future__ import annotations

import math
from typing import Any

import narwhals as nw

from conformity.engines.additive import additive_tallies
from conformity.engines.columns import NamedFrame, is_text
from conformity.engines.kept import counted_values
from conformity.engines.profiles import Profile, fences_of, known_value, names_allowed, number_in
from conformity.engines.values import NUMBER
from conformity.errors import DataError
from conformity.model.tally import Check, Sums, Term

_Frame = nw.LazyFrame[Any]


def profile_in_engine(table: NamedFrame, counts: _Frame, check: Check) -> Profile:
    """Return the profile of a column, as :func:`conformity.engines.profiles.counted` would.

    Args:
        table: the table.
        counts: a row for each value of the column, with fields ``value`` and ``cells``.
        check: the column, and what to check its values against.
    """
    numbers, others = _parted(table, counts, check.column)
    rows, missing, other = _totals(others)
    found, distinct = _totals(numbers)[0], _length(numbers) + _length(_filled(others))
    percentiles = _percentiles(numbers, found)
    fences = fences_of(percentiles)
    total, squares = _sums(table, check.column) if other == 0 else (0.0, math.inf)
    return Profile(
        rows=found + rows,
        missing=missing,
        numbers=found,
        distinct=distinct,
        listed=(),
        percentiles=percentiles,
        outside=None if fences is None else _beyond(numbers, *fences),
        below=_beyond(numbers, check.minimum, None),
        above=_beyond(numbers, None, check.maximum),
        not_allowed=_not_allowed(numbers, others, check) if check.allowed else 0,
        total=total,
        squares=squares,
    )


def _parted(table: NamedFrame, counts: _Frame, column: str) -> tuple[_Frame, _Frame]:
    """Return the numbers of a column with their cells, each once, and its other values as text."""
    dtype = table.dtypes[table.position(column)]
    value = nw.col("value")
    number: nw.Expr
    if is_text(dtype):
        number = nw.when(value.str.contains(NUMBER)).then(value).cast(nw.Float64)
    elif dtype.is_numeric():
        number = value.cast(nw.Float64)
    else:
        number = nw.lit(None, dtype=nw.Float64)
    text = value.cast(nw.String)
    lowered = text.str.to_lowercase()
    named = nw.when(lowered.is_in(["true", "false"])).then(lowered).otherwise(text)
    parted = counts.select(number.alias("number"), named.alias("text"), nw.col("cells"))
    known = (~nw.col("number").is_null() & nw.col("number").is_finite()).fill_null(False)
    numbers = parted.filter(known).group_by("number").agg(nw.col("cells").sum())
    return numbers, parted.filter(~known).group_by("text").agg(nw.col("cells").sum())


def _totals(frame: _Frame) -> tuple[int, int, int]:
    """Return the cells of a frame, and how many of them are missing and filled, where it has texts."""
    cells = nw.col("cells")
    sums = [cells.sum().alias("all")]
    if "text" in frame.collect_schema().names():
        sums.append(nw.when(nw.col("text").is_null()).then(cells).sum().alias("missing"))
    row = [int(value or 0) for value in frame.select(*sums).collect(backend="pyarrow").rows()[0]]
    missing = row[1] if len(row) > 1 else 0
    return row[0], missing, row[0] - missing


def _filled(others: _Frame) -> _Frame:
    """Return the texts that are not missing."""
    return others.filter(~nw.col("text").is_null())


def _length(frame: _Frame) -> int:
    """Return how many rows a frame has."""
    return int(frame.select(nw.len().alias("rows")).collect(backend="pyarrow").rows()[0][0])


def _percentiles(numbers: _Frame, count: int) -> tuple[float, ...]:
    """Return the 0th to 100th percentile of numbers with ``count`` cells together.

    The quotients are exact where they are whole, and elsewhere further from a whole number than
    rounding can carry them, up to 10^12 cells.
    """
    if count == 0:
        return ()
    reached = nw.col("cells").cum_sum().over(order_by="number")
    ranked = numbers.select("number", reached.alias("up"), nw.col("cells"))
    share = ranked.select(
        "number",
        "up",
        (nw.col("up") * 100 / float(count)).floor().cast(nw.Int64).alias("last"),
        ((nw.col("up") - nw.col("cells")) * 100 / float(count)).floor().cast(nw.Int64).alias("before"),
        "cells",
    )
    steps = share.filter((nw.col("last") > nw.col("before")) | (nw.col("up") == nw.col("cells")))
    rows = steps.select("number", "last").sort("number").collect(backend="pyarrow").rows()
    found: list[float] = [float(rows[0][0])]
    for value, last in rows:
        found += [float(value)] * (int(last) + 1 - len(found))
    return tuple(found)


def _beyond(numbers: _Frame, low: float | None, high: float | None) -> int:
    """Return how many cells lie below ``low`` or above ``high``."""
    value = nw.col("number")
    tests = [] if low is None else [value < low]
    tests += [] if high is None else [value > high]
    return _totals(numbers.filter(tests[0] | tests[-1]))[0] if tests else 0


def _not_allowed(numbers: _Frame, others: _Frame, check: Check) -> int:
    """Return how many filled cells have a value that is not allowed."""
    names = names_allowed(check.allowed)
    known = {name: number_in(name) for name in names}
    values = [number for number in known.values() if number is not None]
    words = [name for name, number in known.items() if number is None]
    wrong = numbers.filter(~nw.col("number").is_in(values)) if values else numbers
    strange = _filled(others)
    strange = strange.filter(~nw.col("text").is_in(words)) if words else strange
    return _totals(wrong)[0] + _totals(strange)[0]


def _sums(table: NamedFrame, column: str) -> tuple[float, float]:
    """Return the sums of a column and of its squares in fixed point; infinite where too large to add."""
    spec = Sums(terms=(Term(columns=(column,)), Term(columns=(column, column))))
    position = table.position(column)
    counted = counted_values(table, position)
    if counted is not None:
        from conformity.engines.dense_sums import sums_of_counts

        found = sums_of_counts(table, spec, counted)
        if found is not None:
            return found[0], found[1]
    known = table.only([position]).select(known_value(table, position).alias("c0"))
    try:
        tallies = additive_tallies(NamedFrame(frame=known, names=(column,), where=table.where), [spec])
    except DataError:
        return 0.0, math.inf
    total, squares = tallies[0].entries[0][-2:]
    return float(total), float(squares)
