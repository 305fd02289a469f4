"""API keys: what is kept of them, and which of them a request shows.

A key is shown once, when it is made. What is kept is its SHA-256: a key holds 256 random bits, so that no
slower hash is needed, and none can be computed back from the file.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from conformity.entry.jobs.interface import LOCAL
from conformity.entry.rest.auth.callers import Caller, Scope
from conformity.model.base import Instant, Sha256, Value, sha256_of

PREFIX: Final = "cfk_"
"""How every key begins, so that scanners for secrets know one when they see it."""

_BYTES: Final = 32
_LONGEST: Final = 200


def _not_local(name: str) -> str:
    """Return a name that is not that of this machine's own user.

    Raises:
        ValueError: it is.
    """
    if name == LOCAL:
        raise ValueError(f"{LOCAL} is this machine's own user; choose another name")
    return name


KeyName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$"), AfterValidator(_not_local)
]
"""Whom a key belongs to. Without a colon, which names of tokens have; ``local`` is this machine itself."""


class ApiKey(Value):
    """What is kept of a key."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    """What it is called in lists; nothing of the key can be told from it."""
    name: KeyName
    """Whom it belongs to; the runs of all keys of a name are seen by each of them."""
    sha256: Sha256
    """The digest of the key."""
    scopes: tuple[Scope, ...]
    """What it allows."""
    created: Instant
    """When it was made."""
    expires: Instant | None = None
    """From when it is no longer valid; None for never."""
    revoked: Instant | None = None
    """Since when it is no longer valid; None while it is."""

    def valid(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    @property
    def caller(self) -> Caller:
        """Who shows it."""
        return Caller(self.name, frozenset(self.scopes))


class KeyFile(Value):
    """The keys of a server."""

    version: Literal[1] = 1
    """The form of the file."""
    keys: Annotated[tuple[ApiKey, ...], Field(max_length=10_000)] = ()
    """All that were made, those that are no longer valid too."""


@dataclass(frozen=True)
class NewKey:
    """A key just made."""

    key: str
    """What the caller shows; it is kept nowhere."""
    kept: ApiKey
    """What is kept of it."""


def new_key(name: str, scopes: tuple[Scope, ...], now: datetime, expires: datetime | None = None) -> NewKey:
    """Return a new key.

    Args:
        name: whom it is for.
        scopes: what it allows.
        now: the present.
        expires: from when it is no longer valid; None for never.

    Raises:
        pydantic.ValidationError: the name cannot be one.
    """
    text = PREFIX + secrets.token_urlsafe(_BYTES)
    kept = ApiKey(
        id=secrets.token_hex(6),
        name=name,
        sha256=sha256_of(text.encode()),
        scopes=scopes,
        created=now,
        expires=expires,
    )
    return NewKey(text, kept)


def key_shown(shown: str, keys: tuple[ApiKey, ...], now: datetime) -> ApiKey | None:
    """Return the valid key that was shown, or None.

    All digests are compared, each in constant time, and only then is it asked whether the one that fits is
    valid: how long this takes tells nothing about which keys there are or were.

    Args:
        shown: what the request brought, at most 200 characters of it.
        keys: all keys.
        now: the present.
    """
    digest = hashlib.sha256(shown[:_LONGEST].encode(errors="replace")).hexdigest()
    found: ApiKey | None = None
    for key in keys:
        if hmac.compare_digest(digest, key.sha256.removeprefix("sha256:")):
            found = key
    return found if found is not None and found.valid(now) else None
