"""HTML: one file with everything in it, readable without scripts and without a network."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.assets import script, style, templates_folder
from conformity.render.characters import visible
from conformity.render.document import document

if TYPE_CHECKING:
    from jinja2 import Environment


class HtmlFormat:
    """The report for a browser; the PDF is made from the same bytes."""

    name = "html"
    filename = "report.html"

    def render(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> bytes:
        """Return the report as UTF-8 HTML.

        Raises:
            RenderError: a template names something that does not exist, or the records do not fit together.
        """
        text = html_text(assessment, evidence, disclosure_limit=disclosure_limit, language=language)
        return text.encode("utf-8")

    @contextmanager
    def prepared(self) -> Iterator[HtmlFormat]:
        """Read the templates while others work, which takes longer than filling them."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(_read_templates)
            yield self


FORMAT = HtmlFormat()
"""The format, found by :func:`conformity.render.formats`."""


def html_text(
    assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
) -> str:
    """Return the report as HTML.

    The PDF is made from the text of the HTML report: the latest text is kept, so that it is made once.

    Raises:
        RenderError: a template names something that does not exist, or the records do not fit together.
    """
    return _made(_Order(assessment, evidence, disclosure_limit, language))


@dataclass(frozen=True, eq=False)
class _Order:
    """What a text is made of; the same only if both records, which nobody can change, are the very same."""

    assessment: Assessment
    """What was judged."""
    evidence: Evidence
    """What it rests on."""
    limit: int
    """No count of people below this is shown."""
    language: str
    """BCP 47 tag."""

    def _key(self) -> tuple[int, int, int, str]:
        """Return what two orders must share; the records live as long as the order does."""
        return id(self.assessment), id(self.evidence), self.limit, self.language

    def __hash__(self) -> int:
        """Return the hash of the key."""
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        """Tell whether another order asks for the same text."""
        return isinstance(other, _Order) and self._key() == other._key()


@lru_cache(maxsize=1)
def _made(order: _Order) -> str:
    """Return the text of an order."""
    from jinja2 import TemplateError
    from markupsafe import Markup

    made, words = document(
        order.assessment, order.evidence, disclosure_limit=order.limit, language=order.language
    )
    try:
        template = environment().get_template("assessment.html.j2")
        # Style and script are our own files and hold quotes and `>`; nothing handed in ever reaches them.
        return template.render(
            doc=made,
            t=words,
            style=Markup(style()),  # noqa: S704
            script=Markup(script().text),  # noqa: S704
            script_source=Markup(script().source),  # noqa: S704
        )
    except TemplateError as error:
        raise RenderError(f"the template of the report fails: {error}; report this as a defect") from error


@cache
def environment() -> Environment:
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


def _read_templates() -> None:
    """Read every template of the report; the engine keeps them."""
    engine = environment()
    for name in engine.list_templates(filter_func=_is_of_the_report):
        engine.get_template(name)


def _is_of_the_report(name: str) -> bool:
    """Tell whether a file among the templates is one that the report is filled from."""
    return name.endswith(".j2") and (name.startswith(("sections/", "charts/")) or "/" not in name)


def _finish(value: Any) -> Any:
    """Return text with its invisible and reordering characters made visible; markup is our own."""
    return visible(value) if type(value) is str else value
