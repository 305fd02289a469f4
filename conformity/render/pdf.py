"""PDF: made by WeasyPrint from the HTML report, in a process of its own.

The process gives its memory back when it ends, may run without the garbage collector (a third
faster), and cannot take a server down with it. What it does is in :mod:`conformity.render.weasy`.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import datetime

from conformity.errors import MissingLibraryError, RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.assets import templates_folder
from conformity.render.html import html_text
from conformity.render.json_v1 import FORMAT as JSON
from conformity.render.weasy import EXIT_MISSING, EXIT_REFUSED

WALL_S = 300
"""Longest time a PDF may take, in seconds."""

APT_LINE = (
    "apt-get install -y --no-install-recommends "
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig"
)
"""How to add the system libraries on Debian."""


class PdfFormat:
    """The report for paper and for the record; PDF/A-3a and PDF/UA-1, with the assessment inside."""

    name = "pdf"
    filename = "report.pdf"

    def render(self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int) -> bytes:
        """Return the report as PDF; the same input gives the same bytes.

        Raises:
            MissingLibraryError: the system libraries for text layout are not installed.
            RenderError: WeasyPrint warned or failed, or took too long.
        """
        html = html_text(assessment, evidence, disclosure_limit=disclosure_limit)
        # The evidence stays outside: it holds exact counts of every small group.
        record = JSON.render(assessment, evidence, disclosure_limit=disclosure_limit)
        return print_html(html, {JSON.filename: record}, assessment.assessed_at)


FORMAT = PdfFormat()
"""The format, found by :func:`conformity.render.formats`."""


def print_html(html: str, attachments: dict[str, bytes], when: datetime, wall_s: float = WALL_S) -> bytes:
    """Return ``html`` as PDF with files inside it.

    Args:
        html: a whole document that needs nothing from outside.
        attachments: the files, by name.
        when: the only time that is written into the PDF.
        wall_s: longest time it may take, in seconds.

    Raises:
        MissingLibraryError: the system libraries for text layout are not installed.
        RenderError: WeasyPrint warned or failed, or took too long.
    """
    order = {
        "html": html,
        "when": when.isoformat(),
        "attachments": {
            name: base64.b64encode(content).decode("ascii") for name, content in sorted(attachments.items())
        },
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "conformity.render.weasy"],
            input=json.dumps(order).encode("utf-8"),
            capture_output=True,
            env=_environment(),
            timeout=wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderError(f"the PDF took longer than {wall_s:g} s; the HTML report is not affected") from None
    return _outcome(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def _outcome(status: int, output: bytes, said: str) -> bytes:
    """Return the PDF, or raise what the process said."""
    if status == 0:
        return output
    last = said.strip().splitlines()[-1] if said.strip() else f"exit status {status}"
    if status == EXIT_MISSING:
        raise MissingLibraryError(
            f"the PDF needs system libraries that are not installed ({last}); on Debian: {APT_LINE}"
        )
    if status == EXIT_REFUSED:
        raise RenderError(f"the PDF was not made, because WeasyPrint warned: {last}")
    raise RenderError(f"the PDF was not made: {last}")


def _environment() -> dict[str, str]:
    """Return the environment of the process: no fonts of the machine, no locale, no proxy, no user site."""
    path = [entry for entry in sys.path if entry]
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": ":".join(path),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # fontTools stamps the fonts it unpacks with the time; the same input must give the same bytes.
        "SOURCE_DATE_EPOCH": "0",
        "FONTCONFIG_FILE": str(templates_folder() / "fonts" / "fonts.conf"),
    }
