"""Published digests and signatures of models, made here with keys of our own."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.measurement import Count, NotAvailable
from conformity.model.subject import ModelSubject, PromptLogSubject
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.security.weights_provenance.probe import PROBE
from conformity.probes.shared.model_files.signatures import SignatureError, read_signature

_MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
_KIND = "application/vnd.in-toto+json"


def run(path: Path, published: str | None = None) -> ProbeResult:
    """Return what ``security/weights_provenance`` finds."""
    subject = ModelSubject(
        id=SubjectId("m"), kind="model", title="M", path=path.name, format="other", published_digest=published
    )
    return PROBE.examine(Target(subject=subject, path=path, tables={}, scratch=path, seed=1))


def values(result: ProbeResult) -> dict[str, int | str]:
    """Return the counts by metric, or why there is none."""
    found: dict[str, int | str] = {}
    for one in result.measurements:
        assert isinstance(one.result, Count | NotAvailable)
        found[str(one.metric)] = one.result.value if isinstance(one.result, Count) else one.result.why
    return found


def certificate(key: Any, *, named: bool = True) -> bytes:
    """Return a certificate that a key signed for itself."""
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signer")])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_MOMENT)
        .not_valid_after(_MOMENT + timedelta(days=1))
    )
    if named:
        names = [x509.UniformResourceIdentifier("https://example.org/release")]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return made.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


def statement(files: dict[str, bytes], **changes: Any) -> bytes:
    """Return the payload of a signature of some files."""
    digests = {name: hashlib.sha256(content) for name, content in files.items()}
    whole = hashlib.sha256(b"".join(digests[name].digest() for name in sorted(digests)))
    made = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": whole.hexdigest()}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256"},
            "resources": [
                {"name": name, "algorithm": "sha256", "digest": digest.hexdigest()}
                for name, digest in digests.items()
            ],
        },
    }
    return json.dumps({**made, **changes}).encode()


def bundle(payload: bytes, key: Any = None, *, chain: bool = False, named: bool = True) -> dict[str, Any]:
    """Return a signature by a key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    encoded = b"DSSEv1 %d %b %d %b" % (len(_KIND), _KIND.encode(), len(payload), payload)
    strength = {256: hashes.SHA256(), 384: hashes.SHA384()}
    sig = (
        key.sign(encoded, ec.ECDSA(strength[key.key_size])) if hasattr(key, "key_size") else key.sign(encoded)
    )
    raw = {"rawBytes": base64.b64encode(certificate(key, named=named)).decode()}
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"x509CertificateChain": {"certificates": [raw]}}
        if chain
        else {"certificate": raw},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": _KIND,
            "signatures": [{"sig": base64.b64encode(sig).decode(), "keyid": ""}],
        },
    }


_FILES = {"model.safetensors": b"weights", "config.json": b"{}"}


def folder(tmp_path: Path, signature: object, files: dict[str, bytes] | None = None) -> Path:
    """Return a folder with a model and its signature."""
    place = tmp_path / "model"
    place.mkdir()
    for name, content in (files or _FILES).items():
        (place / name).write_bytes(content)
    if signature is not None:
        (place / "model.sig").write_text(json.dumps(signature), encoding="utf-8")
    return place


@pytest.mark.parametrize("chain", [False, True])
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=lambda curve: curve.name)
def test_a_sound_signature_holds(tmp_path: Path, curve: ec.EllipticCurve, chain: bool) -> None:
    signed = bundle(statement(_FILES), ec.generate_private_key(curve), chain=chain)
    result = run(folder(tmp_path, signed))
    assert values(result) == {
        "digest_mismatches": "not_collected",
        "invalid_signatures": 0,
        "model_files": 2,
        "signature_mismatches": 0,
        "unsigned_files": 0,
    }
    assert "The signature names https://example.org/release." in result.notes
    assert result.notes[-1].endswith("cannot be told offline.")


def test_what_differs_from_the_signature_is_counted(tmp_path: Path) -> None:
    signed = bundle(statement({**_FILES, "gone.bin": b"x"}), named=False)
    place = folder(tmp_path, signed, {**_FILES, "model.safetensors": b"other", "new.bin": b"y"})
    result = run(place)
    found = values(result)
    assert (found["signature_mismatches"], found["unsigned_files"], found["invalid_signatures"]) == (2, 1, 0)
    assert "The signature names CN=signer." in result.notes


def test_a_signature_of_another_payload_does_not_hold(tmp_path: Path) -> None:
    signed = bundle(statement(_FILES))
    other = base64.b64encode(statement({"evil.bin": b"x"})).decode()
    signed["dsseEnvelope"]["payload"] = other
    assert values(run(folder(tmp_path, signed)))["invalid_signatures"] == 1


def test_a_signature_that_contradicts_itself_does_not_hold(tmp_path: Path) -> None:
    whole = [{"name": "model", "digest": {"sha256": "0" * 64}}]
    assert values(run(folder(tmp_path, bundle(statement(_FILES, subject=whole)))))["invalid_signatures"] == 1
    payload = json.loads(statement(_FILES))
    payload["predicate"]["resources"][0]["digest"] = "no digits"
    assert not read_signature(json.dumps(bundle(json.dumps(payload).encode())).encode()).sound


def test_what_cannot_be_checked_is_not_valid(tmp_path: Path) -> None:
    signed = bundle(statement(_FILES))
    signed["verificationMaterial"] = {"publicKey": {"hint": "abc"}}
    result = run(folder(tmp_path, signed))
    assert values(result)["invalid_signatures"] == "undefined"
    edwards = bundle(statement(_FILES), ed25519.Ed25519PrivateKey.generate())
    assert read_signature(json.dumps(edwards).encode()).checked == "unknown"


@pytest.mark.parametrize("digits", [("06082a8648ce3d030107", "77"), ("06072a8648ce3d0201", "71")])
def test_a_key_of_a_kind_that_is_not_known_is_not_checked(digits: tuple[str, str]) -> None:
    # Object identifiers of the curve P-256 and of keys on curves (RFC 5480), with another last part.
    known, last = bytes.fromhex(digits[0]), bytes.fromhex(digits[1])
    signed = _with_certificate(lambda raw: raw.replace(known, known[:-1] + last))
    assert read_signature(json.dumps(signed).encode()).checked == "unknown"


def test_a_name_that_cannot_be_read_is_no_signature() -> None:
    signed = _with_certificate(lambda raw: raw.replace(b"https://", b"\xff\xfftps://"))
    with pytest.raises(SignatureError, match="the names in its certificate cannot be read"):
        read_signature(json.dumps(signed).encode())


def _with_certificate(change: Any) -> dict[str, Any]:
    """Return a signature whose certificate was changed."""
    signed = bundle(statement(_FILES))
    found = signed["verificationMaterial"]["certificate"]
    found["rawBytes"] = base64.b64encode(change(base64.b64decode(found["rawBytes"]))).decode()
    return signed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: {}, "no signature of a model"),
        (lambda b: {**b, "dsseEnvelope": {**b["dsseEnvelope"], "payload": "!"}}, "no signature of a model"),
        (lambda b: {**b, "dsseEnvelope": {**b["dsseEnvelope"], "payloadType": "x"}}, "something other"),
        (lambda b: {**b, "verificationMaterial": 1}, "certificate cannot be read"),
        (lambda b: {**b, "verificationMaterial": {"certificate": {"rawBytes": "AAAA"}}}, "cannot be read"),
        (lambda b: bundle(statement(_FILES, predicateType="x")), "something other"),
        (
            lambda b: bundle(
                statement(
                    {},
                    predicate={"resources": [{"name": "a", "algorithm": "sha256-sharded", "digest": "00"}]},
                )
            ),
            "not SHA-256",
        ),
    ],
)
def test_what_is_no_signature_is_said_to_be_none(tmp_path: Path, change: Any, words: str) -> None:
    broken = change(bundle(statement(_FILES)))
    with pytest.raises(SignatureError, match=words):
        read_signature(json.dumps(broken).encode())
    result = run(folder(tmp_path, broken))
    assert values(result)["invalid_signatures"] == "undefined"
    assert result.notes[0].startswith("model.sig was not used")


def test_without_a_signature_every_file_is_unsigned(tmp_path: Path) -> None:
    many = {f"part-{n:02}.bin": b"x" for n in range(12)}
    result = run(folder(tmp_path, None, many))
    found = values(result)
    assert found["unsigned_files"] == 12
    assert found["signature_mismatches"] == found["invalid_signatures"] == "not_collected"
    assert result.notes[-1] == "And 2 more files."


def test_the_published_digest_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"weights")
    right = f"sha256:{hashlib.sha256(b'weights').hexdigest()}"
    assert values(run(path, right))["digest_mismatches"] == 0
    assert values(run(path, f"sha256:{'0' * 64}"))["digest_mismatches"] == 1
    assert values(run(folder(tmp_path, None), right))["digest_mismatches"] == "undefined"


def test_only_models_that_are_there_are_looked_at(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="holds no model"):
        run(tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelFileError, match="holds no model"):
        run(tmp_path / "empty")
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(ModelFileError, match="is not a model"):
        PROBE.examine(Target(subject=log, path=tmp_path, tables={}, scratch=tmp_path, seed=1))


def test_links_are_not_followed(tmp_path: Path) -> None:
    place = folder(tmp_path, None)
    (place / "link.bin").symlink_to("/etc/hostname")
    assert values(run(place))["model_files"] == 2
