"""Energy, in short: an interval that runs or has ended, or what a run measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_types import CallToolResult

from conformity.entry.mcp.answers.base import Answer, fitted, lines, result, told

if TYPE_CHECKING:
    from conformity.model.energy import EnergyRecord
    from conformity.pipeline.metering import Interval


class EnergyAnswer(Answer):
    """A measured interval, or a run as other tools answer with it."""

    status: str
    interval: str | None = None
    energy: dict[str, Any] | None = None
    run_id: str | None = None
    stage: str | None = None
    progress: str | None = None
    failure: str | None = None
    scan: dict[str, Any] | None = None
    next_steps: tuple[str, ...] = ()


def begun_interval(name: str, place: Path, minutes: int) -> CallToolResult:
    """Return an interval that has begun."""
    step = (
        f"Call track_energy with action stop and interval {name}; it ends by itself after {minutes} minutes."
    )
    answer = EnergyAnswer(status="running", interval=name, next_steps=(step,))
    return result(answer, lines(f"Interval {name} is measured. Records: {place}", f"Next: {step}"))


def ended_interval(ended: Interval, name: str) -> CallToolResult:
    """Return what an interval measured."""
    return fitted(lambda items: _ended(ended, name, items), 8)


def _ended(ended: Interval, name: str, items: int) -> CallToolResult:
    """Return an interval with so many parts and gaps."""
    record = ended.record
    energy = {
        "energy_kwh": record.energy_kwh,
        "emissions_g": record.emissions_g,
        "obtained": record.obtained,
        "duration_s": record.duration_s,
        "covered": record.covered,
        "country": record.grid.name,
        "parts": [f"{part.name}: {part.energy_kwh:.4g} kWh, {part.method}" for part in record.parts[:items]],
        "gaps": [told(gap) for gap in record.gaps[:items]],
        "record": str(ended.path),
    }
    step = "Name the record in the manifest, as a subject of kind energy_record."
    answer = EnergyAnswer(status="succeeded", interval=name, energy=energy, next_steps=(step,))
    return result(answer, lines(*_told(record), _timed_out(ended), f"Record: {ended.path}", f"Next: {step}"))


def _told(record: EnergyRecord) -> list[str]:
    """Return the figures in lines, each with the way in which it was obtained."""
    lines_of_record = [
        f"Energy: {record.energy_kwh:.4g} kWh, {record.obtained}, over {record.duration_s:.4g} s.",
        f"Carbon: {record.emissions_g:.4g} g CO2e ({record.grid.name}, {record.grid.g_per_kwh:g} g per kWh).",
        "The whole machine was measured, the power of its idle state included.",
    ]
    if record.other_load is not None:
        lines_of_record.append(f"Programs used {record.other_load:.0%} of the processors meanwhile.")
    return lines_of_record


def _timed_out(ended: Interval) -> str | None:
    """Return that an interval ended by itself, where it did."""
    return "It ended by itself, because its time was up." if ended.timed_out else None
