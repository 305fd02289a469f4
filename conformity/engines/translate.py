"""Turn what DuckDB and Arrow raise into one sentence of ours; nothing of the data goes into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from conformity.engines.texts import too_long
from conformity.errors import DataError

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_WIDTH = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")

_ADVICE = re.compile(r"^Possible .*", re.M | re.S)
"""The options that DuckDB advises, and those it used: they do not say what is wrong."""
_QUOTED = re.compile(
    r"^Original Line:.*(?=^(?:Expected Number|Invalid unicode|Maximum line|Value with))", re.M | re.S
)
"""What DuckDB quotes from the file, whose words must not be taken for its own."""

_MEANINGS = (
    ("utf-8|utf8|unicode", "{place} is not UTF-8 text; save the file with the encoding UTF-8"),
    (
        "differ only in case",
        "{where} has keys that differ only in upper and lower case; rename one of them",
    ),
    (
        "maximum_object_size",
        "{where} has a line that is longer than 16 MiB, the most that a JSON object may have; shorten its "
        "values, or hand in the table as Parquet",
    ),
    ("json", "{where} is not JSON Lines, one JSON object with distinct keys on each line; correct the file"),
    ("quote", "{place} has a quotation mark that is not closed or not doubled; correct the file"),
    (
        "invalid state",
        "{where} mixes line ends, or has a quotation mark that is not closed or not doubled; save it with "
        "one kind of line end",
    ),
    ("duplicate field names", "{where} has two columns of the same name; rename one of them"),
    (
        "memory",
        "{where} needs more memory than allowed; raise CONFORMITY_WORKER_MEMORY_MB or bind fewer columns",
    ),
)
"""What the words of a message, in lower case, mean; the first that occurs counts."""


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
    own = _QUOTED.sub("", _ADVICE.sub("", message))
    if width := _WIDTH.search(own):
        return f"{place} has {width.group(2)} cells where the header has {width.group(1)}; correct the file"
    said = own.lower()
    if "maximum line size" in said or "parallel = false" in said:
        return too_long(place if line else f"a row of {where}").message
    return next(
        (meaning.format(place=place, where=where) for words, meaning in _MEANINGS if re.search(words, said)),
        f"{place} cannot be read as a table; check that the file is whole and has the stated format",
    )
