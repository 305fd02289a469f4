"""The formats: found by name, imported only when used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from conformity.render import EXPORTS, formats
from conformity.render.interface import Format


def test_formats_are_named_and_know_their_file() -> None:
    assert {name: one.filename for name, one in formats().items()} == {
        "html": "report.html",
        "pdf": "report.pdf",
        "json": "assessment.json",
        "oscal": "oscal-assessment-results.json",
        "poam": "oscal-poam.json",
        "mlbom": "ml-bom.cdx.json",
        "sarif": "report.sarif",
        "junit": "junit.xml",
        "md": "summary.md",
        "model-card": "model-card.md",
    }
    assert all(one.name == name for name, one in formats().items())
    assert len(formats()) == 10
    assert set(EXPORTS) == set(formats()) - {"html", "pdf", "json"}
    assert "docx" not in formats()
    with pytest.raises(KeyError):
        formats()["docx"]


def test_every_format_keeps_the_contract_of_a_format() -> None:
    for name in formats():
        one: Format = formats()[name]
        assert inspect.signature(one.render).parameters.keys() == inspect.signature(
            Format.render
        ).parameters.keys() - {"self"}


def test_naming_the_formats_imports_none_of_them() -> None:
    code = (
        "import sys; from conformity.render import formats; 'pdf' in formats(); list(formats());"
        "print([m for m in ('weasyprint', 'jinja2', 'pydantic', 'fontTools') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_pdf_format_keeps_weasyprint_out_of_this_process() -> None:
    code = (
        "import sys; from conformity.render import formats;"
        "formats()['pdf']; print('weasyprint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
