"""Every language says everything: no message is missing, doubtful, without its places, or left in English."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from conformity.catalog.load import conditions
from conformity.compose import compose
from conformity.judge.nonconformities import with_register
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.pipeline.messages.data import Message, all_messages
from conformity.pipeline.messages.po import TEMPLATE, expanded, template_bytes
from conformity.probes.registry import probe_specs
from conformity.render.assets import FACES, templates_folder, words_in
from conformity.render.characters import covered
from conformity.render.languages import known_languages
from conformity.render.locale import locale_for
from conformity.render.translation.catalogue import Catalogue, catalogue
from conformity.render.translation.records import names_in, translated, translated_document
from conformity.render.translation.templates import places
from conformity.render.translation.translator import Translator
from conformity.render.views.context import Context
from conformity.settings import DISCLOSURE_LIMIT

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "templates" / "locale"
OTHERS = known_languages()[1:]
SAMPLES = sorted(path.parent.name for path in (ROOT / "sample_reports").glob("*/assessment.json"))
SYMBOLS = re.compile(r"^(?:1|[A-Za-z]{1,3}|kWh)$")
WORDS = re.compile(r"\b[a-z]{4,}\b")
ALIKE = {"stackone-defender {version}": set(OTHERS), "version {version}, {lifecycle}": {"fr"}}
"""What is the same in English and in these languages."""


@cache
def messages() -> tuple[Message, ...]:
    """Return every message of the tool."""
    return all_messages(ROOT)


@cache
def marked() -> Catalogue:
    """Return a language in which every text is the English in marks."""
    return Catalogue("de", {}, {one.text: f"«{one.text}»" for one in messages() if not one.context})


def test_the_template_holds_the_messages_there_are() -> None:
    made = template_bytes(messages())
    assert (LOCALE / TEMPLATE).read_bytes() == made, "run: .venv/bin/python docs/make_messages.py"


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_its_places(language: str) -> None:
    found = catalogue(LOCALE / f"{language}.po")
    missing, torn = [], []
    for one in expanded(messages(), language):
        told = found.fixed.get(one.context) if one.context else found.texts.get(one.text)
        if told is None:
            missing.append(one.context or one.text)
        elif not _fit(one, told):
            torn.append(one.context or one.text)
    assert (missing[:5], torn) == ([], []), f"{len(missing)} messages are missing"
    assert set(found.texts) <= {one.text for one in messages()}, "run: docs/make_messages.py"


def _fit(message: Message, told: str) -> bool:
    """Tell whether a translation has the places of its message; the form for one may leave out its number."""
    here, there = set(places(message.text)), set(places(told))
    return here == there or ((message.context or "").endswith("_one") and there == here - {"n"})


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_left_in_english(language: str) -> None:
    found = catalogue(LOCALE / f"{language}.po")
    pairs = [*found.texts.items(), *((words_at(place), told) for place, told in found.fixed.items())]
    same = [text for text, told in pairs if text == told and len(WORDS.findall(text)) > 2]
    assert [text for text in same if language not in ALIKE.get(text, ())] == []


def words_at(place: str) -> str:
    """Return the English of a fixed word; of a form that English does not have, nothing."""
    node = words_in("en")
    for key in place.split("."):
        node = node[int(key)] if isinstance(node, list) else node.get(key, "")
    return str(node)


@pytest.mark.parametrize("language", OTHERS)
def test_every_letter_is_in_a_bundled_font(language: str) -> None:
    found = catalogue(LOCALE / f"{language}.po")
    habits = locale_for(language)
    known = covered(tuple(templates_folder() / "fonts" / face.file for face in FACES))
    text = "".join([*found.fixed.values(), *found.texts.values(), *habits.months, habits.group_mark])
    assert {letter for letter in text if ord(letter) not in known} <= {"\n"}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", SAMPLES)
def test_everything_the_tool_says_in_a_sample_is_a_message(name: str) -> None:
    folder = ROOT / "sample_reports" / name
    assessment = Assessment.model_validate_json((folder / "assessment.json").read_bytes())
    evidence = Evidence.model_validate_json((folder / "evidence.json").read_bytes())
    translator = Translator(marked(), keep=names_in(assessment.manifest))
    context = Context(assessment, evidence, DISCLOSURE_LIMIT, locale_for("en"), words_in("en"))
    translated(assessment, evidence, translator, context.guarded)
    for document in compose(with_register(assessment), evidence, "sha256:" + "0" * 64, ()):
        translated_document(document, translator)
    assert translator.missed == {}


def test_every_unit_and_every_condition_has_a_word() -> None:
    words = words_in("en")
    units = {metric.unit for probe in probe_specs() for metric in probe.metrics}
    assert {unit for unit in units if not SYMBOLS.match(unit)} <= set(words["unit"])
    assert {str(row.id) for row in conditions()} == set(words["condition"])
