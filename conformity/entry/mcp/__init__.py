"""The MCP server: a tool parses, calls one function of the pipeline or the engine of runs, answers in short.

In: calls of a client over standard input and output, or over HTTP. Out: answers of at most 4 kB, and links.
Invariant: no analysis library is imported here; measuring and rendering happen in processes of their own.
"""

from __future__ import annotations


def main() -> None:
    """Serve over standard input and output until the client goes away; the library is imported only now."""
    from conformity.entry.mcp.server import main as serve

    serve()
