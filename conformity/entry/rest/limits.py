"""How much one caller may ask for: requests over time, bytes of a body, streams at once.

Source:
    RFC 6585, section 4 (429); RFC 9110, sections 10.2.3 (Retry-After) and 15.5.14 (413);
    draft-ietf-httpapi-ratelimit-headers (RateLimit and RateLimit-Policy).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from conformity.settings import Settings

_MOST_NAMES: Final = 10_000
_MIB: Final = 1024 * 1024
_BESIDE_MIB: Final = 16
"""What may surround the files of an upload."""


@dataclass(frozen=True)
class Limits:
    """What one caller may do."""

    requests_per_minute: int = 600
    """Requests in a minute, over time; whoever was silent may send as many at once."""
    failures_per_minute: int = 30
    """Requests in a minute without a valid key, of one address."""
    streams: int = 20
    """Streams of events that are open at the same time."""
    body_bytes: int = 1024 * _MIB
    """Bytes of one body, whatever route it goes to; routes may take less."""
    head_bytes: int = 32 * 1024
    """Bytes of names and values of headers together."""
    body_wait_s: float = 30.0
    """Longest silence while a body is awaited, in seconds."""


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings ask for."""
    most = (settings.upload_mb + _BESIDE_MIB) * _MIB
    return Limits(requests_per_minute=settings.requests_per_minute, body_bytes=most)


@dataclass(frozen=True)
class Taken:
    """Whether a request may be answered, and what is left."""

    allowed: bool
    """Whether it may."""
    left: int
    """How many more may follow at once."""
    wait_s: int
    """In how many seconds the next one may come, when it may not; else until all is there again."""


class Buckets:
    """A bucket of tokens for each name: a request takes one, and they come back evenly over a minute.

    Args:
        per_minute: how many a bucket holds, and how many come back in a minute.
        clock: seconds that only rise.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> Taken:
        """Take a token from the bucket of a name, if there is one."""
        now = self._clock()
        with self._lock:
            held = self._now_in(name, now)
            allowed = held >= 1
            held -= allowed
            self._held[name] = (held, now)
            if len(self._held) > _MOST_NAMES:
                self._forget(now)
        missing = self.per_minute - held if allowed else 1 - held
        return Taken(allowed, int(held), max(1, math.ceil(missing * 60 / self.per_minute)))

    def _now_in(self, name: str, now: float) -> float:
        """Return how many tokens a bucket holds by now."""
        held, since = self._held.get(name, (float(self.per_minute), now))
        return min(self.per_minute, held + (now - since) * self.per_minute / 60)

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again; if all are in use, the half used longest ago."""
        self._held = {
            name: at for name, at in self._held.items() if self._now_in(name, now) < self.per_minute
        }
        if len(self._held) > _MOST_NAMES:
            latest = sorted(self._held.items(), key=lambda one: one[1][1])[_MOST_NAMES // 2 :]
            self._held = dict(latest)


class Slots:
    """How many streams each name has open.

    Args:
        most: how many one may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Take a slot, and return whether there was one."""
        with self._lock:
            if self._open.get(name, 0) >= self._most:
                return False
            self._open[name] = self._open.get(name, 0) + 1
            return True

    def give_back(self, name: str) -> None:
        """Give a slot back that was taken."""
        with self._lock:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]
