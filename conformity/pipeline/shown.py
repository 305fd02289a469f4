"""The documents of a pack as anybody may see them: no figure in them that the report withholds."""

from __future__ import annotations

from collections.abc import Collection

from conformity.pipeline.packs import Pack
from conformity.pipeline.untold import without_untold
from conformity.settings import DISCLOSURE_LIMIT


def shown(pack: Pack, formats: Collection[str], language: str) -> dict[str, bytes]:
    """Return record, page and PDF by name; the PDF carries the record as it stands here.

    Args:
        pack: the pack, whose own record holds exact figures.
        formats: which documents there are, of ``html`` and ``pdf``; the record is always there.
        language: their language.

    Raises:
        RenderError: the report cannot be made.
    """
    from conformity.render.html import html_text
    from conformity.render.json_v1 import FORMAT

    told = without_untold(pack.assessment, pack.evidence, DISCLOSURE_LIMIT)
    record = {FORMAT.filename: FORMAT.render(told, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT)}
    if {"html", "pdf"}.isdisjoint(formats):
        return record
    files = dict(record)
    text = html_text(pack.assessment, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language)
    if "html" in formats:
        files["report.html"] = text.encode("utf-8")
    if "pdf" in formats:
        from conformity.render.pdf import print_html

        files["report.pdf"] = print_html(text, record, pack.assessment.assessed_at)
    return files
