"""Errors as pages: one sentence for a person, and the way back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.rest.problems import ProblemError, status_of
from conformity.entry.rest.service import Service, service
from conformity.entry.web.pages import page
from conformity.entry.web.words import words
from conformity.errors import ConformityError

_BUSY_S: Final = 10
_logger = logging.getLogger(__name__)


def fault_page(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error as a page.

    Args:
        request: what is answered.
        status: the status code.
        detail: one sentence: what, where, what to do.
        headers: more headers of the answer.
    """
    said = words()["error"]
    title = said["titles"].get(str(status), said["other"])
    answer = page(request, "error", title, status=status, detail=detail)
    answer.headers.update(headers or {})
    return answer


def on_problem(request: Request, error: Exception) -> Response:
    """Answer a problem."""
    assert isinstance(error, ProblemError)
    details = "; ".join(fault.detail for fault in error.errors)
    return fault_page(request, error.status, error.detail if len(error.errors) < 2 else details)


def on_ours(request: Request, error: Exception) -> Response:
    """Answer an error of ours, without the folders of the server; our own fault is logged and not told."""
    assert isinstance(error, ConformityError)
    status = status_of(error)
    if status == 500:
        return on_anything(request, error)
    told = _without_folders(error.message, service(request))
    return fault_page(request, status, told, {"Retry-After": str(_BUSY_S)} if status == 503 else {})


def _without_folders(text: str, given: Service) -> str:
    """Return a text without the folders of the server: where they lie is told to nobody."""
    said = words()["error"]
    if given.archive is not None:
        text = text.replace(str(given.archive), said["the_archive"])
    return text.replace(f"{given.root}/", "").replace(str(given.root), said["root"])


def on_http(request: Request, error: Exception) -> Response:
    """Answer an error of the framework."""
    assert isinstance(error, HTTPException)
    said = words()["error"]
    known = {404: said["missing"], 405: said["method"]}
    return fault_page(request, error.status_code, known.get(error.status_code, error.detail), error.headers)


def on_anything(request: Request, error: Exception) -> Response:
    """Answer a fault of ours: what happened is in the log, under its type alone."""
    _logger.error("page_failed type=%s", type(error).__name__, exc_info=_logger.isEnabledFor(logging.DEBUG))
    return fault_page(request, 500, words()["error"]["ours"])
