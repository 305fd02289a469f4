"""Ask for an assessment: a manifest, a manifest with its data, data alone, or paths on the server."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from conformity.entry.clock import now
from conformity.entry.rest import openapi
from conformity.entry.rest.asked import (
    MANIFEST,
    Options,
    PathsBody,
    from_paths,
    from_upload,
    options_of,
    reachable,
)
from conformity.entry.rest.auth.callers import require
from conformity.entry.rest.bodies import JSON, MULTIPART, YAML, json_of, media_type, read_body, shaped
from conformity.entry.rest.examples import MANIFEST as MANIFEST_JSON
from conformity.entry.rest.manifests import as_manifest, put_in_place, refuse_unusable
from conformity.entry.rest.parts import Upload, UploadLimits, unusable
from conformity.entry.rest.service import Assessor, Given
from conformity.entry.rest.staging import staging
from conformity.entry.rest.submitting import Asking, IdempotencyKey, announced, stored
from conformity.entry.rest.uploads import receive
from conformity.entry.rest.views import RunView
from conformity.model.run import Run

router = APIRouter(prefix="/v1/runs", tags=["runs"])
"""The routes of this module."""

_AT_ONCE = anyio.CapacityLimiter(4)
"""How many manifests are read at once: that takes seconds of a processor where they are large."""

_FORM: openapi.Json = {
    "type": "object",
    "properties": {
        "manifest": {
            "type": "string",
            "format": "binary",
            "description": "The manifest, as YAML or JSON; without one it is drafted from the files.",
        },
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "Files that the manifest names. The file name of each part is its path relative "
            "to the manifest, such as `data/test.csv`.",
        },
        **{
            name: {"type": "string", "description": "As in the query, over which it counts."}
            for name in Options.model_fields
        },
    },
}


@router.post(
    "",
    operation_id="createRun",
    status_code=202,
    openapi_extra=openapi.body(
        {
            JSON: {
                "schema": {
                    "anyOf": [
                        {"type": "object", "description": "A manifest.", "required": ["conformity"]},
                        openapi.schema_of(PathsBody),
                    ]
                },
                "examples": {
                    "manifest": {"value": MANIFEST_JSON},
                    "paths": {"value": {"manifest_path": "systems/scorer/conformity.yaml"}},
                },
            },
            YAML: {"schema": {"type": "object", "required": ["conformity"]}, "example": MANIFEST_JSON},
            MULTIPART: {"schema": _FORM, "encoding": {"manifest": {"contentType": f"{YAML}, {JSON}"}}},
        },
        "A manifest; a manifest with the files that it names; data files alone; or paths on the server.",
    ),
    responses={
        202: openapi.begun("The run, which goes on without this connection.", "getRun", "cancelRun"),
        **openapi.problems(404, 409, 507, with_body=True),
    },
)
async def create_run(
    request: Request,
    response: Response,
    service: Given,
    caller: Assessor,
    options: Annotated[Options, Query()],
    idempotency_key: IdempotencyKey = None,
) -> RunView:
    """Assess a system: measure, judge every requirement of the Act, and write its report."""
    kind = media_type(request, [JSON, YAML, MULTIPART])
    asking = Asking(service, caller, idempotency_key, now(), request.app.state.webhooks)
    with staging(service.data) as folder:
        if kind == MULTIPART:
            limits = UploadLimits.of(service.settings)
            upload = await receive(request, folder, limits, {"manifest": MANIFEST})
            act = partial(_from_form, asking, options, upload)
        else:
            content = await read_body(request, service.settings.manifest_max_bytes)
            data = json_of(content) if kind == JSON else None
            if isinstance(data, dict) and PathsBody.model_fields.keys() & data.keys():
                require("paths")(request)
                act = partial(_from_paths, asking, options, data)
            else:
                act = partial(_from_text, asking, options, content, data, folder)
        run = await anyio.to_thread.run_sync(act, limiter=_AT_ONCE)
    return announced(run, response, service)


def _from_paths(asking: Asking, options: Options, data: object) -> Run:
    """Return the run that assesses what lies on the server.

    Raises:
        ProblemError: the body is not what it must be (422).
        ConformityError: a path leads nowhere, or nothing may wait any more.
    """
    asked = from_paths(asking.service, asking.caller, options, shaped(data, PathsBody))
    return asking.submit(asked, options.callback_url)


def _from_text(asking: Asking, options: Options, content: bytes, data: object, folder: Path) -> Run:
    """Return the run that assesses by a manifest that is the whole body.

    Args:
        asking: who asks, and when.
        options: how it is assessed.
        content: the body.
        data: what it holds, where it is JSON; None where it is YAML.
        folder: an empty folder.

    Raises:
        ProblemError: the manifest is not usable (422).
        ConformityError: nothing may wait any more.
    """
    manifest = content if data is None else as_manifest(content, data)
    return _begun(asking, options, stored(manifest, folder, MANIFEST))


def _from_form(asking: Asking, options: Options, upload: Upload) -> Run:
    """Return the run that assesses what was uploaded.

    Raises:
        ProblemError: the form is not what it must be, or the manifest not usable (422).
        ConformityError: nothing may wait any more.
    """
    text = upload.fields.pop("manifest", None)
    if text is not None:
        if MANIFEST in upload.digests:
            raise unusable("manifest", "there are two manifests")
        kept = stored(text.encode(), upload.folder, MANIFEST)
        upload.digests.update(kept.digests)
    for name in upload.files.keys() - {"manifest", "files"}:
        raise unusable(name, "files come in the parts `manifest` and `files`")
    if not upload.digests:
        raise unusable("files", "there is neither a manifest nor a file")
    return _begun(asking, options_of(upload.fields, options), upload)


def _begun(asking: Asking, options: Options, upload: Upload) -> Run:
    """Return the run that assesses files that lie in one folder.

    Raises:
        ProblemError: the manifest is not usable (422).
        ConformityError: nothing may wait any more.
    """
    if MANIFEST in upload.digests:
        put_in_place(upload)
        refuse_unusable(upload.folder, reachable(asking.service.settings, asking.caller))
    return asking.submit_upload(
        upload,
        lambda place: from_upload(asking.service, asking.caller, options, upload, place),
        options.callback_url,
    )
