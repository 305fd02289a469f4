"""The fixed words of the templates in another language, by their place in ``en.json``."""

from __future__ import annotations

import re
from typing import Any

from conformity.render.translation.catalogue import Catalogue

_COLONS = {"fr": "\u00a0:"}
"""How a colon is set where it does not stand close to the word before it.

Source: Publications Office of the European Union, Interinstitutional style guide, French version, 6.4.
"""

_PLACES_ALONE = re.compile(r"(?:\{\w+\}|[^\w{}])+")


def words_in_language(english: Any, catalogue: Catalogue, path: str = "") -> Any:
    """Return the tree of words with every known one in the language; the others stay English.

    Forms of plural that English does not have are added beside ``…_other``, where the catalogue has them.

    Args:
        english: the words of ``en.json``, or a part of them.
        catalogue: the messages of the language.
        path: where the part stands, with dots.
    """
    if isinstance(english, list):
        return [words_in_language(one, catalogue, f"{path}.{number}") for number, one in enumerate(english)]
    if not isinstance(english, dict):
        return catalogue.fixed.get(path) or _pattern(english, catalogue.language)
    made = {
        key: words_in_language(one, catalogue, f"{path}.{key}" if path else key)
        for key, one in english.items()
    }
    for key in english:
        for form in ("few", "many"):
            name = f"{key.removesuffix('other')}{form}"
            if key.endswith("_other") and f"{path}.{name}" in catalogue.fixed:
                made[name] = catalogue.fixed[f"{path}.{name}"]
    return made


def _pattern(english: str, language: str) -> str:
    """Return a text that no message covers; one of places alone with its colons as the language sets them."""
    colon = _COLONS.get(language)
    return english.replace(":", colon) if colon and _PLACES_ALONE.fullmatch(english) else english
