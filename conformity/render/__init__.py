"""Assessment and evidence in, documents out; a format is a view and decides nothing.

:func:`formats` names the formats without importing any of them; :func:`evidence_json` gives the evidence
as a file.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformity.model.evidence import Evidence
    from conformity.render.interface import Format

EVIDENCE_FILENAME = "evidence.json"
"""The name of the evidence in a pack and inside a PDF."""

_MODULES = {
    "html": "html",
    "pdf": "pdf",
    "json": "json_v1",
    "oscal": "exports.oscal",
    "poam": "exports.poam",
    "mlbom": "exports.ml_bom",
    "sarif": "exports.sarif",
    "junit": "exports.junit",
    "md": "exports.markdown",
    "model-card": "exports.model_card",
}

EXPORTS = tuple(name for name, module in _MODULES.items() if module.startswith("exports."))
"""The names of the formats for other programs, which can be made from a pack at any time."""


class _Formats(Mapping[str, "Format"]):
    """The formats by name; each is imported when it is asked for."""

    def __getitem__(self, name: str) -> Format:
        """Return a format.

        Raises:
            KeyError: there is none of this name.
        """
        module = importlib.import_module(f"conformity.render.{_MODULES[name]}")
        found: Format = module.FORMAT
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(_MODULES)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(_MODULES)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a format of this name, without importing it."""
        return name in _MODULES


def formats() -> Mapping[str, Format]:
    """Return all formats by name: the report, the record, and those of :data:`EXPORTS`."""
    return _Formats()


def evidence_json(evidence: Evidence) -> bytes:
    """Return the bytes of ``evidence.json``; their SHA-256 is the evidence digest of the assessment.

    Raises:
        RenderError: a number cannot be written exactly.
    """
    from conformity.render.json_v1 import evidence_json as made

    return made(evidence)
