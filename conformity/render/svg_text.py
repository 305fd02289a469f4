"""Words in figures: drawn as whole words, where WeasyPrint 70 draws one letter at a time.

Whole words are spaced as the font says, are found again when a reader searches the PDF, and take a tenth of
the time. Figures of ours place words by ``x``, ``y`` and ``text-anchor`` alone; nothing else is looked at.
"""

from __future__ import annotations

from functools import cache
from math import inf
from typing import Any


def install() -> None:
    """Make WeasyPrint draw the words of figures with :func:`_draw`; doing so twice changes nothing."""
    from weasyprint import svg

    svg.TAGS.update(text=_draw, tspan=_draw)


def _draw(svg: Any, node: Any, font_size: float) -> None:
    """Draw the words of one ``text`` or ``tspan``: where it says, or where the words before it end."""
    from weasyprint.draw.text import draw_first_line
    from weasyprint.matrix import Matrix
    from weasyprint.svg.bounding_box import EMPTY_BOUNDING_BOX
    from weasyprint.svg.text import TextBox
    from weasyprint.text.line_break import split_first_line

    node.text_bounding_box = EMPTY_BOUNDING_BOX
    x, y = (float(node.attrib.get(name, at)) for name, at in zip("xy", svg.cursor_position, strict=True))
    svg.cursor_position = x, y
    if not node.text:
        return
    style = _style(node.get("font-family", "sans-serif"), int(node.get("font-weight", 400)), font_size)
    style.font_config = svg.font_config
    line, _, _, width, _, baseline = split_first_line(node.text, style, svg.context, inf, 0)
    x -= width * {"middle": 0.5, "end": 1}.get(node.get("text-anchor"), 0)
    svg.cursor_position = x + width, y
    box = TextBox(line, style)
    box.baseline = baseline
    svg.stream.push_state()
    fill, stroke = svg.set_graphical_state(node, font_size)
    svg.stream.begin_text()
    line.reactivate(style)
    svg.fill_stroke(fill, stroke, text=True)
    draw_first_line(svg.stream, box, "none", "none", Matrix(d=-1, e=x, f=y))
    svg.stream.end_text()
    svg.stream.pop_state()


@cache
def _style(family: str, weight: int, font_size: float) -> Any:
    """Return the style of a font, made once for all words that are set in it."""
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.svg.text import Style

    style = Style()
    style.update(INITIAL_VALUES)
    style["font_family"] = [name.strip("\"' ") for name in family.split(",")]
    style["font_weight"] = weight
    style["font_size"] = font_size
    return style
