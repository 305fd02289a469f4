"""Keys of issuers: from files, and fetched over HTTPS from the issuer alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from conformity.entry.rest.auth.jwks import AGAIN_S, FRESH_S, STALE_S, FetchedKeys, FileKeys, keys_in
from conformity.entry.rest.outgoing import Answered, Outgoing, UnreachableError, send
from conformity.errors import InputError, PathError
from tests.support.https_here import NAME, Asked, serving_https
from tests.support.tokens import jwk, jwks, rsa_key

ISSUER = "https://issuer.example.org"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = f"{ISSUER}/keys"


@dataclass
class Issuer:
    """An issuer as seen over the network: what is at which address, and what was asked for."""

    at: dict[str, Answered] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    seconds: float = 1000.0

    def send(self, request: Outgoing) -> Answered:
        """Return what is at an address."""
        url = f"https://{request.address.authority}{request.address.target}"
        self.asked.append(url)
        if url not in self.at:
            raise UnreachableError("no answer")
        return self.at[url]

    def clock(self) -> float:
        """Return the seconds."""
        return self.seconds

    def keys(self) -> FetchedKeys:
        """Return its keys."""
        return FetchedKeys(ISSUER, self.send, self.clock)


@pytest.fixture
def issuer() -> Issuer:
    """Return an issuer with one key."""
    said = json.dumps({"issuer": ISSUER, "jwks_uri": KEYS}).encode()
    return Issuer({DISCOVERY: Answered(200, said), KEYS: Answered(200, jwks())})


def test_keys_are_fetched_once_and_kept(issuer: Issuer) -> None:
    keys = issuer.keys()
    assert keys.find("ours") is not None
    assert keys.find("ours") is not None
    assert issuer.asked == [DISCOVERY, KEYS]
    issuer.seconds += FRESH_S
    assert keys.find("ours") is not None
    assert len(issuer.asked) == 4


def test_an_unknown_key_is_asked_for_once_a_minute(issuer: Issuer) -> None:
    keys = issuer.keys()
    assert [keys.find(f"unknown{number}") for number in range(50)] == [None] * 50
    assert len(issuer.asked) == 2
    issuer.at[KEYS] = Answered(200, jwks("ours", "new"))
    issuer.seconds += AGAIN_S - 1
    assert keys.find("new") is None
    issuer.seconds += 1
    assert keys.find("new") is not None
    assert len(issuer.asked) == 4


def test_keys_at_hand_are_used_for_a_day_when_the_issuer_is_gone(issuer: Issuer) -> None:
    keys = issuer.keys()
    assert keys.find("ours") is not None
    issuer.at.clear()
    issuer.seconds += STALE_S - 1
    assert keys.find("ours") is not None
    issuer.seconds += 1
    with pytest.raises(UnreachableError, match=r"issuer\.example\.org gave no keys"):
        keys.find("ours")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        (DISCOVERY, Answered(302, b"")),
        (DISCOVERY, Answered(200, b"no json")),
        (DISCOVERY, Answered(200, b"[]")),
        (DISCOVERY, Answered(200, json.dumps({"issuer": "https://x", "jwks_uri": KEYS}).encode())),
        (DISCOVERY, Answered(200, json.dumps({"issuer": ISSUER}).encode())),
        (DISCOVERY, Answered(200, json.dumps({"issuer": ISSUER, "jwks_uri": "http://x"}).encode())),
        (
            DISCOVERY,
            Answered(200, json.dumps({"issuer": ISSUER, "jwks_uri": "https://evil.example"}).encode()),
        ),
        (KEYS, Answered(500, b"")),
        (KEYS, Answered(200, b"{}")),
        (KEYS, Answered(200, json.dumps({"keys": [jwk()] * 101}).encode())),
    ],
    ids=lambda case: str(case)[-60:],
)
def test_an_issuer_that_answers_otherwise_gives_no_keys(issuer: Issuer, url: str, answer: Answered) -> None:
    issuer.at[url] = answer
    keys = issuer.keys()
    with pytest.raises(UnreachableError):
        keys.find("ours")
    asked = len(issuer.asked)
    with pytest.raises(UnreachableError):
        keys.find("ours")
    assert len(issuer.asked) == asked
    assert not any("evil" in one for one in issuer.asked)


def _short() -> dict[str, Any]:
    """Return a key that is too short."""
    from jwt.algorithms import RSAAlgorithm

    return {**RSAAlgorithm.to_jwk(rsa_key("short", 1024).public_key(), as_dict=True), "kid": "short"}


@pytest.mark.parametrize(
    "entry",
    [
        lambda: {"kty": "oct", "k": "AAAA", "kid": "s"},
        lambda: jwk(use="enc"),
        lambda: jwk(alg="RS512"),
        lambda: jwk(kid=None),
        lambda: jwk(kid=5),
        lambda: {**jwk(), "n": "!"},
        lambda: {**jwk(), "d": "AQAB"},
        lambda: 5,
        _short,
    ],
)
def test_keys_that_cannot_check_rs256_are_left_out(entry: Callable[[], Any]) -> None:
    assert list(keys_in(json.dumps({"keys": [entry(), jwk("theirs")]}).encode())) == ["theirs"]


def test_a_file_of_keys_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks())
    keys = FileKeys(file)
    assert keys.find("ours") is not None
    assert keys.find("theirs") is None
    file.write_bytes(jwks("ours", "theirs"))
    assert keys.find("theirs") is not None
    file.write_bytes(b"{")
    with pytest.raises(InputError, match="no JSON Web Key Set"):
        keys.find("ours")
    file.unlink()
    with pytest.raises(PathError, match="could not be read"):
        keys.find("ours")


def test_keys_are_fetched_over_a_real_connection() -> None:
    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """Answer as an issuer does."""
        base = f"https://{asked.headers['host']}"
        if asked.path == "/.well-known/openid-configuration":
            return 200, {}, json.dumps({"issuer": base, "jwks_uri": f"{base}/keys"}).encode()
        return 200, {}, jwks()

    with serving_https(answer) as here:
        keys = FetchedKeys(
            f"https://{NAME}:{here.port}",
            lambda request: send(replace(request, connect_to="127.0.0.1"), here.trust),
            lambda: 0.0,
        )
        assert keys.find("ours") is not None
    assert [one.path for one in here.asked] == ["/.well-known/openid-configuration", "/keys"]
