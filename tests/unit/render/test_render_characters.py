"""Characters that hide, reorder or have no glyph."""

from __future__ import annotations

import pytest

from conformity.render.assets import FACES, templates_folder
from conformity.render.characters import covered, printable, visible

FONTS = tuple(templates_folder() / "fonts" / face.file for face in FACES)

ALPHABETS = (
    "AÄÅÁÀÂÃĂĄÆBCÇĆČĊDĎĐEÉÈÊËĚĘĖĒFGĢĞĠHĦIÍÌÎÏĮĪJKĶLŁĹĽĻMNŃŇŅOÖÓÒÔÕŐØŒPQRŔŘSŚŠŞȘTŤŢȚUÜÚÙÛŮŰŲŪVWXYÝZŹŽŻẞß"
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώϊϋΐΰς"
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯабвгдежзийклмнопрстуфхцчшщъьюя"
)
"""The letters of the 24 official languages of the Union: Latin, Greek and Bulgarian Cyrillic."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text\n", "plain text\n"),
        ("pay\u202eload", "pay[U+202E]load"),
        ("a\u200bb", "a[U+200B]b"),
        ("\x00\x1b", "[U+0000][U+001B]"),
        ("\ud800", "[U+D800]"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_hidden_characters_are_shown_as_codes(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_the_fonts_have_every_letter_of_the_unions_languages_and_every_icon() -> None:
    known = covered(FONTS)
    wanted = ALPHABETS + ALPHABETS.lower() + "✓▲✖○–≥≤→←×−±≈≠∈∪∩Σσμ√∞½²⁻⁷₀₁Ŷ…·•€°′″“”‘’„«»\ufffd"
    assert [character for character in wanted if ord(character) not in known] == []


def test_characters_without_a_glyph_become_codes() -> None:
    known = covered(FONTS)
    assert printable("über ✓\n", known) == "über ✓\n"
    assert printable("中a😀", known) == "[U+4E2D]a[U+1F600]"
