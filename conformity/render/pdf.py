"""PDF: made by WeasyPrint from the HTML report, in a process of its own.

The process gives its memory back when it ends, may run without the garbage collector (a third
faster), and cannot take a server down with it. What it does is in :mod:`conformity.render.weasy`.
"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from conformity.errors import MissingLibraryError, RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.assets import templates_folder
from conformity.render.exports.attached import attached
from conformity.render.html import html_text
from conformity.render.interface import Format
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

    def render(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> bytes:
        """Return the report as PDF; the same input gives the same bytes.

        Raises:
            MissingLibraryError: the system libraries for text layout are not installed.
            RenderError: WeasyPrint warned or failed, or took too long.
        """
        with self.prepared() as ready:
            return ready.render(assessment, evidence, disclosure_limit=disclosure_limit, language=language)

    @contextmanager
    def prepared(self) -> Iterator[Format]:
        """Start the process, which loads WeasyPrint before there is anything to print; end it in the end."""
        with Press() as press:
            yield _PreparedPdf(self.name, self.filename, press)


@dataclass
class _PreparedPdf:
    """The format with its press at hand."""

    name: str
    """As of the format."""
    filename: str
    """As of the format."""
    press: Press
    """Good for one PDF."""

    _begun: bool = False

    def begin(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> None:
        """Have the pages laid out while the other documents are made; see :class:`Early`."""
        html = html_text(assessment, evidence, disclosure_limit=disclosure_limit, language=language)
        self.press.begin(html, assessment.assessed_at)
        self._begun = True

    def render(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> bytes:
        """Return the report as PDF; see :meth:`PdfFormat.render`."""
        if not self._begun:
            self.begin(assessment, evidence, disclosure_limit=disclosure_limit, language=language)
        # The evidence stays outside: it holds exact counts of every small group.
        record = JSON.render(assessment, evidence, disclosure_limit=disclosure_limit)
        inside = {JSON.filename: record, **attached(assessment, evidence, disclosure_limit)}
        return self.press.finish(inside)

    def prepared(self) -> AbstractContextManager[Format]:
        """Return the format as it is."""
        return nullcontext(self)


FORMAT = PdfFormat()
"""The format, found by :func:`conformity.render.formats`."""


class Press:
    """A process that loads WeasyPrint when it starts and makes one PDF when it is told what to print."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            # -P keeps the current folder out of where modules are looked for: it may be that of the data.
            [sys.executable, "-P", "-m", "conformity.render.weasy"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=_environment(),
        )
        self._wall_s, self._until = float(WALL_S), 0.0

    def begin(self, html: str, when: datetime, wall_s: float = WALL_S) -> None:
        """Have a document laid out.

        Args:
            html: a whole document that needs nothing from outside.
            when: the only time that is written into the PDF.
            wall_s: longest time that the PDF may take from now on, in seconds.
        """
        self._wall_s, self._until = wall_s, time.monotonic() + wall_s
        order = {"html": html, "when": when.isoformat()}
        assert self._process.stdin is not None
        _send(self._process.stdin.fileno(), json.dumps(order).encode("ascii") + b"\n", self._until)

    def finish(self, attachments: Mapping[str, bytes]) -> bytes:
        """Return the document as PDF with files inside it, by name; the process ends with it.

        Raises:
            MissingLibraryError: the system libraries for text layout are not installed.
            RenderError: WeasyPrint warned or failed, or took too long.
        """
        files = {
            name: base64.b64encode(content).decode("ascii") for name, content in sorted(attachments.items())
        }
        left = max(self._until - time.monotonic(), 0)
        try:
            output, said = self._process.communicate(json.dumps(files).encode("ascii"), timeout=left)
        except subprocess.TimeoutExpired:
            raise RenderError(
                f"the PDF took longer than {self._wall_s:g} s; the HTML report is not affected"
            ) from None
        return _outcome(self._process.returncode, output, said.decode("utf-8", "replace"))

    def __enter__(self) -> Press:
        """Return the press itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, whatever it is doing."""
        with self._process:
            self._process.kill()


def print_html(html: str, attachments: dict[str, bytes], when: datetime, wall_s: float = WALL_S) -> bytes:
    """Return ``html`` as PDF by a press of its own; see :meth:`Press.begin` and :meth:`Press.finish`."""
    with Press() as press:
        press.begin(html, when, wall_s)
        return press.finish(attachments)


def _send(pipe: int, content: bytes, until: float) -> None:
    """Write to a process that may read late or not at all; what stops it is told when it is waited for."""
    os.set_blocking(pipe, False)
    left = memoryview(content)
    with suppress(BrokenPipeError):
        while left and select.select([], [pipe], [], max(until - time.monotonic(), 0))[1]:
            left = left[os.write(pipe, left) :]
    os.set_blocking(pipe, True)


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
