"""Where the templates are, and what lies beside them: words, style and fonts."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conformity.errors import RenderError
from conformity.render.translation.catalogue import ENGLISH, catalogue
from conformity.render.translation.words import words_in_language

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
    folder = templates_folder() / "locale"
    path = folder / "en.json"
    if code != ENGLISH:
        in_language: dict[str, Any] = words_in_language(words_in(ENGLISH), catalogue(folder / f"{code}.po"))
        return in_language
    try:
        words: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"the words of language {code!r} cannot be read from {path}: {error}") from error
    return words


SHEETS = ("style.css", "screen.css", "dark.css", "print.css")
"""The style sheets of the report, in their order."""


@dataclass(frozen=True)
class Script:
    """The script of the HTML report and what the page's policy allows."""

    text: str
    """The script."""
    source: str
    """Its hash as a Content Security Policy names it: nothing else may run."""


@cache
def script() -> Script:
    """Return the script that filters and folds; the report is whole without it.

    Source: Content Security Policy Level 3, 2.3.1 (hash-source).

    Raises:
        RenderError: the script is missing.
    """
    path = templates_folder() / "report.js"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise RenderError(
            f"the script of the report cannot be read: {error}; install the package again"
        ) from error
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Script(text, f"'sha256-{digest}'")


@cache
def style() -> str:
    """Return the style sheet, with the fonts inside it so that a document needs no other file.

    Raises:
        RenderError: the style or a font is missing.
    """
    folder = templates_folder()
    try:
        faces = [_font_face(face, (folder / "fonts" / face.file).read_bytes()) for face in FACES]
        sheets = [(folder / name).read_text("utf-8") for name in SHEETS]
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
