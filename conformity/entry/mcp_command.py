"""``conformity mcp``: serve the tools of the MCP server, whose library is imported only then."""

from __future__ import annotations

from pathlib import Path

import click

from conformity.entry.options import examples, root_option


@click.command(
    short_help="Serve MCP tools on standard input and output, or over HTTP.",
    epilog=examples("conformity mcp --root systems", "conformity mcp --http --port 8322"),
)
@click.option("--http", is_flag=True, help="Serve over HTTP, to programs on this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at, of this machine.")
@click.option(
    "--port",
    default=8322,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port for HTTP; 0 for any.",
)
@root_option
def mcp(http: bool, host: str, port: int, root: Path | None) -> None:
    """Serve MCP tools to an assistant; runs that have begun go on without the server."""
    from conformity.entry.mcp.server import chosen_settings, serve

    if not http:
        serve(root)
        return
    from conformity.entry.mcp.http import serve as serve_http

    serve_http(chosen_settings(root), host, port)
