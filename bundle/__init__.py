"""How the MCP server is handed on: a bundle for one click, and its entry for the registry of servers."""
