"""Read how many tokens the answers of a log have, and how long they took; no text is kept."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from conformity.engines.texts import opened_text
from conformity.errors import DataError
from conformity.model.energy import Generation

MAX_ROWS = 1_000_000
"""Most rows that are read."""

_LATENCY_PLACES = 1
_SEPARATORS = {".csv": ",", ".tsv": "\t"}

Answers = Counter[tuple[int, float]]
"""How many answers have so many tokens and took so many seconds; infinite where that is not recorded."""


def read_tokens(path: Path, generation: Generation) -> tuple[Answers, int]:
    """Return the answers by length and time, and how many rows hold no number of tokens.

    Args:
        path: the log: JSON Lines, a JSON list, CSV, TSV or Parquet; the texts also compressed.
        generation: which fields hold them.

    Raises:
        DataError: the file cannot be read, or a number in it cannot be.
    """
    answers: Answers = Counter()
    blank = 0
    for place, row in enumerate(_rows(path, generation), start=1):
        if place > MAX_ROWS:
            break
        tokens = row.get(generation.tokens_field)
        if tokens is None or tokens == "":
            blank += 1
            continue
        where = f"{path.name}, row {place}"
        count = _number(tokens, generation.tokens_field, where)
        if count != int(count):
            raise DataError(f"{where}: {generation.tokens_field} is not a whole number; correct it")
        answers[int(count), _latency(row, generation, where)] += 1
    return answers, blank


def _latency(row: Mapping[str, Any], generation: Generation, where: str) -> float:
    """Return how long an answer took, in tenths of a second; infinite where it is not recorded.

    Raises:
        DataError: it cannot be.
    """
    field = generation.latency_field
    if field is None or row.get(field) in (None, ""):
        return math.inf
    return round(_number(row[field], field, where), _LATENCY_PLACES)


def _number(value: object, field: str, where: str) -> float:
    """Return a finite number that is not negative; its text is not repeated.

    Raises:
        DataError: it is none.
    """
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise DataError(f"{where}: {field} is not a number that is not negative; correct it")
    return number


def _rows(path: Path, generation: Generation) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a log.

    Raises:
        DataError: it cannot be read.
    """
    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    try:
        if name.endswith(".parquet"):
            yield from _parquet(path, generation)
            return
        with opened_text(path) as file:
            suffix = Path(name).suffix
            if suffix in _SEPARATORS:
                yield from csv.DictReader(file, delimiter=_SEPARATORS[suffix])
            elif suffix == ".json":
                yield from _objects(json.load(file), path.name)
            else:
                yield from _objects((json.loads(line) for line in file if line.strip()), path.name)
    except DataError:
        raise
    except (OSError, ValueError, csv.Error, KeyError) as error:
        raise DataError(
            f"{path.name} cannot be read ({type(error).__name__}); check that it is the log with the fields"
        ) from error


def _objects(content: Iterable[Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list.

    Raises:
        DataError: one is none.
    """
    for one in content:
        if not isinstance(one, Mapping):
            raise DataError(f"{name} holds a row that is no JSON object; give one object for each prompt")
        yield one


def _parquet(path: Path, generation: Generation) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a Parquet file, with the declared fields alone."""
    import pyarrow.parquet

    wanted = [field for field in (generation.tokens_field, generation.latency_field) if field is not None]
    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(columns=wanted):
        yield from batch.to_pylist()
