"""HTML: one file with everything in it, readable without scripts and without a network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.assets import style, templates_folder
from conformity.render.characters import visible
from conformity.render.document import document

if TYPE_CHECKING:
    from jinja2 import Environment


class HtmlFormat:
    """The report for a browser; the PDF is made from the same bytes."""

    name = "html"
    filename = "report.html"

    def render(self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int) -> bytes:
        """Return the report as UTF-8 HTML.

        Raises:
            RenderError: a template names something that does not exist, or the records do not fit together.
        """
        return html_text(assessment, evidence, disclosure_limit=disclosure_limit).encode("utf-8")


FORMAT = HtmlFormat()
"""The format, found by :func:`conformity.render.formats`."""


def html_text(
    assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
) -> str:
    """Return the report as HTML.

    Raises:
        RenderError: a template names something that does not exist, or the records do not fit together.
    """
    from jinja2 import TemplateError
    from markupsafe import Markup

    made, words = document(assessment, evidence, disclosure_limit=disclosure_limit, language=language)
    try:
        template = _environment().get_template("assessment.html.j2")
        # The style is our own file and holds quotes and `>`; nothing handed in ever reaches it.
        return template.render(doc=made, t=words, style=Markup(style()))  # noqa: S704
    except TemplateError as error:
        raise RenderError(f"the template of the report fails: {error}; report this as a defect") from error


@cache
def _environment() -> Environment:
    """Return the template engine: everything is escaped, and unknown names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finish,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finish(value: Any) -> Any:
    """Return text with its invisible and reordering characters made visible; markup is our own."""
    return visible(value) if type(value) is str else value
