"""Browsers that were logged in with a key: a cookie for each, and a token for each of their forms.

For the pages: ``/login`` calls :func:`log_in` with the key that was typed, and sets the header it returns;
forms carry :func:`form_token` in a hidden field ``csrf``, and what they are sent to calls
:func:`check_form`. A session ends with :func:`log_out`, with its key, after some hours, or with the server.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from starlette.requests import HTTPConnection, Request

if TYPE_CHECKING:
    from conformity.entry.rest.auth.access import Access

LONGEST_S: Final = 12 * 3600
"""How long a session lasts at most, in seconds."""

IDLE_S: Final = 2 * 3600
"""How long a session lasts without a request, in seconds."""

MOST: Final = 1000
"""How many sessions there are at most; the one unused for longest makes room."""

_NAME: Final = "conformity_session"


@dataclass
class _Session:
    """A browser that was logged in."""

    key_id: str
    """Id of the key."""
    begun: float
    """When it logged in."""
    used: float
    """When it was last seen."""


class Sessions:
    """The sessions of a server, in its memory alone; may be asked from any thread.

    Args:
        clock: seconds that only rise.
        most: how many there are at most.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._by_digest: dict[bytes, _Session] = {}

    def begin(self, key_id: str) -> str:
        """Return the cookie of a new session of whoever has a key."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._clean(now)
            self._by_digest[_digest(cookie)] = _Session(key_id, now, now)
        return cookie

    def key_of(self, cookie: str) -> str | None:
        """Return the id of the key that a cookie was given for, or None when there is no such session."""
        now = self._clock()
        with self._lock:
            found = self._by_digest.get(_digest(cookie))
            if found is None or not _lasts(found, now):
                return None
            found.used = now
            return found.key_id

    def end(self, cookie: str) -> None:
        """End a session."""
        with self._lock:
            self._by_digest.pop(_digest(cookie), None)

    def form_token(self, cookie: str) -> str:
        """Return what the forms of a session carry; it cannot be told without the server's memory."""
        return hmac.new(self._secret, _digest(cookie), "sha256").hexdigest()

    def _clean(self, now: float) -> None:
        """Forget sessions that are over, and the one unused for longest when there are too many."""
        self._by_digest = {name: one for name, one in self._by_digest.items() if _lasts(one, now)}
        if len(self._by_digest) >= self._most:
            del self._by_digest[min(self._by_digest, key=lambda name: self._by_digest[name].used)]


def _lasts(session: _Session, now: float) -> bool:
    """Tell whether a session is not over."""
    return now - session.begun < LONGEST_S and now - session.used < IDLE_S


def _digest(cookie: str) -> bytes:
    """Return what a cookie is kept as."""
    return hashlib.sha256(cookie[:200].encode(errors="replace")).digest()


def cookie_of(request: HTTPConnection) -> str | None:
    """Return the session's cookie that a request brought, or None."""
    return request.cookies.get(_cookie_name(request))


def _is_https(request: HTTPConnection) -> bool:
    """Tell whether the browser speaks HTTPS, to this server or to a proxy before it that says so."""
    # Whoever says so without a proxy only makes their own browser more careful.
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))


def _cookie_name(request: HTTPConnection) -> str:
    """Return the name of the cookie: over HTTPS one that only this host can have set."""
    return f"__Host-{_NAME}" if _is_https(request) else _NAME


def log_in(request: Request, key: str) -> str | None:
    """Return the header ``Set-Cookie`` that logs a browser in, or None when the key is not valid.

    Args:
        request: the form that was sent.
        key: the API key typed there.

    Raises:
        ConformityError: the keys cannot be read now.
    """
    access = access_of(request)
    kept = access.keys.shown(key.strip(), access.clock()) if access.keys else None
    if kept is None:
        return None
    old = cookie_of(request)
    if old:
        access.sessions.end(old)
    return _set_cookie(request, access.sessions.begin(kept.id), LONGEST_S)


def log_out(request: Request) -> str:
    """Return the header ``Set-Cookie`` that ends the session of a browser."""
    cookie = cookie_of(request)
    if cookie:
        access_of(request).sessions.end(cookie)
    return _set_cookie(request, "", 0)


def form_token(request: Request) -> str:
    """Return what the forms of a page carry in the field ``csrf``."""
    return access_of(request).sessions.form_token(cookie_of(request) or "")


def check_form(request: Request, token: object) -> None:
    """Check that a form was sent from a page of ours.

    Args:
        request: the form that was sent.
        token: its field ``csrf``.

    Raises:
        ProblemError: it was not (403).
    """
    if isinstance(token, str) and hmac.compare_digest(token.encode(), form_token(request).encode()):
        return
    from conformity.entry.rest.problems import ProblemError

    raise ProblemError(403, "This form is out of date; load its page again and send it from there.")


def access_of(request: Request) -> Access:
    """Return who is let in; :func:`conformity.entry.rest.guarding.protect` puts it there."""
    return cast("Access", request.app.state.access)


def _set_cookie(request: Request, value: str, seconds: int) -> str:
    """Return a header that no script can read and no other site can make a browser send."""
    secure = "; Secure" if _is_https(request) else ""
    return f"{_cookie_name(request)}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
