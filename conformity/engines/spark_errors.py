"""Turn what Spark, Py4J and Narwhals raise into one sentence of ours; nothing of the data goes into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from conformity.errors import ConformityError, DataError

_MEANINGS = (
    ("no space left", "{where} needs more room than there is for intermediate results; free space in TMPDIR"),
    (
        "outofmemory|unable_to_acquire_memory|cannot allocate memory",
        "{where} needs more memory than allowed; raise CONFORMITY_WORKER_MEMORY_MB or bind fewer columns",
    ),
    (
        "finer than microseconds",
        "{where} has times finer than microseconds, which Spark cannot hold; use --engine duckdb",
    ),
    (
        "illegal parquet type|unsupported_|unsupported data type|not support|not implemented|notimplemented",
        "{where} needs something that Spark, or Narwhals over Spark, cannot do; use --engine duckdb",
    ),
    ("path_not_found|filenotfound", "Spark does not find {where}; it must lie where Spark can read it"),
    (
        "connection refused|connection reset|py4jnetwork|unavailable|java server",
        "Spark stopped while it counted {where}; raise CONFORMITY_WORKER_MEMORY_MB or use --engine duckdb",
    ),
)
"""What the words of a message, in lower case, mean; the first that occurs counts."""


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise DataError in place of any error of the libraries that count the table called ``where``."""
    try:
        yield
    except ConformityError:
        raise
    except MemoryError:
        raise
    except Exception as error:
        # Py4J, gRPC, Spark and Narwhals have no common base.
        raise DataError(_sentence(where, f"{type(error).__name__} {error}")) from error


def _sentence(where: str, message: str) -> str:
    """Return what a library's message means for the person who handed in the table."""
    said = message.lower()
    return next(
        (meaning.format(where=where) for words, meaning in _MEANINGS if re.search(words, said)),
        f"{where} cannot be read by Spark as a table; check that the file is whole, or use --engine duckdb",
    )
