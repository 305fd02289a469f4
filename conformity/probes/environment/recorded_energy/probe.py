"""Add up a record of energy that CodeCarbon wrote elsewhere."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, Scalar
from conformity.model.subject import EnergyRecordSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target

_COLUMNS = ("duration", "emissions", "energy_consumed")
_PARTS = ("cpu_energy", "gpu_energy", "ram_energy")
_MAX_BYTES = 200_000_000
_NAMED = 10
# Parts and total are rounded apart from each other.
_TOLERANCE = 0.01


@dataclass(frozen=True)
class _Row:
    """One row that has been checked."""

    duration_s: float
    energy_kwh: float
    emissions_kg: float
    run: str
    task: str
    country: str


class RecordedEnergyProbe:
    """Add up the rows of an ``emissions.csv``."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy, emissions and time of all rows together.

        Raises:
            NotMeasurableError: there is no row.
            DataError: the file is not such a record, or a number in it cannot be.
        """
        subject = target.subject
        if not isinstance(subject, EnergyRecordSubject):
            raise DataError(f"{subject.id} is not an energy record; declare it with `kind: energy_record`")
        rows = _read(target.path)
        if not rows:
            raise NotMeasurableError(f"there is no row in {subject.path}")
        _check_runs(rows, target.path.name)
        sums = (
            ("recorded_duration_s", math.fsum(row.duration_s for row in rows), "s"),
            ("recorded_emissions_kg", math.fsum(row.emissions_kg for row in rows), "kg"),
            ("recorded_energy_kwh", math.fsum(row.energy_kwh for row in rows), "kWh"),
        )
        return ProbeResult(
            measurements=tuple(
                Measurement(
                    metric=MetricId(metric),
                    subject=SubjectId(subject.id),
                    result=Scalar(value=value, unit=unit, n=len(rows)),
                )
                for metric, value, unit in sums
            ),
            notes=_notes(rows, subject.phase),
        )


def _read(path: Path) -> list[_Row]:
    """Return the rows of the record.

    Raises:
        DataError: the file is not such a record.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{path.name} is larger than {_MAX_BYTES} bytes; an emissions.csv is not")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            _check_header(header, path.name)
            return [_row(header, row, path.name, reader.line_num) for row in reader if row]
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text; hand in the file as CodeCarbon wrote it") from error
    except csv.Error as error:
        raise DataError(
            f"{path.name} is not CSV: {error}; hand in the file as CodeCarbon wrote it"
        ) from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check the path") from error


def _check_header(header: list[str], name: str) -> None:
    """Check that all columns needed are there, once.

    Raises:
        DataError: one is not.
    """
    if not header:
        raise DataError(f"{name} is empty; hand in an emissions.csv")
    for column in (*_COLUMNS, *_PARTS):
        if header.count(column) > 1 or (column in _COLUMNS and column not in header):
            problem = "twice" if column in header else "not"
            raise DataError(
                f"the column {column!r} is {problem} in {name}; hand in CodeCarbon's emissions.csv"
            )


def _row(header: list[str], cells: list[str], name: str, line: int) -> _Row:
    """Return one row, checked.

    Raises:
        DataError: it has another length, or a number that cannot be.
    """
    where = f"{name}, line {line}"
    if len(cells) != len(header):
        raise DataError(f"{where}, has {len(cells)} cells where the header has {len(header)}")
    given = dict(zip(header, cells, strict=True))
    duration, emissions, energy = (_number(given[column], column, where) for column in _COLUMNS)
    for column, value in zip(_COLUMNS, (duration, emissions, energy), strict=True):
        if value == 0:
            raise DataError(f"{where}: {column} is 0, so nothing was recorded; leave the row out and say why")
    parts = [_number(given[column], column, where) for column in _PARTS if given.get(column)]
    if len(parts) == len(_PARTS) and not math.isclose(math.fsum(parts), energy, rel_tol=_TOLERANCE):
        raise DataError(
            f"{where}: the parts do not add up to energy_consumed; the columns are not in kWh or changed"
        )
    return _Row(
        duration_s=duration,
        energy_kwh=energy,
        emissions_kg=emissions,
        run=given.get("run_id", ""),
        task=given.get("task_name", ""),
        country=given.get("country_name", "") or given.get("country_iso_code", ""),
    )


def _number(text: str, column: str, where: str) -> float:
    """Return a finite number that is not negative.

    Raises:
        DataError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        raise DataError(f"{where}: {column} is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise DataError(f"{where}: {column} is {value:g}; it must be a number that is not negative")
    return value


def _check_runs(rows: list[_Row], name: str) -> None:
    """Check that nothing is counted twice.

    Raises:
        DataError: a run or a task occurs twice, or rows of runs and tasks are mixed.
    """
    with_task = sum(bool(row.task) for row in rows)
    if 0 < with_task < len(rows):
        raise DataError(f"{name} mixes rows of runs and of tasks, which would count twice; hand in one kind")
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key = (row.run, row.task)
        if row.run and key in seen:
            raise DataError(f"a run occurs twice in {name}; keep its last row, which holds the total")
        seen.add(key)


def _notes(rows: list[_Row], phase: str) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    countries = sorted({ascii(row.country)[1:-1][:60] for row in rows if row.country})
    where = ", ".join(countries[:_NAMED]) or "not stated"
    notes = [
        "DECLARED: whether the numbers were measured or modelled cannot be told from the file.",
        f"{len(rows)} rows were added up; phase: {phase.replace('_', ' ')}; grid: {where}.",
    ]
    if "Canada" in countries:
        notes.append(
            "The grid is Canada's. Without a network CodeCarbon's online tracker takes it in silence; check "
            "that the machine stood there."
        )
    return tuple(notes)


PROBE = RecordedEnergyProbe()
"""The probe."""
