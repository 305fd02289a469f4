"""Read an ``emissions.csv`` as CodeCarbon 2.x and 3.x write it, and the table of ML.ENERGY."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime
from pathlib import Path

from conformity.errors import DataError
from conformity.probes.environment.recorded_energy.entries import Entry, check_units, number, positive
from conformity.probes.environment.recorded_energy.exports import benchmark

_COLUMNS = ("duration", "emissions", "energy_consumed")
_PARTS = ("cpu_energy", "gpu_energy", "ram_energy")
# Parts and total are rounded apart from each other.
_TOLERANCE = 0.01


def read_table(path: Path) -> list[Entry]:
    """Return the entries of a CSV file.

    Raises:
        DataError: it is not such a record, or a number in it cannot be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            is_benchmark = any(column.startswith("energy_per_") for column in header)
            _check_header(header, path.name, needed=() if is_benchmark else _COLUMNS)
            read = _benchmark if is_benchmark else _row
            return [read(header, row, f"{path.name}, line {reader.line_num}") for row in reader if row]
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text; hand in the file as CodeCarbon wrote it") from error
    except csv.Error as error:
        raise DataError(
            f"{path.name} is not CSV: {error}; hand in the file as CodeCarbon wrote it"
        ) from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check the path") from error


def _check_header(header: list[str], name: str, needed: tuple[str, ...]) -> None:
    """Check that all columns needed are there, and none twice.

    Raises:
        DataError: one is not.
    """
    if not header:
        raise DataError(f"{name} is empty; hand in an emissions.csv")
    for column in dict.fromkeys((*needed, *_PARTS, *header)):
        if header.count(column) > 1 or (column in needed and column not in header):
            problem = "twice" if column in header else "not"
            raise DataError(
                f"the column {column!r} is {problem} in {name}; hand in CodeCarbon's emissions.csv"
            )


def _given(header: list[str], cells: list[str], where: str) -> dict[str, str]:
    """Return the cells of a row by column.

    Raises:
        DataError: it has another length than the header.
    """
    if len(cells) != len(header):
        raise DataError(f"{where}, has {len(cells)} cells where the header has {len(header)}")
    return dict(zip(header, cells, strict=True))


def _row(header: list[str], cells: list[str], where: str) -> Entry:
    """Return a row of CodeCarbon.

    Raises:
        DataError: it has another length, or a number that cannot be.
    """
    given = _given(header, cells, where)
    duration, emissions, energy = (positive(given[column], column, where) for column in _COLUMNS)
    parts = [number(given[column], column, where) for column in _PARTS if given.get(column)]
    if len(parts) == len(_PARTS) and not math.isclose(math.fsum(parts), energy, rel_tol=_TOLERANCE):
        raise DataError(
            f"{where}: the parts do not add up to energy_consumed; the columns are not in kWh or changed"
        )
    check_units(energy, emissions, where)
    return Entry(
        energy_kwh=energy,
        emissions_kg=emissions,
        duration_s=duration,
        key=(given.get("run_id", ""), given.get("task_name", "")),
        grid=given.get("country_name", "") or given.get("country_iso_code", ""),
        ended_at=_moment(given.get("timestamp", "")),
    )


def _benchmark(header: list[str], cells: list[str], where: str) -> Entry:
    """Return a row of ML.ENERGY.

    Raises:
        DataError: it has another length, or a number that cannot be.
    """
    return benchmark(_given(header, cells, where), where)


def _moment(text: str) -> datetime | None:
    """Return when a run ended, in CodeCarbon's local time: it orders runs and says no more."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
