"""Column profiles: what one column holds, in counts and quantiles that are the same in every engine.

A cell is a number when it is one by type or by its text; truth values, dates and infinities are not. Cells
are the same value when they are the same number or the same trimmed text.

Scans of the data: one for each column, which counts its values. Only a column that has more different values
than :data:`MOST_VALUES` is scanned some more times: the engine then does what is otherwise done here.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import narwhals as nw
import numpy as np

from conformity.engines.columns import NamedFrame, category
from conformity.engines.sums import BILLION
from conformity.engines.values import NUMBER, text_of
from conformity.model.subject import Cell
from conformity.model.tally import Check, ColumnProfiles, Tally

COLUMNS = ("column", "field", "key", "number")
"""The fields of an entry: which column, what of it, of which value or percentile, and the number."""

MOST_VALUES = 20_000
"""The most different values of a column that are counted one by one."""
LISTED = 50
"""Columns with at most this many different values are listed value by value."""
_FENCE = 3.0
_TRUTH = {"true": "1", "false": "0", "1": "true", "0": "false"}
_NUMBER = re.compile(NUMBER)


@dataclass(frozen=True)
class Profile:
    """One column, counted."""

    rows: int
    missing: int
    numbers: int
    """Cells that hold a finite number."""
    distinct: int
    """Different values, missing cells aside."""
    listed: tuple[tuple[str, int], ...]
    """Every value with its cells, where there are few."""
    percentiles: tuple[float, ...]
    """The least numbers at or below which 0, 1, ... 100 percent lie; none without numbers."""
    outside: int | None
    """Numbers beyond the fences; None where the quartiles are equal."""
    below: int
    above: int
    """Numbers outside the range that was given."""
    not_allowed: int
    """Filled cells with a value that was not allowed."""
    total: float
    squares: float
    """Sums of the numbers and of their squares, where all filled cells hold numbers."""


def column_profiles(table: NamedFrame, spec: ColumnProfiles) -> Tally:
    """Return entries ``(column, field, key, number)``, sorted.

    Fields: ``rows``, ``missing``, ``numbers``, ``other`` (filled, but no finite number), ``distinct``;
    ``value`` with a digest of the value as key, where there are at most 50 values; where there are numbers,
    ``percentile`` with 000 to 100 as key (the least number at or below which that share of the numbers
    lies) and ``outside`` (numbers more than three interquartile ranges beyond the quartiles; none where
    the quartiles are equal); ``mean`` and ``deviation`` (with n as divisor, from sums in fixed point) where
    all filled cells are numbers; ``below``, ``above`` and ``not_allowed`` where the spec checks the column.

    The 0th and 100th percentile are single cells: the tally is confidential, as all are.

    Raises:
        DataError: there is no such column.
    """
    checks = {check.column: check for check in spec.checks}
    entries: list[tuple[str | int | float, ...]] = []
    for name in sorted(set(spec.columns)):
        check = checks.get(name, Check(column=name))
        entries += [(name, *entry) for entry in _entries(_profile(table, check), check)]
    return Tally(spec=spec, columns=COLUMNS, entries=tuple(sorted(entries)))


def _profile(table: NamedFrame, check: Check) -> Profile:
    """Return the profile of the column that ``check`` names."""
    position = table.position(check.column)
    from conformity.engines.kept import counted_values, kept

    value, known = known_value(table, position).alias("value"), counted_values(table, position)
    if known is not None:
        values = known.select(value, nw.col("n")).group_by("value")
        counts = values.agg(nw.col("n").sum().cast(nw.Int64).alias("cells"))
    else:
        cells = table.only([position]).select(value)
        counts = cells.group_by("value").agg(nw.len().alias("cells"))

    # Kept first: DuckDB counts all values even where only some of them are asked for.
    with kept(counts, table) as made:
        rows = made.head(MOST_VALUES + 1).collect(backend="pyarrow").rows()
        if len(rows) <= MOST_VALUES:
            return counted(rows, check)
        from conformity.engines.large_profiles import profile_in_engine

        return profile_in_engine(table, made, check)


def known_value(table: NamedFrame, position: int) -> nw.Expr:
    """Return the value that stands for a cell; null when it is missing, NaN among them.

    NaN is found as what is neither finite nor infinite: DuckDB 2.0 answers `isnan` from the smallest and
    largest values that a Parquet file states, which by its format leave NaN out, and then finds none.
    """
    column = nw.col(f"c{position}")
    if table.dtypes[position].is_float():
        return nw.when(column.is_finite() | (column.abs() == math.inf)).then(column)
    return category(table, position)


def counted(rows: Iterable[tuple[object, int]], check: Check) -> Profile:
    """Return the profile of a column from its values and how many cells have each.

    Args:
        rows: values as the engine has them, None for missing, each with a number of cells.
        check: what to check the values against.
    """
    missing = 0
    numbers: Counter[float] = Counter()
    texts: Counter[str] = Counter()
    for value, cells in rows:
        number = number_in(value)
        if value is None:
            missing += int(cells)
        elif number is None:
            texts[name_of(value)] += int(cells)
        else:
            numbers[number] += int(cells)
    named = Counter({name_of(number): cells for number, cells in numbers.items()}) + texts
    allowed = names_allowed(check.allowed)
    ordered = sorted(numbers)
    weights = np.array([numbers[value] for value in ordered], dtype=np.int64)
    percentiles = _percentiles(ordered, weights)
    fences = fences_of(percentiles)
    return Profile(
        rows=missing + sum(named.values()),
        missing=missing,
        numbers=sum(numbers.values()),
        distinct=len(named),
        listed=tuple(sorted(named.items())) if len(named) <= LISTED else (),
        percentiles=percentiles,
        outside=None if fences is None else _beyond(numbers, *fences),
        below=_beyond(numbers, check.minimum, None),
        above=_beyond(numbers, None, check.maximum),
        not_allowed=sum(cells for name, cells in named.items() if name not in allowed) if allowed else 0,
        total=_fixed((value, cells) for value, cells in numbers.items()),
        squares=_fixed((value * value, cells) for value, cells in numbers.items()),
    )


def number_in(value: object) -> float | None:
    """Return the finite number that a cell holds, by type or as text; None if it holds none."""
    if isinstance(value, str):
        return float(value) if _NUMBER.match(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def name_of(value: object) -> str:
    """Return the text by which a value is listed: numbers by value, truth values in lower case."""
    number = number_in(value)
    text = text_of(value if number is None else number)
    return text.lower() if text.lower() in _TRUTH else text


def names_allowed(allowed: Sequence[Cell]) -> frozenset[str]:
    """Return the names of allowed values; 1 and true are one value, and so are 0 and false."""
    names = {name_of(value) for value in allowed}
    return frozenset(names | {_TRUTH[name] for name in names & _TRUTH.keys()})


def fences_of(percentiles: Sequence[float]) -> tuple[float, float] | None:
    """Return the numbers three interquartile ranges beyond the quartiles; None where those are equal.

    Source:
        Tukey, Exploratory Data Analysis (1977), section 2D: outer fences.
    """
    if not percentiles or percentiles[25] == percentiles[75]:
        return None
    reach = _FENCE * (percentiles[75] - percentiles[25])
    return percentiles[25] - reach, percentiles[75] + reach


def _percentiles(
    ordered: Sequence[float], weights: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[float, ...]:
    """Return the 0th to 100th percentile of rising numbers that occur ``weights`` times."""
    if not ordered:
        return ()
    reached = np.cumsum(weights) * 100 // int(weights.sum())
    return tuple(float(ordered[int(place)]) for place in np.searchsorted(reached, np.arange(101)))


def _beyond(numbers: Counter[float], low: float | None, high: float | None) -> int:
    """Return how many cells lie below ``low`` or above ``high``."""
    return sum(
        cells
        for value, cells in numbers.items()
        if (low is not None and value < low) or (high is not None and value > high)
    )


def _fixed(terms: Iterable[tuple[float, int]]) -> float:
    """Return the sum of numbers, each rounded to billionths, times how often they occur."""
    total = 0
    for value, cells in terms:
        if not math.isfinite(value):
            return math.inf
        whole = math.floor(value)
        total += (whole * BILLION + math.floor((value - whole) * BILLION + 0.5)) * cells
    return float(Fraction(total, BILLION)) if abs(total) < 10**300 else math.inf


def _digest(value: str) -> str:
    """Return what a value is listed under: tables are compared by it, and no text stands in a tally.

    It hides a value from a reader, not from somebody who guesses it and computes the same.
    """
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _entries(profile: Profile, check: Check) -> Iterator[tuple[str | int | float, ...]]:
    """Yield the entries of one column, without its name."""
    filled = profile.rows - profile.missing
    for field, number in (
        ("rows", profile.rows),
        ("missing", profile.missing),
        ("numbers", profile.numbers),
        ("other", filled - profile.numbers),
        ("distinct", profile.distinct),
    ):
        yield field, "", number
    yield from sorted(("value", _digest(name), cells) for name, cells in profile.listed)
    yield from (("percentile", f"{place:03d}", value) for place, value in enumerate(profile.percentiles))
    if profile.outside is not None:
        yield "outside", "", profile.outside
    if profile.numbers == filled > 0 and math.isfinite(profile.squares):
        mean = profile.total / filled
        yield "mean", "", mean
        yield "deviation", "", math.sqrt(max(profile.squares / filled - mean * mean, 0.0))
    if check.minimum is not None:
        yield "below", "", profile.below
    if check.maximum is not None:
        yield "above", "", profile.above
    if check.allowed:
        yield "not_allowed", "", profile.not_allowed
