"""Read the head of a delimited text file: its delimiter, its column names, and what they seem to hold.

The head is read here and not guessed by the engine, so that how a file is read depends on its first
line alone: the same header is always taken the same way.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from conformity.engines.texts import LONGEST_LINE, lines_of, opened_text
from conformity.engines.values import WHITESPACE
from conformity.errors import DataError

_DELIMITERS = ",;\t|"
_SAMPLED_ROWS = 200

KINDS = (
    ("integer", r"^[+-]?(0|[1-9][0-9]*)$"),
    ("number", r"^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"),
    ("boolean", r"^(?i:true|false)$"),
    ("date", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}.*)?$"),
)
"""Kinds of text, narrowest first, each with the RE2 expression that all its values match.

A number with a leading zero, such as ``01``, is a code and therefore text.
"""


@dataclass(frozen=True)
class Head:
    """What the first lines of a delimited file say."""

    delimiter: str
    """The character between cells."""
    names: tuple[str, ...]
    """The columns' names, unique."""
    kinds: tuple[str, ...]
    """What the first rows' cells look like."""


def read_head(path: Path, delimiter: str | None) -> Head:
    """Return the head of the file at ``path``.

    Args:
        path: a UTF-8 text file, perhaps compressed.
        delimiter: the character between cells; told from the first line when None.

    Raises:
        DataError: the file is not UTF-8 text, or its header has a name twice.
    """
    with opened_text(path) as text:
        chosen = _delimiter_of(path, text.readline(LONGEST_LINE), delimiter)
    # Opened again, since not every compressed file can be read from its beginning twice.
    with opened_text(path) as text:
        try:
            return _parse(path, text, chosen)
        except csv.Error as error:
            raise DataError(f"{path.name} has a header that is not delimited text ({error})") from error


def _parse(path: Path, text: TextIO, chosen: str) -> Head:
    """Return the head of an opened file."""
    csv.field_size_limit(LONGEST_LINE)
    records = csv.reader(lines_of(path, text), delimiter=chosen, strict=True)
    names = _unique(path, next(records))
    try:
        rows = [row for row in islice(records, _SAMPLED_ROWS) if len(row) == len(names)]
    except (csv.Error, UnicodeDecodeError):
        # What is wrong further down is for the engine to say, which knows the line.
        rows = []
    return Head(delimiter=chosen, names=names, kinds=tuple(_kinds(rows, len(names))))


def _delimiter_of(path: Path, first: str, declared: str | None) -> str:
    """Return the delimiter declared, or that occurs most often in the first line outside quotes, or a comma.

    Raises:
        DataError: the first line is blank, or no text.
    """
    if "\0" in first:
        raise DataError(f"{path.name} is not a text file; state its `format` or hand in delimited text")
    if not first.strip(WHITESPACE):
        raise DataError(f"the first line of {path.name} is blank; it must hold the columns' names")
    bare = re.sub(r'"[^"]*"', "", first)
    return declared or max(_DELIMITERS, key=bare.count)


def _unique(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    """Return the header's names, with a name for nameless columns.

    Raises:
        DataError: a name occurs twice.
    """
    names = tuple(name if name.strip() else f"(column {n})" for n, name in enumerate(header, start=1))
    refuse_duplicates(path.name, names)
    return names


def refuse_duplicates(where: str, names: Sequence[str]) -> None:
    """Raise DataError when two columns of a table have the same name."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{where} has two columns named {name!r}; rename one of them")
        seen.add(name)


def _kinds(rows: list[list[str]], width: int) -> list[str]:
    """Return the narrowest kind that all filled cells of each column have; text when none is filled."""
    return [
        kind_of([cell for row in rows if (cell := row[column].strip(WHITESPACE))]) for column in range(width)
    ]


def kind_of(cells: Sequence[str]) -> str:
    """Return the narrowest kind that all of some trimmed, filled cells have; ``text`` for no cells."""
    for kind, form in KINDS:
        if cells and all(re.match(form, cell) for cell in cells):
            return kind
    return "text"
