"""Read a log of prompts row by row; JSON Lines or CSV; nothing of it is kept."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from conformity.errors import DataError

_JSON = frozenset({".jsonl", ".ndjson", ".json"})
_TABLES = {".csv": ",", ".tsv": "\t"}
_MAX_FIELD = 10_000_000


def prompts(path: Path, field: str) -> Iterator[str | None]:
    """Yield the prompt of each row; None where it is blank or null.

    Args:
        path: the log.
        field: the column or key that holds the prompt.

    Raises:
        DataError: the file is no such log, or a row has no text there.
    """
    suffix = path.suffix.lower()
    if suffix not in _JSON and suffix not in _TABLES:
        raise DataError(f"{path.name} is not a prompt log; give JSON Lines (.jsonl) or CSV (.csv, .tsv)")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if suffix in _JSON:
                yield from _from_json_lines(file, path.name, field)
            else:
                yield from _from_table(file, path.name, field, _TABLES[suffix])
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text; convert it first") from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check the path") from error


def _from_json_lines(file: TextIO, name: str, field: str) -> Iterator[str | None]:
    """Yield the prompts of a JSON Lines file; empty lines are skipped."""
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{name}, line {number}, is not JSON; each line must hold one object") from error
        if not isinstance(row, dict):
            raise DataError(f"{name}, line {number}, is not an object; each line must hold one object")
        if field not in row:
            raise DataError(f"{name}, line {number}, has no field {field!r}; name it in `text_field`")
        value = row[field]
        if value is not None and not isinstance(value, str):
            raise DataError(
                f"{name}, line {number}: the field {field!r} is not text but {type(value).__name__}"
            )
        yield value if value and value.strip() else None


def _from_table(file: TextIO, name: str, field: str, separator: str) -> Iterator[str | None]:
    """Yield the prompts of a CSV or TSV file."""
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(file, delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        if header.count(field) != 1:
            have = ", ".join(repr(column) for column in header[:10]) or "none"
            problem = "twice" if field in header else "not"
            raise DataError(
                f"the column {field!r} is {problem} in {name}; name it in `text_field` (have: {have})"
            )
        place = header.index(field)
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise DataError(
                    f"{name}, line {reader.line_num}, has {len(row)} cells where the header has {len(header)}"
                )
            yield row[place] if row[place].strip() else None
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}, is not CSV: {error}") from error
