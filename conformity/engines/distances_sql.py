"""The ordered distance in DuckDB's SQL, equal but for rounding to :mod:`conformity.engines.distances`.

Narwhals makes the cells of classes and values twice there, and compares all keys whenever it orders them.
Here the cells are kept, classes have numbers, and the table's steps are found by an ordered join: about five
times as fast. Only DuckDB speaks this dialect; every other engine takes the other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from conformity.engines.distances import UNIT

_SQL = """
WITH cells AS MATERIALIZED (
    SELECT {keys}, v, count(*) AS n FROM given WHERE v IS NOT NULL GROUP BY {keys}, v
), classes AS MATERIALIZED (
    SELECT row_number() OVER () AS id, {keys}, sum(n)::DOUBLE AS size FROM cells GROUP BY {keys}
), totals AS MATERIALIZED (
    SELECT v, row_number() OVER (ORDER BY v) AS rank, sum(n) AS total FROM cells GROUP BY v
), steps AS MATERIALIZED (
    SELECT v, rank, (sum(total) OVER upto)::DOUBLE / (sum(total) OVER ())::DOUBLE AS step,
        (sum(total * rank) OVER upto)::DOUBLE / (sum(total) OVER ())::DOUBLE AS integral
    FROM totals WINDOW upto AS (ORDER BY rank)
), own AS (
    SELECT id, v, n, size, (sum(n) OVER (PARTITION BY id ORDER BY v))::DOUBLE AS upto
    FROM cells JOIN classes ON {same}
), shares AS (
    SELECT id, rank, step, integral, (upto - n) / size AS low, upto / size AS high
    FROM own JOIN steps USING (v)
), placed AS (
    SELECT s.*,
        coalesce(l.integral, 0) + (low - coalesce(l.step, 0)) * (coalesce(l.rank, 0) + 1) AS to_low,
        coalesce(h.integral, 0) + (high - coalesce(h.step, 0)) * (coalesce(h.rank, 0) + 1) AS to_high
    FROM shares s ASOF LEFT JOIN steps l ON s.low >= l.step ASOF LEFT JOIN steps h ON s.high >= h.step
), turned AS (
    SELECT *, greatest(low, least(high, step)) AS turn,
        CASE WHEN step < low THEN to_low WHEN step > high THEN to_high ELSE integral END AS to_turn
    FROM placed
), areas AS (
    SELECT sum(round((rank * (2 * turn - low - high) - (2 * to_turn - to_low - to_high))
        / (SELECT nullif(count(*) - 1, 0) FROM totals) / {unit})::BIGINT)::DOUBLE AS area
    FROM turned GROUP BY id
)
SELECT max(area), (SELECT sum(total) FROM totals), (SELECT count(*) FROM totals) FROM areas
"""


def areas_in_sql(frame: nw.LazyFrame[Any], names: Sequence[str]) -> tuple[Any, Any, Any]:
    """Return the greatest distance in units, the rows with a number, and how many numbers differ.

    Args:
        frame: a DuckDB relation with the columns ``names``, which make the classes, and ``v``.
        names: safe names, such as ``k0``.
    """
    same = " AND ".join(f"cells.{name} IS NOT DISTINCT FROM classes.{name}" for name in names)
    sql = _SQL.format(keys=", ".join(names), same=same, unit=UNIT)
    ((area, rows, values),) = nw.to_native(frame).query("given", sql).fetchall()
    return area, rows, values
