"""Tokens of continuous integration: which are taken, and every way in which one is not.

The cases follow RFC 8725 (JSON Web Token Best Current Practices), section 2: none, confusion of algorithms,
keys that the token brings, and claims that are wrong or missing.
"""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformity.entry.rest.auth.callers import Caller
from conformity.entry.rest.auth.issuers import read_issuers
from conformity.entry.rest.auth.jwks import FileKeys
from conformity.entry.rest.auth.tokens import LEEWAY_S, MAX_TOKEN, Trusted, caller_of_token
from conformity.errors import InputError, PathError
from tests.support.tokens import (
    GITHUB,
    GITLAB,
    NOW,
    REPOSITORY,
    claims,
    issuers_file,
    jwk,
    jwks,
    rsa_key,
    token,
)

MOMENT = int(NOW.timestamp())


@pytest.fixture
def trusted(tmp_path: Path) -> dict[str, Trusted]:
    """Return GitHub as the only issuer, one repository and branch allowed."""
    return trusting(issuers_file(tmp_path))


def trusting(file: Path) -> dict[str, Trusted]:
    """Return the issuers of a file, with their keys from files."""
    found = {}
    for one in read_issuers(file):
        assert one.keys is not None
        found[one.issuer] = Trusted(one, FileKeys(one.keys))
    return found


def raw(header: dict[str, Any], content: Any, signature: bytes = b"x") -> str:
    """Return a token put together by hand."""
    parts = (json.dumps(header).encode(), json.dumps(content).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_the_token_of_an_allowed_job_is_taken(trusted: dict[str, Trusted]) -> None:
    assert caller_of_token(token(), trusted, NOW) == Caller(f"github:{REPOSITORY}", frozenset({"assess"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.org"},
        {"iss": GITHUB + "/"},
        {"iss": 5},
        {"aud": "other"},
        {"aud": ["conformity", "other"]},
        {"repository": "acme/other"},
        {"repository": "acme/scorer-evil"},
        {"repository": "ACME/SCORER"},
        {"repository": None},
        {"ref": "refs/heads/feature"},
        {"ref": None},
        {"exp": MOMENT - LEEWAY_S},
        {"exp": "9999999999"},
        {"exp": True},
        {"iat": MOMENT + LEEWAY_S + 1},
        {"nbf": MOMENT + LEEWAY_S + 1},
        {"sub": 7},
        *({name: None} for name in ("iss", "aud", "exp", "iat", "nbf", "sub")),
    ],
    ids=str,
)
def test_a_token_with_another_claim_is_not_taken(
    trusted: dict[str, Trusted], changes: dict[str, Any]
) -> None:
    assert caller_of_token(token(claims(**changes)), trusted, NOW) is None


@pytest.mark.parametrize(
    "changes",
    [{"exp": MOMENT - LEEWAY_S + 1}, {"iat": MOMENT + LEEWAY_S}, {"nbf": MOMENT + LEEWAY_S}],
    ids=str,
)
def test_clocks_may_differ_by_a_minute(trusted: dict[str, Trusted], changes: dict[str, Any]) -> None:
    assert caller_of_token(token(claims(**changes)), trusted, NOW) is not None


def test_times_that_are_no_numbers_are_not_taken(trusted: dict[str, Trusted]) -> None:
    for name in ("exp", "iat", "nbf"):
        for wrong in (float("nan"), float("inf") if name != "exp" else float("nan")):
            assert caller_of_token(token(claims(**{name: wrong})), trusted, NOW) is None


def test_without_a_signature_of_the_issuer_nothing_is_taken(trusted: dict[str, Trusted]) -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    good = token()
    head, body, signature = good.split(".")
    other = raw({"alg": "RS256", "kid": "ours"}, claims(exp=MOMENT + 900)).split(".")[1]
    forged = [
        raw({"alg": "none", "kid": "ours"}, claims()),
        f"{head}.{body}.",
        raw({"alg": "None", "kid": "ours"}, claims(), b""),
        _hs256(public),
        f"{head}.{other}.{signature}",
        f"{head}.{body}.{'A' * len(signature)}",
        token(key="theirs", header={"kid": "ours"}),
        token(key="theirs"),
    ]
    assert caller_of_token(good, trusted, NOW) is not None
    assert [caller_of_token(one, trusted, NOW) for one in forged] == [None] * len(forged)


def _hs256(public: bytes) -> str:
    """Return a token whose shared secret is the public key, which everybody knows."""
    import hashlib
    import hmac

    start = raw({"alg": "HS256", "kid": "ours"}, claims()).rpartition(".")[0]
    mac = hmac.new(public, start.encode(), hashlib.sha256).digest()
    return f"{start}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "crit"])
def test_a_token_that_brings_its_own_key_is_not_taken(trusted: dict[str, Trusted], name: str) -> None:
    brought = {"jwk": jwk("theirs"), "x5c": ["AA=="], "crit": ["b64"]}.get(name, "https://evil.example.org")
    header = {"kid": "ours", name: brought, **({"b64": True} if name == "crit" else {})}
    assert caller_of_token(token(header=header), trusted, NOW) is None


@pytest.mark.parametrize("header", [{}, {"kid": "unknown"}, {"kid": ""}, {"kid": "k" * 201}], ids=str)
def test_a_token_that_names_no_key_of_the_issuer_is_not_taken(
    trusted: dict[str, Trusted], header: dict[str, Any]
) -> None:
    assert caller_of_token(token(header=header), trusted, NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.b.c",
        "..",
        "é.b.c",
        "x" * (MAX_TOKEN + 1),
        raw({"alg": "RS256", "kid": 5}, {}),
        raw({"alg": "RS256", "kid": "ours"}, [1]),
        raw({"alg": "RS256", "kid": "ours"}, {"iss": GITHUB}),
        base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"ours"}').decode() + ".e30x.x",
        base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.x",
        base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"ours"}').decode().rstrip("=")
        + "."
        + base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")
        + ".x",
    ],
    ids=lambda text: f"{text[:12]}-{len(text)}",
)
def test_what_is_no_token_is_not_taken(trusted: dict[str, Trusted], text: str) -> None:
    assert caller_of_token(text, trusted, NOW) is None


def test_a_large_token_is_not_taken_although_its_signature_fits(trusted: dict[str, Trusted]) -> None:
    assert caller_of_token(token(claims(filler="x" * MAX_TOKEN)), trusted, NOW) is None


def test_why_a_token_is_not_taken_is_logged_as_a_word_and_nothing_of_it_is(
    trusted: dict[str, Trusted], caplog: pytest.LogCaptureFixture
) -> None:
    bad = token(claims(repository="acme/secret-project"))
    with caplog.at_level(logging.DEBUG):
        caller_of_token(bad, trusted, NOW)
    assert [record.getMessage() for record in caplog.records] == ["token_not_taken reason=rule"]


def test_owners_of_different_platforms_differ(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_bytes(jwks())
    common = {"audience": "conformity", "keys": "jwks.json"}
    listed = [
        {"name": "gitlab", "kind": "gitlab", "issuer": GITLAB, "allow": [{"project_path": "acme/scorer"}]},
        {
            "name": "own",
            "kind": "generic",
            "issuer": "https://ci.example.org/x",
            "allow": [{"sub": "job:1"}],
            "scopes": ["assess", "archive"],
        },
    ]
    file = tmp_path / "two.json"
    file.write_text(json.dumps({"issuers": [{**common, **one} for one in listed]}))
    both = trusting(file)
    of_gitlab = token(claims(iss=GITLAB, project_path="acme/scorer"))
    assert caller_of_token(of_gitlab, both, NOW) == Caller("gitlab:acme/scorer", frozenset({"assess"}))
    of_own = token(claims(iss="https://ci.example.org/x", sub="job:1"))
    assert caller_of_token(of_own, both, NOW) == Caller("own:job:1", frozenset({"assess", "archive"}))
    assert caller_of_token(token(claims(iss=GITLAB, repository="acme/scorer")), both, NOW) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"allow": []}, "issuers\\[0\\].allow"),
        ({"allow": [{"ref": "refs/heads/main"}]}, "must name repository"),
        ({"allow": [{"repository": "*"}]}, "must name repository"),
        ({"issuer": "http://token.example.org"}, "issuer must be an address"),
        ({"issuer": "https://user:secret@token.example.org"}, "issuer must be an address"),
        ({"name": "Git Hub"}, "issuers\\[0\\].name"),
        ({"scopes": ["everything"]}, "issuers\\[0\\].scopes\\[0\\]"),
        ({"audience": ""}, "issuers\\[0\\].audience"),
        ({"secret": "s3cr3t"}, "issuers\\[0\\].secret"),
    ],
    ids=lambda case: str(case)[:40],
)
def test_a_file_of_issuers_that_says_too_little_is_refused(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_issuers(issuers_file(tmp_path, **changes))
    assert "s3cr3t" not in caught.value.message
    assert "secret@" not in caught.value.message


def test_two_issuers_of_one_name_are_refused(tmp_path: Path) -> None:
    entry = json.loads(issuers_file(tmp_path).read_text())["issuers"][0]
    for other in ({"name": "github2"}, {"issuer": "https://other.example.org"}):
        file = tmp_path / "twice.json"
        file.write_text(json.dumps({"issuers": [entry, {**entry, **other}]}))
        with pytest.raises(InputError, match="same name or address"):
            read_issuers(file)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a: [", "line 1"), (b"\xff", "not UTF-8"), (b"", "the file"), (b"a: &x 1", "line 1")],
)
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_issuers(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="could not be read"):
        read_issuers(tmp_path / "none.yaml")
