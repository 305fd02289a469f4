"""Keys in tokens: SoftHSM where it is installed, a stand-in with real signatures everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest

from conformity.archive.signing.dsse import sign, verify
from conformity.archive.signing.pkcs11 import TokenSigner, parse_uri, token_signer
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.errors import UsageError
from tests.support.hardware_token import PIN, SOFTHSM, StandIn, kinds, make_softhsm
from tests.support.keys import certified


@pytest.fixture(scope="module", params=kinds(), autouse=True)
def token(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Put a token in: each that can be tried here."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "softhsm":
            folder = tmp_path_factory.mktemp("softhsm")
            patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm.conf"))
            make_softhsm(folder)
        else:
            patch.setattr(pkcs11, "lib", StandIn().lib)
        yield request.param


def uri(label: str, token: str = "seal") -> str:
    """Return the URI of a key."""
    return f"pkcs11:token={token};object={label}?module-path={SOFTHSM}"


@pytest.mark.parametrize(
    ("label", "algorithm"),
    [("p256", "ecdsa-p256-sha256"), ("p384", "ecdsa-p384-sha384"), ("ed", "ed25519")],
)
def test_a_key_in_a_token_signs(label: str, algorithm: str) -> None:
    signer = token_signer(parse_uri(uri(label)), PIN)
    envelope = sign(b"payload", "text/plain", signer)
    assert verify(envelope, "text/plain", [signer.public]) == (signer.public.keyid,)
    assert (signer.public.algorithm, signer.place, signer.public.development) == (algorithm, "token", True)


def test_a_certificate_in_the_token_is_taken() -> None:
    signer = token_signer(parse_uri(uri("certified")), PIN)
    assert len(signer.public.certificates) == 1
    assert signer.public.development, "the issuer is not shown"
    full = token_signer(parse_uri(uri("certified")), PIN, certified().chain)
    assert not full.public.development
    assert full.public.has_signed(full.sign(b"data"), b"data")
    assert seal_key_of(full).certificates == full.public.certificates


@pytest.mark.parametrize(
    ("label", "name", "pin", "told"),
    [
        ("none", "seal", PIN, "holds 0 objects"),
        ("p256", "seal", "9999", r"cannot be used \(PinIncorrect\)"),
        ("p256", "other", PIN, r"cannot be used \(NoSuchToken\)"),
        ("rsa", "seal", PIN, "of a kind that does not sign here"),
    ],
)
def test_what_is_not_there_is_told(label: str, name: str, pin: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        token_signer(parse_uri(uri(label, name)), pin)


def test_a_key_is_found_by_its_id_too() -> None:
    with pytest.raises(UsageError, match="holds 0 objects"):
        token_signer(replace(parse_uri(uri("p256")), id=b"none"), PIN)


def test_several_keys_need_a_name() -> None:
    with pytest.raises(UsageError, match=r"holds \d objects \(PRIVATE_KEY\) that fit"):
        token_signer(replace(parse_uri(uri("x")), object=None, id=None), PIN)


def test_a_library_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        token_signer(parse_uri("pkcs11:?module-path=/nowhere.so"), PIN)


def test_a_key_of_another_name_is_not_passed_off() -> None:
    signer = token_signer(parse_uri(uri("p256")), PIN)
    wrong = replace(signer, public=token_signer(parse_uri(uri("certified")), PIN).public)
    with pytest.raises(UsageError, match="with another key"):
        wrong.sign(b"data")


def test_a_token_that_refuses_to_sign_is_told() -> None:
    signer = token_signer(parse_uri(uri("p256")), PIN)
    refusing = TokenSigner(replace(signer.uri, object="ed"), PIN, signer.public)
    with pytest.raises(UsageError, match="cannot be used"):
        refusing.sign(b"data")


def test_a_uri_is_read_as_the_standard_says(tmp_path: Path) -> None:
    """Known answer: RFC 7512, section 3, percent-encoding and attributes."""
    found = parse_uri(
        "pkcs11:token=My%20token;object=my-key;id=%01%AB;type=private"
        f"?pin-source=file:{tmp_path}/pin&module-path=/usr/lib/x.so"
    )
    assert (found.module, found.token, found.object) == ("/usr/lib/x.so", "My token", "my-key")
    assert (found.id, found.pin_file) == (b"\x01\xab", tmp_path / "pin")
    plain = parse_uri("pkcs11:?module-path=/usr/lib/x.so")
    assert (plain.token, plain.object, plain.id, plain.pin_file) == (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file:/key", "is no URI of a token"),
        ("pkcs11:token=x", "names no library"),
        ("pkcs11:token=x;token=y?module-path=/x", "one thing twice"),
        ("pkcs11:?module-path=/x&pin-value=1234", "holds its PIN"),
    ],
)
def test_other_uris_are_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        parse_uri(text)
    assert "1234" not in refused.value.message
