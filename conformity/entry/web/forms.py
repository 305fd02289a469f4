"""Fields of forms: what they offer to choose from, and what was sent without files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from conformity.entry.rest.bodies import read_body
from conformity.entry.rest.problems import ProblemError

_MOST_FIELDS: Final = 200
_SMALL: Final = 16_384


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen in a form."""

    value: str
    """What it is called in an address."""
    text: str
    """What it is called on the page."""
    chosen: bool
    """Whether it is chosen now."""


async def fields(request: Request, most: int = _SMALL) -> dict[str, str]:
    """Return the fields of a form, the last of each name.

    Args:
        request: what was sent.
        most: the largest form that is read, in bytes.

    Raises:
        ProblemError: it is no form (400) or too large (413).
    """
    content = await read_body(request, most)
    try:
        return dict(parse_qsl(content.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise ProblemError(
            400, "The form cannot be read; load its page again and send it from there."
        ) from error
