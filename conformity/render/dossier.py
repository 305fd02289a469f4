"""The document set: any document as HTML, PDF and JSON, and the pages that lead to them all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.document import Document, in_short
from conformity.model.evidence import Evidence
from conformity.render.assets import style, templates_folder
from conformity.render.html import environment
from conformity.render.translation.catalogue import ENGLISH
from conformity.render.translation.speaking import speech
from conformity.render.views.context import Context
from conformity.render.views.dossier import card_of, resolved, view_of
from conformity.render.views.dossier_guard import guarded

RECORD = "documents.json"
"""The file that lists the set."""

_PRESSES = 2


def rendered(
    documents: Sequence[Document],
    assessment: Assessment,
    evidence: Evidence,
    *,
    formats: Sequence[str],
    disclosure_limit: int,
    language: str = "en",
) -> dict[str, bytes]:
    """Return the files of a document set by name.

    Args:
        documents: the documents, in order.
        assessment: what they are made from.
        evidence: what that rests on.
        formats: of ``html``, ``pdf`` and ``json``.
        disclosure_limit: no count of people below this is shown.
        language: BCP 47 tag.

    Raises:
        RenderError: a document names what does not exist, or cannot be printed.
    """
    english = speech(assessment, evidence, disclosure_limit)
    spoken = english if language == ENGLISH else speech(assessment, evidence, disclosure_limit, language)
    context = spoken.context
    files: dict[str, bytes] = {}
    pages: dict[str, str] = {}
    # The records stay English; only what a person reads is in the language asked for.
    # What they withhold is found in English sentences, so before these are translated.
    shown = [resolved(one, english.context) for one in documents]
    safe = [guarded(one, english.context) for one in documents]
    told = shown if spoken is english else [resolved(spoken.document(one), context) for one in safe]
    for one, page in zip(shown, told, strict=True):
        if "json" in formats:
            files[f"{one.id}.json"] = document_json(one)
        if "html" in formats or "pdf" in formats:
            pages[one.id] = document_html(page, context)
        if "html" in formats:
            files[f"{one.id}.html"] = pages[one.id].encode("utf-8")
    if "pdf" in formats:
        files |= _pdfs(shown, pages, assessment)
    files[RECORD] = _list_json(shown, formats)
    if "html" in formats:
        files["index.html"] = _index_html(told, context, formats).encode("utf-8")
    return files


def document_json(document: Document) -> bytes:
    """Return a document as JSON, indented, in the order of the model's fields."""
    return _json(document.model_dump(mode="json"))


def document_html(document: Document, context: Context) -> str:
    """Return a document, already resolved, as HTML that needs nothing from outside.

    Raises:
        RenderError: a template names something that does not exist.
    """
    return _from("dossier/document.html.j2", context, doc=view_of(document, context))


def _index_html(documents: Sequence[Document], context: Context, formats: Sequence[str]) -> str:
    """Return the page that leads to all documents of the set."""
    cards = [card_of(one, context, formats) for one in documents]
    first = view_of(documents[0], context)
    return _from("dossier/index.html.j2", context, cards=cards, doc=first)


def _from(name: str, context: Context, **values: Any) -> str:
    """Return what a template makes of values.

    Raises:
        RenderError: it names something that does not exist.
    """
    from jinja2 import TemplateError
    from markupsafe import Markup

    try:
        template = environment().get_template(name)
        # Both style sheets are our own files; nothing handed in ever reaches them.
        return template.render(t=context.words, style=Markup(style() + _own_style()), **values)  # noqa: S704
    except TemplateError as error:
        raise RenderError(f"the template {name} fails: {error}; report this as a defect") from error


def _own_style() -> str:
    """Return what the style of the document set adds to that of the report.

    Raises:
        RenderError: the file is missing.
    """
    try:
        return "\n" + (templates_folder() / "dossier" / "dossier.css").read_text("utf-8")
    except OSError as error:
        raise RenderError(
            f"a part of the style cannot be read: {error}; install the package again"
        ) from error


def _pdfs(
    documents: Sequence[Document], pages: Mapping[str, str], assessment: Assessment
) -> dict[str, bytes]:
    """Return every page as PDF, with the same document as JSON inside it; two are made at a time.

    Raises:
        MissingLibraryError: the system libraries for text layout are not installed.
        RenderError: WeasyPrint warned or failed, or took too long.
    """
    from conformity.render.pdf import print_html

    def made(one: Document) -> bytes:
        record = {f"{one.id}.json": document_json(one)}
        return print_html(pages[one.id], record, assessment.assessed_at)

    with ThreadPoolExecutor(max_workers=_PRESSES) as pool:
        return {f"{one.id}.pdf": pdf for one, pdf in zip(documents, pool.map(made, documents), strict=True)}


def _list_json(documents: Sequence[Document], formats: Sequence[str]) -> bytes:
    """Return the list of the set: which documents, whether they are asked for, how far they are filled."""
    listed = [
        {**in_short(one).model_dump(mode="json"), "files": [f"{one.id}.{name}" for name in formats]}
        for one in documents
    ]
    about = documents[0].about.model_dump(mode="json") if documents else None
    return _json({"documents_schema": "conformity/documents/v1", "about": about, "documents": listed})


def _json(plain: Any) -> bytes:
    """Return plain data as indented JSON with a newline at the end."""
    return (json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")
