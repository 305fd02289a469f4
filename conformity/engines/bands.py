"""Bands of a number that hold about as many rows each: the edges are found first, then it is a bin.

Edges are quantiles rounded to three significant digits: an edge is then a round number and not one
person's value, and engines whose quantiles differ in the last digit agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals as nw

from conformity.engines.bins import read_number
from conformity.engines.columns import NamedFrame, is_text, missing
from conformity.engines.kept import counted_values
from conformity.engines.small_tables import is_small
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

_LOOKED_AT = 1_000
"""How many of the first rows may show that there are more than a few different numbers."""

_COPIED = 20
"""How much more a number costs whose quantiles DuckDB finds in a copy than one that it keeps."""


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
    made = (
        {key: _settled_key(table, key) for key in bands}
        if not is_small(table, len(bands) * _COPIED)
        else _together(table, tuple(bands))
    )
    return {spec: _with_bins(spec, made) for spec in specs}


def _settled_key(table: NamedFrame, key: BandKey) -> BinKey | CategoryKey:
    """Return the bins that the bands come to; of a loose key, its values where they are few or no numbers."""
    number = _number(table, key)
    if number is None:
        return CategoryKey(column=key.column)
    position = table.position(key.column)
    counted = counted_values(table, position)
    source = table.only([position]) if counted is None else counted.rename({"n": "cells"})
    frame = source.select(number[0].alias("n"), number[1].alias("t"))
    if key.loose and not _many(frame, text=is_text(table.dtypes[position])):
        seen = frame.group_by("n", "t").agg(nw.len().alias("rows")).sort("t", descending=True).head(FEW + 1)
        rows = seen.collect(backend="pyarrow").rows(named=True)
        if len(rows) <= FEW or rows[0]["t"]:
            return CategoryKey(column=key.column)
    if counted is not None:
        from conformity.engines.quantiles_sql import quantiles_of_counts

        counts = source.select(number[0].alias("n"), nw.col("cells").alias("c"))
        found = quantiles_of_counts(nw.to_native(counts), _shares(key), table)
        return BinKey(column=key.column, edges=edges_of(found))
    quantiles = _quantiles(frame.select("n"), _shares(key), table)
    return BinKey(column=key.column, edges=edges_of(quantiles))


def _many(frame: nw.LazyFrame[Any], *, text: bool) -> bool:
    """Return whether the first rows show that a column of numbers has more than a few; unknown for text."""
    if text:
        return False
    first = frame.head(_LOOKED_AT).select(nw.col("n").n_unique()).collect(backend="pyarrow").rows()
    return int(first[0][0]) > FEW + 1


def _number(table: NamedFrame, key: BandKey) -> tuple[nw.Expr, nw.Expr] | None:
    """Return a column's numbers, and 1 for each cell of other text; None where it holds neither, and may.

    Raises:
        DataError: there is no such column; or it holds no numbers, and the key is not loose.
    """
    position = table.position(key.column)
    try:
        number, fits = read_number(table, key.column, "remove the `bands`")
    except DataError:
        if key.loose:
            return None
        raise
    return number, nw.lit(0) if fits is None else (~fits & ~missing(table, position)).cast(nw.Int64)


def _together(table: NamedFrame, keys: Sequence[BandKey]) -> dict[BandKey, BinKey | CategoryKey]:
    """Return what :func:`_settled_key` does for all keys of a small table in DuckDB, in one query."""
    numbers = [_number(table, key) for key in keys]
    able = [place for place, number in enumerate(numbers) if number is not None]
    made: dict[BandKey, BinKey | CategoryKey] = {key: CategoryKey(column=key.column) for key in keys}
    columns = [
        part.alias(f"{name}{place}")
        for place, number in enumerate(numbers)
        for name, part in zip("nt", number or (), strict=False)
    ]
    if not able:
        return made
    asked = ", ".join(_ASKED.format(place=place, shares=_shares(keys[place])) for place in able)
    positions = [table.position(keys[place].column) for place in able]
    native = nw.to_native(table.only(positions).select(*columns))
    sql = f"WITH numbers AS MATERIALIZED (FROM given) SELECT {asked} FROM numbers"  # noqa: S608 - our own names
    lines = native.query("given", sql).fetchall()
    for place, seen in zip(able, lines[0], strict=True):
        if not keys[place].loose or (seen["different"] > FEW and not seen["text"]):
            made[keys[place]] = BinKey(column=keys[place].column, edges=edges_of(seen["quantiles"] or ()))
    return made


_ASKED = """struct_pack(
    different := count(DISTINCT n{place}) + coalesce(max((n{place} IS NULL)::INTEGER), 0),
    text := max(t{place}), quantiles := quantile_cont(n{place}, {shares}))"""


def _shares(key: BandKey) -> list[float]:
    """Return below which shares of the rows the bands end, but for the last."""
    return [part / key.bands for part in range(1, key.bands)]


def _quantiles(
    numbers: nw.LazyFrame[Any], shares: Sequence[float], table: NamedFrame
) -> Sequence[float | None]:
    """Return the quantiles of the column ``n`` of a table, with linear interpolation.

    DuckDB keeps a copy of the column for every call, so that it is asked for all of them in one, in SQL;
    where numbers repeat, they are counted instead, which needs memory for each different one only.
    """
    if numbers.implementation.is_duckdb():
        from conformity.engines.quantiles_sql import quantiles

        return quantiles(numbers.to_native(), shares, table)
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
