"""Start the MCP server on standard input and output, for ``mcp dev`` or ``python mcp_server.py``."""

from conformity.entry.mcp import main

if __name__ == "__main__":
    main()
