"""Read a log of prompts row by row, in bounded memory; nothing of it is kept.

JSON Lines (plain fields, chat messages, ShareGPT, OpenTelemetry GenAI spans), JSON, CSV, TSV and Parquet,
the text formats also compressed with gzip or Zstandard.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from conformity.engines.texts import opened_text
from conformity.errors import DataError
from conformity.probes.shared.prompts.chats import ANSWERS, SYSTEMS, TIMES, exchanges
from conformity.probes.shared.prompts.records import Exchange, month, text_or_none

_JSON = frozenset({".jsonl", ".ndjson", ".json"})
_TABLES = {".csv": ",", ".tsv": "\t"}
_PACKED = frozenset({".gz", ".zst"})
LONGEST = 16_000_000
"""The most characters of a row of text."""
_WHOLE = 64_000_000
_BATCH = 1000


def read_log(path: Path, field: str) -> Iterator[Exchange]:
    """Yield the exchange of each row.

    Args:
        path: the log.
        field: the column or key that holds the prompt.

    Raises:
        DataError: the file is no such log, or a row has no text there.
    """
    if not path.is_file():
        raise DataError(f"{path.name} is not a file; give a log of prompts")
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() in _PACKED else path.suffix.lower()
    if suffix == ".parquet":
        yield from _from_parquet(path, field)
        return
    if suffix not in _JSON and suffix not in _TABLES:
        raise DataError(
            f"{path.name} is not a prompt log; give JSON Lines (.jsonl), CSV (.csv, .tsv) or Parquet "
            "(.parquet)"
        )
    with opened_text(path) as file:
        if suffix in _TABLES:
            yield from _from_table(file, path.name, field, _TABLES[suffix])
        elif suffix == ".json" and _is_list(file):
            yield from _from_list(file, path.name, field)
        else:
            yield from _from_json_lines(file, path.name, field)


def _lines(file: TextIO, name: str) -> Iterator[str]:
    """Yield the lines, none of which is too long to be held in memory.

    Raises:
        DataError: a line is longer than :data:`LONGEST`.
    """
    for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), ""), start=1):
        if len(line) > LONGEST:
            raise DataError(
                f"{name}, line {number}, is longer than {LONGEST:,} characters; split it into rows"
            )
        yield line


def _from_json_lines(file: TextIO, name: str, field: str) -> Iterator[Exchange]:
    """Yield the exchanges of a JSON Lines file; empty lines are skipped."""
    for number, line in enumerate(_lines(file, name), start=1):
        if line.strip():
            yield from _of_row(_parsed(line, f"{name}, line {number},"), f"{name}, line {number},", field)


def _parsed(text: str, place: str) -> object:
    """Return parsed JSON.

    Raises:
        DataError: it is no JSON, or nested too deep.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise DataError(f"{place} is nested too deep; each line must hold one flat object") from error
    except ValueError as error:
        raise DataError(f"{place} is not JSON; each line must hold one object") from error


def _of_row(row: object, place: str, field: str) -> Iterator[Exchange]:
    """Yield the exchanges of one parsed row.

    Raises:
        DataError: it is no object, or has no text where it should.
    """
    if not isinstance(row, dict):
        raise DataError(f"{place} is not an object; each line must hold one object")
    found = exchanges(row, field)
    if found is None:
        raise DataError(f"{place} has no field {field!r}; name it in `text_field`")
    value = row.get(field)
    if value is not None and not isinstance(value, str | list):
        raise DataError(f"{place}: the field {field!r} is not text but {type(value).__name__}")
    yield from found


def _is_list(file: TextIO) -> bool:
    """Return whether a JSON file holds one list, and go back to its start."""
    start = file.read(1000).lstrip()
    file.seek(0)
    return start.startswith("[")


def _from_list(file: TextIO, name: str, field: str) -> Iterator[Exchange]:
    """Yield the exchanges of a file that is one JSON list.

    Raises:
        DataError: it is larger than can be held in memory, or no JSON.
    """
    text = file.read(_WHOLE + 1)
    if len(text) > _WHOLE:
        raise DataError(f"{name} is one list of more than {_WHOLE:,} characters; write it as JSON Lines")
    rows = _parsed(text, name)
    for number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        yield from _of_row(row, f"{name}, entry {number},", field)


def _from_table(file: TextIO, name: str, field: str, separator: str) -> Iterator[Exchange]:
    """Yield the exchanges of a CSV or TSV file."""
    csv.field_size_limit(LONGEST)
    reader = csv.reader(_lines(file, name), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        place = _places(header, field, name)
        for row in reader:
            if row:
                if len(row) != len(header):
                    raise DataError(
                        f"{name}, line {reader.line_num}, has {len(row)} cells where the header has "
                        f"{len(header)}"
                    )
                yield _of_cells(row, place)
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}, is not CSV: {error}") from error


def _places(header: Sequence[str], field: str, name: str) -> tuple[int | None, ...]:
    """Return where prompt, answer, instructions and moment stand.

    Raises:
        DataError: the prompt's column is not there once.
    """
    if list(header).count(field) != 1:
        have = ", ".join(repr(column) for column in header[:10]) or "none"
        problem = "twice" if field in header else "not"
        raise DataError(
            f"the column {field!r} is {problem} in {name}; name it in `text_field` (have: {have})"
        )
    lower = [column.lower() for column in header]
    others = ((one for one in names if one in lower) for names in (ANSWERS, SYSTEMS, TIMES))
    found = [next(names, None) for names in others]
    return (list(header).index(field), *(lower.index(one) if one else None for one in found))


def _of_cells(cells: Sequence[object], places: Sequence[int | None]) -> Exchange:
    """Return the exchange in one row of a table."""
    prompt, answer, system, moment = (None if place is None else cells[place] for place in places)
    return Exchange(text_or_none(prompt), text_or_none(answer), text_or_none(system), month(moment))


def _from_parquet(path: Path, field: str) -> Iterator[Exchange]:
    """Yield the exchanges of a Parquet file, batch by batch.

    Raises:
        DataError: it is no Parquet file, or the column holds no text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        names = list(file.schema_arrow.names)
        places = _places(names, field, path.name)
        wanted = [names[place] for place in places if place is not None]
        kind = file.schema_arrow.field(field).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise DataError(f"the column {field!r} of {path.name} is not text but {kind}")
        inner = [None if place is None else wanted.index(names[place]) for place in places]
        for batch in file.iter_batches(_BATCH, columns=wanted):
            columns = [batch.column(name).to_pylist() for name in wanted]
            yield from (_of_cells(cells, inner) for cells in zip(*columns, strict=True))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file; write it again") from error
