"""Ask a time-stamp server: one request, bounded in time and size, to the address that was given alone."""

from __future__ import annotations

import threading
from typing import Any, Final
from urllib.parse import urlsplit

from conformity.errors import UsageError
from conformity.model.hosts import is_loopback

MOST_BYTES: Final = 1024 * 1024
"""The largest answer that is read."""


def ask(url: str, request: bytes, timeout_s: float) -> bytes:
    """Return a server's answer to a request for a time-stamp.

    Args:
        url: its address: https, or http on this machine.
        request: a ``TimeStampReq`` in DER.
        timeout_s: how long to wait for the whole answer.

    Raises:
        UsageError: the address is another one, or there is no answer that could be a time-stamp.

    Source:
        RFC 3161, 3.4 (time-stamps over HTTP).
    """
    check_address(url)
    got: list[tuple[str, bytes] | Exception] = []

    def exchange() -> None:
        """Keep the answer, or why there is none."""
        try:
            got.append(_exchanged(url, request, timeout_s))
        except Exception as error:  # Told below, by the thread that waits.
            got.append(error)

    # A connection's own limit is for each piece of an answer: a server could send one byte at a time for
    # days. So the exchange has a thread of its own, which is left alone when time is up.
    waited = threading.Thread(target=exchange, daemon=True)
    waited.start()
    waited.join(timeout_s)
    answer = got[0] if got else TimeoutError(f"not within {timeout_s:.0f} s")
    if isinstance(answer, Exception):
        why = getattr(answer, "reason", None) or str(answer) or type(answer).__name__
        raise UsageError(
            f"The time-stamp server {url} did not answer ({str(why)[:200]}); nothing was signed: try again, "
            "or leave out --timestamp."
        ) from answer
    kind, content = answer
    if kind != "application/timestamp-reply" or len(content) > MOST_BYTES:
        raise UsageError(f"{url} answered with something other than a time-stamp; correct the address.")
    return content


def _exchanged(url: str, request: bytes, timeout_s: float) -> tuple[str, bytes]:
    """Return the kind of a server's answer and its bytes, a few too many where it is too large.

    Raises:
        OSError: it cannot be reached, or refuses; so errors of :mod:`http.client`.
    """
    import urllib.error
    import urllib.request

    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    asked = urllib.request.Request(url, request, headers, method="POST")  # noqa: S310 (checked by the caller)
    # What is not encrypted stays on this machine: no proxy gets it.
    direct = [urllib.request.ProxyHandler({})] if asked.type == "http" else []
    opener = urllib.request.build_opener(_no_redirects(), *direct)
    try:
        with opener.open(asked, timeout=timeout_s) as answer:
            return answer.headers.get_content_type(), answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise


def check_address(url: str) -> None:
    """Check that a server may be asked: over https, or on this machine.

    Raises:
        UsageError: it may not, or it is no address; one with a password is not repeated.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise UsageError("--timestamp is no address of a server; write https://HOST/PATH.") from error
    if parts.username is not None or parts.password is not None:
        raise UsageError("The address after --timestamp holds a name or password; leave them out.")
    if host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        return
    raise UsageError(
        f"{url} is no address that is asked for time-stamps; write https://HOST/PATH, or http:// for a "
        "server on this machine."
    )


def _no_redirects() -> Any:
    """Return a handler that follows no redirection: only the address that was given is asked."""
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        """Refuse to go elsewhere."""

        def redirect_request(self, *_: Any, **__: Any) -> None:
            """Return nowhere to go; the answer is then an error."""

    return Stay()
