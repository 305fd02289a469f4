"""Write the golden exports anew: ``python -m tests.unit.render.exports.make_goldens``; read the diff."""

from __future__ import annotations

from pathlib import Path

from conformity.judge.nonconformities import with_register
from conformity.render import formats
from tests.support.exported import Records, written
from tests.unit.render.render_records import build

FOLDER = Path(__file__).with_name("golden")
"""Where they are."""


def records() -> Records:
    """Return the records of which they are made."""
    made, seen = build()
    return with_register(made), seen


def golden_files() -> dict[str, bytes]:
    """Return the golden files by name."""
    return {formats()[name].filename: content for name, content in written(records()).items()}


if __name__ == "__main__":
    for name, content in golden_files().items():
        (FOLDER / name).write_bytes(content)
