"""Assess data without a manifest file: a path, or a data frame in memory, for Python and notebooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from conformity.engines.frame import save_frame
from conformity.engines.remote import is_address
from conformity.errors import PathError
from conformity.measure import Progress
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.model.manifest import PLACEHOLDER
from conformity.model.summary import AssessmentSummary
from conformity.pipeline.assessing import assess
from conformity.pipeline.scanning import Columns, bind
from conformity.pipeline.shared import check_output
from conformity.sandbox.scratch import scratch
from conformity.settings import Settings

_TABLE = "table"
"""The id of the one subject."""


@dataclass(frozen=True)
class Assessed:
    """An assessment with everything that was seen."""

    summary: AssessmentSummary
    """In short."""
    assessment: Assessment
    """All findings."""
    evidence: Evidence
    """All observations."""
    html: str
    """The report, one document that needs nothing from outside."""


def assess_table(
    data: Any,
    columns: Columns,
    title: str,
    folder: Path | None,
    *,
    formats: Sequence[str],
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
) -> Assessed:
    """Measure a table and lay every requirement beside the evidence, without a manifest file.

    What only a provider can say stays open: there are no answers, criteria, exhibits and sign-offs, so that
    no requirement is met.

    Args:
        data: a path, the address of a table elsewhere, or a pandas, Polars or PyArrow frame.
        columns: which columns mean what.
        title: what the table is called in the report.
        folder: where the pack is to appear; nothing is kept when not given.
        formats: names of the documents to make; HTML is always made.
        moment: the present, in UTC.
        as_of: the day whose law applies.
        settings: limits.
        on_progress: told of every step done.

    Raises:
        ConformityError: the data or the columns cannot be used; nothing was written.
    """
    if folder is not None:
        check_output(folder.absolute(), settings.root)
    with scratch() as place:
        name, home = _brought(data, place, settings.root)
        manifest = place / "conformity.json"
        manifest.write_text(json.dumps(_manifest(name, title, columns)), encoding="utf-8")
        return _assessed(
            manifest,
            folder,
            formats=formats,
            moment=moment,
            as_of=as_of,
            # The table is reached through a link, which may lead to where it lies and nowhere else.
            settings=replace(settings, root=home),
            on_progress=on_progress,
            own=("manifest", "folder"),
        )


def assess_file(
    manifest: Path,
    folder: Path | None,
    *,
    formats: Sequence[str],
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
) -> Assessed:
    """Assess a system by its manifest and return everything; see :func:`assess_table`."""
    return _assessed(
        manifest,
        folder,
        formats=formats,
        moment=moment,
        as_of=as_of,
        settings=settings,
        on_progress=on_progress,
        own=() if folder else ("folder",),
    )


def _assessed(manifest: Path, folder: Path | None, *, formats: Sequence[str], **how: Any) -> Assessed:
    """Assess and read back everything; without a folder the pack is made in one that is removed."""
    with scratch() as place:
        pack = folder or place / "pack"
        summary = assess(
            manifest,
            pack,
            formats=tuple(dict.fromkeys([*formats, "html"])),
            **how,
        )
        return Assessed(
            summary=summary,
            assessment=Assessment.model_validate_json((pack / "assessment.json").read_bytes()),
            evidence=Evidence.model_validate_json((pack / "evidence.json").read_bytes()),
            html=(pack / "report.html").read_text("utf-8"),
        )


def _brought(data: Any, place: Path, root: Path | None) -> tuple[str, Path]:
    """Put the data into a folder, a file as a link to it.

    Returns:
        The name there, or the address; and the folder that the table may not leave.

    Raises:
        PathError: there is no such file, or it lies outside the allowed root.
    """
    if isinstance(data, str) and is_address(data):
        return data, place
    if not isinstance(data, str | Path):
        save_frame(data, place / "data.arrow")
        return "data.arrow", place
    source = Path(data).absolute()
    if "://" in str(data) or not source.exists():
        shown = "that address" if "://" in str(data) else data
        raise PathError(f"there is nothing at {shown}; give the path of a data file, or a data frame.")
    real = source.resolve()
    if root is not None and not real.is_relative_to(root.resolve()):
        raise PathError(f"{data} does not lie inside {root}; choose a file below it.")
    name = f"data{''.join(source.suffixes[-2:])}"
    (place / name).symlink_to(real)
    return name, root or (real if real.is_dir() else real.parent)


def _manifest(name: str, title: str, columns: Columns) -> dict[str, Any]:
    """Return the fields of a manifest that says no more than what the columns are."""
    return {
        "conformity": 1,
        "system": {
            "name": title,
            "version": "(none given)",
            "intended_purpose": f"{PLACEHOLDER}: the intended purpose.",
        },
        "provider": {"name": PLACEHOLDER, "address": PLACEHOLDER, "contact": PLACEHOLDER},
        "role": "provider",
        "subjects": [
            {
                "id": _TABLE,
                "kind": "table",
                "title": title,
                "path": name,
                "purpose": "testing",
                "columns": [
                    column.model_dump(mode="json", exclude_defaults=True) for column in bind(columns)
                ],
            }
        ],
    }
