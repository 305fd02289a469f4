"""Bands of a number that hold about as many rows each: the edges are found first, then it is a bin.

Edges are quantiles rounded to three significant digits: an edge is then a round number and not one
person's value, and engines whose quantiles differ in the last digit agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals as nw

from conformity.engines.bins import read_number
from conformity.engines.columns import NamedFrame, missing
from conformity.errors import DataError
from conformity.model.tally import (
    BandKey,
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    ClusterSums,
    Diversity,
    Key,
    MissingCounts,
    Sums,
    TallySpec,
)

FEW = 20
"""A loose key keeps up to so many different numbers as they are."""

_DIGITS = 3


def keys_of(spec: TallySpec) -> tuple[Key, ...]:
    """Return the keys by which a spec groups; none for a spec that has no keys."""
    if isinstance(spec, MissingCounts):
        return spec.by
    return spec.keys if isinstance(spec, CellCounts | ClassSizes | ClusterSums | Diversity | Sums) else ()


def settled(table: NamedFrame, specs: Sequence[TallySpec]) -> dict[TallySpec, TallySpec]:
    """Return each spec with its bands turned into bins by the table's own quantiles.

    One scan for each band key, and one more for a loose one.

    Raises:
        DataError: a column is missing; or it holds no numbers, and the key is not loose.
    """
    bands = dict.fromkeys(key for spec in specs for key in keys_of(spec) if isinstance(key, BandKey))
    if not bands:
        return {spec: spec for spec in specs}
    made = {key: _settled_key(table, key) for key in bands}
    return {spec: _with_bins(spec, made) for spec in specs}


def _settled_key(table: NamedFrame, key: BandKey) -> BinKey | CategoryKey:
    """Return the bins that the bands come to; of a loose key, its values where they are few or no numbers."""
    position = table.position(key.column)
    try:
        number, fits = read_number(table, key.column, "remove the `bands`")
    except DataError:
        if key.loose:
            return CategoryKey(column=key.column)
        raise
    other = nw.lit(0) if fits is None else (~fits & ~missing(table, position)).cast(nw.Int64)
    frame = table.only([position]).select(number.alias("n"), other.alias("t"))
    if key.loose:
        seen = frame.group_by("n", "t").agg(nw.len().alias("rows")).sort("t", descending=True).head(FEW + 1)
        rows = seen.collect(backend="pyarrow").rows(named=True)
        if len(rows) <= FEW or rows[0]["t"]:
            return CategoryKey(column=key.column)
    shares = [part / key.bands for part in range(1, key.bands)]
    return BinKey(column=key.column, edges=edges_of(_quantiles(frame.select("n"), shares)))


def _quantiles(numbers: nw.LazyFrame[Any], shares: Sequence[float]) -> Sequence[float | None]:
    """Return the quantiles of the column ``n``, with linear interpolation.

    DuckDB keeps a copy of the column for every call, so that it is asked for all of them in one, in SQL.
    """
    if numbers.implementation.is_duckdb():
        native: Any = numbers.to_native()
        found = native.aggregate(f"quantile_cont(n, [{', '.join(map(repr, shares))}]) AS q").fetchall()
        return found[0][0] or ()
    wanted = [nw.col("n").quantile(share, "linear").alias(f"q{i}") for i, share in enumerate(shares)]
    (row,) = numbers.select(*wanted).collect(backend="pyarrow").rows()
    return tuple(row)


def edges_of(quantiles: Iterable[float | None]) -> tuple[float, ...]:
    """Return rising edges from quantiles, rounded; equal ones once, none where there are no numbers.

    >>> edges_of([28.0, 34.02, 34.04, None])
    (28.0, 34.0)
    """
    rounded = {float(f"{value:.{_DIGITS}g}") for value in quantiles if value is not None and value == value}
    return tuple(sorted(rounded))


def _with_bins(spec: TallySpec, made: dict[BandKey, BinKey | CategoryKey]) -> TallySpec:
    """Return a spec whose band keys are the keys that they come to."""
    if not any(isinstance(key, BandKey) for key in keys_of(spec)):
        return spec
    keys = tuple(made[key] if isinstance(key, BandKey) else key for key in keys_of(spec))
    return spec.model_copy(update={"by" if isinstance(spec, MissingCounts) else "keys": keys})
