"""Every sample report in every language keeps veraPDF's rules for PDF/A-3a and PDF/UA-1.

The English reports are those of ``sample_reports``, which the golden tests hold equal to what is printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render import formats
from conformity.render.languages import known_languages
from conformity.settings import DISCLOSURE_LIMIT

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = {"IBM Plex Sans", "IBM Plex Mono", "DejaVu Symbols"}
SAMPLES = ("credit", "hiring", "assistant")
OTHERS = tuple((sample, language) for language in known_languages() if language != "en" for sample in SAMPLES)
"""Every sample with each language but English."""

pytestmark = pytest.mark.slow


def printed(sample: str, language: str, folder: Path) -> Path:
    """Return the PDF of a sample report in a language, made anew from its records."""
    pack = ROOT / "sample_reports" / sample
    assessment = Assessment.model_validate_json((pack / "assessment.json").read_bytes())
    evidence = Evidence.model_validate_json((pack / "evidence.json").read_bytes())
    file = folder / f"{sample}-{language}.pdf"
    file.write_bytes(
        formats()["pdf"].render(assessment, evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language)
    )
    return file


def check(files: Sequence[Path]) -> None:
    """Hold files against both standards, and against what these ask that no rule of veraPDF finds."""
    checked = subprocess.run(
        [sys.executable, "-m", "tests.support.verapdf", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = [json.loads(line) for line in checked.stdout.splitlines()]
    assert len(outcomes) == 2 * len(files), checked.stderr
    assert [one["failures"] for one in outcomes] == [[]] * len(outcomes)
    assert all(one["conforms"] for one in outcomes)
    assert min(one["checks"] for one in outcomes) > 50_000
    for file in files:
        with pikepdf.open(file) as pdf:
            assert fonts_of(pdf) == BUNDLED, file.name
            assert crowded(pdf) == [], file.name
            assert starts_of(pdf)[:4] == [0, 1, 2, 3], f"{file.name}: the summary must fit on one page"


# A validator that has warmed up takes half the time: each of two checks half of the files.
@pytest.mark.slow(alone=True)
@pytest.mark.parametrize("half", [0, 1], ids=["some languages", "the others"])
def test_every_sample_in_every_language_keeps_both_standards(half: int, tmp_path: Path) -> None:
    english = [ROOT / "sample_reports" / sample / "report.pdf" for sample in SAMPLES]
    check([*english[half::2], *(printed(*one, tmp_path) for one in OTHERS[half::2])])


def starts_of(pdf: pikepdf.Pdf) -> list[int]:
    """Return the page, from 0, of each bookmark of the first level: cover, summary, contents and the rest."""
    with pdf.open_outline() as outline:
        places = [one.destination for one in outline.root if isinstance(one.destination, pikepdf.Array)]
    return [pdf.pages.index(pikepdf.Page(place[0])) for place in places]


def fonts_of(pdf: pikepdf.Pdf) -> set[str]:
    """Return the families of the fonts in a PDF: no other is on the page, in whatever alphabet."""
    found = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/FontFamily" in one]
    return {str(one.FontFamily) for one in found}


def crowded(pdf: pikepdf.Pdf) -> list[int]:
    """Return the tables, by number, whose headings outnumber the data, or of which four rows are headings.

    Source: rule TBL-010 of the checker outloud 0.2.1, which is no dependency: PyMuPDF, on which it rests, is
    under the AGPL.
    """
    tables = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Table"]
    found = []
    for number, table in enumerate(tables):
        rows = [list(row.K) for group in table.K for row in group.K]
        kinds = [str(cell.S) for row in rows for cell in row]
        headings = sum(all(cell.S == "/TH" for cell in row) for row in rows)
        outnumbered = kinds.count("/TD") and kinds.count("/TH") > kinds.count("/TD")
        if len(kinds) >= 6 and (outnumbered or headings > 3):
            found.append(number)
    return found


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    with pikepdf.open(ROOT / "sample_reports" / "assistant" / "report.pdf") as pdf:
        del pdf.Root.MarkInfo
        pdf.save(broken)
    checked = subprocess.run(
        [sys.executable, "-m", "tests.support.verapdf", str(broken)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    outcomes = [json.loads(line) for line in checked.stdout.splitlines()]
    assert [one["conforms"] for one in outcomes] == [False, False]


_PRINT = """
import sys
from collections.abc import Sequence
from pathlib import Path
from tests.e2e.test_pdf_standards import printed
printed("assistant", "en", Path(sys.argv[1]))
"""


def test_seed_time_zone_and_locale_do_not_change_a_byte(tmp_path: Path) -> None:
    """The report of the sample was printed in another place with other settings."""
    settings = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "POSIX"}
    subprocess.run(
        [sys.executable, "-c", _PRINT, str(tmp_path)], cwd=ROOT, env=os.environ | settings, check=True
    )
    made = (ROOT / "sample_reports" / "assistant" / "report.pdf").read_bytes()
    assert (tmp_path / "assistant-en.pdf").read_bytes() == made
