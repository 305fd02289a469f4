"""Add up records of energy that were written elsewhere."""

from __future__ import annotations

import glob
import math
from collections.abc import Sequence
from pathlib import Path

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId, digest_of
from conformity.model.measurement import Interval, Measurement, NotAvailable, Obtained, Result, Scalar
from conformity.model.subject import EnergyRecordSubject
from conformity.probes.environment.recorded_energy.entries import Entry
from conformity.probes.environment.recorded_energy.exports import read_export
from conformity.probes.environment.recorded_energy.tables import read_table
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.energy.figures import repeated

_ENDINGS = (".csv", ".json", ".jsonl")
_MAX_BYTES = 200_000_000
_MAX_FILES = 10_000
_NAMED = 10


class RecordedEnergyProbe:
    """Add up the entries of one record, or of all records in a folder."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy, emissions and time of all entries together.

        Raises:
            NotMeasurableError: there is no entry.
            DataError: a file is no record that is known, or a number in it cannot be.
        """
        subject = target.subject
        if not isinstance(subject, EnergyRecordSubject):
            raise DataError(f"{subject.id} is not an energy record; declare it with `kind: energy_record`")
        wanted = digest_of(list(subject.command)) if subject.command else None
        entries = [entry for file in _files(target.path) for entry in _read(file, wanted)]
        if not entries:
            raise NotMeasurableError(f"there is no row in {subject.path}")
        _check_keys(entries, subject.path)
        found = {
            "recorded_duration_s": _sum(entries, [entry.duration_s for entry in entries], "s", "times"),
            "recorded_emissions_kg": _sum(
                entries, [entry.emissions_kg for entry in entries], "kg", "emissions"
            ),
            "recorded_energy_kwh": _energy(entries),
            **_per_run(entries),
        }
        return ProbeResult(
            measurements=tuple(
                Measurement(metric=MetricId(metric), subject=SubjectId(subject.id), result=result)
                for metric, result in found.items()
            ),
            notes=_notes(entries, subject),
        )


def _files(path: Path) -> list[Path]:
    """Return the files of a record: itself, those in a folder, or those that a pattern names.

    Raises:
        DataError: there are none, or too many.
    """
    if path.is_dir():
        files = sorted(
            file
            for file in path.rglob("*")
            if file.is_file() and file.suffix in _ENDINGS and not file.name.startswith(".")
        )
        if not files:
            raise DataError(f"there is no record in {path.name}; its name must end in {', '.join(_ENDINGS)}")
    elif not path.exists() and glob.has_magic(str(path)):
        files = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207 # absolute
    else:
        files = [path]
    if len(files) > _MAX_FILES:
        raise DataError(f"there are more than {_MAX_FILES} records in {path.name}; hand in fewer")
    return files


def _read(path: Path, command_sha256: str | None) -> list[Entry]:
    """Return the entries of one file.

    Raises:
        DataError: it is no record that is known.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{path.name} is larger than {_MAX_BYTES} bytes; a record is not")
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check the path") from error
    if path.suffix in (".json", ".jsonl"):
        return read_export(path, command_sha256)
    if command_sha256 is not None:
        raise DataError(
            f"{path.name} does not say of which command it is; hand in a record of conformity track, or "
            "leave `command` out"
        )
    return read_table(path)


def _check_keys(entries: Sequence[Entry], name: str) -> None:
    """Check that nothing is counted twice.

    Raises:
        DataError: a run or a task occurs twice, or rows of runs and of tasks are mixed.
    """
    known = [entry.key for entry in entries if entry.key[0]]
    with_task = sum(bool(entry.key[1]) for entry in entries)
    if 0 < with_task < len(entries):
        raise DataError(f"{name} mixes rows of runs and of tasks, which would count twice; hand in one kind")
    if len(set(known)) < len(known):
        raise DataError(f"a run occurs twice in {name}; keep its last row, which holds the total")


def _sum(entries: Sequence[Entry], values: Sequence[float | None], unit: str, what: str) -> Result:
    """Return a sum; nothing where not every entry tells."""
    told = [value for value in values if value is not None]
    if len(told) < len(values):
        reason = f"{what} are not recorded in {len(values) - len(told)} of {len(values)} entries"
        return NotAvailable(why="not_collected", reason=reason, n=len(values))
    # A clock is read, whatever the energy is; records from elsewhere are declared as a whole.
    obtained = _obtained(entries)
    if unit == "s" and obtained != "declared":
        obtained = "measured"
    return Scalar(value=math.fsum(told), unit=unit, n=len(values), obtained=obtained)


def _per_run(entries: Sequence[Entry]) -> dict[str, Result]:
    """Return the median energy and emissions of a run; nothing for one run alone, or where rows are tasks.

    What is only declared has no interval: how far such figures are from the truth is not known.
    """
    energies = [entry.energy_kwh for entry in entries if entry.energy_kwh is not None]
    emissions = [entry.emissions_kg for entry in entries if entry.emissions_kg is not None]
    several = len(entries) > 1 and not any(entry.key[1] for entry in entries)
    if not several or not len(energies) == len(emissions) == len(entries):
        return {}
    obtained = _obtained(entries)
    found = {
        "recorded_run_emissions_kg": repeated(emissions, "kg", obtained),
        "recorded_run_energy_kwh": repeated(energies, "kWh", obtained),
    }
    if obtained != "declared":
        return dict(found)
    return {metric: scalar.model_copy(update={"interval": None}) for metric, scalar in found.items()}


def _energy(entries: Sequence[Entry]) -> Result:
    """Return the energy of all entries, with its range where each has one."""
    whole = _sum(entries, [entry.energy_kwh for entry in entries], "kWh", "energies that can be told")
    low = [entry.low_kwh for entry in entries if entry.low_kwh is not None]
    high = [entry.high_kwh for entry in entries if entry.high_kwh is not None]
    if isinstance(whole, NotAvailable) or not len(low) == len(high) == len(entries):
        return whole
    interval = Interval(low=math.fsum(low), high=math.fsum(high), method="the ranges of the record, added up")
    return whole.model_copy(update={"interval": interval})


def _obtained(entries: Sequence[Entry]) -> Obtained:
    """Return how a sum was obtained: never better than its worst term."""
    kinds = {entry.obtained for entry in entries}
    if len(kinds) == 1:
        return kinds.pop()
    return "declared" if "declared" in kinds else "partly modelled"


def _notes(entries: Sequence[Entry], subject: EnergyRecordSubject) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    banners = {
        "declared": "DECLARED: whether the numbers were measured or modelled cannot be told from the file.",
        "modelled": "MODELLED: no sensor was read; the energy is an estimate.",
        "measured": "MEASURED: all parts listed were read from sensors.",
        "partly modelled": "PARTLY MODELLED: some parts were read from sensors and some are estimates.",
    }
    countries = sorted({ascii(entry.grid)[1:-1][:60] for entry in entries if entry.grid})
    where = ", ".join(countries[:_NAMED]) or "not stated"
    phase = subject.phase.replace("_", " ")
    notes = [
        banners[_obtained(entries)],
        f"{len(entries)} rows were added up; phase: {phase}; grid: {where}.",
        *dict.fromkeys(note for entry in entries for note in entry.notes),
    ]
    if subject.command:
        notes.append("All records are of the declared command, told by its digest.")
    if "Canada" in countries:
        notes.append(
            "The grid is Canada's. Without a network CodeCarbon's online tracker takes it in silence; check "
            "that the machine stood there."
        )
    return (*notes, *_coverage(entries))


def _coverage(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return which share of the time between first start and last end is recorded; nothing for one entry."""
    ends = [(entry.ended_at, entry.duration_s) for entry in entries]
    spans = sorted(
        (ended.timestamp() - lasted, ended.timestamp())
        for ended, lasted in ends
        if ended is not None and lasted is not None
    )
    if len(spans) < max(len(entries), 2):
        return ()
    covered, reached, overlaps = 0.0, spans[0][0], 0
    for start, end in spans:
        overlaps += start < reached - 1
        covered += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    whole = reached - spans[0][0]
    told = f"The records cover {covered / whole:.0%} of the time between the first start and the last end."
    if overlaps:
        told += (
            f" {overlaps} of them overlap others: on one machine its energy is counted more than once; on "
            "several it is not."
        )
    return (told,)


PROBE = RecordedEnergyProbe()
"""The probe."""
