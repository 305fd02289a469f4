"""The prompts that a user can pick in a client.

In: names of files and runs that the user types. Out: what the model is asked to do, with these names quoted.
Invariant: nothing that was read from data enters a prompt.
"""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from pydantic import Field, ValidationError

from conformity.entry.mcp.shared import Desk, clipped
from conformity.intake.names import quoted

_MANIFEST = "conformity.yaml"
_Manifest = Annotated[str, Field(description="The manifest, inside the root; conformity.yaml if not given.")]
_Path = Annotated[str, Field(description="A manifest or a data file, inside the root.")]
_RunId = Annotated[str, Field(description="The run, as generate_conformity_report named it.")]
_VERDICTS = (
    "Do not call the system compliant: verdicts are about criteria that the provider fixed beforehand, and "
    "what was not measured is open, not passed."
)


def add_prompts(server: MCPServer[Any], desk: Desk) -> None:
    """Add the prompts that a user can pick in a client.

    Args:
        server: the server.
        desk: what all parts of a server are given; prompts need nothing of it.
    """
    del desk
    server.prompt(name="generate_conformity_report", title="Generate conformity report")(_report)
    server.prompt(name="fix_open_findings", title="Fix open findings")(_findings)
    server.prompt(name="prepare_technical_documentation", title="Prepare technical documentation")(
        _documentation
    )
    server.middleware.append(_say_what_is_wrong)


async def _say_what_is_wrong(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Answer a request for a prompt that there is none of, or that lacks an argument, in words.

    The library tells a client nothing but that something broke, and writes a traceback into the log.

    Raises:
        MCPError: the request asks for no prompt of ours, or leaves an argument out.
    """
    try:
        return await call_next(ctx)
    except ValueError as error:
        if ctx.method != "prompts/get" or isinstance(error, ValidationError):
            raise
        raise MCPError(INVALID_PARAMS, clipped(str(error))) from error


def _report(path: _Path = _MANIFEST) -> str:
    """Make a conformity report of the system described by a manifest or a data file."""
    return (
        f"Generate a conformity report for {quoted(path)} with the conformity tools. If it is a data file,"
        " not a manifest, pass it as data: a manifest is drafted. While the run goes on, ask for it with "
        "get_run. Then tell me what kind of system it is under the EU AI Act, with the citation; how many"
        " requirements have which verdict; which criteria are missed; what is open and what I must hand "
        f"in; and every guess that was made. Link the report. {_VERDICTS}"
    )


def _findings(run_id: _RunId) -> str:
    """Work through what a run left open: missed criteria first, then what is not settled or not handed in."""
    return (
        f"Work through the open findings of the run {quoted(run_id)} with me. Read them with get_findings,"
        " all pages: not_met first, then undetermined, then not_collected. For each tell me the "
        "requirement with its citation, what was measured or is missing, and the smallest step that could"
        " change the verdict: a repair of data or model, more cases, an answer in the manifest, or a "
        "document to hand in. Explain a requirement with explain_requirement where I need it. Propose "
        "changes of the manifest as a diff and wait for my yes. Never move a bound after the test to make"
        " it pass: criteria are fixed before the test (Art. 9(8)). Never write a sign-off or answer a "
        "question of the classification for me. When I have mended something, check the manifest with "
        f"check_manifest, run the assessment again and show with compare_reports what changed. {_VERDICTS}"
    )


def _documentation(manifest: _Manifest = _MANIFEST) -> str:
    """Prepare the technical documentation of Art. 11 and Annex IV from a manifest, and find its gaps."""
    return (
        f"Prepare the technical documentation (Art. 11 and Annex IV) of the system in {quoted(manifest)}. "
        "Check the manifest with check_manifest and classify the system with classify_system: tell me "
        "whether the documentation is asked for, with the citation. Make the report with "
        "generate_conformity_report, or take a run that I name. Go through Annex IV point by point with "
        "explain_requirement (conformity://requirements lists the ids): for each point say what the "
        "assessment already holds and link it, and what a person must write or hand in. Ask me for what "
        "is missing, one question at a time, and mark whatever you write yourself as a draft to be "
        "checked. Invent no facts, numbers, dates or signatures. At the end list the documents to declare"
        " as exhibits in the manifest, and tell me to write the document set with `conformity documents` "
        f"on the report's folder. {_VERDICTS}"
    )
