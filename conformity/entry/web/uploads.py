"""Hand in data, and a manifest if there is one; without one it is drafted, and looked at before measuring."""

from __future__ import annotations

from typing import Final, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from conformity.entry.clock import now
from conformity.entry.rest.asked import MANIFEST
from conformity.entry.rest.auth.callers import require
from conformity.entry.rest.auth.session import check_form
from conformity.entry.rest.parts import UploadLimits
from conformity.entry.rest.problems import ProblemError, status_of
from conformity.entry.rest.service import service
from conformity.entry.rest.staging import prepare_data, staging
from conformity.entry.rest.uploads import receive
from conformity.entry.web.forms import Choice
from conformity.entry.web.keeping import keep
from conformity.entry.web.pages import Link, page
from conformity.entry.web.words import english, said, words
from conformity.errors import InputError
from conformity.model.base import Depth

_ACCEPTED: Final = ".csv,.tsv,.parquet,.json,.jsonl,.txt,.pkl,.joblib,.skops,.onnx,.pdf"
_DEPTHS: Final[tuple[Depth, ...]] = get_args(Depth)


def form(request: Request) -> Response:
    """Answer with the form.

    Raises:
        ProblemError: whoever asks may not assess.
    """
    require("assess")(request)
    return _form(request)


async def take(request: Request) -> Response:
    """Take files, draft a manifest if there is none, and lead to the page where it is looked at.

    Raises:
        ProblemError: whoever asks may not assess, or the form was not sent from a page of ours.
        ConformityError: no worker can be started.
    """
    who, given = require("assess")(request), service(request)
    await run_in_threadpool(prepare_data, given.data)
    try:
        with staging(given.data) as folder:
            upload = await receive(request, folder, UploadLimits.of(given.settings), {"manifest": MANIFEST})
            check_form(request, upload.fields.get("csrf"))
            chosen = _DEPTHS[upload.fields.get("depth") == _DEPTHS[1]]
            kept = await run_in_threadpool(keep, given, upload, who.owner, now(), chosen)
    except ProblemError as error:
        if error.status not in (413, 422, 507):
            raise
        return _form(request, error.detail, error.status)
    except InputError as error:
        return _form(request, error.message, status_of(error))
    return RedirectResponse(f"/drafts/{kept}", 303)


def _form(request: Request, problem: str = "", status: int = 200) -> Response:
    """Return the form, with what was wrong with what was handed in."""
    told = words()["upload"]
    most = service(request).settings.upload_mb
    return page(
        request,
        "upload",
        told["title"],
        status=status,
        problem=problem,
        accept=_ACCEPTED,
        data_hint=said("upload.data_hint", size=english().size(most * 1024 * 1024)),
        depths=tuple(Choice(one, told[one], one == _DEPTHS[0]) for one in _DEPTHS),
        trail=(Link("/", words()["nav"]["home"]), Link("", words()["nav"]["upload"])),
    )
