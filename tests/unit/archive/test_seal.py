"""Seals: they leave what was there, tell whose they are, and do not survive any change."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conformity.archive.signing import seal, seal_check
from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal import LongTerm, seal_pdf
from conformity.archive.signing.seal_check import check_seal, check_unsealed
from conformity.archive.signing.seal_keys import SealKey, seal_key_of
from conformity.errors import InputError, IntegrityError, UsageError
from conformity.model.base import sha256_of
from conformity.model.statement import PdfFile
from tests.support.keys import Certified, certified, crl, elliptic, issued_by_itself
from tests.support.small_pdf import small_pdf, with_other_attachment, with_other_page, without_seal
from tests.support.stamps import Openssl, authority, serving

PDF = small_pdf()
MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)
ROOT = authority().issuer.public_bytes(Encoding.DER)


def key_of(made: Certified) -> SealKey:
    """Return a certified key as one that seals."""
    pem = made.certificate.public_bytes(Encoding.PEM)
    return seal_key_of(signer_of(made.key, made.chain if made.issuer != made.certificate else pem))


KEY = key_of(certified())
SEALED = seal_pdf(PDF, KEY, MOMENT)


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    """Return PDFs with time-stamps by openssl, by level."""
    server = Openssl(tmp_path_factory.mktemp("tsa"))
    with serving(server.answer) as (url, _):
        yield {
            "B-T": seal_pdf(PDF, KEY, MOMENT, server=url),
            "B-LTA": seal_pdf(PDF, KEY, MOMENT, server=url, long_term=LongTerm((ROOT,), (crl(),))),
        }


def test_a_sealed_file_begins_with_what_was_there_and_tells_whose_seal_it_is() -> None:
    assert SEALED.startswith(PDF)
    assert len(SEALED) > len(PDF)
    found = check_seal(SEALED)
    assert found is not None
    assert found.unsealed_bytes == len(PDF)
    assert (found.facts.subject, found.facts.issuer) == ("CN=Specimen seal", "CN=Specimen authority")
    assert (found.facts.level, found.facts.development, found.sealed_at) == ("B-B", False, MOMENT)
    assert (found.stamp, found.trusted, len(found.certificates)) == (None, False, 2)


def test_the_same_seal_gives_the_same_bytes() -> None:
    assert seal_pdf(PDF, KEY, MOMENT) == SEALED
    assert seal_pdf(PDF, KEY, MOMENT.replace(hour=2)) != SEALED


def test_openssl_finds_the_signature_good(tmp_path: Path) -> None:
    """What another reader says of the signature itself: openssl, over the bytes that the range names."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    file = tmp_path / "sealed.pdf"
    file.write_bytes(SEALED)
    with file.open("rb") as stream:
        (signature,) = PdfFileReader(stream).embedded_signatures
        start, length, second, rest = (int(part) for part in signature.byte_range)
        (tmp_path / "cms").write_bytes(signature.pkcs7_content)
    (tmp_path / "data").write_bytes(SEALED[start : start + length] + SEALED[second : second + rest])
    (tmp_path / "ca.pem").write_bytes(certified().issuer.public_bytes(Encoding.PEM))
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "cms", "-content", "data", "-binary"]
    command += ["-CAfile", "ca.pem", "-purpose", "any", "-out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_a_time_stamp_is_told_and_traced_to_who_is_trusted(stamped: dict[str, bytes], level: str) -> None:
    assert stamped[level].startswith(PDF)
    found = check_seal(stamped[level], [ROOT])
    assert found is not None
    assert found.stamp is not None
    assert (found.facts.level, found.trusted, found.stamp.authority) == (level, True, "CN=Specimen time")
    assert found.unsealed_bytes == len(PDF)


def test_a_certificate_issued_by_itself_makes_a_development_seal() -> None:
    found = check_seal(seal_pdf(PDF, key_of(issued_by_itself()), MOMENT))
    assert found is not None
    assert (found.facts.development, found.facts.subject) == (True, "CN=Nobody")


def test_a_file_without_a_seal_has_none() -> None:
    assert check_seal(PDF) is None


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "another page appended": with_other_page,
    "another file attached": with_other_attachment,
    "seal taken out of sight": without_seal,
    "bytes appended": lambda sealed: sealed + b"\n%",
    "cut short": lambda sealed: sealed[:-1],
    "no PDF": lambda sealed: b"%PDF-1.7\n" + sealed[:100],
    "sealed part of another file": lambda sealed: small_pdf("Verdict: met") + sealed[len(PDF) :],
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LTA"])
def test_known_attacks_are_seen(name: str, level: str, stamped: dict[str, bytes]) -> None:
    """The attacks of the research on sealing: edits appended, attachments exchanged, seals moved over."""
    attacked = ATTACKS[name](SEALED if level == "B-B" else stamped[level])
    with pytest.raises(IntegrityError):
        check_seal(attacked)


def test_a_flipped_byte_is_seen() -> None:
    """Everywhere but in the hex digits of the signature itself, which have their own test."""
    unseen = []
    for at in range(0, len(PDF), max(1, len(PDF) // 25)):
        changed = bytearray(SEALED)
        changed[at] ^= 1
        try:
            check_seal(bytes(changed))
        except IntegrityError:
            continue
        unseen.append(at)
    assert unseen == []


def test_a_flipped_byte_in_the_update_of_the_seal_is_seen() -> None:
    start, end = SEALED.index(b"/Contents <") + 10, SEALED.index(b"/ByteRange")
    places = [*range(len(PDF), start, 61), *range(end, len(SEALED), 61), start + 1, start + 40, start + 400]
    unseen = []
    for at in places:
        changed = bytearray(SEALED)
        changed[at] = changed[at] ^ 1 if changed[at] not in b"0123456789" else 48 + (changed[at] - 47) % 10
        try:
            check_seal(bytes(changed))
        except IntegrityError:
            continue
        unseen.append(at)
    assert unseen == []


def test_a_seal_that_covers_less_than_it_leaves_out_is_seen() -> None:
    at = SEALED.index(b"/Contents <") + 10
    hidden = SEALED[: at + 20] + b"%" + SEALED[at + 21 :]
    with pytest.raises(IntegrityError):
        check_seal(hidden)


def test_what_was_there_before_is_held_against_the_statement() -> None:
    said = PdfFile(name="report.pdf", unsealed_sha256=sha256_of(PDF), unsealed_bytes=len(PDF))
    facts = check_seal(SEALED)
    assert facts is not None
    sealed = said.model_copy(update={"seal": facts.facts})
    check_unsealed(PDF, said)
    check_unsealed(SEALED, sealed)
    for pdf, told in ((SEALED, said), (PDF, sealed), (b"x" + SEALED[1:], sealed)):
        with pytest.raises(IntegrityError, match="does not begin with the file that was rendered"):
            check_unsealed(pdf, told)


def test_what_is_sealed_is_not_sealed_again() -> None:
    with pytest.raises(InputError, match="form fields or a seal already"):
        seal_pdf(SEALED, KEY, MOMENT)


def test_what_is_no_pdf_is_not_sealed() -> None:
    with pytest.raises(InputError, match="cannot be sealed"):
        seal_pdf(b"%PDF-1.7 and no more", KEY, MOMENT)


def test_long_archiving_needs_a_server_and_what_proves_the_certificates(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name a server"):
        seal_pdf(PDF, KEY, MOMENT, long_term=LongTerm((ROOT,), (crl(),)))
    other = issued_by_itself().certificate.public_bytes(Encoding.DER)
    with (
        serving(Openssl(tmp_path).answer) as (url, _),
        pytest.raises(UsageError, match="could not be sealed"),
    ):
        seal_pdf(PDF, KEY, MOMENT, server=url, long_term=LongTerm((other,), ()))


def test_a_key_that_signs_something_else_makes_no_seal() -> None:
    wrong = replace(KEY, sign=elliptic().sign)
    with pytest.raises(IntegrityError, match="does not fit"):
        check_seal(seal_pdf(PDF, wrong, MOMENT))


def test_a_certificate_that_was_not_valid_then_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="valid from 2026-01-01 to 2126-01-01, and not now"):
        seal_pdf(PDF, KEY, datetime(2020, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(seal, "_check_valid", lambda *_: None)
    with pytest.raises(IntegrityError, match="not valid when it was sealed"):
        check_seal(seal_pdf(PDF, KEY, datetime(2020, 1, 1, tzinfo=UTC)))


def test_a_pdf_beyond_all_bounds_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_check, "MOST_BYTES", 10)
    with pytest.raises(IntegrityError, match="larger than 10"):
        check_seal(SEALED)


@pytest.mark.parametrize(
    "parts", [[0, 10, 20], [1, 10, 20, 80], [0, 10, 20, 79], [0, 10, 20, 80], [0, 20, 40, 60]]
)
def test_a_range_that_hides_something_is_refused(parts: list[int]) -> None:
    """The file has 100 bytes; the hex digits stand in ``<`` and ``>`` from 40 to 60."""
    pdf = b"%" * 40 + b"<" + b"0" * 18 + b">" + b"%" * 40
    seal_check._check_range(pdf, SimpleNamespace(byte_range=[0, 40, 60, 40]))
    with pytest.raises(IntegrityError, match="seal"):
        seal_check._check_range(pdf, SimpleNamespace(byte_range=parts))


def test_what_the_library_says_of_coverage_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    with monkeypatch.context() as patch:
        unclear = SignatureCoverageLevel.UNCLEAR
        patch.setattr(EmbeddedPdfSignature, "evaluate_signature_coverage", lambda _: unclear)
        with pytest.raises(IntegrityError, match="changed after it was sealed"):
            check_seal(SEALED)
    monkeypatch.setattr(PdfFileReader, "total_revisions", 9)
    with pytest.raises(IntegrityError, match="more updates than its seal"):
        check_seal(SEALED)


def test_a_file_without_an_identifier_gets_one() -> None:
    at = PDF.index(b"/ID [")
    end = PDF.index(b"]", at)
    without = PDF[:at] + b" " * (end + 1 - at) + PDF[end + 1 :]
    assert check_seal(seal_pdf(without, KEY, MOMENT)) is not None
