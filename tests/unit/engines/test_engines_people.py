"""Names of people are told by lists, titles and words that stand against them, in any alphabet and case."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from conformity.engines import gazetteer
from conformity.engines.naming import folded
from conformity.engines.patterns import pattern
from conformity.engines.people import known_name, told_name

LANGUAGES = set(re.findall("..", "bgcsdadeelenesetfifrgahrhuitltlvmtnlplptroskslsv"))
"""The 24 official languages of the Union: Regulation No 1, Art. 1."""


def test_every_language_of_the_union_has_names() -> None:
    assert len(LANGUAGES) == 24
    for file in ("names.toml", "places.toml"):
        read = tomllib.loads((Path(gazetteer.__file__).parent / "data" / file).read_text("utf-8"))
        assert set(read) - {"wider", "words"} == LANGUAGES
        if file == "names.toml":
            given = {language: len(set(str(read[language]["given"]).split())) for language in LANGUAGES}
            assert min(given.values()) >= 30
            assert sum(given.values()) > 2_500


def test_lists_do_not_contradict_themselves() -> None:
    names = gazetteer.names()
    assert not names.doubtful & (names.given | names.surnames)
    assert not (names.given | names.surnames | names.doubtful) & names.never
    assert all(len(name) > 1 for name in names.given | names.surnames)
    assert {"mueller", "muller", "joergen", "jorgen"} <= names.given | names.surnames


@pytest.mark.parametrize(
    "text",
    [
        "Anna",
        "Anna-Maria",
        "Anna Unbekannt",
        "MÜLLER, Jürgen",
        "Mueller, Juergen",
        "donald van der voet",
        "J. Kowalska-Nowak",
        "O'Neill",
        "McAllister",
        "Herr Unbekannt",
        "Γιώργος Παπαδόπουλος",
        "ΓΕΩΡΓΙΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ",
        "мария иванова",
        "ИВАН ГЕОРГИЕВ",
        "Grace Smith",
        "Peter White",
        "Grigorescu",
    ],
)
def test_names_in_cells(text: str) -> None:
    assert pattern("known_name").fits(text)
    assert known_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Florence",
        "Rose",
        "red",
        "Anna Hospital",
        "Müller GmbH",
        "San Antonio",
        "Novák s.r.o.",
        "Großraum",
        "Herr",
        "J.",
        "Anna and Ben are here",
        "Anna Maria Elena Sofia Clara Emma",
        "Wolfsburg Schnellreinigung",
        "Rose Garden",
    ],
)
def test_what_only_looks_like_a_name_in_cells(text: str) -> None:
    assert not known_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please call Anna Unbekannt tomorrow.",
        "Dear Mr. Unbekannt, we regret",
        "seen by Dr. Rossi",
        "Nachricht von Jürgen von der Heide",
        "ΓΕΩΡΓΙΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ called",
        "писмо от Мария Иванова",
        "signed Anna M. Keller",
        "it was Grace Schmidt who wrote",
        "ο κ. Αλεξίου",
    ],
)
def test_names_in_texts(text: str) -> None:
    assert pattern("known_name").hinted_in(text)
    assert told_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "anna came",
        "Anna",
        "see you at Victoria Station",
        "the Martin Luther King Boulevard",
        "at 12 Anna Unbekannt",
        "MS Word and DR Congo",
        "Dear Sir Madam",
        "Anna Maria Hospital",
        "Anna K",
        "Rose Garden Centre",
        "New York and San Francisco",
    ],
)
def test_what_is_no_name_in_texts(text: str) -> None:
    assert not told_name(text)


def test_accents_and_strokes_are_folded() -> None:
    assert folded("Łukasz Đorđe Søren Straße ışık") == "lukasz dorde soren strasse isik"
    assert folded("ΜΑΡΊΑΣ") == folded("μαρίας")
