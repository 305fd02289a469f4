"""Every error as a problem: RFC 9457, one sentence for a person, JSON pointers to what is wrong.

Source:
    RFC 9457, Problem Details for HTTP APIs; RFC 6901, JSON Pointer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformity.entry.rest.methods import allowed_methods
from conformity.errors import (
    BusyError,
    ConflictError,
    ConformityError,
    InputError,
    IntegrityError,
    MissingLibraryError,
    NotFoundError,
    UsageError,
)
from conformity.model.base import Value

MEDIA_TYPE = "application/problem+json"
"""The media type of a problem."""

_BUSY_S = 10
_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
_logger = logging.getLogger(__name__)


class Fault(Value):
    """One thing that is wrong with a request."""

    pointer: str | None = None
    """JSON pointer to it in the body, or ``#`` for the whole; none where it is not in the body."""
    parameter: str | None = None
    """The query parameter, header or part of the path that is wrong; none where it is in the body."""
    detail: str
    """What is wrong and what to do."""
    line: int | None = None
    """The line of the manifest, from 1."""
    column: int | None = None
    """The column in that line, from 1."""


class Problem(Value):
    """Why a request was not done."""

    type: str
    """What kind of problem it is, as a URN."""
    title: str
    """The kind in words; the same for every problem of a kind."""
    status: Annotated[int, Field(ge=400, le=599)]
    """The status code."""
    detail: str
    """One sentence: what, where, what to do."""
    errors: tuple[Fault, ...] = ()
    """Everything that is wrong, where that can be told."""


class ProblemError(Exception):
    """A request that is answered with a problem.

    Args:
        status: the status code.
        detail: one sentence: what, where, what to do.
        errors: everything that is wrong.
        headers: more headers of the answer.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


_STATUS: tuple[tuple[type[ConformityError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (BusyError, 503),
    (IntegrityError, 409),
    (MissingLibraryError, 501),
    (UsageError, 422),
    (InputError, 422),
)
"""The status of each of our errors; the first that fits."""


def problem_response(
    status: int, detail: str, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem as a response.

    Args:
        status: the status code.
        detail: one sentence: what, where, what to do.
        errors: everything that is wrong.
        headers: more headers of the answer.
    """
    phrase = phrase_of(status)
    problem = Problem(
        type=f"urn:conformity:problem:{phrase.lower().replace(' ', '-')}",
        title=phrase,
        status=status,
        detail=detail,
        errors=tuple(errors),
    )
    content = problem.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return JSONResponse(
        content, status, {"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE
    )


def phrase_of(status: int) -> str:
    """Return the phrase of a status as RFC 9110 has it, whichever Python this is."""
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def status_of(error: ConformityError) -> int:
    """Return the status that one of our errors leads to; 500 for our own faults."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def install(app: FastAPI) -> None:
    """Make an application answer every error with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(ConformityError, _on_ours)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    app.add_exception_handler(Exception, _on_anything)
    app.add_middleware(Unforeseen, answer=_on_anything)


class Unforeseen:
    """Answers what nobody foresaw, and lets no such error out.

    The framework would raise it again after the answer, and the server log its text, which may hold values
    of the data.

    Args:
        app: what answers otherwise.
        answer: what is answered then.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            """Pass a part of the answer on, and note that it has begun."""
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            answer = self._answer(Request(scope), error)
            if not begun:
                await answer(scope, receive, send)


def _on_problem(_request: Request, error: Exception) -> Response:
    """Answer a problem that a route raised."""
    assert isinstance(error, ProblemError)
    return problem_response(error.status, error.detail, error.errors, error.headers)


def _on_ours(request: Request, error: Exception) -> Response:
    """Answer an error of ours; what is our own fault is logged and not told."""
    assert isinstance(error, ConformityError)
    status = status_of(error)
    if status == 500:
        return _on_anything(request, error)
    headers = {"Retry-After": str(_BUSY_S)} if status == 503 else {}
    return problem_response(status, error.message, headers=headers)


def _on_http(request: Request, error: Exception) -> Response:
    """Answer an error of the framework; of methods, it knows those of the first route of a path alone."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        allowed = allowed_methods(request.app.state.routes, request.url.path)
        headers |= {"Allow": ", ".join(allowed)} if allowed else {}
    detail = {
        404: "There is nothing at this path; see /v1/openapi.json.",
        405: "This path has no such method; see the header Allow.",
    }.get(error.status_code, f"{error.detail}.")
    return problem_response(error.status_code, detail, headers=headers)


def _on_invalid(_request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body are not what they must be."""
    assert isinstance(error, RequestValidationError)
    faults = [fault_of(one) for one in error.errors()]
    return problem_response(422, "The request is not as it must be; see errors.", faults)


def fault_of(error: Mapping[str, Any]) -> Fault:
    """Return an error of pydantic as a fault; what was sent is not repeated.

    Args:
        error: as :meth:`pydantic.ValidationError.errors` gives it, its place beginning with ``body`` or
            with ``query``, ``path`` or ``header``.
    """
    where, *rest = error["loc"] or ("body",)
    detail = str(error["msg"]).removeprefix("Value error, ")
    if where != "body":
        return Fault(parameter=str(rest[0]) if rest else str(where), detail=detail)
    return Fault(pointer=pointer_to(*rest), detail=detail)


def pointer_to(*steps: object) -> str:
    """Return a JSON pointer into the body of a request, as the fragment of a URI.

    >>> pointer_to("files", 0, "a/b")
    '#/files/0/a~1b'
    """
    return "#" + "".join(f"/{_escaped(step)}" for step in steps)


def _escaped(part: object) -> str:
    """Return a step of a JSON pointer; what a name could hold of control characters is left out."""
    text = "".join(letter for letter in str(part) if letter.isprintable())[:200]
    return text.replace("~", "~0").replace("/", "~1")


def _on_gone(_request: Request, _error: Exception) -> Response:
    """Answer a client that went away before its request was whole; nobody reads it."""
    return problem_response(400, "The request was broken off.")


def _on_anything(_request: Request, error: Exception) -> Response:
    """Answer a fault of ours: what happened is in the log, under its type alone."""
    _logger.error(
        "request_failed type=%s",
        type(error).__name__,
        exc_info=error if _logger.isEnabledFor(logging.DEBUG) else None,
    )
    return problem_response(500, "The server could not do this, which is its own fault; see its log.")
