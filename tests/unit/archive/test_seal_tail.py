"""An update that seals may change nothing else, whoever signs it: the owner of the key neither."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils import generic as untyped
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.pdf_signer import PdfSigner

from conformity.archive.signing import seal, seal_tail
from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal_check import check_seal
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.archive.signing.seal_tail import check_tail
from conformity.errors import IntegrityError
from tests.support.keys import certified
from tests.support.small_pdf import small_pdf

PDF, NOTED = small_pdf(), small_pdf(notes=True)
MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)
KEY = seal_key_of(signer_of(certified().key, certified().chain))
generic: Any = untyped
NAME = generic.NameObject


def _page(writer: Any) -> Any:
    """Return the only page."""
    return writer.root["/Pages"]["/Kids"][0]


def _text(writer: Any) -> None:
    """Show another text."""
    page = _page(writer)
    page[NAME("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
    writer.update_container(page)


def _catalogue(writer: Any) -> None:
    """Run something when the file is opened."""
    writer.root[NAME("/OpenAction")] = generic.DictionaryObject({NAME("/S"): NAME("/Named")})
    writer.update_root()


def _attachment(writer: Any) -> None:
    """Exchange the attached files: the tree of names is an object of its own."""
    names = writer.root["/Names"]["/EmbeddedFiles"]
    names[NAME("/Names")] = generic.ArrayObject()
    writer.update_container(names)


def _note(writer: Any) -> None:
    """Lay a note over the page, beside the field of the seal."""
    page = _page(writer)
    note = generic.DictionaryObject({NAME("/Type"): NAME("/Annot"), NAME("/Subtype"): NAME("/Text")})
    page[NAME("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def _field(writer: Any) -> None:
    """Add a field of another kind."""
    field = generic.DictionaryObject({NAME("/FT"): NAME("/Tx"), NAME("/T"): generic.pdf_string("x")})
    form = {NAME("/Fields"): generic.ArrayObject([writer.add_object(field)])}
    writer.root[NAME("/AcroForm")] = writer.add_object(generic.DictionaryObject(form))
    writer.update_root()


def _appearance(writer: Any) -> None:
    """Let the form say how fields look."""
    form = {
        NAME("/Fields"): generic.ArrayObject(),
        NAME("/DA"): generic.pdf_string("/Helv 0 Tf"),
    }
    writer.root[NAME("/AcroForm")] = writer.add_object(generic.DictionaryObject(form))
    writer.update_root()


def _info(writer: Any) -> None:
    """Name another author."""
    writer.set_info(generic.DictionaryObject({NAME("/Author"): generic.pdf_string("Somebody else")}))


def _notes(writer: Any) -> None:
    """Take the note of a page away."""
    notes = _page(writer)["/Annots"]
    del notes[0]
    writer.update_container(notes)


def _kind(writer: Any) -> None:
    """Put a number where the catalogue has a dictionary that is an object of its own."""
    writer.objects[(0, writer.root["/Names"].raw_get("/EmbeddedFiles").reference.idnum)] = (
        generic.NumberObject(1)
    )


def _many(writer: Any) -> None:
    """Write many objects of the file anew, unchanged."""
    for number in range(1, 9):
        writer.mark_update(generic.Reference(number, 0, writer))


CHANGES: dict[str, Callable[[Any], None]] = {
    "text": _text,
    "catalogue": _catalogue,
    "attachment": _attachment,
    "note": _note,
    "field": _field,
    "appearance": _appearance,
    "info": _info,
    "notes": _notes,
    "kind": _kind,
    "many": _many,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_seal_that_changes_more_than_it_may_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What :func:`seal_pdf` refuses to seal is let through here, as another program would."""
    make = seal._writer

    def changing(stream: Any) -> Any:
        """Return a writer that has changed something before it seals."""
        writer = make(stream)
        CHANGES[name](writer)
        return writer

    monkeypatch.setattr(seal, "_writer", changing)
    if name in ("field", "appearance"):
        monkeypatch.setattr(seal, "_FORM", "/None")
    sealed = seal.seal_pdf(NOTED if name == "notes" else PDF, KEY, MOMENT)
    with pytest.raises(IntegrityError, match="other changes than itself"):
        check_seal(sealed)


def test_a_list_of_notes_may_get_the_field_at_its_end() -> None:
    sealed = check_seal(seal.seal_pdf(NOTED, KEY, MOMENT))
    assert sealed is not None
    assert sealed.unsealed_bytes == len(NOTED)


def test_a_form_that_was_there_may_get_one_field_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seals one after the other hold as updates; as a report only one seal counts."""
    monkeypatch.setattr(seal, "_FORM", "/None")
    first = seal.seal_pdf(PDF, KEY, MOMENT)
    monkeypatch.setattr(seal, "FIELD", "Second")
    second = seal.seal_pdf(first, KEY, MOMENT)
    reader = PdfFileReader(BytesIO(second))
    check_tail(reader, 2)
    with pytest.raises(IntegrityError, match="signatures besides one seal"):
        check_seal(second)


def test_a_field_that_shows_something_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    visible = SigFieldSpec("Seal", box=(10, 10, 90, 90))
    make = PdfSigner

    def showing(*rest: Any, **more: Any) -> PdfSigner:
        """Return a signer whose field takes room on the page."""
        return make(*rest, **more, new_field_spec=visible)

    monkeypatch.setattr("pyhanko.sign.signers.pdf_signer.PdfSigner", showing)
    sealed = seal.seal_pdf(PDF, KEY, MOMENT)
    for may in (seal_tail._WIDGET, seal_tail._WIDGET | {"/AP"}):
        monkeypatch.setattr(seal_tail, "_WIDGET", may)
        with pytest.raises(IntegrityError, match="other changes than itself"):
            check_seal(sealed)
