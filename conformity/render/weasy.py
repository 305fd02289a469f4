"""The process that makes a PDF: WeasyPrint is loaded, an order comes in as JSON on stdin, the PDF goes out.

Run as ``python -m conformity.render.weasy``. The last line on stderr says why there is no PDF.
The fonts of the machine are hidden by ``FONTCONFIG_FILE``; nothing is fetched but ``data:`` addresses.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import json
import logging
import os
import sys
import warnings
from datetime import datetime
from typing import Any

EXIT_MISSING = 69
"""Exit status when a system library is missing."""

EXIT_REFUSED = 65
"""Exit status when WeasyPrint warned."""


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
    pdf = make_pdf(weasyprint, json.loads(sys.stdin.buffer.read()))
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


def make_pdf(weasyprint: Any, order: dict[str, Any]) -> bytes:
    """Return the PDF for an order."""
    from conformity.render.assets import FACES, templates_folder
    from conformity.render.characters import covered, printable
    from conformity.render.pdf_parts import finish, jail

    fonts = tuple(templates_folder() / "fonts" / face.file for face in FACES)
    html = printable(order["html"], covered(fonts))
    when = datetime.fromisoformat(order["when"])
    attachments = [
        weasyprint.Attachment(
            string=base64.b64decode(content),
            name=name,
            description=name,
            created=when,
            modified=when,
            relationship="Data",
        )
        for name, content in order["attachments"].items()
    ]
    made = weasyprint.HTML(string=html, base_url="about:blank", url_fetcher=jail()).write_pdf(
        pdf_variant="pdf/a-3a",
        pdf_tags=True,
        pdf_identifier=hashlib.sha256(order["html"].encode("utf-8")).digest()[:16],
        attachments=attachments,
        finisher=finish,
    )
    pdf: bytes = made
    return pdf


if __name__ == "__main__":  # pragma: no cover - part of that process
    sys.exit(main())
