"""Make the bundle that desktop applications install with one click.

Run ``python bundle/make_mcpb.py``, or with a path to write to. The bundle holds the package of this source
tree and the versions of its dependencies that were tested; the application's own uv installs them. The same
tree gives the same bytes.

Source:
    MCP Bundles, manifest 0.4 (``server.type`` uv).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conformity import __version__
from conformity.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
"""The source tree."""

_WHOLE = ("conformity", "templates")
_SINGLE = ("mcp_server.py", "README.md", "LICENSE")
_LEFT_OUT = ("__pycache__", ".DS_Store")
_THE_PAST = (1980, 1, 1, 0, 0, 0)
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*==[^\s;]+(?: ; [^\\]+?)?) ?\\?$", re.MULTILINE)


def manifest() -> dict[str, Any]:
    """Return the manifest of the bundle, with the tools as the server itself describes them."""
    return {
        "manifest_version": "0.4",
        "name": "conformity",
        "display_name": "Conformity: EU AI Act assessments",
        "version": __version__,
        "description": "EU AI Act conformity assessments written from measured evidence.",
        "long_description": (
            "Describe an AI system in a manifest, or hand in a data file alone. Conformity measures "
            "fairness, accuracy, data quality, privacy, security, robustness and energy, lays each "
            "requirement of the EU AI Act beside the evidence for it, and writes a report as HTML and PDF. "
            "What was not measured stays open. Nothing leaves this machine. It is not legal advice."
        ),
        "author": {"name": "The contributors to conformity"},
        "license": "Apache-2.0",
        "keywords": ["EU AI Act", "conformity assessment", "fairness", "privacy", "audit"],
        "server": {
            "type": "uv",
            "entry_point": "mcp_server.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--no-dev", "--directory", "${__dirname}", "mcp_server.py"],
                "env": {"CONFORMITY_ROOT": "${user_config.root}"},
            },
        },
        "tools": _tools(),
        "prompts_generated": True,
        "compatibility": {"platforms": ["linux"], "runtimes": {"python": ">=3.11"}},
        "user_config": {
            "root": {
                "type": "directory",
                "title": "Folder with manifests and data",
                "description": "No tool reads or writes outside this folder.",
                "required": True,
            }
        },
    }


def _tools() -> list[dict[str, str]]:
    """Return name and first sentence of every tool."""
    from conformity.entry.mcp.server import build_server

    server = build_server(replace(Settings(), root=ROOT))
    listed = asyncio.run(server.list_tools())
    return [{"name": tool.name, "description": _first_sentence(tool.description or "")} for tool in listed]


def _first_sentence(text: str) -> str:
    """Return what stands before the first full stop that ends a sentence, with it."""
    return re.split(r"(?<=\.) ", text)[0]


def project() -> str:
    """Return the project file of the bundle: ours, and the versions that were tested."""
    pins = _PIN.findall((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    listed = "".join(f"    {json.dumps(pin.strip())},\n" for pin in pins)
    ours = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return f"{ours}\n[tool.uv]\nconstraint-dependencies = [\n{listed}]\n"


def files() -> Iterator[tuple[str, bytes]]:
    """Yield every file of the bundle with its name, in order."""
    yield "manifest.json", (json.dumps(manifest(), indent=2, ensure_ascii=False) + "\n").encode()
    yield "pyproject.toml", project().encode()
    for name in _SINGLE:
        yield name, (ROOT / name).read_bytes()
    for folder in _WHOLE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not any(part in _LEFT_OUT for part in path.parts):
                yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def write(place: Path) -> None:
    """Write the bundle.

    Args:
        place: the file; its folder is made when it is missing.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files():
            entry = zipfile.ZipInfo(name, _THE_PAST)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / f"conformity-{__version__}.mcpb"
    write(target)
    sys.stdout.write(f"{target}\n")
