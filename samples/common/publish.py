"""Publish folders whole or not at all: build beside, rename, and mark as complete.

A maker writes ``data/`` and sometimes ``model/`` next to its manifest. Each is built in a folder of
its own and renamed; ``data/`` comes last and carries ``.complete`` with the digest of every file,
so a maker that is killed at any point leaves nothing that looks finished.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

MARK = ".complete"
"""Name of the file in ``data/`` that says the sample is whole."""

Write = Callable[[Path], None]
"""Writes the sample's ``data/`` and ``model/`` below the folder it is given."""


def digests(home: Path) -> dict[str, str]:
    """Return the SHA-256 of every published file below ``home``, by its path from there."""
    found = {}
    for part in ("data", "model"):
        for file in sorted((home / part).rglob("*")):
            if file.is_file() and file.name != MARK:
                found[file.relative_to(home).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def is_complete(home: Path, recipe: str) -> bool:
    """Tell whether the sample at ``home`` was made by ``recipe`` and is unchanged since."""
    try:
        mark = json.loads((home / "data" / MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(mark == {"recipe": recipe, "files": digests(home)})


def publish(home: Path, recipe: str, write: Write) -> Mapping[str, str]:
    """Build a sample and put it in place; return the digests of its files.

    Args:
        home: the sample's folder; its ``data/`` and ``model/`` are replaced.
        recipe: name and version of what ``write`` does; another recipe makes the sample anew.
        write: makes the files below the folder it is given.

    Raises:
        OSError: the folder cannot be written.
    """
    workshop = Path(tempfile.mkdtemp(prefix=".partial-", dir=home))
    try:
        write(workshop)
        files = digests(workshop)
        mark = json.dumps({"recipe": recipe, "files": files}, indent=1, sort_keys=True)
        (workshop / "data" / MARK).write_text(mark + "\n", "utf-8")
        # The old mark goes first, so that a mix of old and new never looks complete.
        (home / "data" / MARK).unlink(missing_ok=True)
        for part in ("model", "data"):
            _replace(workshop / part, home / part)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return files


def _replace(new: Path, old: Path) -> None:
    """Put the folder ``new`` (if there is one) where ``old`` was."""
    if old.exists():
        old.replace(new.with_name(f"{new.name}.old"))
    if new.exists():
        new.replace(old)
