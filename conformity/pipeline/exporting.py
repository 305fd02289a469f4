"""Write what a pack holds as files for other programs: read it, check it, render, write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from conformity import __version__
from conformity.archive.pack import check_place, write_pack
from conformity.errors import UsageError
from conformity.judge.nonconformities import with_register
from conformity.model.base import sha256_of
from conformity.model.export import Exported, ExportedFile, ExportSet
from conformity.model.summary import VerdictCounts
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.shared import check_output, chosen_formats
from conformity.render import EXPORTS
from conformity.render import formats as known_formats
from conformity.settings import DISCLOSURE_LIMIT, Settings

RECORD = "exports.json"
"""The file that names every file of the set; without it a folder is no set of exports."""


def export(pack: Path, folder: Path | None, *, formats: Sequence[str], settings: Settings) -> Exported:
    """Write a pack in formats of other programs beside it, or to ``folder``; the pack is not touched.

    Args:
        pack: the folder that an assessment wrote.
        folder: where the files are to appear; the pack's name with ``-exports`` when not given.
        formats: names of formats, of :data:`conformity.render.EXPORTS`.
        settings: limits.

    Returns:
        What was written, and where.

    Raises:
        ConformityError: something handed in is unusable; nothing was written.
    """
    chosen = chosen_formats(formats, EXPORTS, "exports")
    found = read_pack(pack, settings)
    place = (folder or found.folder.with_name(f"{found.folder.name}-exports")).absolute()
    check_output(place, settings.root)
    check_place(place, RECORD)
    made, files = _made(found, chosen)
    record = json.dumps(made.model_dump(mode="json"), ensure_ascii=False, indent=2)
    write_pack(place, {**files, RECORD: f"{record}\n".encode()}, RECORD)
    return Exported(folder=str(place), made=made)


def export_one(pack: Path, *, formats: Sequence[str], settings: Settings) -> bytes:
    """Return one format of a pack; nothing is written.

    Args:
        pack: the folder that an assessment wrote.
        formats: the name of one format.
        settings: limits.

    Raises:
        UsageError: not exactly one format is named.
        ConformityError: something handed in is unusable.
    """
    chosen = chosen_formats(formats, EXPORTS, "exports")
    if len(chosen) != 1:
        raise UsageError("Name one format of --formats to have it on standard output, or a folder with -o.")
    _, files = _made(read_pack(pack, settings), chosen)
    return next(iter(files.values()))


def _made(pack: Pack, names: Sequence[str]) -> tuple[ExportSet, dict[str, bytes]]:
    """Return what is in the set, and its files by name."""
    assessment, known = with_register(pack.assessment), known_formats()
    files: dict[str, bytes] = {}
    told: list[ExportedFile] = []
    for name in names:
        chosen = known[name]
        content = chosen.render(assessment, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT)
        files[chosen.filename] = content
        told.append(
            ExportedFile(
                format=name, name=chosen.filename, sha256=sha256_of(content), size_bytes=len(content)
            )
        )
    manifest = assessment.manifest
    made = ExportSet(
        tool=f"conformity {__version__}",
        system=f"{manifest.system.name} {manifest.system.version}",
        assessment_version=manifest.edition.version,
        assessment_sha256=pack.assessment_sha256,
        counts=VerdictCounts.model_validate(Counter(one.verdict for one in assessment.findings)),
        files=tuple(told),
    )
    return made, files
