"""Every sample report in every language keeps veraPDF's rules for PDF/A-3a and PDF/UA-1."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render import formats
from conformity.render.languages import known_languages
from conformity.settings import DISCLOSURE_LIMIT

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ("assistant", "credit", "hiring")

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


# A validator that has warmed up takes half the time: each of two checks half of the languages.
@pytest.mark.parametrize("languages", [known_languages()[::2], known_languages()[1::2]], ids=" ".join)
def test_every_sample_keeps_both_standards(languages: tuple[str, ...], tmp_path: Path) -> None:
    files = [printed(sample, language, tmp_path) for language in languages for sample in SAMPLES]
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


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    import pikepdf

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
from pathlib import Path
from tests.e2e.test_pdf_standards import printed
printed("assistant", "pl", Path(sys.argv[1]))
"""


def test_seed_time_zone_and_locale_do_not_change_a_byte(tmp_path: Path) -> None:
    settings = (
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "POSIX"},
    )
    digests = set()
    for number, variables in enumerate(settings):
        folder = tmp_path / str(number)
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-c", _PRINT, str(folder)], cwd=ROOT, env=os.environ | variables, check=True
        )
        digests.add(hashlib.sha256((folder / "assistant-pl.pdf").read_bytes()).hexdigest())
    assert len(digests) == 1
