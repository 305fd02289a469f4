"""Who is let in: by key, by token, by the cookie of a session, or whoever uses this machine."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from conformity.entry.clock import present
from conformity.entry.rest.auth.callers import HERE, Caller
from conformity.entry.rest.auth.issuers import Issuer, read_issuers
from conformity.entry.rest.auth.jwks import FetchedKeys, FileKeys, KeySource
from conformity.entry.rest.auth.key_file import KeyRing
from conformity.entry.rest.auth.keys import PREFIX
from conformity.entry.rest.auth.session import Sessions
from conformity.entry.rest.auth.tokens import Trusted, caller_of_token
from conformity.entry.rest.outgoing import send
from conformity.errors import UsageError
from conformity.model.hosts import is_loopback
from conformity.settings import Settings

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Access:
    """Who is let in; without keys and issuers everybody is, which is for this machine alone."""

    keys: KeyRing | None = None
    """Keys of callers."""
    trusted: Mapping[str, Trusted] = field(default_factory=dict)
    """Platforms whose tokens are taken, by their claim ``iss``."""
    clock: Callable[[], datetime] = present
    """The present."""
    sessions: Sessions = field(default_factory=Sessions)
    """Browsers that were logged in with a key."""

    @property
    def open(self) -> bool:
        """Whether nobody is asked for a key or token."""
        return self.keys is None and not self.trusted

    def caller_shown(self, shown: str) -> Caller | None:
        """Return who shows a key or a token, or None; it may take the time of a request to an issuer.

        Args:
            shown: the key or token.

        Raises:
            ConformityError: keys cannot be read or had now.
        """
        if shown.startswith(PREFIX):
            key = self.keys.shown(shown, self.clock()) if self.keys else None
            return key.caller if key else None
        return caller_of_token(shown, self.trusted, self.clock()) if self.trusted else None

    def caller_of_session(self, cookie: str) -> Caller | None:
        """Return who was logged in under a cookie, while their key is still valid; or None.

        Raises:
            ConformityError: keys cannot be read now.
        """
        if self.keys is None:
            return HERE if self.open else None
        key_id = self.sessions.key_of(cookie)
        key = self.keys.valid(key_id, self.clock()) if key_id else None
        return key.caller if key else None


def open_access(settings: Settings, host: str, *, context: ssl.SSLContext | None = None) -> Access:
    """Return who is let in, as the settings say.

    Args:
        settings: name the files of keys and issuers.
        host: the host that the server listens on.
        context: whom to trust when keys of issuers are fetched; this machine's authorities if not given.

    Raises:
        UsageError: no keys and no issuers are configured, and the host is not this machine alone.
        PathError: a file is not there, cannot be read, or others than its owner may open the keys.
        InputError: a file is not what it must be.
    """
    keys = KeyRing(settings.api_keys) if settings.api_keys else None
    if keys:
        keys.keys()
    issuers = read_issuers(settings.issuers) if settings.issuers else ()
    access = Access(keys, {one.issuer: Trusted(one, _source(one, context)) for one in issuers})
    if access.open:
        if not is_loopback(host):
            raise UsageError(
                f"Nobody may be asked for keys or tokens on {host}, only on 127.0.0.1; make keys with "
                "`conformity api-keys new` and name their file in CONFORMITY_API_KEYS."
            )
        _logger.warning(
            "access_open host=%s nobody is asked for a key: everybody on this machine may do all", host
        )
    return access


def _source(issuer: Issuer, context: ssl.SSLContext | None) -> KeySource:
    """Return where the keys of an issuer come from."""
    if issuer.keys is not None:
        return FileKeys(issuer.keys)
    return FetchedKeys(issuer.issuer, partial(send, context=context), time.monotonic)
