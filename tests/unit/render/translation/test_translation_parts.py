"""Templates, pieces, fixed words and catalogues."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import pytest

from conformity.errors import RenderError, UsageError
from conformity.render.assets import words_in
from conformity.render.languages import check_language, known_languages
from conformity.render.locale import locale_for
from conformity.render.translation.catalogue import Catalogue, catalogue, languages
from conformity.render.translation.pieces import IDENTIFIER, PART_END, SENTENCE_END, is_citation, pieces_of
from conformity.render.translation.speaking import number_in
from conformity.render.translation.templates import Template, Templates, filled, places
from conformity.render.translation.words import words_in_language

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgctxt "common.none"
msgid "none"
msgstr "keine"

msgid "Nothing."
msgstr "Nichts."

msgid "New."
msgstr ""

#, fuzzy
msgid "Doubtful."
msgstr "Zweifelhaft."
"""


def test_a_catalogue_holds_what_is_translated_and_sure(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    path.write_text(PO, "utf-8")
    found = catalogue(path)
    assert found == Catalogue("de", {"common.none": "keine"}, {"Nothing.": "Nichts."})
    assert languages(tmp_path) == ("en", "de")


@pytest.mark.parametrize("content", [None, 'msgid "open', "\udcff"])
def test_a_catalogue_that_cannot_be_read_is_an_error(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "de.po"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(RenderError, match=r"de\.po cannot be read"):
        catalogue(path)


def test_the_languages_are_english_and_one_for_each_catalogue() -> None:
    assert known_languages() == ("en", "de", "el", "es", "fr", "it", "nl", "pl")
    check_language("de")
    with pytest.raises(UsageError, match="'xx'; choose from en, de"):
        check_language("xx")


def test_fixed_words_keep_their_tree_and_gain_forms_of_plural() -> None:
    english = {"a": {"file_one": "{n} file", "file_other": "{n} files", "list": ["x", "y"]}, "b": {"c": "—"}}
    polish = Catalogue(
        "pl", {"a.file_few": "{n} pliki", "a.file_many": "{n} plików", "a.list.1": "igrek"}, {}
    )
    told = words_in_language(english, polish)
    assert told["a"]["file_few"] == "{n} pliki"
    assert told["a"]["file_many"] == "{n} plików"
    assert told["a"]["file_one"] == "{n} file"
    assert told["a"]["list"] == ["x", "igrek"]
    assert told["b"] == {"c": "—"}


def test_a_colon_is_set_as_the_language_does() -> None:
    english = {"colon": ":", "bound": "{metric}: {bound}", "left": "Left: {n}"}
    told = {code: words_in_language(english, Catalogue(code, {}, {})) for code in ("fr", "de")}
    assert told["de"] == english
    assert told["fr"] == {"colon": "\u00a0:", "bound": "{metric}\u00a0: {bound}", "left": "Left: {n}"}
    assert words_in("fr")["common"]["colon"] == "\u00a0:"


def test_a_template_says_what_stands_at_its_places() -> None:
    template = Template("{a} and {b} of {a}")
    assert places(template.text) == ("a", "b")
    assert template.start == ""
    assert template.found_in("x and y of x", wide=False) == {"a": "x", "b": "y"}
    assert template.found_in("x and y of z", wide=True) is None
    assert filled("{b}, {a}", {"a": "{b}", "b": "1"}) == "1, {b}"


def test_a_place_holds_the_end_of_a_sentence_only_where_that_is_allowed() -> None:
    template = Template("Criterion {name}: {reason}")
    text = "Criterion x: One. Two."
    assert template.found_in(text, wide=False) is None
    assert template.found_in(text, wide=True) == {"name": "x", "reason": "One. Two."}
    assert template.found_in("Criterion x: See Art. 9.", wide=False) is not None


def test_days_and_numbers_have_a_form() -> None:
    assert Template("on {day}").found_in("on Monday", wide=True) is None
    assert Template("on {day}").found_in("on 2026-01-02", wide=True) == {"day": "2026-01-02"}
    assert Template("{n} more").found_in("many more", wide=True) is None


def test_of_several_templates_the_one_with_most_words_comes_first() -> None:
    known = Templates(["The {a} is {b}.", "The {a} is not {b}.", "{a} {b}.", "No {a}."])
    found = [template.text for template, _ in known.matches("The cat is not here.", wide=False)]
    assert found == ["The {a} is not {b}.", "The {a} is {b}.", "{a} {b}."]
    assert [template.text for template, _ in known.matches("The cat is not here.", wide=True)] == [
        "The {a} is not {b}."
    ]
    assert list(known.matches(" ", wide=False)) == []


def test_pieces_joined_are_the_text() -> None:
    text = "One (Art. 9(8)). Two; three: four? (Five) Six"
    for ends in (SENTENCE_END, PART_END):
        assert "".join(pieces_of(text, ends)) == text
    assert next(pieces_of(text, SENTENCE_END)) == "One (Art. 9(8)). "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Art. 9(8)", True),
        ("(Annex III(5)(b))", True),
        ("Art. 43(1) third subpara.", True),
        ("Art. 4(1) (as replaced 2026)", True),
        ("9(8)", False),
        ("Art. 9 asks for tests", False),
        ("point", False),
    ],
)
def test_citations_are_told_from_sentences(text: str, told: bool) -> None:
    assert is_citation(text) is told


def test_long_texts_of_others_take_no_time() -> None:
    began = time.monotonic()
    assert not is_citation("Art. " + "1" * 2000 + "!")
    assert is_citation("Art. " + "1" * 2000)
    assert IDENTIFIER.match("1" * 50_000 + " x") is None
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("code", "english", "told"),
    [
        ("de", "1,234.5", "1.234,5"),
        ("de", "0.67%", "0,67%"),
        ("de", "15000", "15000"),
        ("es", "1,234", "1234"),
        ("fr", "27 July 2026", "27 juillet 2026"),
        ("pl", "3 March 2026", "3 marca 2026"),
    ],
)
def test_numbers_and_days_of_sentences_are_written_as_the_language_does(
    code: str, english: str, told: str
) -> None:
    assert number_in(locale_for(code), english) == told


@pytest.mark.parametrize(
    ("code", "day", "number", "share"),
    [
        # Unicode CLDR 48: dates, numbers and percentages of each language.
        ("de", "2. Dezember 2027", "1.234", "95\u00a0%"),
        ("fr", "2 décembre 2027", "1\u202f234", "95\u00a0%"),
        ("es", "2 de diciembre de 2027", "1234", "95\u00a0%"),
        ("it", "2 dicembre 2027", "1.234", "95%"),
        ("nl", "2 december 2027", "1.234", "95%"),
        ("pl", "2 grudnia 2027", "1234", "95%"),
        ("el", "2 Δεκεμβρίου 2027", "1.234", "95%"),
    ],
)
def test_habits_of_each_language(code: str, day: str, number: str, share: str) -> None:
    habits = locale_for(code)
    assert habits.day(date(2027, 12, 2)) == day
    assert habits.integer(1234) == number
    assert habits.integer(-12345).lstrip("-") == habits.integer(12345)
    assert habits.percent(0.95) == share
    assert habits.ratio(0.5) == "0,500"


def test_polish_has_more_forms_of_plural() -> None:
    assert locale_for("pl").plural_forms == {"one", "few", "many"}
    assert locale_for("en").plural_forms == {"one", "other"}


def test_without_the_library_that_reads_catalogues_there_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "babel.messages.pofile", None)
    monkeypatch.setitem(sys.modules, "babel", None)
    with pytest.raises(RenderError, match="the library Babel"):
        catalogue(tmp_path / "xx.po")
    with pytest.raises(RenderError, match="the library Babel"):
        locale_for.__wrapped__("de")
