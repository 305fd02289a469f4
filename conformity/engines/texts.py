"""Open a text file, perhaps compressed, so that whatever is wrong with it is one sentence of ours."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO, cast

from conformity.errors import DataError

LONGEST_LINE = 2_000_000
"""The most bytes of a row of delimited text, with all its line ends; DuckDB's own limit."""


@contextmanager
def opened_text(path: Path, newline: str | None = "") -> Iterator[TextIO]:
    """Yield the decoded text of the file at ``path``, without a byte order mark.

    Args:
        path: a UTF-8 text file, perhaps compressed with gzip or Zstandard.
        newline: what ends a line, as :func:`open` has it.

    Raises:
        DataError: the file cannot be read, is damaged, or is not UTF-8 text.
    """
    try:
        with _stream(path, newline) as text:
            yield text
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text; save it with the encoding UTF-8") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be read ({type(error).__name__}); check the file") from error


def too_long(place: str) -> DataError:
    """Return the error for a row, at ``place``, that is longer than can be read."""
    return DataError(
        f"{place} is longer than {LONGEST_LINE:,} bytes, the most that a row of text may have; shorten its "
        "cells, close its quotation marks, or hand in the table as Parquet"
    )


def lines_of(path: Path, text: TextIO) -> Iterator[str]:
    """Yield the lines of delimited ``text``, none of which is too long to be held in memory.

    Raises:
        DataError: a line is longer than :data:`LONGEST_LINE`.
    """
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE + 1), ""), start=1):
        if len(line) > LONGEST_LINE:
            raise too_long(f"line {number} of {path.name}")
        yield line


def _stream(path: Path, newline: str | None) -> TextIO:
    """Return the decoded text of the file."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig", newline=newline))
    if suffix == ".zst":
        import pyarrow as pa

        plain = pa.input_stream(str(path), compression="zstd")
        return io.TextIOWrapper(plain, encoding="utf-8-sig", newline=newline)
    return path.open("r", encoding="utf-8-sig", newline=newline)
