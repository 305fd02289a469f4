"""Time-stamps: got from the server that was named alone, checked without anybody, by two implementations."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms, tsp  # type: ignore[import-untyped] # ships no types
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding

from conformity.archive.signing import stamp_server, timestamp
from conformity.archive.signing.cms import certified_by, chain_of, strong
from conformity.archive.signing.stamp_server import ask, check_address
from conformity.archive.signing.timestamp import check_stamp, stamp
from conformity.errors import IntegrityError, UsageError
from tests.support.keys import certified, issued_by_itself, plain
from tests.support.stamps import Openssl, authority, serving

DATA = b"what was there"
ROOT = authority().issuer.public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Openssl:
    """Return a time-stamp authority."""
    return Openssl(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def token(server: Openssl) -> bytes:
    """Return a time-stamp."""
    with serving(server.answer) as (url, _):
        return stamp(DATA, url)


def test_a_time_stamp_tells_when_and_by_whom(token: bytes, server: Openssl) -> None:
    found = check_stamp(token, DATA, [ROOT])
    assert abs((datetime.now(UTC) - found.time).total_seconds()) < 3600
    assert (found.authority, found.trusted, len(found.certificates)) == ("CN=Specimen time", True, 2)
    assert server.verify(token, DATA)
    assert not server.verify(token, b"something else")


def test_nothing_but_the_digest_goes_to_the_server(server: Openssl) -> None:
    with serving(server.answer) as (url, asked):
        stamp(DATA, url)
    (request,) = asked
    assert DATA not in request
    assert hashlib.sha256(DATA).digest() in request


def test_who_is_not_trusted_is_not_trusted(token: bytes) -> None:
    other = issued_by_itself().certificate.public_bytes(Encoding.DER)
    assert not check_stamp(token, DATA).trusted
    assert not check_stamp(token, DATA, [other]).trusted
    assert check_stamp(token, DATA, [other, authority().certificate.public_bytes(Encoding.DER)]).trusted


def test_a_time_stamp_over_other_data_is_refused(token: bytes) -> None:
    with pytest.raises(IntegrityError, match="over other bytes"):
        check_stamp(token, b"something else")


def test_no_byte_of_a_time_stamp_changes_unseen(token: bytes) -> None:
    """Every seventh position; all positions, with three flips each, were tried when this was written."""
    unseen = []
    for at in range(0, len(token), 7):
        changed = bytearray(token)
        changed[at] ^= 0x20
        try:
            check_stamp(bytes(changed), DATA)
        except IntegrityError:
            continue
        unseen.append(at)
    assert unseen == []


def _more(token: bytes, change: Callable[[cms.SignedData], None]) -> bytes:
    """Return a time-stamp with something changed that is not signed."""
    found = cms.ContentInfo.load(token)
    change(found["content"])
    return bytes(found.dump(force=True))


def _unsigned(signed: cms.SignedData) -> None:
    """Add an attribute that is not signed."""
    signed["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
        [{"type": "content_type", "values": ["data"]}]
    )


def _certificate(signed: cms.SignedData) -> None:
    """Add a certificate of somebody else."""
    other = issued_by_itself().certificate.public_bytes(Encoding.DER)
    signed["certificates"].append(cms.CertificateChoices.load(other))


def _none(signed: cms.SignedData) -> None:
    """Take the certificates away."""
    signed["certificates"] = cms.CertificateSet([])


@pytest.mark.parametrize("change", [_unsigned, _certificate, _none])
def test_nothing_is_smuggled_in(token: bytes, change: Callable[[cms.SignedData], None]) -> None:
    with pytest.raises(IntegrityError, match="damaged"):
        check_stamp(_more(token, change), DATA)


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"no time-stamp", b"0" * 2000])
def test_what_is_no_time_stamp_is_refused(content: bytes) -> None:
    with pytest.raises(IntegrityError, match="damaged"):
        check_stamp(content, DATA)


def test_a_time_stamp_beyond_all_bounds_is_not_read(monkeypatch: pytest.MonkeyPatch, token: bytes) -> None:
    monkeypatch.setattr(timestamp, "MOST_BYTES", 10)
    with pytest.raises(IntegrityError, match="larger than 10"):
        check_stamp(token, DATA)


def test_a_key_for_something_else_stamps_no_time(monkeypatch: pytest.MonkeyPatch, token: bytes) -> None:
    chain = [certified().certificate, certified().issuer]
    with pytest.raises(IntegrityError, match="not one for time-stamps"):
        timestamp._check_may_stamp(chain, datetime(2026, 6, 1, tzinfo=UTC))
    with pytest.raises(IntegrityError, match="not valid at its time"):
        timestamp._check_may_stamp([authority().certificate], datetime(2020, 1, 1, tzinfo=UTC))


def test_a_chain_is_trusted_only_where_every_link_may_issue() -> None:
    made, when = certified(), datetime(2026, 6, 1, tzinfo=UTC)
    leaf, root = made.certificate, made.issuer.public_bytes(Encoding.DER)
    other = authority().certificate
    assert certified_by([leaf], [root], when)
    assert certified_by([leaf, made.issuer], [root], when)
    assert not certified_by([leaf], [root], datetime(2020, 1, 1, tzinfo=UTC))
    stranger = issued_by_itself().certificate
    assert not certified_by([stranger, other], [root], when), "the second may not issue"
    assert not certified_by([], [root], when)


def test_a_link_without_constraints_may_not_issue() -> None:
    made, when = certified(), datetime(2026, 6, 1, tzinfo=UTC)
    root = made.issuer.public_bytes(Encoding.DER)
    assert not certified_by([issued_by_itself().certificate, plain()], [root], when)


def test_only_strong_hashes_count() -> None:
    assert strong("sha256") == "sha256"
    with pytest.raises(ValueError, match="sha1"):
        strong("sha1")


def test_an_answer_to_another_request_is_refused(server: Openssl) -> None:
    first: list[bytes] = []

    def stale(request: bytes) -> bytes:
        first.append(server.answer(request))
        return first[0]

    with serving(stale) as (url, _):
        stamp(DATA, url)
        with pytest.raises(UsageError, match="did not answer with a time-stamp"):
            stamp(DATA, url)


def test_a_time_stamp_that_cannot_be_used_is_refused(server: Openssl) -> None:
    def over_other_data(request: bytes) -> bytes:
        """Answer with a time-stamp over something else, under the same nonce."""
        asked = tsp.TimeStampReq.load(request)
        asked["message_imprint"]["hashed_message"] = hashlib.sha256(b"other").digest()
        return server.answer(asked.dump(force=True))

    with serving(over_other_data) as (url, _), pytest.raises(UsageError, match="cannot be used"):
        stamp(DATA, url)


def _refusal(_: bytes) -> bytes:
    """Return the answer of a server that does not want to: the status ``rejection``, and no time-stamp."""
    return bytes.fromhex("30053003020102")


@pytest.mark.parametrize("answer", [_refusal, lambda _: b"garbage", lambda _: b""])
def test_a_server_that_refuses_is_told(answer: Callable[[bytes], bytes]) -> None:
    with serving(answer) as (url, _), pytest.raises(UsageError, match="did not answer with a time-stamp"):
        stamp(DATA, url)


def test_a_time_stamp_that_was_not_granted_is_none(server: Openssl) -> None:
    def waiting(request: bytes) -> bytes:
        found = tsp.TimeStampResp.load(server.answer(request))
        found["status"]["status"] = "waiting"
        return bytes(found.dump(force=True))

    with serving(waiting) as (url, _), pytest.raises(UsageError, match=r"time-stamp \(waiting\)"):
        stamp(DATA, url)


def test_a_certificate_may_be_named_by_its_key() -> None:
    """Of the two ways in which CMS names a certificate (RFC 5652, 5.3), openssl writes the other one."""
    leaf = authority().certificate.public_bytes(Encoding.DER)
    identifier = asn1_x509.Certificate.load(leaf).key_identifier
    sid = cms.SignerIdentifier({"subject_key_identifier": identifier})
    assert chain_of({"sid": sid}, [ROOT, leaf]) == (leaf, ROOT)
    kept = ("digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    plain_info = timestamp._plain_info({"sid": sid, **dict.fromkeys(kept)}, leaf)
    assert (plain_info["version"], plain_info["sid"]) == ("v3", sid)


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("text/html", 200, "something other than a time-stamp"),
        ("application/timestamp-reply", 500, "did not answer"),
        ("application/timestamp-reply", 302, "did not answer"),
    ],
)
def test_other_answers_are_told(kind: str, status: int, told: str) -> None:
    with serving(lambda _: b"x", kind, status) as (url, asked), pytest.raises(UsageError, match=told):
        ask(url, b"request", 5)
    assert len(asked) == 1


def test_an_answer_beyond_all_bounds_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamp_server, "MOST_BYTES", 10)
    with serving(lambda _: b"x" * 11) as (url, _), pytest.raises(UsageError, match="something other"):
        ask(url, b"request", 5)


def test_a_server_that_sends_a_byte_at_a_time_is_not_waited_for() -> None:
    """Each byte comes in time; the answer as a whole would take hours."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def trickle() -> None:
            """Send one byte of an answer after another, until the asker has gone."""
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n")
                while not ended.wait(0.02):
                    connection.sendall(b"x")

        sending = threading.Thread(target=trickle, daemon=True)
        sending.start()
        begun = time.monotonic()
        try:
            with pytest.raises(UsageError, match=r"did not answer \(not within"):
                ask(f"http://127.0.0.1:{server.getsockname()[1]}/", b"request", 0.3)
            assert time.monotonic() - begun < 5
        finally:
            ended.set()
            sending.join()


def test_no_proxy_gets_what_is_not_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(lambda _: b"an answer") as (url, asked):
        assert ask(url, b"request", 5) == b"an answer"
    assert asked == [b"request"]


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="did not answer"):
        ask("http://127.0.0.1:1/", b"request", 1)


@pytest.mark.parametrize(
    "url", ["https://tsa.example/x", "http://127.0.0.1:80", "http://[::1]/", "http://localhost"]
)
def test_servers_that_may_be_asked(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://tsa.example/", "is no address that is asked"),
        ("http://10.0.0.1/", "is no address that is asked"),
        ("file:///etc/passwd", "is no address that is asked"),
        ("https://", "is no address that is asked"),
        ("tsa", "is no address that is asked"),
        ("https://me:secret@tsa.example/", "holds a name or password"),
        ("https://tsa.example:port/", "no address of a server"),
        ("https://[::1", "no address of a server"),
    ],
)
def test_other_servers_are_not_asked(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        check_address(url)
    assert "secret" not in refused.value.message


def test_a_file_of_a_stamp_is_what_openssl_reads(token: bytes, server: Openssl, tmp_path: Path) -> None:
    other = Openssl(tmp_path, certified("Other time", "tsa"))
    assert other.verify(token, DATA), "it is the issuer that counts"
    assert not server.verify(token[:-1], DATA)
