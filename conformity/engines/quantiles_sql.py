"""Quantiles of a large column in DuckDB: from a count of its values where they repeat, else from a copy."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from conformity.engines.columns import NamedFrame
from conformity.engines.kept import kept_table

_LOOKED_AT = 200_000
"""How many of the first rows say whether numbers repeat."""

_REPEATED = 2
"""How often numbers must occur there on average, to be counted."""


def quantiles(numbers: Any, shares: Sequence[float], near: NamedFrame) -> Sequence[float | None]:
    """Return the quantiles of numbers, with linear interpolation between neighbours; none without numbers.

    Which way they are found never shows in them: both are exact.

    Args:
        numbers: a relation of DuckDB with a column ``n``, whose nulls are left out.
        shares: below which shares of the numbers the quantiles lie, in [0, 1].
        near: a table of the same connection.
    """
    if not _repeat(numbers):
        found = numbers.aggregate(f"quantile_cont(n, [{', '.join(map(repr, shares))}]) AS q").fetchall()
        return found[0][0] or ()
    return _counted(numbers, "count(*)", shares, near)


def quantiles_of_counts(counts: Any, shares: Sequence[float], near: NamedFrame) -> Sequence[float | None]:
    """Return the same quantiles of numbers that are counted already.

    Args:
        counts: a relation of DuckDB with columns ``n`` and ``c``, how often each number occurs.
        shares: as of :func:`quantiles`.
        near: a table of the same connection.
    """
    return _counted(counts, "sum(c)::BIGINT", shares, near)


def _counted(rows: Any, count: str, shares: Sequence[float], near: NamedFrame) -> list[float | None]:
    """Return quantiles from how often each number occurs, which an aggregate of rows says."""
    counting = f"SELECT n, {count} AS c FROM given WHERE n IS NOT NULL GROUP BY n"  # noqa: S608 - our own text
    with kept_table(rows, counting, near) as counts:
        return _of_counts(near.frame.to_native(), counts, shares)


def _repeat(numbers: Any) -> bool:
    """Return whether the first rows, of which there must be enough, hold each number several times."""
    asked = f"SELECT count(n), count(DISTINCT n) FROM (FROM given LIMIT {_LOOKED_AT})"  # noqa: S608 - our own number
    ((seen, different),) = numbers.query("given", asked).fetchall()
    return bool(seen >= _LOOKED_AT // _REPEATED and different * _REPEATED <= seen)


def _of_counts(native: Any, counts: str, shares: Sequence[float]) -> list[float | None]:
    """Return the quantiles of numbers from the table of how often each occurs."""
    ((total,),) = native.query("given", f"SELECT sum(c)::BIGINT FROM {counts}").fetchall()  # noqa: S608 - our own name
    # As decimals, as DuckDB reads them: the float nearest to 0.3 would lie below the rank it stands for.
    ranks = [Fraction(repr(share)) * (total - 1) for share in shares]
    ends = [end for rank in ranks for end in (floor(rank), ceil(rank))]
    asked = ", ".join(f"min(n) FILTER (WHERE up > {end})" for end in ends)
    sql = f"SELECT {asked} FROM (SELECT n, sum(c) OVER (ORDER BY n) AS up FROM {counts})"  # noqa: S608 - our own names
    (found,) = native.query("given", sql).fetchall()
    pairs = list(pairwise(found))[::2]
    return [_between(*pair, float(rank % 1)) for pair, rank in zip(pairs, ranks, strict=True)]


def _between(low: float, high: float, part: float) -> float:
    """Return the number that lies between two, so far from the lower one."""
    return low if low == high else low * (1.0 - part) + high * part
