"""The tools that ask the catalogue of the law."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult
from pydantic import Field

from conformity.entry.mcp.answers.law import (
    ClassificationAnswer,
    RequirementAnswer,
    classification,
    explained,
)
from conformity.entry.mcp.shared import READS, Cursor, Day, Desk, Manifest, day_of, in_thread, start_of


def add_law_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that ask the catalogue."""

    @server.tool(title="Classify system", annotations=READS)
    async def classify_system(
        ctx: Context[Any, Any],
        manifest: Manifest = None,
        answers_by_question: Annotated[
            dict[str, str] | None,
            Field(description="Instead: yes, no or unknown by question; `yes: annexIII.5.b` names points."),
        ] = None,
        as_of: Day = None,
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, ClassificationAnswer]:
        """Tell what kind of system answers lead to under the EU AI Act, by which procedure, from when.

        Unknown answers give cannot_tell and the questions to answer; without arguments, all questions.
        """
        if manifest is not None and answers_by_question is not None:
            raise ToolError("Give `manifest` or `answers_by_question`, not both; one would be passed over.")

        def work() -> CallToolResult:
            """Classify by manifest or by answers."""
            from conformity.pipeline import knowing

            if manifest is not None:
                place = desk.path(ctx, manifest)
                found = knowing.classify_system(place, day_of(as_of), desk.settings)
            else:
                found = knowing.classify_answers(answers_by_question or {}, day_of(as_of))
            return classification(found, knowing.open_questions(found), start_of(cursor))

        return await in_thread(work)

    @server.tool(title="Explain requirement", annotations=READS)
    async def explain_requirement(
        requirement: Annotated[str, Field(description="Its id, such as art10.2.f.")],
    ) -> Annotated[CallToolResult, RequirementAnswer]:
        """Say what a requirement of the EU AI Act asks, of whom, from when, and what would show it.

        Paraphrased, with its citation.
        """

        def work() -> CallToolResult:
            """Look it up."""
            from conformity.pipeline.knowing import explain_requirement as row_of

            return explained(row_of(requirement))

        return await in_thread(work)
