"""English texts of the tool in another language: only what a message covers, never a guess."""

from __future__ import annotations

import pytest

from conformity.render.translation.catalogue import Catalogue
from conformity.render.translation.translator import Translator

TEXTS = {
    "Nothing was handed in.": "Nichts wurde vorgelegt.",
    "The whole interval keeps the bound.": "Das ganze Intervall hält die Grenze ein.",
    "Criterion {name}: {reason}": "Kriterium {name}: {reason}",
    "fewer than {n} {cases}; merge groups or collect more": "weniger als {n} {cases}; Gruppen vereinen",
    "rows with a label": "Zeilen mit Label",
    "actual positives": "tatsächlich Positive",
    "Provider": "Anbieter",
    "It binds the {names}.": "Es bindet: {names}.",
    "The question on {title} is answered no: {because}": "Die Frage zu {title} ist verneint: {because}",
    "deep fakes": "Deepfakes",
    "Not measured: {reason}": "Nicht gemessen: {reason}",
    "No column of {table} has the role {roles}; name one.": "Keine Spalte von {table} hat die Rolle {roles}.",
    "Wilson score": "Wilson-Intervall",
    "blanks counted both ways": "Lücken beidseitig gezählt",
    "{name}, {function}, on {day}": "{name}, {function}, am {day}",
    "Signed for by {people}.": "Unterzeichnet von {people}.",
    "About {n} more cases would settle it.": "Etwa {n} weitere Fälle würden es klären.",
    "high-risk system": "Hochrisiko-System",
    "control (Annex VI)": "Kontrolle (Anhang VI)",
    "Holds: {held}.": "Gilt: {held}.",
    "Grid: {country}.": "Netz: {country}.",
    "{a} is {b}": "{a} ist {b}",
    "The truth may be {range} times the figure.": "Die Wahrheit kann das {range}-fache sein.",
}
FIXED = {
    "citation.art": "Art.",
    "citation.annex": "Anhang",
    "citation.and": "und",
    "citation.or": "oder",
    "citation.first": "erster",
    "citation.sentence": "Satz",
    "common.between": "{low} bis {high}",
}


@pytest.fixture
def german() -> Translator:
    """Return a translator with a few messages."""
    return Translator(
        Catalogue("de", FIXED, TEXTS),
        keep=frozenset(["training", "deep fakes and more", "Only a clerk sees it"]),
        number=lambda text: text.replace(",", "_"),
        names={"Austria": "Österreich", "Germany": "Deutschland"},
    )


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("Nothing was handed in.", "Nichts wurde vorgelegt."),
        ("Nothing was handed in", "Nothing was handed in"),
        ("42 %", "42 %"),
        ("3.11", "3.11"),
        ("3 March 2026", "3 March 2026"),
        ("Germany", "Deutschland"),
        (
            "Not measured: No column of words that nobody knows has the role `score`; name one.",
            "Not measured: Keine Spalte von words that nobody knows hat die Rolle `score`.",
        ),
        (
            "The question on deep fakes is answered no: Nobody said this. Nor that.",
            "Die Frage zu Deepfakes ist verneint: Nobody said this. Nor that.",
        ),
        (
            "Criterion gap: The whole interval keeps the bound.",
            "Kriterium gap: Das ganze Intervall hält die Grenze ein.",
        ),
        (
            "fewer than 30 rows with a label; merge groups or collect more",
            "weniger als 30 Zeilen mit Label; Gruppen vereinen",
        ),
        (
            "fewer than 30 rows with a label or actual positives; merge groups or collect more",
            "weniger als 30 Zeilen mit Label oder tatsächlich Positive; Gruppen vereinen",
        ),
        ("It binds the provider.", "Es bindet: Anbieter."),
        ("Wilson score, blanks counted both ways", "Wilson-Intervall, Lücken beidseitig gezählt"),
        ("About 20,000 more cases would settle it.", "Etwa 20_000 weitere Fälle würden es klären."),
        ("Annex IV(2)(c) and Art. 9(1) first sentence", "Anhang IV(2)(c) und Art. 9(1) erster Satz"),
        ("Holds: high-risk system; deep fakes.", "Gilt: Hochrisiko-System; Deepfakes."),
        ("Holds: deep fakes; control (Annex VI).", "Gilt: Deepfakes; Kontrolle (Anhang VI)."),
        ("Grid: Germany.", "Netz: Deutschland."),
        ("Grid: Austria 5.7e-06, Germany 2.", "Netz: Österreich 5.7e-06, Deutschland 2."),
        ("Grid: deep fakes (fake_id).", "Netz: Deepfakes (fake_id)."),
        ("The truth may be 0.5 to 2 times the figure.", "Die Wahrheit kann das 0.5 bis 2-fache sein."),
        (
            "Signed for by A. Person, Head, on 2026-01-02; B. Person, Clerk, on 2026-01-03.",
            "Unterzeichnet von A. Person, Head, am 2026-01-02; B. Person, Clerk, am 2026-01-03.",
        ),
    ],
)
def test_a_text_is_put_together_from_messages(german: Translator, english: str, told: str) -> None:
    assert german.text(english) == told


def test_several_sentences_are_told_apart(german: Translator) -> None:
    english = (
        "Not measured: No column of training has the role `score`; name one. Nothing was handed in. (Art. 2)"
    )
    assert german.text(english) == (
        "Nicht gemessen: Keine Spalte von training hat die Rolle `score`. Nichts wurde vorgelegt. (Art. 2)"
    )
    assert german.missed == {}


def test_words_of_the_provider_stay(german: Translator) -> None:
    english = "The question on deep fakes is answered no: Only a clerk sees it."
    assert german.text(english) == "Die Frage zu Deepfakes ist verneint: Only a clerk sees it."
    assert german.text("It binds the deep fakes and more.") == "Es bindet: deep fakes and more."
    assert german.missed == {}


def test_words_of_the_provider_may_be_several_sentences(german: Translator) -> None:
    english = "The question on deep fakes is answered no: A person looks. Then another one looks."
    assert german.text(english).startswith("Die Frage zu Deepfakes ist verneint: A person looks.")


def test_what_no_message_covers_stays_english_and_is_counted_once_for_each_text(german: Translator) -> None:
    english = "This was never said before. Nothing was handed in."
    assert german.text(english) == "This was never said before. Nichts wurde vorgelegt."
    assert german.text(english) == "This was never said before. Nichts wurde vorgelegt."
    assert german.missed == {"This was never said before": 1}


def test_parts_of_a_sentence_that_is_not_known_are_translated_alone(german: Translator) -> None:
    assert german.text("deep fakes; nobody knows these words") == "Deepfakes; nobody knows these words"
    assert german.missed == {"nobody knows these words": 1}


def test_a_template_of_few_words_is_not_forced_on_a_long_sentence(german: Translator) -> None:
    english = "whether the many words of somebody else is what they seem to mean at all"
    assert german.text(english) == english
    assert german.missed


def test_words_that_stand_at_a_place_and_are_not_known_are_counted(german: Translator) -> None:
    told = german.text("The question on some other words here is answered no: Only a clerk sees it.")
    assert told == "Die Frage zu some other words here ist verneint: Only a clerk sees it."
    assert german.missed == {"some other words here": 1}


def test_what_is_put_in_is_not_read_as_a_template(german: Translator) -> None:
    assert german.text("It binds the {names}.") == "Es bindet: {names}."


def test_a_word_within_a_sentence_is_written_small_but_in_german() -> None:
    french = Translator(
        Catalogue("fr", {}, {"Provider": "Fournisseur", "It binds the {names}.": "Oblige : {names}."})
    )
    assert french.text("It binds the provider.") == "Oblige : fournisseur."
    assert french.text("It binds the Provider.") == "Oblige : Fournisseur."


def test_words_of_a_citation_that_agree_are_put_together_where_the_language_has_them_so() -> None:
    words = {"citation.first": "1er", "citation.sentence": "phrase", "citation.first sentence": "1re phrase"}
    french = Translator(Catalogue("fr", {**words, "citation.subpara": "al."}, {}))
    assert french.citation("Art. 9(8) first sentence") == "Art. 9(8) 1re phrase"
    assert french.citation("Art. 9(8) first subpara.") == "Art. 9(8) 1er al."
    assert french.citation("Art. 9(8) as amended") == "Art. 9(8) as amended"


def test_lists_of_unknown_names_keep_their_joints(german: Translator) -> None:
    assert german.text("It binds the Smith and Sons.") == "Es bindet: Smith and Sons."
    assert german.text("It binds the 'a' and `b`.") == "Es bindet: 'a' und `b`."


def test_messages_within_messages_are_read_to_a_bounded_depth(german: Translator) -> None:
    told = german.text("Not measured: " * 400 + "Nothing was handed in.")
    assert "Not measured: " in told
    assert german.text("Not measured: Nothing was handed in.") == "Nicht gemessen: Nichts wurde vorgelegt."
    assert german.text("Not measured: " * 5 + "Provider") == "Nicht gemessen: " * 5 + "Anbieter"


def test_messages_in_a_row_between_semicolons_are_each_put_over() -> None:
    translator = Translator(Catalogue("de", FIXED, TEXTS | {"Told: {all}.": "Gesagt: {all}."}))
    english = "Told: Criterion a: rows with a label; Criterion b: actual positives."
    told = "Gesagt: Kriterium a: Zeilen mit Label; Kriterium b: tatsächlich Positive."
    assert (translator.text(english), translator.missed) == (told, {})
