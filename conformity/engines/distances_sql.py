"""The ordered distance in DuckDB's SQL, equal but for rounding to :mod:`conformity.engines.distances`.

Cells, classes and values are numbers here. The shares of a class are sums over its cells in the order of
their values; the table's steps at them are found by an ordered join, once for each different share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformity.engines.distances import UNIT

_SQL = """
WITH {cells}, ranked AS MATERIALIZED (
    SELECT v, dense_rank() OVER (ORDER BY x) AS rank FROM ({values}) WHERE x IS NOT NULL
), counted AS MATERIALIZED (
    {counted}
), totals AS MATERIALIZED (
    SELECT rank, sum(n) AS total FROM counted GROUP BY rank
), steps AS MATERIALIZED (
    SELECT rank, (sum(total) OVER upto)::DOUBLE / (sum(total) OVER ())::DOUBLE AS step,
        (sum(total * rank) OVER upto)::DOUBLE / (sum(total) OVER ())::DOUBLE AS integral
    FROM totals WINDOW upto AS (ORDER BY rank)
), own AS (
    -- Sums of whole numbers are exact in floats, and faster than in 128 bits.
    SELECT id, rank, n, sum(n::DOUBLE) OVER (PARTITION BY id) AS size,
        sum(n::DOUBLE) OVER (PARTITION BY id ORDER BY rank) AS upto
    FROM counted
), shares AS MATERIALIZED (
    SELECT id, rank, (upto - n) / size AS low, upto / size AS high FROM own
), placed AS MATERIALIZED (
    SELECT high AS share,
        coalesce(integral, 0) + (high - coalesce(step, 0)) * (coalesce(rank, 0) + 1) AS area
    FROM (SELECT DISTINCT high FROM shares) ASOF LEFT JOIN steps ON high >= step
), turned AS (
    -- A class begins at the share 0, up to which there is no area.
    SELECT id, rank, low, high, greatest(low, least(high, step)) AS turn,
        coalesce(l.area, 0) AS to_low, h.area AS to_high,
        CASE WHEN step < low THEN coalesce(l.area, 0) WHEN step > high THEN h.area ELSE integral END
            AS to_turn
    FROM shares JOIN steps USING (rank)
        JOIN placed h ON high = h.share LEFT JOIN placed l ON low = l.share
), areas AS (
    SELECT sum(round((rank * (2 * turn - low - high) - (2 * to_turn - to_low - to_high))
        / (SELECT nullif(count(*) - 1, 0) FROM totals) / {unit})::BIGINT)::DOUBLE AS area
    FROM turned GROUP BY id
)
SELECT max(area), (SELECT sum(total) FROM totals), (SELECT count(*) FROM totals) FROM areas
"""

_COUNTED = "SELECT id, rank, n FROM cells JOIN ranked USING (v)"
_ADDED = "SELECT id, rank, sum(n)::BIGINT AS n FROM cells JOIN ranked USING (v) GROUP BY id, rank"


def areas_in_sql(
    query: Callable[[str], list[tuple[Any, ...]]], cells: str, values: str, same: bool
) -> tuple[Any, Any, Any]:
    """Return the greatest distance in units, the rows with a number, and how many numbers differ.

    Args:
        query: answers a query.
        cells: a query named ``cells`` for classes ``id``, values ``v`` and their rows ``n``.
        values: a query for values ``v`` and their numbers ``x``, null where there is none.
        same: whether no two values are one number.
    """
    counted = _COUNTED if same else _ADDED
    ((area, rows, numbers),) = query(_SQL.format(cells=cells, values=values, counted=counted, unit=UNIT))
    return area, rows, numbers
