"""Paths that a client gives: only inside the allowed root, symbolic links followed."""

from __future__ import annotations

import os
from pathlib import Path

from mcp.server.mcpserver.exceptions import ToolError

from conformity.intake.names import quoted
from conformity.settings import Settings


def inside(path: str, settings: Settings) -> Path:
    """Return an absolute path; relative ones start at the root.

    Raises:
        ToolError: it is no path, or leads out of the root.
    """
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


def leads_into(place: Path, folder: Path) -> bool:
    """Tell whether a place is a folder, or lies in it, symbolic links followed."""
    return Path(os.path.realpath(place)).is_relative_to(os.path.realpath(folder))
