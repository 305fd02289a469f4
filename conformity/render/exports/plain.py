"""Text and files that other programs read: characters made harmless, JSON and times always written alike."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from conformity.render.characters import visible

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_NOTHING = "–"


def clean(text: str) -> str:
    """Return ``text`` without hidden characters and with plain spaces; line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    return visible(text.replace("\r\n", "\n")).replace("\u00a0", " ")


def one_line(text: str) -> str:
    """Return ``text`` on one line, cleaned; a dash where nothing is left."""
    return " ".join(clean(text).split()) or _NOTHING


def token(text: str) -> str:
    """Return ``text`` as a name that XML and OSCAL take: letters, digits, dots, dashes and underscores.

    Source:
        OSCAL 1.2.1, data type ``token``.
    """
    name = _NO_NAME.sub("-", text)
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"


def uri(path: str) -> str:
    """Return a path relative to the manifest as a reference that no character of it can leave."""
    found = quote(clean(path).replace("\\", "/"), safe="/._-~")
    # A name with a colon would be read as a scheme and two slashes as a host; quoting leaves only the latter.
    return re.sub(r"^/+", "", found) or "."


def moment(when: datetime) -> str:
    """Return a time in UTC to the second, as RFC 3339 writes it."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def end_of(day: date) -> str:
    """Return the last second of a day in UTC, as RFC 3339 writes it."""
    return f"{day:%Y-%m-%d}T23:59:59Z"


def json_bytes(document: Any) -> bytes:
    """Return a document as JSON in UTF-8, keys sorted, every text in it cleaned, a newline at the end.

    It is on one line: indenting takes ten times as long, and programs read it.
    """
    text = json.dumps(
        _cleaned(document), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return f"{text}\n".encode()


def _cleaned(value: Any) -> Any:
    """Return plain data with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(one) for one in value]
    return value
