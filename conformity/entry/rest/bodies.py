"""Bodies of requests: never more of them than is allowed, and as what they are said to be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from conformity.entry.rest.problems import Fault, ProblemError, fault_of
from conformity.model.base import Value

JSON = "application/json"
"""JSON."""
YAML = "application/yaml"
"""YAML (RFC 9512)."""
MULTIPART = "multipart/form-data"
"""Fields and files."""
PDF = "application/pdf"
"""A report."""
_ALSO_YAML = ("application/x-yaml", "text/yaml", "text/x-yaml")

_Shape = TypeVar("_Shape", bound=Value)


def media_type(request: Request, allowed: Sequence[str]) -> str:
    """Return of which media type a body is said to be, without parameters.

    Raises:
        ProblemError: it is none of those that are allowed (415).
    """
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    found = YAML if found in _ALSO_YAML else found
    if found not in allowed:
        listed = ", ".join(allowed)
        raise ProblemError(
            415, f"The body must be of one of these media types: {listed}.", headers={"Accept": listed}
        )
    return found


def check_length(request: Request, most: int) -> None:
    """Check the size that a body is said to have, before any of it is read.

    Raises:
        ProblemError: it is larger than allowed (413).
    """
    said = request.headers.get("content-length", "")
    if said.isdecimal() and len(said) <= 18 and int(said) <= most:
        return
    if said:
        raise too_large(most)


def too_large(most: int) -> ProblemError:
    """Return the error for a body above a limit."""
    return ProblemError(413, f"The body is larger than {most:,} bytes, which is the most taken here.")


async def read_body(request: Request, most: int) -> bytes:
    """Return a whole body.

    Args:
        request: the request.
        most: the largest size, in bytes.

    Raises:
        ProblemError: it is larger (413).
    """
    check_length(request, most)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            raise too_large(most)
    return bytes(content)


def json_of(content: bytes) -> Any:
    """Return what JSON holds, as plain data; no name may be there twice in one object.

    Raises:
        ProblemError: it is no JSON (400).
    """
    try:
        return json.loads(content.decode(), parse_constant=_no_constant, object_pairs_hook=_once)
    except UnicodeDecodeError:
        fault = Fault(pointer="#", detail="it is not UTF-8")
    except json.JSONDecodeError as error:
        fault = Fault(pointer="#", detail=error.msg, line=error.lineno, column=error.colno)
    except (ValueError, RecursionError):
        fault = Fault(pointer="#", detail="a name is there twice, or a number or nesting cannot be read")
    raise ProblemError(400, f"The body is not JSON: {fault.detail}.", [fault])


def shaped(data: object, shape: type[_Shape]) -> _Shape:
    """Return plain data as a value.

    Raises:
        ProblemError: it is not what it must be (422); with a JSON pointer to everything that is wrong.
    """
    try:
        return shape.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError) -> ProblemError:
    """Return the error for a body that does not fit; what was sent is not repeated."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    faults = [fault_of({**one, "loc": ("body", *one["loc"])}) for one in found]
    return ProblemError(422, "The body is not as it must be; see errors.", faults)


async def json_body(request: Request, shape: type[_Shape], most: int) -> _Shape:
    """Return a JSON body as a value.

    Args:
        request: the request.
        shape: what it must hold.
        most: the largest size, in bytes.

    Raises:
        ProblemError: it is too large (413), not JSON (415, 400), or not what it must be (422).
    """
    media_type(request, [JSON])
    return shaped(json_of(await read_body(request, most)), shape)


def _no_constant(name: str) -> object:
    """Refuse NaN and infinity, which JSON does not have."""
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, in which no name may be there twice.

    Raises:
        ValueError: one is.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("twice")
    return found
