"""The messages of one language, read from ``templates/locale/<language>.po``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from conformity.errors import RenderError

ENGLISH = "en"
"""The language of the records, which needs no catalogue."""


@dataclass(frozen=True)
class Catalogue:
    """What stands for each English text."""

    language: str
    """BCP 47 tag."""
    fixed: Mapping[str, str]
    """The fixed words, by their place in ``en.json``."""
    texts: Mapping[str, str]
    """All other texts, by the English."""


def languages(folder: Path) -> tuple[str, ...]:
    """Return the tags of all languages, English first: one for each catalogue in the folder."""
    return (ENGLISH, *sorted(path.stem for path in folder.glob("*.po")))


@cache
def catalogue(path: Path) -> Catalogue:
    """Return a catalogue; messages without translation, and those marked as doubtful, are left out.

    Raises:
        RenderError: the file is missing or not a catalogue, or Babel, which reads it, is not installed.
    """
    try:
        from babel.messages.pofile import PoFileError, read_po
    except ImportError as error:
        raise RenderError(
            "reports in another language than English need the library Babel; install conformity-report again"
        ) from error
    try:
        with path.open("rb") as file:
            read = read_po(file, locale=path.stem, abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise RenderError(
            f"the messages in {path} cannot be read: {error}; install the package again"
        ) from error
    fixed: dict[str, str] = {}
    texts: dict[str, str] = {}
    for message in read:
        if message.id and message.string and not message.fuzzy:
            (fixed if message.context else texts)[str(message.context or message.id)] = str(message.string)
    return Catalogue(path.stem, MappingProxyType(fixed), MappingProxyType(texts))
