"""An update that seals may not be read in two ways: readers differ in which of two objects they take."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import writer as untyped

from conformity.archive.signing import seal
from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal_check import check_seal
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.archive.standalone.pdf import Pdf
from conformity.archive.standalone.pdf_objects import PdfError
from conformity.errors import IntegrityError
from tests.support.keys import certified
from tests.support.small_pdf import small_pdf

writing: Any = untyped
PDF = small_pdf()
MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)
KEY = seal_key_of(signer_of(certified().key, certified().chain))
PAGE, OTHER = 4, 90
"""The object of the only page, and one that is new."""


def _sealed(monkeypatch: pytest.MonkeyPatch, *, hidden: int | None, named: bool = False) -> bytes:
    """Return a PDF sealed by a program that hides an object in its update.

    Args:
        monkeypatch: undoes what is changed here.
        hidden: the number of the object that stands in the update once more.
        named: whether the cross-references, in the form of a table, name it before the one that is shown.
    """
    make, table = seal._writer, writing.write_xref_table
    places: list[int] = []

    def changing(stream: Any) -> Any:
        """Return a writer that hides an object and writes a table of cross-references."""
        made = make(stream)
        objects = made._write_objects
        made.stream_xrefs = False

        def write_objects(out: Any, positions: Any) -> None:
            """Write the objects, and one more that shows another page."""
            objects(out, positions)
            if hidden is not None:
                places.append(out.tell())
                page = b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 99 99]/Resources<<>>>>"
                out.write(b"%d 0 obj\n%s\nendobj\n" % (hidden, page))

        made._write_objects = write_objects
        return made

    def write_table(out: Any, positions: Any) -> int:
        """Write the table with an entry more in front of the others."""
        start: int = out.tell()
        rest = BytesIO()
        table(rest, positions)
        first = b"%d 1\n%010d 00000 n \n" % (hidden or 0, places[-1]) if named else b""
        out.write(rest.getvalue().replace(b"xref\n", b"xref\n" + first, 1))
        return start

    monkeypatch.setattr(seal, "_writer", changing)
    monkeypatch.setattr(writing, "write_xref_table", write_table)
    return seal.seal_pdf(PDF, KEY, MOMENT)


def test_a_table_of_cross_references_is_as_good_as_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    found = check_seal(_sealed(monkeypatch, hidden=None))
    assert found is not None
    assert found.unsealed_bytes == len(PDF)


def test_an_object_that_is_named_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reader shows the first of the two pages, another one checks the second."""
    attacked = _sealed(monkeypatch, hidden=PAGE, named=True)
    with pikepdf.open(BytesIO(attacked)) as shown:
        assert "/Contents" not in shown.pages[0]
    with pytest.raises(IntegrityError, match="other changes than itself"):
        check_seal(attacked)
    with pytest.raises(PdfError, match="name an object twice"):
        Pdf(attacked)


@pytest.mark.parametrize("number", [PAGE, OTHER])
def test_an_object_that_nothing_names_is_refused(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that repair a file take the last object of a number, whatever names it."""
    with pytest.raises(IntegrityError, match="other changes than itself"):
        check_seal(_sealed(monkeypatch, hidden=number))
