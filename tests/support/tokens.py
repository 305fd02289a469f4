"""Tokens as platforms of continuous integration give them to jobs, signed with keys made for the tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.example.org"
REPOSITORY = "acme/scorer"


@cache
def rsa_key(name: str = "ours", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a private key; the same for the same name."""
    assert name
    return rsa.generate_private_key(65537, bits)


def jwk(name: str = "ours", **more: Any) -> dict[str, Any]:
    """Return the public half of a key as an entry of a JSON Web Key Set."""
    made: dict[str, Any] = RSAAlgorithm.to_jwk(rsa_key(name).public_key(), as_dict=True)
    made = {key: value for key, value in made.items() if key != "key_ops"}
    return {**made, "kid": name, "use": "sig", "alg": "RS256", **more}


def jwks(*names: str) -> bytes:
    """Return a JSON Web Key Set."""
    return json.dumps({"keys": [jwk(name) for name in names or ("ours",)]}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a GitHub job's token, valid at :data:`NOW`; None takes one away."""
    moment = int(NOW.timestamp())
    made = {
        "iss": GITHUB,
        "aud": "conformity",
        "sub": f"repo:{REPOSITORY}:ref:refs/heads/main",
        "iat": moment,
        "nbf": moment - 5,
        "exp": moment + 300,
        "repository": REPOSITORY,
        "ref": "refs/heads/main",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(
    content: dict[str, Any] | None = None, *, key: str = "ours", header: dict[str, Any] | None = None
) -> str:
    """Return a signed token.

    Args:
        content: its claims; those of :func:`claims` when not given.
        key: name of the key that signs.
        header: what its header says besides the algorithm; the id of the key when not given.
    """
    said = {"kid": key} if header is None else header
    payload = json.dumps(claims() if content is None else content).encode()
    # The part of the library that signs whatever it is given, wrong claims too.
    return jwt.PyJWS().encode(payload, rsa_key(key), "RS256", headers=said)


def issuers_file(folder: Path, **changes: Any) -> Path:
    """Write a file with GitHub as the only issuer, its keys beside it, and return it."""
    (folder / "jwks.json").write_bytes(jwks())
    entry = {
        "name": "github",
        "kind": "github",
        "issuer": GITHUB,
        "audience": "conformity",
        "keys": "jwks.json",
        "allow": [{"repository": REPOSITORY, "ref": "refs/heads/main"}],
        **changes,
    }
    file = folder / "issuers.json"
    file.write_text(json.dumps({"version": 1, "issuers": [entry]}), encoding="utf-8")
    return file
