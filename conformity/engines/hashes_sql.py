"""The texts of cells that are hashed, in DuckDB's SQL: equal to what :mod:`conformity.engines.hashes` makes.

Narwhals makes an expression for every step and column, which takes longer than hashing thousands of rows.
Here the steps are nested queries; a step names what it uses more than once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame, is_text, trimmed
from conformity.engines.values import NUMBER

WHOLE = r"^[+-]?[0-9]{1,18}$"
"""Text that is a whole number of 64 bits."""

LONG = r"^[+-]?[0-9]{19,}$"
"""Text that is a whole number of more digits, and stays text."""

LARGEST, FRACTION = 2.0**62, 2.0**53
"""Floats from the first on do not fit into whole numbers; the second is one over the unit of fractions."""

_APART = f"""
    CASE WHEN regexp_matches(x#, '{WHOLE}') THEN x# END::BIGINT AS i#,
    CASE WHEN regexp_matches(x#, '{NUMBER}') AND NOT regexp_matches(x#, '{LONG}')
        AND NOT regexp_matches(x#, '{WHOLE}') THEN x# END::DOUBLE AS f#,
    CASE WHEN NOT (regexp_matches(x#, '{NUMBER}') AND NOT regexp_matches(x#, '{LONG}')) AND x# <> ''
        THEN x# END AS s#"""

_REACH = f"""
    i#, s#, CASE WHEN f# < {LARGEST} AND f# > -{LARGEST} THEN f#
        ELSE sqrt(sqrt(sqrt(sqrt(sqrt(abs(CASE WHEN isfinite(f#) THEN f# END)))))) END AS v#,
    CASE WHEN NOT (f# < {LARGEST} AND f# > -{LARGEST}) THEN if(f# > 0, '+', '-') END AS g#"""

_REST = f"""
    i#, s#, g#, floor(v#)::BIGINT AS w#, floor((v# - floor(v#)) * {FRACTION})::BIGINT AS r#"""

_TEXTS = """
    CASE WHEN coalesce(i#, w#) IS NOT NULL THEN coalesce(i#, w#)::VARCHAR
        ELSE replace(if(lower(s#) IN ('true', 'false'), lower(s#), s#), '\x1f', '\x1fb') END AS t#,
    g#, CASE WHEN r# <> 0 THEN r#::VARCHAR END AS r#"""
"""Steps from a cell to its texts; ``#`` stands for the column's position."""


def texts_in_sql(
    table: NamedFrame, positions: Sequence[int], others: Sequence[nw.Expr], digest: str
) -> nw.LazyFrame[Any]:
    """Return ``hash``, what ``digest`` makes of the texts of each row.

    Args:
        table: the table, in DuckDB.
        positions: the columns.
        others: the cells of those that are no text, as whole numbers ``i``, floats ``f`` and texts ``s``.
        digest: a number, in SQL, from texts ``t``, ``g`` and ``r`` of each column.
    """
    words = [position for position in positions if is_text(table.dtypes[position])]
    cells = [trimmed(position).alias(f"x{position}") for position in words]
    frame = table.only(positions).select(*cells, *others)
    apart = [_of(_APART if position in words else "i#, f#, s#", position) for position in positions]
    sql = f"SELECT {', '.join(apart)} FROM given"  # noqa: S608 - made of patterns and positions
    for step in (_REACH, _REST, _TEXTS):
        chosen = ", ".join(_of(step, position) for position in positions)
        sql = f"SELECT {chosen} FROM ({sql})"  # noqa: S608 - as above
    hashed = nw.to_native(frame).query("given", f"SELECT {digest} AS hash FROM ({sql})")  # noqa: S608 - as above
    numbers: nw.LazyFrame[Any] = nw.from_native(hashed)
    return numbers


def _of(step: str, position: int) -> str:
    """Return a step for one column."""
    return step.replace("#", str(position))
