"""The first rows of a table, for a model that is to predict them; in a worker only, and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.engines.sources import files_of
from conformity.engines.translate import translated

if TYPE_CHECKING:
    import pandas as pd


def first_rows(source: TableSource, columns: Sequence[str], most: int) -> pd.DataFrame:
    """Return the first rows of some columns, with numbers as numbers where a column holds nothing else.

    Args:
        source: the table, in any format that the embedded engine reads.
        columns: the columns, in the order wanted.
        most: how many rows at most.

    Raises:
        DataError: the table cannot be read, or has no such column.
    """
    files = files_of(source)
    # One thread reads the rows in the order in which the file has them.
    table = DuckDBEngine(threads=1).open(source)
    positions = [table.named.position(name) for name in columns]
    with translated(table.named.where):
        chosen = table.named.only(positions).select(*(f"c{position}" for position in positions))
        found: pd.DataFrame = chosen.head(most).collect(backend="pyarrow").to_pandas()
    found.columns = list(columns)
    # SQLite and the names of folders state no types, as CSV does not.
    untyped = columns if files.format == "sqlite" else files.partitions
    return found.assign(**{name: _numbers(found[name]) for name in columns if _reads(found, name, untyped)})


def _reads(found: pd.DataFrame, name: str, untyped: Sequence[str]) -> bool:
    """Tell whether a column is to be read as numbers: one without a type, or of exact decimal numbers."""
    from decimal import Decimal

    cells = found[name].dropna()
    return name in untyped or (len(cells) > 0 and isinstance(cells.iloc[0], Decimal))


def _numbers(cells: pd.Series[str]) -> pd.Series[str] | pd.Series[float]:
    """Return cells as numbers; as they are where one is none."""
    import pandas

    try:
        return pandas.to_numeric(cells)
    except (ValueError, TypeError):
        return cells
