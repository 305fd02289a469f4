"""Turn what DuckDB and Arrow raise into one sentence of ours; nothing of the data goes into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from conformity.errors import DataError

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_WIDTH = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise DataError in place of any error of the libraries that read the table called ``where``."""
    import duckdb
    import pyarrow

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise DataError(
            f"{where} needs more memory than allowed, and its scratch folder is full; "
            "raise CONFORMITY_WORKER_MEMORY_MB or bind fewer columns"
        ) from error
    except (duckdb.Error, pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(_sentence(where, str(error))) from error


def _sentence(where: str, message: str) -> str:
    """Return what a library's message means for the person who handed in the table."""
    line = _LINE.search(message)
    place = f"line {line.group(1)} of {where}" if line else where
    if width := _WIDTH.search(message):
        return f"{place} has {width.group(2)} cells where the header has {width.group(1)}; correct the file"
    lowered = message.lower()
    if "utf-8" in lowered or "unicode" in lowered or "utf8" in lowered:
        return f"{place} is not UTF-8 text; save the file with the encoding UTF-8"
    if "differ only in case" in lowered:
        return f"{where} has keys that differ only in upper and lower case; rename one of them"
    if "json" in lowered:
        return f"{where} is not JSON Lines, one JSON object with distinct keys on each line; correct the file"
    if "quote" in lowered:
        return f"{place} has a quotation mark that is not closed or not doubled; correct the file"
    if "duplicate field names" in lowered:
        return f"{where} has two columns of the same name; rename one of them"
    if "memory" in lowered:
        return (
            f"{where} needs more memory than allowed; raise CONFORMITY_WORKER_MEMORY_MB or bind fewer columns"
        )
    return f"{place} cannot be read as a table; check that the file is whole and has the stated format"
