"""What the pages say, and how days and sizes are written in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from conformity.errors import RenderError
from conformity.render.assets import templates_folder
from conformity.render.locale import Locale, locale_for


@dataclass(frozen=True)
class Moment:
    """A point in time, ready to print."""

    machine: str
    """For machines, as ISO 8601."""
    text: str
    """For people, in UTC."""


@cache
def words() -> dict[str, Any]:
    """Return all fixed words of the pages; nobody may change the result.

    Raises:
        RenderError: the file is missing or is not JSON.
    """
    path = templates_folder() / "web" / "en.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"the words of the pages cannot be read from {path}: {error}") from error
    return found


def said(place: str, **values: object) -> str:
    """Return a fixed sentence with its places filled.

    Args:
        place: its keys, joined with dots.
        values: what stands at its places.
    """
    node: Any = words()
    for key in place.split("."):
        node = node[key]
    return str(node).format(**values)


def counted(place: str, n: int, **values: object) -> str:
    """Return the form of a sentence for a number: ``_none``, ``_one`` or ``_other``."""
    form = {0: "none", 1: "one"}.get(n, "other")
    return said(f"{place}_{form}", n=english().integer(n), **values)


def english() -> Locale:
    """Return how numbers, days and sizes are written on the pages."""
    return locale_for("en")


def moment(when: datetime) -> Moment:
    """Return a point in time, ready to print."""
    return Moment(f"{when:%Y-%m-%dT%H:%M:%SZ}", f"{english().day(when.date())}, {when:%H:%M} UTC")
