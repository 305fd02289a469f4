"""Which of several media types a client wants most.

Source:
    RFC 9110, section 12.5.1 (Accept), and section 12.4.2 (quality values).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_MOST_RANGES = 50


def wanted(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the media type offered that a client wants most; None if it wants none of them.

    Args:
        accept: the header ``Accept``; anything will do without one.
        offered: the media types there are, without parameters, the one to prefer first.
    """
    if accept is None or not accept.strip():
        return offered[0] if offered else None
    ranges = [one for one in map(_range, accept.split(",")[:_MOST_RANGES]) if one is not None]
    rated = [(_quality(media_type, ranges), -place) for place, media_type in enumerate(offered)]
    best = max(rated, default=(0.0, 0))
    return offered[-best[1]] if best[0] > 0 else None


def _range(text: str) -> tuple[str, float] | None:
    """Return a media range with its quality; None for what is no media range.

    Parameters other than the quality are left aside: no type here comes in several variants.
    """
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    if name.count("/") != 1:
        return None
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            if not _QUALITY.fullmatch(value.strip()):
                return None
            quality = float(value)
    return name, quality


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return how much a client wants a media type: the quality of the most specific range that fits."""
    fitting = ("*/*", f"{media_type.partition('/')[0]}/*", media_type)
    found = [(fitting.index(name), quality) for name, quality in ranges if name in fitting]
    return max(found, default=(0, 0.0))[1]
