"""The description of the API: every status and error, examples, and how operations lead to one another.

Source:
    OpenAPI Specification 3.1.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from conformity.entry.rest.problems import MEDIA_TYPE, Problem, phrase_of
from conformity.model.base import Value
from conformity.model.run import RunEvent

Json = dict[str, Any]
"""A part of the description."""

_REF = "#/components/schemas/{model}"
_ALWAYS = (401, 403, 429, 500, 503)
_PUBLIC = ("/healthz", "/readyz")
_WITH_BODY = (400, 408, 413, 415, 422)
_DETAILS = {
    400: "The body is not what its media type says.",
    401: "No valid key or token was shown.",
    403: "The key or token lacks a scope that this needs.",
    404: "There is nothing of this name, or nothing that the caller may see.",
    406: "It cannot be had in a media type that the client accepts; the detail lists those there are.",
    408: "The body did not come in time.",
    409: "It does not fit what is there: a key used for something else, or a run that has no report.",
    413: "The body is larger than allowed.",
    415: "The body is of a media type that is not taken; the header Accept lists those that are.",
    422: "Something in the request is not as it must be; `errors` says what and where.",
    429: "More requests than allowed; Retry-After says when to come again.",
    500: "A fault of the server's own.",
    501: "It needs something that is not installed on the server.",
    503: "As much waits as may wait, or the database is away; Retry-After says when to come again.",
    507: "There is no room for the upload; nothing of it was kept.",
}
_DESCRIPTION = (
    "Measures AI systems and writes EU AI Act conformity assessments from what was measured. Verdicts are "
    "about criteria that the provider fixed beforehand; no answer says that a system conforms to the law, "
    "and none is legal advice."
)


def problems(*statuses: int, with_body: bool = False) -> dict[int | str, Json]:
    """Return the errors of an operation: those named, and those that any operation may end with.

    Args:
        statuses: their status codes.
        with_body: whether the operation reads a body.
    """
    every = {*statuses, *_ALWAYS, *(_WITH_BODY if with_body else ())}
    return {status: _problem(status) for status in sorted(every)}


def body(content: Mapping[str, Json], description: str) -> Json:
    """Return the description of a body, for ``openapi_extra``.

    Args:
        content: for every media type its schema, and examples.
        description: what it holds.
    """
    return {"requestBody": {"required": True, "description": description, "content": dict(content)}}


def schema_of(shape: type[Value]) -> Json:
    """Return the schema of a value; what it refers to is moved to the components by :func:`document`."""
    return shape.model_json_schema(ref_template=_REF)


def begun(description: str, *following: str) -> Json:
    """Return the answer of an operation that begins a run, with the operations that can follow.

    Args:
        description: what the run is for.
        following: ids of operations on it.
    """
    return {
        "description": description,
        "headers": {
            "Location": {"schema": {"type": "string"}, "description": "Where the run is."},
            "Retry-After": {"schema": {"type": "string"}, "description": "When to look, in seconds."},
        },
        "links": {
            one: {"operationId": one, "parameters": {"run_id": "$response.body#/id"}} for one in following
        },
    }


def document(app: FastAPI, *, secured: bool) -> Json:
    """Return the description of an application.

    Args:
        app: the application.
        secured: whether callers are asked for a key or token.
    """
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary="Conformity assessments of AI systems, from measured evidence",
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    components = made.setdefault("components", {})
    schemas: Json = components.setdefault("schemas", {})
    for shape in (Problem, RunEvent):
        schemas[shape.__name__] = schema_of(shape)
    for path, operations in made["paths"].items():
        for operation in operations.values():
            for status, described in problems().items():
                if path not in _PUBLIC or status in (500, 503):
                    operation["responses"].setdefault(str(status), described)
    for found in list(_inner(made)):
        schemas.update(found.pop("$defs"))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key (`cfk_...`), or a token of continuous integration.",
        }
    }
    if secured:
        made["security"] = [{"bearer": []}]
    made["servers"] = [{"url": "/"}]
    return made


def _problem(status: int) -> Json:
    """Return the description of an error."""
    phrase = phrase_of(status)
    described: Json = {
        "description": _DETAILS[status],
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": _REF.format(model=Problem.__name__)},
                "example": {
                    "type": f"urn:conformity:problem:{phrase.lower().replace(' ', '-')}",
                    "title": phrase,
                    "status": status,
                    "detail": _DETAILS[status],
                },
            }
        },
    }
    headers = {429: "Retry-After", 503: "Retry-After", 401: "WWW-Authenticate"}
    if status in headers:
        described["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    return described


def _inner(part: Any) -> Iterator[Json]:
    """Yield every schema that brings definitions of its own, the innermost first."""
    values = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for value in values:
        yield from _inner(value)
    if isinstance(part, dict) and "$defs" in part:
        yield part
