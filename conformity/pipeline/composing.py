"""Make the document set of an assessment: read a pack, check it, compose, render, write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformity.archive.pack import check_place, write_pack
from conformity.compose import compose
from conformity.judge.nonconformities import with_register
from conformity.model.document import Document, DocumentSet, in_short
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.shared import check_output, chosen_formats
from conformity.settings import DISCLOSURE_LIMIT, Settings

RECORD = "documents.json"
"""The file that names every document of the set; without it a folder is no set of documents."""

FORMATS = ("html", "pdf", "json")
"""The formats in which a document can be written."""


def compose_documents(pack: Pack, ids: Sequence[str] = ()) -> tuple[Document, ...]:
    """Return the documents with these ids, or all, in the order of the set.

    Raises:
        UsageError: there is no document with one of the ids.
    """
    return compose(with_register(pack.assessment), pack.evidence, pack.assessment_sha256, ids)


def write_documents(
    pack: Path,
    folder: Path | None,
    *,
    formats: Sequence[str],
    ids: Sequence[str],
    language: str,
    settings: Settings,
) -> DocumentSet:
    """Write the document set of a pack beside it, or to ``folder``.

    Args:
        pack: the folder that an assessment wrote.
        folder: where the set is to appear; the pack's name with ``-documents`` when not given.
        formats: names of formats.
        ids: which documents; all when empty.
        language: BCP 47 tag.
        settings: limits.

    Returns:
        What was written, in short.

    Raises:
        ConformityError: something handed in is unusable; nothing was written.
    """
    from conformity.render.dossier import rendered

    chosen = chosen_formats(formats, FORMATS, "documents")
    found = read_pack(pack, settings)
    place = (folder or found.folder.with_name(f"{found.folder.name}-documents")).absolute()
    check_output(place, settings.root)
    check_place(place, RECORD)
    documents = compose_documents(found, ids)
    files = rendered(
        documents,
        found.assessment,
        found.evidence,
        formats=chosen,
        disclosure_limit=DISCLOSURE_LIMIT,
        language=language,
    )
    write_pack(place, files, RECORD)
    system = found.assessment.manifest.system
    return DocumentSet(
        folder=str(place),
        system=f"{system.name} {system.version}",
        assessment_sha256=found.assessment_sha256,
        documents=tuple(in_short(one) for one in documents),
        files=tuple(sorted(files)),
    )
