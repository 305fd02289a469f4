"""The tool that measures energy: between two calls, of a model's inference, or from a record."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult
from pydantic import Field

from conformity.entry.clock import now
from conformity.entry.mcp.answers.energy import EnergyAnswer, begun_interval, ended_interval
from conformity.entry.mcp.reports import answered
from conformity.entry.mcp.shared import MAKES, Desk, Wait, in_thread
from conformity.entry.mcp.waiting import begun, request_of

_TRACKER = "conformity.entry.mcp.tracker"
_Text = str | None


def add_energy_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tool that measures energy."""

    @server.tool(title="Track energy", annotations=MAKES)
    async def track_energy(
        ctx: Context[Any, Any],
        action: Annotated[
            Literal["start", "stop", "measure", "read"],
            Field(
                description="start (country) and stop (interval) measure this machine in between; measure "
                "(model, data, features, country) runs a model; read (emissions_csv, phase) reads a record."
            ),
        ],
        country: Annotated[_Text, Field(description="Grid: ISO 3166-1 alpha-3, such as DEU.")] = None,
        minutes: Annotated[int, Field(ge=1, le=1440, description="start: ends by itself then.")] = 60,
        interval: Annotated[_Text, Field(description="stop: what start named.")] = None,
        model: Annotated[_Text, Field(description="Model file (joblib, pickle, skops).")] = None,
        data: Annotated[_Text, Field(description="Table it is run over.")] = None,
        features: Annotated[
            list[str] | None, Field(description="Columns that the model reads, in order.")
        ] = None,
        repeats: Annotated[int, Field(ge=1, le=100, description="How often it predicts the table.")] = 6,
        emissions_csv: Annotated[_Text, Field(description="emissions.csv of CodeCarbon.")] = None,
        phase: Annotated[
            _Text, Field(description="read: data_preparation, training, evaluation or inference.")
        ] = None,
        wait_seconds: Wait = 30,
    ) -> Annotated[CallToolResult, EnergyAnswer]:
        """Measure energy and carbon, each figure with how it was obtained.

        A model file is scanned first, and never loaded if it would run dangerous code.
        """
        desk.check(ctx, "assess")
        if action == "start":
            return await _start(desk, ctx, _given("start", country=country)[0], minutes)
        if action == "stop":
            (name,) = _given("stop", interval=interval)
            folder = _folder(desk, ctx)
            return await in_thread(lambda: _stop(folder, name))
        if action == "read":
            record, told = _given("read", emissions_csv=emissions_csv, phase=phase)
            place = str(desk.path(ctx, record))
            from conformity.model.run import EnergyRecordRequest

            request: Any = request_of(EnergyRecordRequest, record=place, phase=told)
        else:
            file, table, grid = _given("measure", model=model, data=data, country=country)
            _given("measure", features=features)
            from conformity.model.run import InferenceEnergyRequest

            request = request_of(
                InferenceEnergyRequest,
                model=str(desk.path(ctx, file)),
                data=str(desk.path(ctx, table)),
                features=tuple(features or ()),
                country=grid,
                repeats=repeats,
            )
        return await answered(desk, await begun(desk, ctx, request, wait_seconds))


async def _start(desk: Desk, ctx: Context[Any, Any], country: str, minutes: int) -> CallToolResult:
    """Begin an interval and return its name."""
    folder, moment = _folder(desk, ctx), now()

    def work() -> CallToolResult:
        """Start the process that measures."""
        from conformity.entry.jobs.folders import make_data_folder
        from conformity.pipeline.metering import begin_interval

        make_data_folder(desk.data)
        # -P keeps the current folder out of where modules are looked for: it may be that of the data.
        program = [sys.executable, "-P", "-m", _TRACKER]
        name, place = begin_interval(folder, program, country, minutes, moment)
        return begun_interval(name, place, minutes)

    return await in_thread(work)


def _stop(folder: Path, name: str) -> CallToolResult:
    """End an interval and return what it measured."""
    from conformity.pipeline.metering import end_interval

    return ended_interval(end_interval(folder, name), name)


def _folder(desk: Desk, ctx: Context[Any, Any]) -> Path:
    """Return the folder of the intervals of whoever asks; nobody can name those of somebody else."""
    owner = hashlib.sha256(desk.owner(ctx).encode()).hexdigest()[:16]
    return desk.data / "energy" / owner


def _given(action: str, **fields: Any) -> list[Any]:
    """Return the arguments that an action needs.

    Raises:
        ToolError: one is missing.
    """
    missing = [name for name, value in fields.items() if not value]
    if missing:
        raise ToolError(f"The action {action} needs `{'`, `'.join(missing)}`; give it too.")
    return list(fields.values())
