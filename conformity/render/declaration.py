"""The prepared declaration of conformity as files: JSON for machines, HTML and PDF to read and to sign."""

from __future__ import annotations

import json

from conformity.model.assessment import Assessment
from conformity.model.declaration import Declaration
from conformity.model.document import Document
from conformity.model.evidence import Evidence
from conformity.render.assets import words_in
from conformity.render.dossier import document_html
from conformity.render.locale import locale_for
from conformity.render.pdf import print_html
from conformity.render.views.context import Context
from conformity.render.views.dossier import resolved


def declaration_files(
    document: Document,
    record: Declaration,
    assessment: Assessment,
    evidence: Evidence,
    *,
    disclosure_limit: int,
    language: str = "en",
) -> dict[str, bytes]:
    """Return ``declaration.json``, ``declaration.html`` and ``declaration.pdf``; the PDF holds the JSON.

    Args:
        document: the eight items, as composed.
        record: the same, machine-readable.
        assessment: what it rests on.
        evidence: what that rests on.
        disclosure_limit: no count of people below this is shown.
        language: BCP 47 tag.

    Raises:
        RenderError: the document names what does not exist, or cannot be printed.
    """
    context = Context(assessment, evidence, disclosure_limit, locale_for(language), words_in(language))
    page = document_html(resolved(document, context), context)
    plain = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2, allow_nan=False)
    machine = (plain + "\n").encode("utf-8")
    return {
        "declaration.json": machine,
        "declaration.html": page.encode("utf-8"),
        "declaration.pdf": print_html(page, {"declaration.json": machine}, assessment.assessed_at),
    }
