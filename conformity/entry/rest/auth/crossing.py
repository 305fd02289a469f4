"""Keep pages of other sites from using the server through a browser that can reach it.

Three ways are closed: a name that is made to lead to this machine (DNS rebinding), by a list of names;
forms and scripts that send requests from elsewhere, by what browsers say of where a request comes from;
and reading answers, since no header of cross-origin sharing is ever sent. Programs that are no browsers say
nothing of where a request comes from, and are not held up.

Source:
    WHATWG Fetch, section 3.2 (Origin); W3C Fetch Metadata Request Headers, section 2.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from conformity.model.hosts import is_loopback

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})


def crossed(method: str, headers: Headers, *, is_open: bool) -> str | None:
    """Return why a request must be refused as that of another site's page; None if it need not be.

    Args:
        method: its method.
        headers: its headers.
        is_open: whether nobody is asked for a key, so that this machine's own names alone may be used.
    """
    host = headers.get("host", "")
    if is_open and not _names_this_machine(host):
        return "This server answers to 127.0.0.1, [::1] and localhost alone; use one of these names."
    if "authorization" in headers:
        # Another site's page cannot know a key, and a browser adds none by itself.
        return None
    return None if _from_here(method, headers, host) else "Pages of other sites may not use this server."


def _names_this_machine(host: str) -> bool:
    """Tell whether the header ``Host`` names this machine, with or without a port."""
    try:
        parts = urlsplit(f"//{host}")
        whole = parts.netloc == host and "@" not in host and parts.port != 0
        return whole and is_loopback(parts.hostname or "")
    except ValueError:
        return False


def _from_here(method: str, headers: Headers, host: str) -> bool:
    """Tell whether a request comes from a page of ours, from the address bar, or from no browser."""
    site = headers.get("sec-fetch-site", "none")
    if method in _SAFE:
        followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return site in _OURS or followed
    origin = headers.get("origin")
    return site in _OURS and (origin is None or _authority(origin) == _authority(f"http://{host}"))


def _authority(origin: str) -> str | None:
    """Return host and port of an origin in lower case, without the usual port; None if it has none."""
    try:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        return parts.hostname if parts.port in (None, 80, 443) else f"{parts.hostname}:{parts.port}"
    except ValueError:
        return None
