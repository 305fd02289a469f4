"""How often whole rows occur, in DuckDB: by their hashes first, which take a tenth of the memory.

Rows that are equal have equal hashes, so that a row whose hash occurs once is the only one of its kind. Only
rows that share a hash with another one are compared cell by cell; the result is exact.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.kept import kept_table

LARGE = 1_000_000
"""From so many rows on hashes are parted in a file, instead of grouped by DuckDB."""

_MOST_ROWS = 2**29
"""Of more rows the file would take more than 4 GiB."""

_BATCH = 2**20
"""How many hashes are parted at a time."""

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
    native = nw.to_native(frame)
    with _repeated(table, native, ", ".join(names), int(rows)) as repeated:
        asked = f"SELECT coalesce(sum(n), 0)::BIGINT FROM {repeated}"  # noqa: S608 - our own name
        ((among,),) = nw.to_native(table.frame).query("given", asked).fetchall()
        alone, sizes = int(rows) - int(among), dict[int, int]()
        if among:
            sql = _SIZES.format(names=", ".join(names), repeated=repeated)
            sizes = {int(size): int(classes) for size, classes in native.query("given", sql).fetchall()}
    if alone:
        sizes[1] = sizes.get(1, 0) + alone
    return sorted(sizes.items())


def _repeated(table: NamedFrame, native: Any, names: str, rows: int) -> AbstractContextManager[str]:
    """Return the context of a table of the hashes ``h`` that several rows have, with their number ``n``."""
    found = _in_parts(table, native, names, rows)
    if found is None:
        hashed = f"SELECT hash({names}) AS h, count(*) AS n FROM given GROUP BY ALL HAVING count(*) > 1"  # noqa: S608 - our own names
        return kept_table(native, hashed, table)
    return kept_table(found, "FROM given", table)


def _in_parts(table: NamedFrame, native: Any, names: str, rows: int) -> Any:
    """Return a relation of the same hashes of a large table, found without grouping; None if it cannot be."""
    if table.taken is None or not LARGE <= rows <= _MOST_ROWS:
        return None
    import pyarrow as pa

    from conformity.engines.repeats import CrowdedError, repeated

    ((scratch,),) = native.query("given", "SELECT current_setting('temp_directory')").fetchall()
    hashes = native.query("given", f"SELECT hash({names}) AS h FROM given")  # noqa: S608 - our own names
    try:
        Path(scratch).mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=scratch) as file, hashes.to_arrow_reader(_BATCH) as read:
            found, often = repeated((batch.column(0).to_numpy() for batch in read), file)
    except (CrowdedError, OSError):
        # Equal rows are quickly grouped; and where a file has no room, the engine says so itself.
        return None
    return table.taken(pa.table({"h": found, "n": often}))
