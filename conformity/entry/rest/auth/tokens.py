"""Check the token that a platform of continuous integration gave to a job.

Steps, each of which refuses the token: its size and header are as expected; its issuer is one of ours; the
issuer has the key that it names; RS256 under that key fits; issuer and audience are exact; its times are
there and now; one of the rules lets its claims in. What is wrong is logged as one word, never told.

Source:
    RFC 7519, section 4.1; RFC 8725, JSON Web Token Best Current Practices, section 3.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from conformity.entry.rest.auth.callers import Caller
from conformity.entry.rest.auth.issuers import Issuer
from conformity.entry.rest.auth.jwks import KeySource

MAX_TOKEN: Final = 8192
"""Longest token that is looked at, in characters."""

LEEWAY_S: Final = 60
"""How far the clocks of issuer and server may differ, in seconds."""

_ALGORITHM: Final = "RS256"
_CLAIMS: Final = ["iss", "aud", "exp", "iat", "nbf", "sub"]
_POINTERS: Final = frozenset({"crit", "jku", "x5u", "jwk", "x5c"})
_logger = logging.getLogger(__name__)


class _NotTakenError(Exception):
    """A token is not taken; the text is one word for the log."""


@dataclass(frozen=True)
class Trusted:
    """An issuer with where its keys are."""

    issuer: Issuer
    """Who, and which of its tokens."""
    keys: KeySource
    """Its public keys."""


def caller_of_token(token: str, trusted: Mapping[str, Trusted], now: datetime) -> Caller | None:
    """Return who shows a token, or None when it is not taken.

    Args:
        token: what the request brought.
        trusted: the issuers, by their claim ``iss``.
        now: the present.

    Raises:
        UnreachableError: the issuer's keys cannot be had now.
        PathError: the file of an issuer's keys cannot be read.
        InputError: the file of an issuer's keys is none.
    """
    try:
        return _caller(token, trusted, now)
    except _NotTakenError as error:
        _logger.info("token_not_taken reason=%s", error)
        return None


def _caller(token: str, trusted: Mapping[str, Trusted], now: datetime) -> Caller:
    """Return who shows a token.

    Raises:
        _NotTakenError: it is not taken.
    """
    if len(token) > MAX_TOKEN or not token.isascii():
        raise _NotTakenError("size")
    key_id = _key_id(token)
    one = trusted.get(_issuer_said(token))
    if one is None:
        raise _NotTakenError("issuer")
    key = one.keys.find(key_id)
    if key is None:
        raise _NotTakenError("key")
    claims = _claims(token, key, one.issuer)
    _check_times(claims, now.timestamp())
    owner = one.issuer.owner_of(claims)
    if owner is None:
        raise _NotTakenError("rule")
    return Caller(owner, frozenset(one.issuer.scopes))


def _key_id(token: str) -> str:
    """Return the id of the key that a token says it is signed with.

    Raises:
        _NotTakenError: its header is not one of ours.
    """
    import jwt

    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _NotTakenError("form") from None
    key_id = header.get("kid")
    if header.get("alg") != _ALGORITHM or _POINTERS & set(header):
        raise _NotTakenError("algorithm")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= 200:
        raise _NotTakenError("key")
    return key_id


def _issuer_said(token: str) -> str:
    """Return the issuer that a token names, which nothing has confirmed yet; only a key is chosen by it.

    Raises:
        _NotTakenError: it names none.
    """
    import jwt

    try:
        said = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _NotTakenError("form") from None
    if not isinstance(said, str):
        raise _NotTakenError("issuer")
    return said


def _claims(token: str, key: Any, issuer: Issuer) -> dict[str, Any]:
    """Return the claims of a token that is signed by a key, for us, and has all claims that it must.

    Raises:
        _NotTakenError: it is not.
    """
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=issuer.audience,
            issuer=issuer.issuer,
            # Times are checked against the clock we are told.
            options={
                "require": _CLAIMS,
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError as error:
        raise _NotTakenError(type(error).__name__) from None
    return claims


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """Check that a token is valid now.

    Raises:
        _NotTakenError: it is expired, not valid yet, issued in the future, or its times are no numbers.
    """
    for name in ("exp", "iat", "nbf"):
        if isinstance(claims[name], bool) or not isinstance(claims[name], int | float):
            raise _NotTakenError("times")
    # Comparisons with a number that is none are false, so each says what must hold.
    if not now < claims["exp"] + LEEWAY_S:
        raise _NotTakenError("expired")
    if not (claims["iat"] <= now + LEEWAY_S and claims["nbf"] <= now + LEEWAY_S):
        raise _NotTakenError("future")
