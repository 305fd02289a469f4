"""The sample reports: judged and rendered anew to the same bytes, and measured anew to the same numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from conformity.model.assessment import Assessment
from conformity.model.base import Depth
from conformity.model.evidence import Evidence
from conformity.model.measurement import Scalar
from conformity.model.plan import LEFT_OUT
from conformity.pipeline.assessing import conclude
from conformity.pipeline.shared import load_manifest
from conformity.plan import make_plan
from conformity.render import evidence_json, formats
from conformity.settings import DISCLOSURE_LIMIT, load_settings
from samples.common.script import run
from samples.make_reports import MOMENT, REPORTS, SAMPLES, make_report

pytestmark = pytest.mark.slow
NAMES = sorted(SAMPLES)
MACHINE_DEPENDENT = "environment/inference_energy"
# At depth `full` the credit sample trains its model for two minutes to measure what that takes.
DEPTHS: dict[str, Depth] = {"credit": "standard", "hiring": "full", "assistant": "full"}


def recorded(name: str) -> tuple[Assessment, Evidence]:
    """Return the assessment and the evidence of a sample report."""
    folder = REPORTS / name
    return (
        Assessment.model_validate_json((folder / "assessment.json").read_bytes()),
        Evidence.model_validate_json((folder / "evidence.json").read_bytes()),
    )


def judged_anew(name: str) -> tuple[Assessment, Evidence]:
    """Return the assessment that follows today from the sample's manifest and the recorded evidence."""
    assessment, evidence = recorded(name)
    loaded = load_manifest(SAMPLES[name].home / "conformity.yaml", load_settings())
    plan = make_plan(loaded.manifest, assessment.plan.as_of)
    return conclude(loaded, plan, evidence, assessment.assessed_at), evidence


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_judged_and_rendered_to_the_same_bytes(name: str) -> None:
    assessment, evidence = judged_anew(name)
    folder = REPORTS / name
    assert evidence_json(evidence) == (folder / "evidence.json").read_bytes()
    for chosen in (formats()["json"], formats()["html"]):
        made = chosen.render(assessment, evidence, disclosure_limit=DISCLOSURE_LIMIT)
        assert made == (folder / chosen.filename).read_bytes(), f"{chosen.filename}: ./run reports {name}"


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_whole_and_of_the_fixed_moment(name: str) -> None:
    folder = REPORTS / name
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    found = {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    }
    assert listed == found
    assert {"report.html", "report.pdf", "assessment.json", "manifest.lock.yaml"} <= set(found)
    assert recorded(name)[0].assessed_at == MOMENT


@pytest.mark.network
@pytest.mark.parametrize("name", ["credit"])
def test_a_sample_is_measured_to_the_same_numbers(name: str, tmp_path: Path) -> None:
    assert run(SAMPLES[name], []) == 0
    make_report(SAMPLES[name], tmp_path / name, formats=("json",), depth=DEPTHS[name])
    anew = Evidence.model_validate_json((tmp_path / name / "evidence.json").read_bytes())
    _, before = recorded(name)
    assert [o.step for o in anew.observations] == [o.step for o in before.observations]
    for one, other in zip(anew.observations, before.observations, strict=True):
        if DEPTHS[name] == "standard" and one.reason == LEFT_OUT:
            continue
        assert (one.outcome, one.reason) == (other.outcome, other.reason), one.step
        if one.probe == MACHINE_DEPENDENT:
            continue
        assert len(one.measurements) == len(other.measurements), one.step
        for mine, theirs in zip(one.measurements, other.measurements, strict=True):
            same(mine.result, theirs.result, f"{one.step} {mine.metric} {mine.by} {mine.group}")


def same(mine: Any, theirs: Any, about: str) -> None:
    """Check that two results are equal but for the last digits of a computation."""
    if not isinstance(mine, Scalar):
        assert mine == theirs, about
        return
    assert isinstance(theirs, Scalar), about
    assert mine.value == pytest.approx(theirs.value, rel=1e-9, abs=1e-12), about
    assert (mine.n, mine.unit) == (theirs.n, theirs.unit), about
    if mine.interval or theirs.interval:
        assert mine.interval is not None, about
        assert theirs.interval is not None, about
        assert mine.interval.low == pytest.approx(theirs.interval.low, rel=1e-9, abs=1e-12), about
        assert mine.interval.high == pytest.approx(theirs.interval.high, rel=1e-9, abs=1e-12), about
