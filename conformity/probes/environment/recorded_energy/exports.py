"""Read records in JSON: our own, the impacts that EcoLogits exports, and results of ML.ENERGY."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conformity.errors import DataError
from conformity.model.energy import EnergyRecord
from conformity.model.faults import first_fault
from conformity.probes.environment.recorded_energy.entries import Entry, positive

_PER = ("energy_per_token_joules", "energy_per_generation_joules", "energy_per_request_joules")
_J_PER_KWH = 3.6e6
_FEWEST_SAMPLES = 2


def read_export(path: Path, command_sha256: str | None) -> list[Entry]:
    """Return the entries of a JSON file: one object, a list of them, or one a line.

    Args:
        path: the file.
        command_sha256: digest of the declared command; none when none is declared.

    Raises:
        DataError: it is none of the records that are known, or a number in it cannot be.
    """
    return [
        _entry(one, f"{path.name}, record {place}", command_sha256)
        for place, one in enumerate(_objects(path), start=1)
    ]


def _objects(path: Path) -> list[Any]:
    """Return the objects of a file.

    Raises:
        DataError: it cannot be read, or is not JSON.
    """
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        content = json.loads(text)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check the path") from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path.name} is not JSON ({type(error).__name__}); hand it in as it was written"
        ) from error
    return content if isinstance(content, list) else [content]


def _entry(content: Any, where: str, command_sha256: str | None) -> Entry:
    """Return one object as an entry.

    Raises:
        DataError: it is none of the records that are known, or does not hold together.
    """
    if isinstance(content, Mapping):
        if str(content.get("format", "")).startswith("conformity-energy/"):
            return _own(content, where, command_sha256)
        impacts = content.get("impacts", content)
        if isinstance(impacts, Mapping) and isinstance(impacts.get("energy"), Mapping):
            return _estimate(impacts, where)
        if any(field in content for field in _PER):
            return benchmark(content, where)
    raise DataError(
        f"{where} is no record that is known; hand in what conformity track, CodeCarbon, EcoLogits or "
        "ML.ENERGY wrote"
    )


def _own(content: Mapping[str, Any], where: str, command_sha256: str | None) -> Entry:
    """Return a record of ``conformity track``.

    Raises:
        DataError: it does not hold together, or is of another command than the declared one.
    """
    try:
        record = EnergyRecord.model_validate_json(json.dumps(content))
    except ValidationError as error:
        field, why = first_fault(error)
        raise DataError(
            f"{where} does not hold together{f' at {field}' if field else ''}: {why}; hand it in "
            "as it was written"
        ) from error
    if command_sha256 is not None and record.command_sha256 != command_sha256:
        raise DataError(f"{where} is of another command than the declared one; track the declared one")
    told = record.energy_kwh if record.samples >= _FEWEST_SAMPLES and record.energy_kwh > 0 else None
    methods = ", ".join(f"{part.name} {part.method} from {part.how}" for part in record.parts)
    return Entry(
        energy_kwh=told,
        emissions_kg=None if told is None else record.emissions_g / 1000,
        duration_s=record.duration_s,
        obtained=record.obtained,
        key=(record.run, ""),
        grid=record.grid.name,
        ended_at=record.started_at + timedelta(seconds=record.duration_s),
        notes=(f"{methods} ({record.software}).", *record.gaps),
    )


def _estimate(impacts: Mapping[str, Any], where: str) -> Entry:
    """Return impacts of EcoLogits, which are estimates with a range.

    Raises:
        DataError: the energy is not in kWh, or the emissions not in kg.
    """
    low, high = _range(impacts["energy"], "energy", "kWh", where)
    carbon = impacts.get("gwp")
    emissions = None if carbon is None else sum(_range(carbon, "gwp", "kgCO2eq", where)) / 2
    return Entry(
        energy_kwh=(low + high) / 2,
        low_kwh=low,
        high_kwh=high,
        emissions_kg=emissions,
        obtained="modelled",
        notes=(
            "Estimated by EcoLogits from the tokens of answers; its emissions hold the making of hardware.",
        ),
    )


def _range(impact: Any, name: str, unit: str, where: str) -> tuple[float, float]:
    """Return the ends of an impact.

    Raises:
        DataError: it has another unit, or ends that cannot be.
    """
    if not isinstance(impact, Mapping) or impact.get("unit") != unit:
        raise DataError(f"{where}: {name} is not in {unit}; hand in the impacts as EcoLogits exports them")
    value = impact.get("value")
    if isinstance(value, Mapping):
        low, high = (positive(value.get(end), f"{name}.{end}", where) for end in ("min", "max"))
    else:
        low = high = positive(value, name, where)
    if low > high:
        raise DataError(f"{where}: the least {name} is more than the most; hand in the impacts as exported")
    return low, high


def benchmark(content: Mapping[str, Any], where: str) -> Entry:
    """Return a result of ML.ENERGY: joules for a token, a picture or a request, of graphics processors.

    Raises:
        DataError: the number of tokens, pictures or requests is missing, or a number cannot be.
    """
    field = next((name for name in _PER if content.get(name) not in (None, "")), None)
    if field is None:
        raise DataError(f"{where}: none of {', '.join(_PER)} is given; hand in the results as exported")
    counted = {_PER[0]: "total_output_tokens", _PER[1]: "num_generations", _PER[2]: "num_requests"}[field]
    if content.get(counted) in (None, ""):
        raise DataError(
            f"{where}: {field} alone is no energy of a run; add {counted}, over how many it was taken"
        )
    energy = positive(content[field], field, where) * positive(content[counted], counted, where) / _J_PER_KWH
    return Entry(
        energy_kwh=energy,
        obtained="declared",
        key=(str(content.get("run_id", "")), str(content.get("task", "")))
        if content.get("run_id")
        else ("", ""),
        notes=("ML.ENERGY reads graphics processors alone: processor and memory are not in its figures.",),
    )
