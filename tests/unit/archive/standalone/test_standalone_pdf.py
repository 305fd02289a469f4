"""The small reader of PDFs: what reports carry, whatever form they have, and nothing that is not there."""

from __future__ import annotations

import hashlib
import zlib
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from conformity.archive.standalone import pdf as reading
from conformity.archive.standalone.pdf import Pdf, attachments, identifier
from conformity.archive.standalone.pdf_objects import Name, Parser, PdfError, Ref
from tests.support.packs import small_pdf

SAMPLE = Path(__file__).parents[4] / "sample_reports" / "assistant"


def _parsed(text: bytes) -> object:
    """Return the object that some bytes hold."""
    return Parser(text, 0, [1000]).read()


def test_a_report_carries_its_record_byte_for_byte() -> None:
    pdf = Pdf((SAMPLE / "report.pdf").read_bytes())
    assert attachments(pdf)["assessment.json"] == (SAMPLE / "assessment.json").read_bytes()
    assert identifier(pdf) == hashlib.sha256((SAMPLE / "report.html").read_bytes()).digest()[:16]


def test_tables_of_cross_references_are_read_too() -> None:
    made = small_pdf({"a.json": b"1", "b.json": b"2" * 100_000}, b"page")
    assert b"\nxref" in made
    assert attachments(Pdf(made)) == {"a.json": b"1", "b.json": b"2" * 100_000}


def _appended(pdf: bytes, number: int, content: bytes | None) -> bytes:
    """Return a PDF with an update: another content of an object, or none (7.5.6)."""
    before = int(pdf.rsplit(b"startxref", 1)[1].split()[0])
    with pikepdf.open(BytesIO(pdf)) as opened:
        root = opened.Root.objgen[0]
    place = len(pdf)
    entry = b"0000000000 00001 f" if content is None else b"%010d 00000 n" % place
    body = b"" if content is None else b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = place + len(body)
    trailer = b"<</Size 99/Root %d 0 R/Prev %d>>" % (root, before)
    return (
        pdf
        + body
        + b"xref\n%d 1\n%s \ntrailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (number, entry, trailer, table)
    )


def test_the_latest_update_counts() -> None:
    made = small_pdf({"a.json": b"before"}, b"page")
    with pikepdf.open(BytesIO(made)) as opened:
        found = opened.Root.Names.EmbeddedFiles.Names[1].EF.F.objgen[0]
    packed = zlib.compress(b"after")
    stream = b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed)
    assert attachments(Pdf(_appended(made, found, stream))) == {"a.json": b"after"}
    with pytest.raises(PdfError, match="a stream is missing"):
        attachments(Pdf(_appended(made, found, None)))


def test_a_pdf_without_files_carries_none() -> None:
    empty = BytesIO()
    made = pikepdf.new()
    made.add_blank_page()
    made.save(empty, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert attachments(Pdf(empty.getvalue())) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"<</A 1/B [2 3 0 R (x)]>>", {b"A": 1, b"B": [2, Ref(3), b"x"]}),
        (rb"(a\(b\)\n\101\\ (in) \z\7)", b"a(b)\nA\\ (in) z\x07"),
        (b"(a\\\r\nb)", b"ab"),
        (b"<4 1 4>", b"A@"),
        (b"/A#42c", Name(b"ABc")),
        (b"% said\n-1.5", -1.5),
        (b"[true false null .5 +3]", [True, False, None, 0.5, 3.0]),
    ],
)
def test_objects_are_read_as_the_standard_has_them(text: bytes, value: object) -> None:
    """ISO 32000-1, 7.3."""
    assert _parsed(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<</A>>",
        b"<<1 2>>",
        b"<</A 1/A 1>>",
        b"[1",
        b"(a",
        b"(a\\",
        b"what",
        b"[" * 99,
        b"(" + b"x" * 70_000,
    ],
)
def test_objects_that_are_none_are_refused(text: bytes) -> None:
    with pytest.raises(PdfError):
        _parsed(text)


def test_words_are_counted() -> None:
    with pytest.raises(PdfError, match="more to read than in any report"):
        Parser(b"[" + b"1 " * 5000 + b"]", 0, [100]).read()


def _pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Return a PDF of these objects, numbered from 1."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, rows)
    return body + table + b"trailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, len(body))


def _carrying(stream: bytes, name: bytes = b"(a)") -> bytes:
    """Return a PDF that carries one file whose stream is object 2."""
    spec = b"<</UF %s/EF<</F 2 0 R>>>>" % name
    return _pdf(b"<</Names<</EmbeddedFiles<</Names[(a) %s]>>>>>>" % spec, stream)


def test_bombs_are_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zlib.compress(b"\0" * 5_000_000)
    bomb = _carrying(b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed))
    assert len(attachments(Pdf(bomb))["a"]) == 5_000_000
    monkeypatch.setattr(reading, "MOST_INFLATED", 4_000_000)
    with pytest.raises(PdfError, match="inflates beyond all bounds"):
        attachments(Pdf(bomb))


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"<</Length 9>>stream\nabc\nendstream", "not as long as it says"),
        (b"<</Length 2 0 R>>stream\nabc\nendstream", "an object needs itself"),
        (b"<</Length 3/Filter/LZWDecode>>stream\nabc\nendstream", "not read here"),
        (b"<</Length 3/Filter[/FlateDecode/FlateDecode]>>stream\nabc\nendstream", "not read here"),
        (b"<</Length 3/Filter/FlateDecode>>stream\nabc\nendstream", "cannot be inflated"),
        (b"<</Length 2/Filter/FlateDecode>>stream\n\x78\x9c\nendstream", "cut short"),
        (b"<</Length -3>>stream\nabc\nendstream", "a number is missing"),
        (b"2 0 R", "an object needs itself|in a circle"),
        (b"[1 2]", "a stream is missing"),
    ],
)
def test_streams_that_are_not_as_they_say_are_refused(stream: bytes, why: str) -> None:
    with pytest.raises(PdfError, match=why):
        attachments(Pdf(_carrying(stream)))


def test_files_have_names_each_its_own() -> None:
    whole = b"<</Length 1>>stream\nx\nendstream"
    assert attachments(Pdf(_carrying(whole, b"<FEFF00E4>"))) == {"ä": b"x"}
    with pytest.raises(PdfError, match="has no name"):
        attachments(Pdf(_carrying(whole, b"/a")))
    spec = b"<</UF(a)/EF<</F 2 0 R>>>>"
    twice = _pdf(b"<</Names<</EmbeddedFiles<</Names[(a)%s(b)%s]>>>>>>" % (spec, spec), whole)
    with pytest.raises(PdfError, match="names an attached file twice"):
        attachments(Pdf(twice))


def test_a_tree_of_names_that_turns_round_is_left() -> None:
    turning = _pdf(b"<</Names<</EmbeddedFiles 2 0 R>>>>", b"<</Kids[2 0 R]>>")
    with pytest.raises(PdfError, match="is broken"):
        attachments(Pdf(turning))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "begin and end"),
        (b"%PDF-1.7\nstartxref\n99\n%%EOF", "not where the cross-references say"),
        (b"GIF89a" + _pdf(b"<<>>")[6:], "begin and end"),
        (_pdf(b"<<>>", trailer=b"/Prev 9"), "cross-references are missing"),
        (_pdf(b"<<>>", trailer=b"/XRefStm 9"), "two kinds of cross-references"),
        (_pdf(b"<<>>", trailer=b"/Prev (a)"), "a number is missing"),
        (_pdf(b"<<>>").replace(b" 65535 f", b" 6x535 f"), "table of cross-references is broken"),
        (_pdf(b"<<>>").replace(b"trailer", b"trailed"), "trailer is missing"),
        (b"%PDF-1.7\n1 0 obj 5 endobj\nstartxref\n9\n%%EOF", "cross-references are missing"),
    ],
)
def test_files_that_are_no_pdf_are_refused(content: bytes, why: str) -> None:
    with pytest.raises(PdfError, match=why):
        Pdf(content)


def test_cross_references_that_turn_round_are_left() -> None:
    made = _pdf(b"<<>>", trailer=b"/Prev 000000")
    place = made.rsplit(b"startxref", 1)[1].split()[0]
    with pytest.raises(PdfError, match="round in a circle"):
        Pdf(made.replace(b"/Prev 000000", b"/Prev %06d" % int(place)))


def _streamed(rows: bytes, widths: bytes = b"1 2 1", index: bytes = b"") -> bytes:
    """Return a PDF with a stream of cross-references."""
    head = b"%PDF-1.7\n"
    entries = b"<</Type/XRef/W[%s]/Size 9%s/Root 1 0 R/Length %d>>" % (widths, index, len(rows))
    return head + b"8 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n9\n%%%%EOF" % (entries, rows)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (_streamed(b"", b"0 0 0"), "are broken"),
        (_streamed(b"", b"1 2"), "are broken"),
        (_streamed(b"", index=b"/Index[1]"), "are broken"),
        (_streamed(b"\1\0\x09\0" * 2, index=b"/Index[5 1 5 1]"), "name an object twice"),
    ],
)
def test_streams_of_cross_references_are_checked(made: bytes, why: str) -> None:
    with pytest.raises(PdfError, match=why):
        Pdf(made)


def test_objects_inside_streams_are_found_or_refused() -> None:
    missing = _streamed(b"\0\0\0\0\2\0\2\0\0\0\0\0")
    with pytest.raises(PdfError, match="object stream is missing"):
        attachments(Pdf(missing))
    assert attachments(Pdf(_streamed(b"\0\0\0\0\3\0\2\0"))) == {}


def test_an_object_not_in_its_stream_is_refused() -> None:
    held = b"<</Type/ObjStm/N 1/First 4/Length 8>>\nstream\n5 0 <<>>\nendstream"
    made = b"%%PDF-1.7\n2 0 obj\n%s\nendobj\n" % held
    rows = b"\0\0\0\0\2\0\2\0\1\0\x09\0"
    table = b"8 0 obj\n<</Type/XRef/W[1 2 1]/Size 3/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n"
    whole = made + table % (len(rows), rows) + b"startxref\n%d\n%%%%EOF" % len(made)
    with pytest.raises(PdfError, match="not in the stream"):
        attachments(Pdf(whole))
    good = whole.replace(b"5 0 <<>>", b"1 0 <<>>")
    assert attachments(Pdf(good)) == {}


def test_the_number_of_objects_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_OBJECTS", 1)
    with pytest.raises(PdfError, match="more objects than any report"):
        Pdf(_pdf(b"<<>>", b"<<>>", b"<<>>"))
