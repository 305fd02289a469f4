"""What is told of the seals of PDFs, and of the time-stamp over the signed statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal import seal_pdf
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.archive.signing.timestamp import stamp
from conformity.archive.standalone.pdf import Pdf, attachments, identifier
from conformity.archive.verify import seals
from conformity.archive.verify.seals import seals_told, stamp_told
from conformity.archive.verify.signature import statement_in
from conformity.errors import MissingLibraryError
from conformity.model.statement import Statement
from tests.support.keys import Certified, certified, edwards, issued_by_itself
from tests.support.packs import small_pdf
from tests.support.signed_packs import signed_files
from tests.support.stamps import Openssl, authority, serving
from tests.support.statements import MOMENT

PDF = small_pdf({"assessment.json": b"{}"}, b"page")


def _sealed(by: Certified) -> bytes:
    """Return the PDF with a seal."""
    return seal_pdf(PDF, seal_key_of(signer_of(by.key, by.chain)), MOMENT)


def _der(by: Certified) -> bytes:
    """Return the certificate of somebody's issuer."""
    return by.issuer.public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    """Return a PDF that somebody sealed whose certificate an authority issued."""
    return _sealed(certified())


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a time-stamp over a signed statement."""
    with serving(Openssl(tmp_path_factory.mktemp("tsa")).answer) as (url, _):
        return stamp(b"statement", url)


def test_a_seal_tells_whose_it_is_and_passes_where_its_authority_is_trusted(sealed: bytes) -> None:
    told = seals_told({"report.pdf": sealed}, None, [_der(certified())])
    assert told.outcome() == "passed"
    assert told.seen[0].startswith(
        "report.pdf: Sealed by CN=Specimen seal (certificate issued by CN=Specimen authority)"
    )
    unknown = seals_told({"report.pdf": sealed}, None, [])
    assert unknown.unknown == (
        "report.pdf: The certificate leads to no authority that you named (--authority).",
    )


def test_a_seal_that_somebody_issued_to_himself_is_a_development_key() -> None:
    told = seals_told({"report.pdf": _sealed(issued_by_itself())}, None, [])
    assert "report.pdf: By a development key, no legal value." in told.seen


def test_a_changed_or_added_byte_under_a_seal_is_a_fault(sealed: bytes) -> None:
    at = sealed.index(b"/MediaBox")
    for changed in (sealed[:at] + b"/MediaBux" + sealed[at + 9 :], sealed + b"\n"):
        assert seals_told({"report.pdf": changed}, None, []).outcome() == "failed"


def test_pdfs_without_a_seal_or_no_pdf_cannot_be_told() -> None:
    assert seals_told({"report.pdf": PDF}, None, []).unknown == ("report.pdf has no seal.",)
    assert seals_told({"a.json": b""}, None, []).unknown == ("There is no PDF.",)


def test_a_seal_taken_off_is_seen_by_the_statement() -> None:
    files = signed_files()
    statement = statement_in(files["statement.dsse.json"])
    assert isinstance(statement, Statement)
    assert seals_told(files, statement, []).outcome() == "cannot_tell"
    longer = {"report.pdf": files["report.pdf"] + b"\n"}
    assert seals_told(longer, statement, []).outcome() == "failed"


def test_without_the_library_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise MissingLibraryError("Seals need pyHanko.")

    monkeypatch.setattr(seals, "check_seal", missing)
    monkeypatch.setattr(seals, "check_stamp", missing)
    assert seals_told({"report.pdf": PDF}, None, []).unknown == ("Seals need pyHanko.",)
    assert stamp_told(b"x", b"y", []).unknown == ("Seals need pyHanko.",)


def test_a_time_stamp_tells_when_and_by_whom(token: bytes) -> None:
    root = _der(authority())
    told = stamp_told(token, b"statement", [root])
    assert told.outcome() == "passed"
    assert told.seen[0].endswith("says CN=Specimen time.")
    assert stamp_told(token, b"statement", []).outcome() == "cannot_tell"
    assert stamp_told(token, b"statement!", [root]).outcome() == "failed"
    assert stamp_told(token[:-1], b"statement", [root]).outcome() == "failed"


def test_a_time_stamp_needs_what_it_is_over(token: bytes) -> None:
    assert stamp_told(None, b"statement", []).outcome() == "cannot_tell"
    assert stamp_told(token, None, []).outcome() == "failed"


def test_nothing_that_can_be_read_is_no_statement(tmp_path: Path) -> None:
    assert statement_in(None) is None
    assert statement_in(b"{}") is None
    assert edwards().public.development


def test_the_small_reader_reads_a_report_through_its_seal() -> None:
    """A seal is an update with cross-references of its own; what the report carries is found behind it."""
    sample = Path(__file__).parents[4] / "sample_reports" / "assistant" / "report.pdf"
    before = sample.read_bytes()
    after = seal_pdf(before, seal_key_of(signer_of(certified().key, certified().chain)), MOMENT)
    assert after.startswith(before)
    assert attachments(Pdf(after)) == attachments(Pdf(before))
    assert identifier(Pdf(after)) == identifier(Pdf(before))


def test_a_stamped_seal_tells_its_time(tmp_path: Path) -> None:
    with serving(Openssl(tmp_path).answer) as (url, _):
        made = seal_pdf(PDF, seal_key_of(signer_of(certified().key, certified().chain)), MOMENT, server=url)
    told = seals_told({"report.pdf": made}, None, [])
    assert any("Time-stamped" in one and "CN=Specimen time" in one for one in told.seen)
    assert seals_told({"report.pdf": made}, None, [_der(authority())]).outcome() == "passed"


def test_a_time_on_a_seal_that_nobody_trusted_proves_is_not_passed(tmp_path: Path) -> None:
    """It stands in what a seal does not cover, so anybody can exchange it for one of his own."""
    with serving(Openssl(tmp_path).answer) as (url, _):
        made = seal_pdf(PDF, seal_key_of(signer_of(certified().key, certified().chain)), MOMENT, server=url)
    alone = certified().certificate.public_bytes(Encoding.DER)
    told = seals_told({"report.pdf": made}, None, [alone])
    assert told.outcome() == "cannot_tell"
    assert [one for one in told.unknown if "its time is not proved" in one] == list(told.unknown)
