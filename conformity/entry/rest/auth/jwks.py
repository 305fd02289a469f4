"""The public keys of platforms that issue tokens: from a file, or fetched from the issuer and kept.

Only the issuer that the configuration names is asked, never an address that a token brings.

Source:
    OpenID Connect Discovery 1.0, section 4; RFC 7517, JSON Web Key.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from conformity.entry.rest.outgoing import Answered, Outgoing, UnreachableError, address_of
from conformity.errors import InputError, PathError, UsageError

if TYPE_CHECKING:
    from jwt import PyJWK

FRESH_S: Final = 3600
"""How long fetched keys are used without being asked for again, in seconds."""

AGAIN_S: Final = 60
"""Shortest time between two requests to an issuer, however many tokens name a key it does not have."""

STALE_S: Final = 86_400
"""How long fetched keys are used at most while the issuer cannot be reached, in seconds."""

_MAX_KEYS: Final = 100
_MIN_BITS: Final = 2048
_logger = logging.getLogger(__name__)


class KeySource(Protocol):
    """Where the public keys of one issuer come from; may be asked from any thread."""

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of an id, or None.

        Raises:
            UnreachableError: no keys are at hand and none can be had now.
            PathError: the file of keys cannot be read.
            InputError: the file of keys is none.
        """
        ...


def keys_in(content: bytes) -> dict[str, PyJWK]:
    """Return the keys of a JSON Web Key Set that can check RS256, by their ids; others are left out.

    Raises:
        ValueError: it is no such set.
    """
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    said = json.loads(content)
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list) or len(listed) > _MAX_KEYS:
        raise ValueError("no JSON Web Key Set")
    found = {}
    for one in listed:
        if not _is_usable(one):
            continue
        try:
            key = PyJWK(one, algorithm="RS256")
        except (PyJWTError, ValueError):
            continue
        if getattr(key.key, "key_size", 0) >= _MIN_BITS:
            found[one["kid"]] = key
    return found


def _is_usable(one: Any) -> bool:
    """Tell whether an entry is a public RSA key for signatures, with an id."""
    return (
        isinstance(one, dict)
        and one.get("kty") == "RSA"
        and isinstance(one.get("kid"), str)
        and one.get("use", "sig") == "sig"
        and one.get("alg", "RS256") == "RS256"
        and "d" not in one
    )


class FileKeys:
    """Keys from a file, read again when it has changed.

    Args:
        file: a JSON Web Key Set.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int], Mapping[str, PyJWK]] | None = None

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of an id, or None.

        Raises:
            PathError: the file cannot be read.
            InputError: it is no JSON Web Key Set.
        """
        with self._lock:
            try:
                found = self._file.stat()
                stamp = (found.st_mtime_ns, found.st_size)
                if self._read is None or self._read[0] != stamp:
                    self._read = (stamp, keys_in(self._file.read_bytes()))
            except OSError as error:
                raise PathError(f"{self._file} could not be read ({error.strerror}); correct it.") from error
            except ValueError as error:
                raise InputError(f"{self._file} is no JSON Web Key Set; correct it.") from error
            return self._read[1].get(key_id)


class FetchedKeys:
    """Keys fetched from an issuer by its discovery document, and kept.

    Args:
        issuer: the HTTPS address of the issuer.
        send: sends a request and returns the answer.
        clock: seconds that only rise.
    """

    def __init__(self, issuer: str, send: Callable[[Outgoing], Answered], clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched: float | None = None
        self._asked: float | None = None

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of an id, or None; the issuer is asked when it is not known or the keys are old.

        Raises:
            UnreachableError: no keys are at hand and none can be had now.
        """
        with self._lock:
            now = self._clock()
            fresh = self._fetched is not None and now - self._fetched < FRESH_S
            if not (fresh and key_id in self._keys) and self._may_ask(now):
                self._ask(now)
            if self._fetched is None or now - self._fetched >= STALE_S:
                raise UnreachableError(
                    f"{address_of(self._issuer).host} gave no keys; see whether it can be reached."
                )
            return self._keys.get(key_id)

    def _may_ask(self, now: float) -> bool:
        """Tell whether the issuer was last asked long enough ago."""
        return self._asked is None or now - self._asked >= AGAIN_S

    def _ask(self, now: float) -> None:
        """Fetch the keys; where that fails those at hand are kept, and the log says so."""
        self._asked = now
        try:
            self._keys = keys_in(self._get(self._keys_address()))
            self._fetched = now
        except (UnreachableError, UsageError, ValueError) as error:
            _logger.error("issuer_keys_not_fetched host=%s reason=%s", self._host, type(error).__name__)

    @property
    def _host(self) -> str:
        """The host of the issuer."""
        return address_of(self._issuer).host

    def _keys_address(self) -> str:
        """Return where the issuer says its keys are, which must be on the issuer's own host.

        Raises:
            UnreachableError: it does not answer.
            UsageError: it gives no HTTPS address.
            ValueError: it is another issuer, or its keys are elsewhere.
        """
        said = json.loads(self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        if not isinstance(said, dict) or said.get("issuer") != self._issuer:
            raise ValueError("another issuer")
        address = str(said.get("jwks_uri"))
        if address_of(address).authority != address_of(self._issuer).authority:
            raise ValueError("keys elsewhere")
        return address

    def _get(self, url: str) -> bytes:
        """Return what is at an address.

        Raises:
            UnreachableError: it cannot be had.
        """
        answer = self._send(Outgoing(address_of(url), headers={"Accept": "application/json"}, wall_s=5.0))
        if answer.status != 200:
            raise UnreachableError(f"{self._host} answered with status {answer.status}; try again later.")
        return answer.content
