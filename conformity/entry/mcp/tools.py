"""All tools, in the order in which clients see them: what most begin with comes first."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import MCPServer

from conformity.entry.mcp.energy import add_energy_tools
from conformity.entry.mcp.law import add_law_tools
from conformity.entry.mcp.manifests import add_manifest_tools
from conformity.entry.mcp.packs import add_pack_tools
from conformity.entry.mcp.reports import add_report_tools
from conformity.entry.mcp.scans import add_scan_tools
from conformity.entry.mcp.shared import Desk


def add_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add all tools."""
    add_report_tools(server, desk)
    add_manifest_tools(server, desk)
    add_law_tools(server, desk)
    add_scan_tools(server, desk)
    add_energy_tools(server, desk)
    add_pack_tools(server, desk)
