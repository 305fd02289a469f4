"""No export tells what the report withholds: neither numbers of small groups, nor counts, nor rare values."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.model.measurement import Scalar
from conformity.render.exports.format import material_of
from conformity.render.views.figures import is_withheld
from tests.support.assessments import evidence, manifest, measured, observation, scalar
from tests.support.exported import LIMIT, Records, assessed, written

ROOT = Path(__file__).parents[4]
_TELLING = 8
"""Letters of a number from which on it cannot stand in a text by chance."""


@pytest.fixture(scope="module", params=["credit", "hiring"])
def sample(request: pytest.FixtureRequest) -> Records:
    """Return the records of a sample with groups of few people."""
    folder = ROOT / "sample_reports" / request.param
    made = Assessment.model_validate_json((folder / "assessment.json").read_bytes())
    return made, Evidence.model_validate_json((folder / "evidence.json").read_bytes())


@pytest.fixture(scope="module")
def texts(sample: Records) -> dict[str, str]:
    """Return the exports of the sample."""
    return {name: content.decode() for name, content in written(sample).items()}


def test_numbers_that_the_report_withholds_stand_in_no_export(sample: Records, texts: dict[str, str]) -> None:
    context = material_of(*sample, LIMIT).context
    withheld = {
        repr(number)
        for seen in sample[1].observations
        for one in seen.measurements
        if isinstance(one.result, Scalar) and is_withheld(context, one)
        for number in (one.result.value, *_ends(one.result))
        if len(repr(number)) >= _TELLING
    }
    assert len(withheld) > 50
    for name, text in texts.items():
        assert [number for number in withheld if number in text] == [], name


def test_numbers_that_are_shown_are_rounded(sample: Records, texts: dict[str, str]) -> None:
    """An exact share is a fraction, from which its cases follow."""
    exact = {
        repr(one.result.value)
        for seen in sample[1].observations
        for one in seen.measurements
        if isinstance(one.result, Scalar) and len(repr(one.result.value)) > 15
    }
    for name, text in texts.items():
        assert [number for number in exact if number in text] == [], name


def _ends(result: Scalar) -> tuple[float, ...]:
    """Return the ends of an interval."""
    return (result.interval.low, result.interval.high) if result.interval else ()


def test_sentences_lose_small_counts_and_rare_values() -> None:
    """The group `Atlantean` holds three people; sentences of probes quote values and count rows."""
    groups = [
        measured(scalar(0.5, 0.1, 0.9, n), metric="rate", group=(value,))
        for value, n in (("Atlantean", 3), ("a", 400), ("b", 300))
    ]
    seen = observation(*groups, notes=("The group 'Atlantean' has 3 rows.",))
    absent = observation(
        outcome="not_available", reason="'Atlantean' has only 3 people.", step="x@test", measurements=()
    )
    made, _ = assessed(manifest(), [], [])
    for name, content in written((made, evidence(seen, absent))).items():
        text = content.decode()
        assert "Atlantean" not in text, name
        assert "3 rows" not in text, name
        assert "3 people" not in text, name
