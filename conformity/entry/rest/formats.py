"""The report of a run in every format: from the pack, or made from its records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformity.render import EXPORTS
from conformity.render.assets import script
from conformity.settings import Settings


@dataclass(frozen=True)
class ReportFormat:
    """One way in which a report can be had."""

    name: str
    """Its name, as in ``formats``."""
    media_type: str
    """Its media type, without parameters."""
    filename: str
    """What the file is called."""

    @property
    def content_type(self) -> str:
        """The media type with its character set."""
        text = self.media_type.startswith("text/") or self.media_type == "application/xml"
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


REPORT_FORMATS = (
    ReportFormat("json", "application/json", "assessment.json"),
    ReportFormat("html", "text/html", "report.html"),
    ReportFormat("pdf", "application/pdf", "report.pdf"),
    ReportFormat("md", "text/markdown", "summary.md"),
    ReportFormat("sarif", "application/sarif+json", "results.sarif"),
    ReportFormat("junit", "application/xml", "junit.xml"),
)
"""What a client may accept, the one to prefer first."""


@dataclass(frozen=True)
class Report:
    """A report, ready to be sent."""

    format: ReportFormat
    """Its format."""
    content: bytes
    """Its bytes."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it: a browser lets it do next to nothing."""
        headers = {
            "ETag": f'"{hashlib.sha256(self.content).hexdigest()[:32]}"',
            "Cache-Control": "private, no-cache",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Content-Disposition": f'inline; filename="{self.format.filename}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        if self.format.name == "html":
            headers["Content-Security-Policy"] = html_policy()
        return headers


def described(formats: Iterable[ReportFormat]) -> dict[str, dict[str, object]]:
    """Return how formats are described in the description of the API."""
    return {
        one.media_type: {"schema": {"type": "object" if one.media_type.endswith("json") else "string"}}
        for one in formats
    }


def html_policy() -> str:
    """Return what a browser may do with a report: show it, with the one script that filters and folds.

    Source:
        Content Security Policy Level 3.
    """
    return (
        f"default-src 'none'; script-src {script().source}; style-src 'unsafe-inline'; font-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
    )


def available(pack: Path) -> tuple[ReportFormat, ...]:
    """Return the formats in which a report can be had: those in its pack, and those made of its records."""
    return tuple(one for one in REPORT_FORMATS if one.name in EXPORTS or (pack / one.filename).is_file())


def report_in(pack: Path, chosen: ReportFormat, settings: Settings) -> Report:
    """Return the report in a pack in a format.

    Raises:
        ConformityError: the pack is not as it was written.
        FileNotFoundError: the pack is gone.
    """
    if chosen.name in EXPORTS:
        from conformity.pipeline.exporting import export_one

        return Report(chosen, export_one(pack, formats=[chosen.name], settings=settings))
    return Report(chosen, (pack / chosen.filename).read_bytes())
