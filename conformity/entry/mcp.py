"""The MCP server: each tool parses, calls one function of the pipeline, and answers in short.

No analysis library is imported here: measuring happens in workers, rendering in a process of its own.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field, ValidationError

from conformity import __version__
from conformity.entry import answers
from conformity.entry.answers import (
    ClassificationAnswer,
    MeasurementsAnswer,
    ReportAnswer,
    RequirementAnswer,
)
from conformity.entry.clock import day, now
from conformity.entry.logs import set_up_logging
from conformity.errors import ConformityError
from conformity.intake.names import quoted
from conformity.measure import Progress
from conformity.model.base import Depth
from conformity.model.subject import Phase
from conformity.pipeline import knowing, scanning
from conformity.pipeline.reporting import report_on_data, report_on_manifest
from conformity.settings import DISCLOSURE_LIMIT, Settings, load_settings

_INSTRUCTIONS = (
    "Conformity measures AI systems and writes EU AI Act conformity assessments. Start with "
    "generate_conformity_report. Verdicts are about criteria that the provider fixed beforehand: never say "
    "that a system is compliant. What is not measured is open, not passed. Name the guesses and the missing "
    "information in the answer to the user, and link the files."
)
_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_WRITES = ToolAnnotations(
    # An earlier report is replaced; with data alone a second call is refused, since the draft is there.
    read_only_hint=False,
    destructive_hint=True,
    idempotent_hint=False,
    open_world_hint=False,
)

_MESSAGE = 2000
_logger = logging.getLogger(__name__)

T = TypeVar("T")
File = Annotated[str, Field(description="Path of a file inside the allowed root folder.")]
Columns = Annotated[list[str], Field(description="Names of columns, exactly as in the file.")]
Report = Annotated[CallToolResult, ReportAnswer]
Measurements = Annotated[CallToolResult, MeasurementsAnswer]


def build_server(settings: Settings) -> MCPServer[Any]:
    """Return a server whose tools work inside ``settings.root``.

    Args:
        settings: limits; the root must be set.
    """
    server: MCPServer[Any] = MCPServer(
        "conformity",
        title="Conformity: EU AI Act assessments from measured evidence",
        instructions=_INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
    )
    _add_report_tool(server, settings)
    _add_data_tools(server, settings)
    _add_system_tools(server, settings)
    _add_law_tools(server, settings)
    _add_prompts(server)
    return server


def _add_report_tool(server: MCPServer[Any], settings: Settings) -> None:
    """Add the tool that makes a report."""

    @server.tool(title="Generate conformity report", annotations=_WRITES)
    async def generate_conformity_report(
        ctx: Context[Any, Any],
        manifest: Annotated[
            str | None, Field(description="The manifest (conformity.yaml); leave out to draft one from data.")
        ] = None,
        data: Annotated[
            list[str] | None, Field(description="Data files to draft a manifest from, if there is none yet.")
        ] = None,
        output: Annotated[str | None, Field(description="Folder for the report, inside the root.")] = None,
        as_of: Annotated[str | None, Field(description="Day whose law applies, YYYY-MM-DD.")] = None,
        depth: Annotated[
            Depth | None, Field(description="full measures what takes longer than seconds too.")
        ] = None,
        language: Annotated[
            str, Field(description="Language of the report: en, de, el, es, fr, it, nl or pl.")
        ] = "en",
        previous: Annotated[
            str | None, Field(description="Report folder of the version before; needs a manifest.")
        ] = None,
    ) -> Report:
        """Measure a system, judge every requirement of the EU AI Act, and write HTML, PDF and JSON.

        Give a manifest, or only data files: then a manifest is drafted beside the first of them and every
        guess in it is named. Takes from ten seconds to minutes, depending on the data.
        """
        moment = now()
        folder = _inside(output, settings) if output else None
        chosen = replace(settings, depth=depth) if depth else settings

        def run(on_progress: Progress) -> CallToolResult:
            """Make the report."""
            if manifest:
                summary = report_on_manifest(
                    _inside(manifest, settings),
                    folder,
                    moment,
                    day(as_of, moment),
                    chosen,
                    on_progress,
                    language=language,
                    previous=_inside(previous, settings) if previous else None,
                )
                return answers.report(summary, ())
            if previous:
                raise ToolError("`previous` needs a `manifest`; a drafted one follows no version before it.")
            if not data:
                raise ToolError("Give `manifest`, or `data` with at least one file to draft a manifest from.")
            places = [_inside(name, settings) for name in data]
            summary, drafted = report_on_data(
                places, folder, moment, day(as_of, moment), chosen, on_progress, language=language
            )
            return answers.report(summary, drafted.guesses, str(drafted.path))

        return await _in_thread(run, ctx)


def _add_data_tools(server: MCPServer[Any], settings: Settings) -> None:
    """Add the tools that look at a table or a prompt."""

    @server.tool(title="Analyze bias", annotations=_READS)
    async def analyze_bias(
        ctx: Context[Any, Any],
        data: File,
        protected: Columns,
        positive: Annotated[list[str], Field(description="Values that mean the favourable outcome.")],
        negative: Annotated[list[str], Field(description="Values that mean the unfavourable outcome.")],
        prediction: Annotated[str | None, Field(description="Column with the system's outcome.")] = None,
        label: Annotated[str | None, Field(description="Column with the true outcome.")] = None,
    ) -> Measurements:
        """Measure fairness and accuracy of a table per group and intersection, with intervals.

        Selection rates, disparate impact ratio, demographic parity, equal opportunity, equalized odds.
        The Act sets no numeric limit; a bound is the provider's to fix before testing (Art. 9(8)).
        """
        columns = scanning.Columns(label, prediction, tuple(protected), (), tuple(positive), tuple(negative))
        return await _in_thread(
            lambda _: answers.measurements(
                scanning.scan_table(_inside(data, settings), columns, now(), settings),
                ("fairness", "accuracy"),
                DISCLOSURE_LIMIT,
            ),
            ctx,
        )

    @server.tool(title="Scan dataset privacy", annotations=_READS)
    async def scan_dataset_privacy(
        ctx: Context[Any, Any], data: File, quasi_identifiers: Columns
    ) -> Measurements:
        """Measure how far people in a table can be singled out, and find direct identifiers.

        k-anonymity over the quasi-identifiers; columns with e-mail addresses, IBANs, payment cards and
        the like, by patterns that are verified where they can be.
        """
        columns = scanning.Columns(quasi_identifiers=tuple(quasi_identifiers))
        return await _in_thread(
            lambda _: answers.measurements(
                scanning.scan_table(_inside(data, settings), columns, now(), settings),
                ("privacy", "data_quality"),
                DISCLOSURE_LIMIT,
            ),
            ctx,
        )

    @server.tool(title="Scan prompt", annotations=_READS)
    async def scan_prompt(
        ctx: Context[Any, Any],
        text: Annotated[str, Field(description="One prompt, or a document given to a model.")],
    ) -> Measurements:
        """Look for prompt injection and jailbreak attempts in a text.

        Rules, and a trained detector if there is one; what is not flagged is not shown to be safe. The text
        is not kept.
        """
        return await _in_thread(
            lambda _: answers.measurements(
                scanning.scan_prompt_text(text, now(), settings), ("security",), DISCLOSURE_LIMIT
            ),
            ctx,
        )


def _add_system_tools(server: MCPServer[Any], settings: Settings) -> None:
    """Add the tools that look at a model or a whole system."""

    @server.tool(title="Track energy", annotations=_READS)
    async def track_energy(
        ctx: Context[Any, Any],
        emissions_csv: Annotated[str | None, Field(description="An emissions.csv of CodeCarbon.")] = None,
        phase: Annotated[Phase | None, Field(description="What the emissions.csv recorded.")] = None,
        model: Annotated[
            str | None, Field(description="A model file to run (joblib, pickle, skops).")
        ] = None,
        data: Annotated[str | None, Field(description="The table to run it over.")] = None,
        features: Annotated[list[str] | None, Field(description="Columns the model reads, in order.")] = None,
        country: Annotated[
            str | None, Field(description="ISO 3166-1 alpha-3 code of the grid, such as DEU.")
        ] = None,
        repeats: Annotated[int, Field(ge=1, le=100, description="How often the table is predicted.")] = 6,
    ) -> Measurements:
        """Measure energy and carbon of a model's inference over a table, or read an emissions.csv.

        A model file is first scanned and never loaded if it would run dangerous code.
        """

        def run(_: Progress) -> CallToolResult:
            """Read the record, or run the model in a worker."""
            if emissions_csv and phase:
                place = _inside(emissions_csv, settings)
                result = scanning.read_energy_record(place, phase, now(), settings)
            elif model and data and features and country:
                result = scanning.measure_inference(
                    _inside(model, settings),
                    _inside(data, settings),
                    features,
                    country,
                    repeats,
                    now(),
                    settings,
                )
            else:
                raise ToolError(
                    "Give `emissions_csv` and its `phase`, or `model`, `data`, `features` and `country`."
                )
            return answers.measurements(result, ("environment", "security"), DISCLOSURE_LIMIT)

        return await _in_thread(run, ctx)

    @server.tool(title="Classify system", annotations=_READS)
    async def classify_system(
        ctx: Context[Any, Any],
        manifest: Annotated[str | None, Field(description="The manifest (conformity.yaml).")] = None,
        answers_by_question: Annotated[
            dict[str, str] | None,
            Field(description="`yes`, `no` or `unknown` by question id; `yes: annexIII.5.b` names points."),
        ] = None,
        as_of: Annotated[str | None, Field(description="Day whose law applies, YYYY-MM-DD.")] = None,
    ) -> Annotated[CallToolResult, ClassificationAnswer]:
        """Tell what kind of system it is under the EU AI Act, by which procedure, and from when.

        Prohibited, high-risk, under transparency duties or minimal; Annex VI or VII. Unknown answers give
        "cannot tell", with the questions to answer; call it with neither argument to see the questions.
        """

        def run(_: Progress) -> CallToolResult:
            """Classify by manifest or by answers."""
            moment = now()
            if manifest:
                place = _inside(manifest, settings)
                result = knowing.classify_system(place, day(as_of, moment), settings)
            else:
                result = knowing.classify_answers(answers_by_question or {}, day(as_of, moment))
            return answers.classification(result)

        return await _in_thread(run, ctx)


def _add_law_tools(server: MCPServer[Any], settings: Settings) -> None:
    """Add the tool that explains the law."""

    @server.tool(title="Explain requirement", annotations=_READS)
    async def explain_requirement(
        ctx: Context[Any, Any],
        requirement: Annotated[str, Field(description="A requirement's id, such as art10.2.f.")],
    ) -> Annotated[CallToolResult, RequirementAnswer]:
        """Say what a requirement of the EU AI Act asks, of whom, from when, and what would show it.

        Paraphrased, with its citation; which evidence speaks to it, and what a person must hand in.
        """
        return await _in_thread(lambda _: answers.requirement(knowing.explain_requirement(requirement)), ctx)


def _add_prompts(server: MCPServer[Any]) -> None:
    """Add the prompts that a user can pick in a client."""

    @server.prompt(name="generate_conformity_report", title="Generate conformity report")
    def prompt(path: str = "conformity.yaml") -> str:
        """Make a conformity report of the system described by a manifest or a data file."""
        return (
            f"Generate a conformity report for {path} with the conformity tools. If it is a data file and "
            "not a manifest, pass it as data: a manifest is drafted. Then tell me what kind of system it is "
            "under the EU AI Act, with the citation; how many requirements have which verdict; which "
            "criteria are missed; what is open and what I must hand in; and every guess that was made. Link "
            "the report. Do not call the system compliant: verdicts are about criteria the provider fixed."
        )


def _inside(path: str, settings: Settings) -> Path:
    """Return an absolute path; relative ones start at the root. What lies outside is refused later."""
    assert settings.root is not None
    try:
        given = Path(path).expanduser()
        place = given if given.is_absolute() else settings.root / given
        real = Path(os.path.realpath(place))
    except (ValueError, RuntimeError, OSError) as error:
        raise ToolError(f"{quoted(path)} is not a path; give one inside {settings.root}.") from error
    if not real.is_relative_to(settings.root):
        raise ToolError(
            f"{quoted(path)} lies outside the allowed folder {settings.root}; move it there, or start the "
            "server with another CONFORMITY_ROOT."
        )
    return place


async def _in_thread(work: Callable[[Progress], T], ctx: Context[Any, Any]) -> T:
    """Run ``work`` in a thread, pass its progress on, and put its errors into words.

    Raises:
        ToolError: something the user can mend.
    """
    token = anyio.lowlevel.current_token()
    count = itertools.count(1)

    def on_progress(what: str, _done: int, _total: int) -> None:
        """Report a step from whichever thread it ended in; the protocol asks for numbers that only rise."""
        anyio.from_thread.run(ctx.report_progress, float(next(count)), None, what, token=token)

    try:
        return await anyio.to_thread.run_sync(work, on_progress)
    except ToolError:
        raise
    except ConformityError as error:
        raise ToolError(_clipped(error.message)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ToolError(_clipped(f"{place}: {first['msg']}")) from error
    except Exception as error:
        # Its text may hold values of the data; the kind says enough to report it.
        _logger.exception("tool_failed")
        raise ToolError(f"internal error ({type(error).__name__}); the server's log says more.") from error


def _clipped(message: str) -> str:
    """Return a message no longer than a chat can bear: it may quote an argument of any length."""
    return (
        message if len(message) <= _MESSAGE else f"{message[: _MESSAGE // 2]} ... {message[-_MESSAGE // 2 :]}"
    )


def main() -> None:
    """Serve over standard input and output until the client goes away."""
    set_up_logging(debug=False)
    try:
        settings = load_settings()
    except ConformityError as error:
        sys.stderr.write(f"conformity: {error.message}\n")
        sys.exit(error.exit_code)
    root = (settings.root or Path.cwd()).resolve()
    if not root.is_dir() or root == Path("/"):
        sys.stderr.write(
            f"conformity: the folder {root} cannot be the root; set CONFORMITY_ROOT to a project's folder.\n"
        )
        sys.exit(2)
    build_server(replace(settings, root=root)).run("stdio")


if __name__ == "__main__":
    main()
