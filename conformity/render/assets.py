"""Where the templates are, and what lies beside them: words, style and fonts."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conformity.errors import RenderError

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Face:
    """One font file and the name under which the style uses it."""

    family: str
    """Family in the style sheet."""
    weight: int
    """Weight in the style sheet."""
    file: str
    """File in ``templates/fonts``."""


FACES = (
    Face("IBM Plex Sans", 400, "IBMPlexSans-Regular.woff"),
    Face("IBM Plex Sans", 600, "IBMPlexSans-SemiBold.woff"),
    Face("IBM Plex Mono", 400, "IBMPlexMono-Regular.woff"),
    Face("DejaVu Symbols", 400, "DejaVuSans-Symbols.woff"),
)
"""All fonts a document may use."""


@cache
def templates_folder() -> Path:
    """Return the folder of the templates: inside an installed package, or beside it in a source tree.

    Raises:
        RenderError: there is neither.
    """
    return _first_folder((_PACKAGE / "templates", _PACKAGE.parent / "templates"))


def _first_folder(places: tuple[Path, ...]) -> Path:
    """Return the first of ``places`` that holds the templates."""
    for place in places:
        if (place / "assessment.html.j2").is_file():
            return place
    looked = " and ".join(str(place) for place in places)
    raise RenderError(f"the templates are missing; looked in {looked}; install the package again")


@cache
def words_in(code: str) -> dict[str, Any]:
    """Return all fixed words and sentences of a language; nobody may change the result.

    Raises:
        RenderError: the file is missing or is not JSON.
    """
    path = templates_folder() / "locale" / f"{code}.json"
    try:
        words: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"the words of language {code!r} cannot be read from {path}: {error}") from error
    return words


@cache
def style() -> str:
    """Return the style sheet, with the fonts inside it so that a document needs no other file.

    Raises:
        RenderError: the style or a font is missing.
    """
    folder = templates_folder()
    try:
        faces = [_font_face(face, (folder / "fonts" / face.file).read_bytes()) for face in FACES]
        sheets = [(folder / name).read_text("utf-8") for name in ("style.css", "screen.css", "print.css")]
    except OSError as error:
        raise RenderError(
            f"a part of the style cannot be read: {error}; install the package again"
        ) from error
    return "\n".join([*faces, *sheets])


def _font_face(face: Face, content: bytes) -> str:
    """Return the rule that defines one font, with its bytes in it."""
    encoded = base64.b64encode(content).decode("ascii")
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};'
        f'src:url("data:font/woff;base64,{encoded}") format("woff")}}'
    )
