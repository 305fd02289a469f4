"""``conformity mcp``: serve the tools of the MCP server, whose library is imported only then."""

from __future__ import annotations

import click


@click.command(short_help="Serve MCP tools on standard input and output.")
def mcp() -> None:
    """Serve MCP tools on standard input and output."""
    from conformity.entry.mcp import main as serve

    serve()
