"""A comparison as HTML, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from conformity.errors import RenderError
from conformity.model.comparison import Comparison
from conformity.render.assets import style, templates_folder
from conformity.render.comparison.parts import Section, Table
from conformity.render.comparison.views import view_of
from conformity.render.comparison.words import PAGE
from conformity.render.exports.markdown_text import escaped, table
from conformity.render.html import environment

_TEMPLATE = "comparison/comparison.html.j2"


def comparison_files(comparison: Comparison, formats: Sequence[str]) -> dict[str, bytes]:
    """Return the documents of a comparison by the name of their file.

    Args:
        comparison: the comparison.
        formats: of ``html``, ``md`` and ``json``.

    Raises:
        RenderError: a template fails.
    """
    makers = {"html": comparison_html, "md": comparison_markdown, "json": comparison_json}
    return {f"comparison.{name}": makers[name](comparison).encode("utf-8") for name in formats}


def comparison_json(comparison: Comparison) -> str:
    """Return a comparison as JSON, indented, in the order of the model's fields."""
    return (
        json.dumps(comparison.model_dump(mode="json"), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    )


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as one page that needs nothing from outside and no script.

    Raises:
        RenderError: the template names something that does not exist.
    """
    from jinja2 import TemplateError
    from markupsafe import Markup

    try:
        template = environment().get_template(_TEMPLATE)
        # The style sheets are our own files; nothing handed in ever reaches them.
        return template.render(view=view_of(comparison), words=PAGE, style=Markup(style() + _own_style()))  # noqa: S704
    except TemplateError as error:
        raise RenderError(f"the template {_TEMPLATE} fails: {error}; report this as a defect") from error


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown with tables; the figures are left to the page."""
    view = view_of(comparison)
    lines = [f"# {escaped(view.title)}", "", escaped(view.statement), ""]
    lines += _table_lines(Table("", ("", "Before", "After"), view.facts))
    for section in view.sections:
        lines += _section_lines(section)
    return "\n".join(lines).rstrip() + "\n"


def _section_lines(section: Section) -> list[str]:
    """Return the lines of one section."""
    lines = [f"## {escaped(section.title)}", ""]
    for paragraph in section.intro:
        lines += [escaped(paragraph), ""]
    for one in section.tables:
        lines += _table_lines(one)
    return lines


def _table_lines(one: Table) -> list[str]:
    """Return the lines of one table."""
    lines = [f"### {escaped(one.title)}", ""] if one.title else []
    heads, *rows = ([escaped(cell) for cell in row] for row in (one.columns, *one.rows))
    return [*lines, *table(heads, rows), "", *([escaped(one.more), ""] if one.more else [])]


def _own_style() -> str:
    """Return what the style of a comparison adds to that of the report.

    Raises:
        RenderError: the file is missing.
    """
    try:
        return "\n" + (templates_folder() / "comparison" / "comparison.css").read_text("utf-8")
    except OSError as error:
        raise RenderError(
            f"a part of the style cannot be read: {error}; install the package again"
        ) from error
