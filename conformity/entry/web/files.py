"""The fixed files of the pages: style, script, fonts and the mark, each with its digest in its address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from conformity.errors import RenderError
from conformity.render.assets import FACES, Face, templates_folder

_SHEETS = ("style.css", "web/pages.css", "dark.css", "web/dark.css")
_YEAR_S = 31_536_000


@dataclass(frozen=True)
class Fixed:
    """A file that never changes under its address."""

    address: str
    """Where it is."""
    content: bytes
    """Its bytes."""
    media_type: str
    """What it is."""


@dataclass(frozen=True)
class Files:
    """The addresses that every page names."""

    style: str
    """The style sheet."""
    script: str
    """The script."""
    icon: str
    """The mark."""


def named() -> Files:
    """Return the addresses that every page names.

    Raises:
        RenderError: a file is missing.
    """
    style, script, icon = _fixed()[:3]
    return Files(style.address, script.address, icon.address)


def serve_file(request: Request) -> Response:
    """Answer with a fixed file, which a browser may keep for ever.

    Raises:
        HTTPException: there is none at this address.
    """
    for one in _fixed():
        if one.address == request.url.path:
            kept = f"public, max-age={_YEAR_S}, immutable"
            headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
            return Response(one.content, media_type=one.media_type, headers=headers)
    raise HTTPException(404)


def serve_icon(_request: Request) -> Response:
    """Lead to the mark, for browsers that ask for it without having read a page."""
    return RedirectResponse(named().icon, 303)


@cache
def _fixed() -> tuple[Fixed, ...]:
    """Return all fixed files: style, script and mark, then the fonts.

    Raises:
        RenderError: a file is missing.
    """
    folder = templates_folder()
    try:
        fonts = [_file(folder / "fonts" / face.file, "font/woff") for face in FACES]
        faces = [_font_face(face, font.address) for face, font in zip(FACES, fonts, strict=True)]
        sheets = [(folder / name).read_text("utf-8") for name in _SHEETS]
        script = _file(folder / "web" / "pages.js", "text/javascript")
        icon = _file(folder / "web" / "mark.svg", "image/svg+xml")
    except OSError as error:
        raise RenderError(
            f"a part of the pages cannot be read: {error}; install the package again"
        ) from error
    style = _at("pages.css", "\n".join([*faces, *sheets]).encode("utf-8"), "text/css")
    return (style, script, icon, *fonts)


def _file(path: Path, media_type: str) -> Fixed:
    """Return a file at its address."""
    return _at(path.name, path.read_bytes(), media_type)


def _at(name: str, content: bytes, media_type: str) -> Fixed:
    """Return some bytes at an address that changes with them."""
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Fixed(f"/static/{stem}-{digest}.{ending}", content, media_type)


def _font_face(face: Face, address: str) -> str:
    """Return the rule that defines one font."""
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};font-display:swap;'
        f'src:url("{address}") format("woff")}}'
    )
