"""Documents of a report: the page itself under a policy of its own, the PDF, the record.

The HTML report runs its one script, known by its digest, apart from the pages: it sees no cookie, asks
for nothing and can be put into no frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.jobs.interface import PACK
from conformity.entry.rest.auth.callers import caller, require
from conformity.entry.rest.service import service
from conformity.entry.web.words import words
from conformity.errors import NotFoundError
from conformity.render.assets import script

DOCUMENTS: Final = {"html": "report.html", "pdf": "report.pdf", "json": "assessment.json"}
"""The documents that the pages link to, by what they are called there."""

_TYPES: Final = {
    "report.html": "text/html; charset=utf-8",
    "report.pdf": "application/pdf",
    "assessment.json": "application/json",
}
_MOST_BYTES: Final = 512 * 1024 * 1024


def archived(request: Request) -> Response:
    """Answer with a document of an archived version, which is the one that was archived.

    Raises:
        ProblemError: whoever asks may not read the archive.
        NotFoundError: there is no archive, no such version, or no such document in it.
        IntegrityError: the archive does not hold together.
    """
    from conformity.pipeline.archived import InArchive, archived_file

    require("archive")(request)
    given, asked = service(request), request.path_params
    if given.archive is None or asked["name"] not in _TYPES:
        raise NotFoundError(words()["error"]["missing"])
    at = InArchive(given.archive, asked["system"], asked["version"])
    content = archived_file(at, asked["name"], given.unbound)
    return _document(content, asked["name"], f"{at.system}-{at.version}")


def of_run(request: Request) -> Response:
    """Answer with a document of a run of whoever asks.

    Raises:
        NotFoundError: there is no such run, or it has no such document (yet).
    """
    run = service(request).engine.get(request.path_params["run"], owner=caller(request).owner)
    name = request.path_params.get("name", DOCUMENTS["html"])
    place = Path(run.folder) / PACK / name
    try:
        if name not in _TYPES or place.stat().st_size > _MOST_BYTES:
            raise NotFoundError(words()["error"]["missing"])
        content = place.read_bytes()
    except OSError as error:
        raise NotFoundError(words()["error"]["missing"]) from error
    return _document(content, name, run.id)


def _document(content: bytes, name: str, of: str) -> Response:
    """Return a document under the policy that fits it.

    Args:
        content: its bytes.
        name: its name in the pack.
        of: what it is of, for the name under which a browser keeps it.
    """
    stem, _, ending = name.rpartition(".")
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{stem}-{of}.{ending}"',
        "Content-Security-Policy": _policy(ending),
    }
    return Response(content, headers=headers, media_type=_TYPES[name])


def _policy(ending: str) -> str:
    """Return what a document may do: a report shows itself and runs its script, another one nothing.

    A browser shows no PDF inside a sandbox; its own viewer keeps the file apart.
    """
    if ending != "html":
        return "default-src 'none'; frame-ancestors 'none'" + ("; sandbox" if ending == "json" else "")
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src {script().source}; "
        "style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
