"""The JSON Schemas of what is published, and a command that writes them.

``python -m conformity.model.schemas FOLDER`` writes one ``<name>.schema.json`` for each. What people
write (manifest, probe, requirement) is described as it may be written, with defaults left out; what
this package writes (assessment, evidence, tally) as it is written, with every field present.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from conformity.errors import UsageError
from conformity.model.archive import ArchiveEntry
from conformity.model.assessment import Assessment
from conformity.model.base import Value
from conformity.model.baseline import PipelineOutcome
from conformity.model.comparison import Comparison
from conformity.model.declaration import Declaration
from conformity.model.document import Document
from conformity.model.evidence import Evidence
from conformity.model.export import ExportSet
from conformity.model.manifest import Manifest
from conformity.model.probe import ProbeSpec
from conformity.model.redaction import Disclosure, RedactionRecord
from conformity.model.reproduction import Reproduction
from conformity.model.requirement import Requirement
from conformity.model.statement import Statement
from conformity.model.tally import Tally
from conformity.model.verification import Verification

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PUBLISHED: tuple[tuple[str, type[Value], Literal["validation", "serialization"]], ...] = (
    ("archive-entry", ArchiveEntry, "serialization"),
    ("assessment", Assessment, "serialization"),
    ("comparison", Comparison, "serialization"),
    ("declaration", Declaration, "serialization"),
    ("document", Document, "serialization"),
    ("evidence", Evidence, "serialization"),
    ("exports", ExportSet, "serialization"),
    ("manifest", Manifest, "validation"),
    ("pipeline-outcome", PipelineOutcome, "serialization"),
    ("probe", ProbeSpec, "validation"),
    ("redaction", RedactionRecord, "serialization"),
    ("redaction-disclosure", Disclosure, "serialization"),
    ("reproduction", Reproduction, "serialization"),
    ("requirement", Requirement, "validation"),
    ("statement", Statement, "serialization"),
    ("tally", Tally, "serialization"),
    ("verification", Verification, "serialization"),
)


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of every published artefact, by its name."""
    return {name: _schema(model, mode) for name, model, mode in _PUBLISHED}


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a manifest alone, as people write it."""
    return _schema(Manifest, "validation")


def _schema(model: type[Value], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    """Return the JSON Schema of one artefact."""
    return {"$schema": _DIALECT, **model.model_json_schema(mode=mode)}


def schema_files() -> dict[str, str]:
    """Return the text of every schema file, by its name: sorted keys, so that differences are real."""
    return {
        f"{name}.schema.json": json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }


def main(arguments: Sequence[str]) -> None:
    """Write all schema files into a folder, which is made when it is missing.

    Args:
        arguments: the folder.

    Raises:
        UsageError: not exactly one folder is named.
    """
    if len(arguments) != 1:
        raise UsageError("name one folder: python -m conformity.model.schemas FOLDER")
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
