"""What a pipeline publishes holds no figure that the report withholds, not even inside the PDF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformity.archive.standalone.pdf import Pdf, attachments
from conformity.pipeline.packs import read_pack
from conformity.pipeline.shown import shown
from conformity.settings import Settings

SAMPLES = Path(__file__).resolve().parents[3] / "sample_reports"
RECORD = "assessment.json"


def test_figures_that_the_report_withholds_are_not_in_the_record_that_is_shown() -> None:
    pack = read_pack(SAMPLES / "credit", Settings())
    files = shown(pack, (), "en")
    assert set(files) == {RECORD}
    exact = json.loads((SAMPLES / "credit" / RECORD).read_bytes())
    told = json.loads(files[RECORD])
    assert [one["verdict"] for one in told["findings"]] == [one["verdict"] for one in exact["findings"]]
    withheld = [
        reading
        for finding in told["findings"]
        for judged in finding["measured"]
        for reading in judged["readings"]
        if "Withheld in this copy" in reading["measurement"]["result"].get("reason", "")
    ]
    # Counted once by hand in the record of the sample: groups of which the report shows less than all.
    assert len(withheld) == 8


@pytest.mark.slow
def test_the_pdf_that_is_shown_carries_the_record_as_it_is_shown() -> None:
    pack = read_pack(SAMPLES / "assistant", Settings())
    files = shown(pack, ("html", "pdf"), "en")
    assert files["report.html"] == (SAMPLES / "assistant" / "report.html").read_bytes()
    assert attachments(Pdf(files["report.pdf"])) == {RECORD: files[RECORD]}
