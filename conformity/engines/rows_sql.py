"""How often whole rows occur, in DuckDB: by their hashes first, which take a tenth of the memory.

Rows that are equal have equal hashes, so that a row whose hash occurs once is the only one of its kind. Only
rows that share a hash with another one are compared cell by cell; the result is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.kept import kept_table

_SIZES = """
SELECT size, count(*) AS classes FROM (
    SELECT count(*) AS size FROM given WHERE hash({names}) IN (SELECT h FROM {repeated}) GROUP BY {names}
) GROUP BY size
"""


def row_sizes(table: NamedFrame, frame: nw.LazyFrame[Any], names: Sequence[str]) -> list[tuple[int, int]]:
    """Return sizes of classes of equal rows, each with the number of such classes, sorted.

    Args:
        table: the table.
        frame: its rows in DuckDB, as they are compared.
        names: the frame's columns.
    """
    ((rows,),) = table.frame.select(nw.len()).collect(backend="pyarrow").rows()
    native, listed = nw.to_native(frame), ", ".join(names)
    hashed = f"SELECT hash({listed}) AS h, count(*) AS n FROM given GROUP BY ALL HAVING count(*) > 1"  # noqa: S608 - our own names
    with kept_table(native, hashed, table) as repeated:
        asked = f"SELECT coalesce(sum(n), 0)::BIGINT FROM {repeated}"  # noqa: S608 - our own name
        ((among,),) = nw.to_native(table.frame).query("given", asked).fetchall()
        alone, sizes = int(rows) - int(among), dict[int, int]()
        if among:
            sql = _SIZES.format(names=listed, repeated=repeated)
            sizes = {int(size): int(classes) for size, classes in native.query("given", sql).fetchall()}
    if alone:
        sizes[1] = sizes.get(1, 0) + alone
    return sorted(sizes.items())
