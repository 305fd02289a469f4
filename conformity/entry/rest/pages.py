"""Long lists in pages: a cursor that says nothing to anybody else, and a link to what follows.

Source:
    RFC 8288, Web Linking.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from conformity.entry.rest.problems import Fault, ProblemError

_Item = TypeVar("_Item")
_PLACE = re.compile(r"[!-~]{1,200}")

Limit = Annotated[int, Query(ge=1, le=100, description="How many items a page has at most.")]
"""How many items are wanted."""

Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=400, description="`next` of the page before; the first page without."),
]
"""Where to go on."""


def cursor_for(place: str) -> str:
    """Return a cursor that stands for a place in a list.

    >>> place_of(cursor_for("r-1"))
    'r-1'
    """
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """Return the place in a list that a cursor stands for.

    Raises:
        ProblemError: it is no cursor that was handed out here (404).
    """
    try:
        place = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise no_cursor() from error
    if not _PLACE.fullmatch(place):
        raise no_cursor()
    return place


def no_cursor() -> ProblemError:
    """Return the error for a cursor that was not handed out here."""
    return ProblemError(
        404,
        "The cursor is none that this list handed out; begin without one.",
        [Fault(parameter="cursor", detail="not a cursor of this list")],
    )


def one_page(items: Sequence[_Item], limit: int, cursor: str | None) -> tuple[Sequence[_Item], str | None]:
    """Return a page of a list that is there as a whole, and the cursor of the next.

    Raises:
        ProblemError: the cursor is none of this list (404).
    """
    place = "0" if cursor is None else place_of(cursor)
    if not (place.isascii() and place.isdecimal() and len(place) <= 9 and int(place) <= len(items)):
        raise no_cursor()
    start, end = int(place), int(place) + limit
    return items[start:end], cursor_for(str(end)) if end < len(items) else None


def add_link(request: Request, response: Response, following: str | None) -> None:
    """Add the header that leads to the next page, if there is one."""
    if following is None:
        return
    query = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
    response.headers["Link"] = (
        f'<{request.url.path}?{urlencode([*query, ("cursor", following)])}>; rel="next"'
    )
