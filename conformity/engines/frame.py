"""Open a data frame that is already in memory, from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.translate import translated
from conformity.errors import DataError


def open_frame(frame: Any, engine: DuckDBEngine | None = None) -> DuckDBTable:
    """Return the table that a pandas, Polars or PyArrow frame is, counted by the same code as files.

    The frame is handed over as Arrow, so that a value has the same text wherever it comes from; NaN
    in a pandas frame is a missing cell.

    Args:
        frame: an eager data frame that Narwhals knows, or a Polars lazy frame, which is collected.
        engine: the engine that counts; one with default limits when not given.

    Raises:
        DataError: it is no data frame, two columns have the same name, or a column mixes types.
    """
    where = "the data frame"
    with translated(where):
        return (engine or DuckDBEngine()).over_arrow(_arrow(frame, where), where)


def save_frame(frame: Any, path: Path) -> None:
    """Write a data frame to an Arrow file, for a worker to read.

    Args:
        frame: as of :func:`open_frame`.
        path: the file.

    Raises:
        DataError: it is no data frame, two columns have the same name, or a column mixes types.
    """
    import pyarrow as pa

    where = "the data frame"
    with translated(where):
        table = _arrow(frame, where)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)


def _arrow(frame: Any, where: str) -> Any:
    """Return ``frame`` as an Arrow table."""
    try:
        known = nw.from_native(frame)
    except TypeError as error:
        raise DataError(
            f"a {type(frame).__name__} is not a data frame; hand in pandas, Polars or PyArrow"
        ) from error
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"{where} has two columns of the same name; rename one of them") from error
    eager = known.collect(backend="pyarrow") if isinstance(known, nw.LazyFrame) else known
    return eager.to_arrow()
