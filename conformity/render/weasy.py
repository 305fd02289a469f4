"""The process that makes a PDF: WeasyPrint is loaded, an order comes in as JSON on stdin, the PDF goes out.

Run as ``python -m conformity.render.weasy``. The order is one line, and pages are laid out as soon as it is
there; the files that go inside may follow later. The last line on stderr says why there is no PDF. The fonts
of the machine are hidden by ``FONTCONFIG_FILE``; nothing is fetched but ``data:`` addresses.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

EXIT_MISSING = 69
"""Exit status when a system library is missing."""

EXIT_REFUSED = 65
"""Exit status when WeasyPrint warned."""


_VARIANT = {"pdf_variant": "pdf/a-3a", "pdf_tags": True}
"""What WeasyPrint is told of the standard, when it lays out pages and when it writes them."""

_TIP = re.compile(r"<g><title>[^<]*</title>")
"""What pointing at a part of a figure tells: paper has no pointer, and the description says it all."""


_TRIAL = (
    '<html lang="en"><title>A</title><h2>A <b>b</b> <a class="id" href="#c">c</a></h2><p id="c">✓</p>'
    "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>"
    '<svg width="9" height="9"><g><rect width="1" height="1" fill="#fff"/><text x="1">A</text></g></svg>'
)
"""A page with one of everything: printing it unpacks fonts, and reads what WeasyPrint reads on first use."""


class Collector(logging.Handler):
    """Keep what WeasyPrint logs: a warning means that something is missing from the page."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message, on one line, cut to a length that fits an error."""
        self.lines.append(" ".join(record.getMessage().split())[:300])


def main() -> int:  # pragma: no cover - runs as a process of its own, in every test of a PDF
    """Make the PDF that stdin asks for; return the exit status."""
    gc.disable()
    # Fontconfig is meant to have no fonts, which WeasyPrint remarks on with a Python warning.
    warnings.simplefilter("ignore")
    pdf_out = _keep_stdout()
    try:
        import weasyprint
    except OSError as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)  # noqa: T201 - the protocol of this process
        return EXIT_MISSING
    collector = Collector()
    logging.getLogger("weasyprint").addHandler(collector)
    house = House.read(weasyprint)
    order = json.loads(sys.stdin.buffer.readline())
    pdf = make_pdf(weasyprint, house, order, lambda: json.loads(sys.stdin.buffer.read()))
    if collector.lines:
        print("; ".join(collector.lines[:5]), file=sys.stderr)  # noqa: T201 - the protocol of this process
        return EXIT_REFUSED
    with os.fdopen(pdf_out, "wb") as out:
        out.write(pdf)
    return 0


def _keep_stdout() -> int:  # pragma: no cover - part of that process
    """Return a private copy of stdout and send everything else that is printed to stderr."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


@dataclass(frozen=True)
class House:
    """What all documents share, read before there is anything to print: style sheet, fonts, their letters."""

    text: str
    """The style sheet of all documents, as it stands in them."""
    sheet: Any
    """The same, read."""
    fonts: Any
    """The fonts that it names, unpacked."""
    letters: frozenset[int]
    """The code points that they have."""

    @classmethod
    def read(cls, weasyprint: Any) -> House:
        """Return style and fonts from the folder of the templates."""
        from weasyprint.text.fonts import FontConfiguration

        from conformity.render.assets import FACES, style, templates_folder
        from conformity.render.characters import covered
        from conformity.render.pdf_parts import finish, jail
        from conformity.render.svg_text import install

        install()
        fonts, text = FontConfiguration(), style()
        sheet = weasyprint.CSS(
            string=text, base_url="about:blank", url_fetcher=jail(), media_type="print", font_config=fonts
        )
        files = tuple(templates_folder() / "fonts" / face.file for face in FACES)
        house = cls(text, sheet, fonts, covered(files))
        house.lay_out(weasyprint, _TRIAL).write_pdf(finisher=finish, **_VARIANT)
        return house

    def lay_out(self, weasyprint: Any, html: str) -> Any:
        """Return the pages of a document.

        The style that all documents share is taken out of the HTML, for it has been read already. What a
        document adds to it stays there and comes after it, as a style of the author after one of the user.
        """
        from conformity.render.characters import printable
        from conformity.render.pdf_parts import jail

        plain = printable(_TIP.sub("<g>", html.replace(self.text, "", 1)), self.letters)
        document = weasyprint.HTML(string=plain, base_url="about:blank", url_fetcher=jail())
        return document.render(stylesheets=[self.sheet], font_config=self.fonts, **_VARIANT)


def make_pdf(
    weasyprint: Any, house: House, order: dict[str, Any], attachments: Callable[[], dict[str, str]]
) -> bytes:
    """Return the PDF for an order.

    Args:
        weasyprint: the library.
        house: what all documents share.
        order: the HTML, and the only time that is written into the PDF.
        attachments: gives the files that go inside, in Base64 by name; asked when the pages are laid out.
    """
    from conformity.render.pdf_parts import finish

    pages = house.lay_out(weasyprint, order["html"])
    when = datetime.fromisoformat(order["when"])
    inside = [
        weasyprint.Attachment(
            string=base64.b64decode(content),
            name=name,
            description=name,
            created=when,
            modified=when,
            relationship="Data",
        )
        for name, content in attachments().items()
    ]
    pdf: bytes = pages.write_pdf(
        pdf_identifier=hashlib.sha256(order["html"].encode("utf-8")).digest()[:16],
        attachments=inside,
        finisher=finish,
        **_VARIANT,
    )
    return pdf


if __name__ == "__main__":  # pragma: no cover - part of that process
    sys.exit(main())
