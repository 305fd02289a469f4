"""Collect what the tool says and bring the catalogues in templates/locale up to date; run it from anywhere.

A translation stays as long as its English does; what is new stands empty in every catalogue.
"""

from __future__ import annotations

from pathlib import Path

from conformity.pipeline.messages.po import written

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write every file that has to change."""
    for path, content in written(ROOT).items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


if __name__ == "__main__":
    main()
