"""Templates, words and fonts."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import RenderError
from conformity.render import assets
from conformity.render.heatmap import SHADES
from conformity.render.languages import known_languages

TEMPLATES = assets.templates_folder()


def test_english_is_the_only_file_of_words() -> None:
    assert [path.name for path in (TEMPLATES / "locale").glob("*.json")] == ["en.json"]


def leaves(words: Any) -> list[str]:
    """Return all sentences of a file of words."""
    if isinstance(words, str):
        return [words]
    inner = words.values() if isinstance(words, dict) else words
    return [text for one in inner for text in leaves(one)]


@pytest.mark.parametrize("code", known_languages())
def test_fixed_words_never_claim_conformity(code: str) -> None:
    for text in leaves(assets.words_in(code)):
        assert not re.search(r"complian|complies|\bpassed\b|certified", text, re.IGNORECASE), text


def test_templates_hold_no_sentences_of_their_own() -> None:
    for path in TEMPLATES.rglob("*.j2"):
        text = re.sub(
            r"\{#.*?#\}|\{[{%].*?[%}]\}|<[^>]*>|&\w+;", " ", path.read_text("utf-8"), flags=re.DOTALL
        )
        assert re.findall(r"[A-Za-z]{2,}", text) == [], path.name


def test_every_bundled_font_has_its_licence_beside_it() -> None:
    fonts = TEMPLATES / "fonts"
    assert {path.name for path in fonts.glob("*.woff")} == {face.file for face in assets.FACES}
    assert "SIL OPEN FONT LICENSE" in (fonts / "IBM-Plex-OFL.txt").read_text("utf-8").upper()
    assert "Bitstream Vera" in (fonts / "DejaVu-LICENSE.txt").read_text("utf-8")


def test_missing_templates_are_an_error_that_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="templates are missing"):
        assets._first_folder((tmp_path / "a", tmp_path / "b"))


def test_templates_inside_the_package_come_first(tmp_path: Path) -> None:
    (tmp_path / "assessment.html.j2").touch()
    assert assets._first_folder((tmp_path, TEMPLATES)) == tmp_path


def test_missing_words_are_an_error() -> None:
    with pytest.raises(RenderError, match=r"messages in .*xx\.po cannot be read"):
        assets.words_in("xx")


def test_a_missing_part_of_the_style_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "templates_folder", lambda: tmp_path)
    with pytest.raises(RenderError, match="style cannot be read"):
        assets.style.__wrapped__()


def _luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``; WCAG 2.1, definition of relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours; WCAG 2.2, 1.4.3."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("sheets", "backgrounds"),
    [
        (("style.css", "screen.css", "print.css"), ("#FFFFFF", "#F1F5F6")),
        (("dark.css",), ("#10171A", "#182329")),
    ],
    ids=["light", "dark"],
)
def test_text_has_contrast_enough_on_both_backgrounds(
    sheets: tuple[str, ...], backgrounds: tuple[str, ...]
) -> None:
    text = "".join((TEMPLATES / name).read_text("utf-8") for name in sheets)
    assert all(background.lower() in text.lower() for background in backgrounds[1:])
    colours = set(re.findall(r"(?<![-\w])color: (#[0-9A-Fa-f]{6})", text))
    assert len(colours) >= 6
    for colour in colours:
        for background in backgrounds:
            assert _contrast(colour, background) >= 4.5, (colour, background)


def test_numbers_in_coloured_cells_have_contrast_enough() -> None:
    for place, fill in enumerate(SHADES):
        ink = "#FFFFFF" if place == len(SHADES) - 1 else "#101828"
        assert _contrast(ink, fill) >= 4.5, fill


def test_the_policy_of_the_page_allows_the_one_script_by_its_hash(html: str) -> None:
    inside = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert inside == [assets.script().text]
    digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'; style-src" in html
    assert "unsafe-inline" not in assets.script().source
    assert "</" not in inside[0]


def test_a_missing_script_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "templates_folder", lambda: tmp_path)
    with pytest.raises(RenderError, match="script of the report cannot be read"):
        assets.script.__wrapped__()
