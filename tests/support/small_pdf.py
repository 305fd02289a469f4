"""A small PDF with a page, text and an attached file, and what attackers do to sealed ones."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import pikepdf


@cache
def small_pdf(
    text: str = "Verdict: not met", attached: bytes = b'{"verdict": "not_met"}', *, notes: bool = False
) -> bytes:
    """Return a PDF with a line of text and an attached record; the same for the same content.

    Args:
        text: what the page shows.
        attached: the record.
        notes: whether the page has a list of notes, which is an object of its own.
    """
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200))
    page.Contents = pdf.make_stream(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=_font()))
    pdf.attachments["assessment.json"] = _file(pdf, attached)
    if notes:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])
        page.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))
    stream = BytesIO()
    pdf.save(stream, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return stream.getvalue()


def _file(pdf: pikepdf.Pdf, content: bytes) -> pikepdf.AttachedFileSpec:
    """Return a record as an attached file, without dates."""
    return pikepdf.AttachedFileSpec(
        pdf,
        content,
        description="",
        filename="assessment.json",
        mime_type="application/json",
        creation_date="",
        mod_date="",
    )


def _font() -> pikepdf.Dictionary:
    """Return a font that every viewer has."""
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )


def with_other_attachment(sealed: bytes) -> bytes:
    """Return a sealed PDF written anew with another record attached."""
    with pikepdf.open(BytesIO(sealed)) as pdf:
        pdf.attachments["assessment.json"] = _file(pdf, b'{"verdict": "met"}')
        stream = BytesIO()
        pdf.save(stream, static_id=True)
    return stream.getvalue()


def without_seal(sealed: bytes) -> bytes:
    """Return a sealed PDF whose newest catalogue has no form, so that no viewer shows the seal."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    stream = BytesIO(sealed)
    writer: Any = IncrementalPdfFileWriter(stream)
    del writer.root["/AcroForm"]
    writer.update_root()
    writer.write_in_place()
    return stream.getvalue()


def with_other_page(sealed: bytes) -> bytes:
    """Return a sealed PDF with an update appended that shows another text."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    stream = BytesIO(sealed)
    writer: Any = IncrementalPdfFileWriter(stream)
    page = writer.root["/Pages"]["/Kids"][0]
    text = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 100 Td (Verdict: met) Tj ET")
    page["/Contents"] = writer.add_object(text)
    writer.update_container(page)
    writer.write_in_place()
    return stream.getvalue()
