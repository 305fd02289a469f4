"""The languages that a report can be written in: English, and one for each catalogue of messages."""

from __future__ import annotations

from conformity.errors import UsageError
from conformity.render.assets import templates_folder
from conformity.render.translation.catalogue import languages


def known_languages() -> tuple[str, ...]:
    """Return the tags of the languages that a report can be written in, English first."""
    return languages(templates_folder() / "locale")


def check_language(language: str) -> None:
    """Check that a report can be written in a language.

    Raises:
        UsageError: it cannot; the message names the languages that can be asked for.
    """
    known = known_languages()
    if language not in known:
        raise UsageError(f"There is no report in the language {language!r}; choose from {', '.join(known)}.")
