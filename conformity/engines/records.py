"""Count the rows of text files a second time, apart from the engine, so that no row is lost in silence.

DuckDB's reader of delimited text drops a row without a word in some files that it should refuse: a
last line that is too long for its buffer, a row with too few cells where two of its buffers meet. What it
read is therefore held against a count that is taken here.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from conformity.engines.headers import Head
from conformity.engines.texts import lines_of, opened_text, too_long
from conformity.errors import DataError

_BLOCK = 1 << 20


def check_delimited(paths: Sequence[Path], head: Head, where: str, read: int) -> None:
    """Check that ``read`` is the number of rows in all of ``paths``.

    Args:
        paths: the files of one table, UTF-8 text, perhaps compressed.
        head: the head that they share.
        where: what to call the table in messages.
        read: how many rows the engine read.

    Raises:
        DataError: it is not, or a file is damaged.
    """
    width = len(head.names)
    quick = [_quick_count(path, width) for path in paths]
    if None not in quick and sum(filter(None, quick)) == read:
        return
    # Either rows are lost, or quotation marks within cells led the quick count astray.
    there = sum(_slow_count(path, head.delimiter, width) for path in paths)
    if there != read:
        raise DataError(
            f"{where} has {there:,} rows, but only {read:,} of them can be read; check its quotation marks "
            "and line ends, or hand in the table as Parquet"
        )


def check_json_lines(paths: Sequence[Path], where: str, read: int) -> None:
    """Check that ``read`` is the number of JSON objects in ``paths``, each on a line of its own.

    Raises:
        DataError: it is not, a line holds something else than an object, or a file is damaged.
    """
    there = sum(_count_objects(path) for path in paths)
    if there != read:
        raise DataError(
            f"{where} has {there:,} JSON objects, but only {read:,} of them can be read; correct the file"
        )


def _quick_count(path: Path, width: int) -> int | None:
    """Return the number of rows below the header, taking every quotation mark to open or close a cell.

    A blank line is a row, with its one cell missing, only where the table has one column. Where a cell
    seems to span lines, only reading tells whether its marks are what they seem: then None.
    """
    lines, last, quoted = 0, "\n", 0
    with opened_text(path, newline=None) as text:
        for block in iter(partial(text.read, _BLOCK), ""):
            parts = block.split('"')
            if any("\n" in part for part in parts[1 - quoted :: 2]):
                return None
            bare = last + '"'.join(parts[quoted::2])
            quoted = (quoted + len(parts) - 1) % 2
            while width > 1 and "\n\n" in bare:
                bare = bare.replace("\n\n", "\n")
            lines += bare.count("\n", 1)
            last = bare[-1]
    # What stands behind the last line end, or behind a mark that is never closed, is a row too.
    return lines + (last != "\n" or quoted) - 1


def _slow_count(path: Path, delimiter: str, width: int) -> int:
    """Return the number of rows below the header, read one by one.

    Raises:
        DataError: a row has too many or too few cells, is too long, or has an open quotation mark.
    """
    count, line = -1, 1
    with opened_text(path) as text:
        # A mark within a cell is text, and space before a mark is not: as DuckDB has it.
        rows = csv.reader(lines_of(path, text), delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            for row in rows:
                _check_width(row, width, f"line {line} of {path.name}")
                count += bool(row) or width == 1
                line = rows.line_num + 1
        except csv.Error as error:
            raise _broken(f"line {line} of {path.name}", error) from error
    return count


def _broken(place: str, error: csv.Error) -> DataError:
    """Return the error for a row, at ``place``, that is not delimited text."""
    if "limit" in str(error):
        return too_long(place)
    return DataError(f"{place} has a quotation mark that is not closed or not doubled; correct the file")


def _check_width(row: Sequence[str], width: int, place: str) -> None:
    """Raise DataError when a row that is not blank has too many or too few cells."""
    # Many programs end each line with a delimiter; what follows it is no cell.
    cells = len(row) - (len(row) == width + 1 and not row[-1])
    if row and cells != width:
        raise DataError(f"{place} has {cells} cells where the header has {width}; correct the file")


def _count_objects(path: Path) -> int:
    """Return the number of lines that begin an object; blank lines do not count."""
    count = 0
    with opened_text(path, newline="\n") as text:
        for number, line in enumerate(text, start=1):
            bare = line.strip()
            if bare and not bare.startswith("{"):
                raise DataError(
                    f"line {number} of {path.name} is not a JSON object; JSON Lines have one on each line"
                )
            count += bool(bare)
    return count
