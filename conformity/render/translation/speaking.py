"""What the views need to speak a language: its records, its fixed words and its habits of writing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from conformity.model.assessment import Assessment
from conformity.model.document import Document
from conformity.model.evidence import Evidence
from conformity.render.assets import templates_folder, words_in
from conformity.render.languages import check_language
from conformity.render.locale import Locale, locale_for
from conformity.render.translation.catalogue import ENGLISH, catalogue
from conformity.render.translation.pieces import DAY
from conformity.render.translation.records import names_in, translated, translated_document
from conformity.render.translation.translator import Translator
from conformity.render.views.context import Context

_LETTERS_OF_A_COUNTRY = 2
_NAMING = ("column_role", "kind", "purpose", "unit", "obtained", "answer", "verdict")
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Speech:
    """One language, ready for the views."""

    context: Context
    """The records, in the language where the tool wrote them, and how to write."""
    translator: Translator | None
    """What puts further texts into the language; none for English."""

    def document(self, document: Document) -> Document:
        """Return a composed document in the language."""
        return document if self.translator is None else translated_document(document, self.translator)


def speech(
    assessment: Assessment, evidence: Evidence, disclosure_limit: int, language: str = ENGLISH
) -> Speech:
    """Return the records and the words in a language; English records are the very same.

    Raises:
        UsageError: there is no such language.
        RenderError: its catalogue cannot be read.
    """
    check_language(language)
    english = Context(assessment, evidence, disclosure_limit, locale_for(ENGLISH), words_in(ENGLISH))
    if language == ENGLISH:
        return Speech(english, None)
    locale = locale_for(language)
    translator = Translator(
        catalogue(templates_folder() / "locale" / f"{language}.po"),
        keep=names_in(assessment.manifest),
        number=lambda text: number_in(locale, text),
        names=_countries(language) | _known_words(words_in(ENGLISH), words_in(language)),
    )
    told, seen = translated(assessment, evidence, translator, english.guarded)
    return Speech(Context(told, seen, disclosure_limit, locale, words_in(language)), translator)


@cache
def _countries(language: str) -> dict[str, str]:
    """Return what countries are called in a language, by their English names.

    Source:
        Unicode CLDR, names of territories.
    """
    from babel import Locale as Known

    there = Known.parse(language).territories
    return {
        name: there[code]
        for code, name in Known.parse(ENGLISH).territories.items()
        if len(code) == _LETTERS_OF_A_COUNTRY and code in there
    }


def _known_words(english: dict[str, Any], told: dict[str, Any]) -> dict[str, str]:
    """Return the fixed words that sentences use as names, by their English: roles, kinds, purposes, units."""
    return {word: told[section][key] for section in _NAMING for key, word in english[section].items()}


def number_in(locale: Locale, english: str) -> str:
    """Return a number, or a day, of an English sentence as the language writes it; its digits stay."""
    if found := DAY.match(english.strip()):
        day, month, year = found.groups()
        return locale.day(date(int(year), locale_for(ENGLISH).months.index(month) + 1, int(day)))

    def written(found: re.Match[str]) -> str:
        whole, mark, rest = found.group().partition(".")
        shown = locale.integer(int(whole.replace(",", ""))) if "," in whole else whole
        return shown + (locale.decimal_mark + rest if mark else "")

    return _DIGITS.sub(written, english)
