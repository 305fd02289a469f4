"""Start the MCP server on standard input and output, for ``mcp dev`` or ``python mcp_server.py``."""

from __future__ import annotations

from functools import cache

from conformity.entry.mcp import main


@cache
def _server() -> object:
    """Return the server for the settings at hand."""
    from conformity.entry.mcp.server import build_server, chosen_settings

    return build_server(chosen_settings())


def __getattr__(name: str) -> object:
    """Return the server under the name that ``mcp dev`` and ``mcp run`` look for; it is built only then.

    Raises:
        AttributeError: another name is asked for.
    """
    if name != "mcp":
        raise AttributeError(name)
    return _server()


if __name__ == "__main__":
    main()
