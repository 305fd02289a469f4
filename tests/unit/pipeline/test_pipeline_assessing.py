"""From a manifest to a pack: whole or not at all, the record always among the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformity.errors import DataError, UsageError
from conformity.intake.manifest import read_manifest
from conformity.model.base import digest_of
from conformity.model.summary import AssessmentSummary
from conformity.pipeline.assessing import assess, conclude
from conformity.plan import make_plan
from conformity.settings import Settings
from tests.support.assessments import evidence, measured, observation, record, scalar
from tests.support.cases import GOOD, manifest, rows, system
from tests.support.counted_here import counted_here

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
BARE = """\
conformity: 1
system: {name: %s, version: "%s", intended_purpose: Testing the tool.}
provider: {name: REPLACE, address: Street 1, contact: office}
"""


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count tables in this process: how workers are started is not what is tested here."""
    with counted_here():
        yield


def run(
    place: Path, folder: Path | None = None, *, formats: tuple[str, ...] = ("json",)
) -> AssessmentSummary:
    """Assess what a manifest describes."""
    return assess(
        place,
        folder,
        formats=formats,
        moment=MOMENT,
        as_of=MOMENT.date(),
        settings=Settings(),
        on_progress=lambda _what, _done, _total: None,
    )


def bare(folder: Path, name: str = "Scorer", version: str = "2") -> Path:
    """Write a manifest without anything to measure."""
    return system(folder, None, BARE % (name, version))


@pytest.mark.parametrize(
    ("formats", "part"), [((), "at least one format of documents: html, json"), (("json", "docx"), "'docx'")]
)
def test_formats_are_chosen_before_anything_is_read(
    tmp_path: Path, formats: tuple[str, ...], part: str
) -> None:
    with pytest.raises(UsageError, match=part):
        run(tmp_path / "no-such.yaml", tmp_path / "pack", formats=formats)


def test_a_system_without_subjects_is_assessed_and_nothing_is_met(tmp_path: Path) -> None:
    summary = run(bare(tmp_path), tmp_path / "pack", formats=("json", "json"))
    assert summary.counts.met == 0
    assert summary.gate == 4
    assert [file.name for file in summary.files] == [
        "assessment.json", "evidence.json", "manifest.lock.yaml"
    ]  # fmt: skip
    evidence_found = json.loads((tmp_path / "pack" / "evidence.json").read_bytes())
    assert (evidence_found["observations"], evidence_found["subjects"]) == ([], [])


def test_the_record_is_written_whichever_formats_are_chosen(tmp_path: Path) -> None:
    summary = run(bare(tmp_path), tmp_path / "pack", formats=("html",))
    assert {"assessment.json", "report.html"} <= {file.name for file in summary.files}
    for file in summary.files:
        assert Path(file.path).stat().st_size == file.size_bytes


def test_the_summary_names_misses_first_and_what_is_left_to_fill_in(tmp_path: Path) -> None:
    refused = rows(400, lambda i: f"{'fm'[i % 2]},30,{i // 2 % 2},{1 if i % 2 == 0 else i // 2 % 2}")
    text = manifest().replace("name: Provider", "name: REPLACE it")
    summary = run(system(tmp_path, refused, text), tmp_path / "pack")
    order = ["not_met", "undetermined", "not_collected"]
    ranks = [order.index(point.verdict) for point in summary.open_points]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}
    assert summary.open_points[0].requirement == "art10.2.f"
    assert summary.gate == 1
    counted = summary.counts.model_dump()
    assert len(ranks) == sum(counted[verdict] for verdict in order)
    assert "provider.name still holds a placeholder." in summary.missing_information


@pytest.mark.parametrize(
    ("name", "version", "folder"),
    [
        ("Credit Scorer / EU", "2.0", "credit-scorer-eu-2.0-assessment-1.0.0"),
        ("../../etc", "1", "etc-1-assessment-1.0.0"),
        ("Ünïcode", "1", "n-code-1-assessment-1.0.0"),
        ("x" * 300, "1", "x" * 100),
    ],
)
def test_a_pack_without_a_place_is_named_after_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    summary = run(bare(tmp_path / "in", f'"{name}"', version))
    assert Path(summary.pack) == tmp_path / "reports" / folder
    assert (tmp_path / "reports" / folder / "assessment.json").is_file()


def test_a_table_that_cannot_be_opened_stops_the_run(tmp_path: Path) -> None:
    place = system(tmp_path, None, manifest(path="test.parquet"))
    (tmp_path / "test.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(DataError, match=r"^test\.parquet: "):
        run(place, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_a_conclusion_follows_from_plan_and_evidence_alone(tmp_path: Path) -> None:
    loaded = read_manifest(system(tmp_path, GOOD))
    plan = make_plan(loaded.manifest, MOMENT.date())
    seen = evidence(observation(measured(scalar(0.9, 0.8, 1.0))), subjects=(record("test"),))
    first, second = (conclude(loaded, plan, seen, MOMENT) for _ in range(2))
    assert first == second
    assert (first.evidence_sha256, first.assessed_at) == (digest_of(seen), MOMENT)
    assert first.manifest_sha256 == loaded.sha256
    assert [f.requirement for f in first.findings] == [p.requirement.id for p in plan.requirements]
    assert "met" not in {f.verdict for f in first.findings}, "nothing measured the metric of the bound"
