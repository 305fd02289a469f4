"""What exports are made from: rounded and withheld as in the report, and known by ids that last."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from conformity.errors import RenderError
from conformity.model.measurement import Scalar
from conformity.render import formats
from conformity.render.exports.attached import attached
from conformity.render.exports.format import material_of
from conformity.render.exports.material import Material
from conformity.render.exports.values import Shown
from conformity.render.views.figures import figure
from tests.support.assessments import evidence, manifest, measured, observation, record, scalar, table
from tests.support.exported import LIMIT, assessed, judged, written
from tests.unit.render.render_records import Records, build


@pytest.fixture(scope="module")
def material(records: Records) -> Material:
    """Return the usual material."""
    return material_of(*records, LIMIT)


def _all(material: Material) -> list[Shown]:
    """Return every measurement as it is shown."""
    return [
        material.shown(str(seen.id), one)
        for seen in material.evidence.observations
        for one in seen.measurements
    ]


def test_a_number_is_there_exactly_where_the_report_prints_one(material: Material) -> None:
    found = _all(material)
    assert {one.value is not None for one in found} == {True, False}
    for one in found:
        assert (one.value is not None) == figure(material.context, one.measurement).shown, one.title


def test_a_share_has_the_places_that_the_report_prints(material: Material) -> None:
    """More places would tell numerator and denominator, and so the cases that are withheld."""
    for one in _all(material):
        result = one.measurement.result
        if one.value is None or not isinstance(result, Scalar) or one.unit != "1":
            continue
        printed = figure(material.context, one.measurement).value
        assert one.value == float(printed)
        assert one.low is None or len(f"{one.low:.15g}".partition(".")[2]) <= max(3, len(printed) - 2)


def test_small_groups_have_neither_number_nor_cases(material: Material) -> None:
    """Group 5 of EDUCATION holds seven people."""
    small = [one for one in _all(material) if one.measurement.group == ("5",)]
    assert small
    for one in small:
        assert (one.value, one.low, one.high) == (None, None, None)
        assert one.n in ("", "< 10")
        assert "7" not in one.text


def test_a_p_value_too_small_to_tell_keeps_a_number() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        probe = whole["plan"]["probes"][0]
        metric = {**probe["metrics"][0], "id": "gap_p_value", "of_cases": False, "per": "subject"}
        # A list of its own: the records of other tests hold the same one.
        others = whole["plan"]["probes"][1:]
        whole["plan"]["probes"] = [{**probe, "metrics": [*probe["metrics"], metric]}, *others]

    material = material_of(*build(change), LIMIT)
    seen = material.evidence.observations[0]
    tiny = Scalar(value=0.0000123, unit="1", n=9000)
    one = seen.measurements[0].model_copy(
        update={"metric": "gap_p_value", "by": (), "group": (), "result": tiny}
    )
    shown = material.shown(str(seen.id), one)
    assert shown.text == "< 0.0001"
    assert shown.value == 0.00001


def test_ids_last_from_version_to_version_and_differ_between_systems() -> None:
    first, again = (material_of(*judged("met"), LIMIT) for _ in range(2))
    other = material_of(*judged("met", texts=("Another.",)), LIMIT)
    assert first.uid("finding", "art0.1") == again.uid("finding", "art0.1")
    assert first.uid("finding", "art0.1") != other.uid("finding", "art0.1")
    assert first.uid("finding", "art0.1") != first.uid("risk", "art0.1")
    assert uuid.UUID(first.uid("finding")).version == 5
    later, seen = judged("met")
    edition = later.manifest.edition.model_copy(update={"version": "2.0.0"})
    later = later.model_copy(update={"manifest": later.manifest.model_copy(update={"edition": edition})})
    assert material_of(later, seen, LIMIT).uid("finding") == first.uid("finding")
    assert material_of(later, seen, LIMIT).version_uid("result") != first.version_uid("result")


def test_the_material_of_the_very_same_records_is_made_once() -> None:
    made, seen = judged("met")
    first = material_of(made, seen, LIMIT)
    assert material_of(made, seen, LIMIT) is first
    assert material_of(made, seen, LIMIT + 1) is not first
    copy = made.model_copy()
    assert material_of(copy, seen, LIMIT).assessment is copy


def test_exports_are_the_same_bytes_every_time_and_in_every_language() -> None:
    first, again = (written(judged("met", "not_met", "undetermined")) for _ in range(2))
    assert first == again
    made, seen = judged("met")
    one = formats()["md"]
    with one.prepared() as ready:
        told = ready.render(made, seen, disclosure_limit=LIMIT, language="de")
    assert told == one.render(made, seen, disclosure_limit=LIMIT)


def test_what_another_program_measured_names_that_program() -> None:
    other = {
        "id": "imported",
        "kind": "imported_record",
        "title": "Results",
        "path": "r.json",
        "written_by": "fairlearn",
    }
    made, _ = assessed(manifest(subjects=(table(), other)), [], [])
    number = measured(scalar(0.5, 0.4, 0.6), metric="rate", subject="imported", by=())
    seen = observation(number, probe="fairness/any", step="fairness/any@imported", subject="imported")
    records = made, evidence(seen, subjects=(record("test"), record("imported")))
    (shown,) = material_of(*records, LIMIT).performance
    assert shown.place == "whole subject, as fairlearn measured it"
    files = written(records, "oscal", "mlbom", "model-card")
    assert all(b"fairlearn" in content for content in files.values())


def test_a_finding_without_its_row_of_law_is_an_error() -> None:
    made, seen = judged("not_met")
    lost = made.model_copy(update={"plan": made.plan.model_copy(update={"requirements": ()})})
    with pytest.raises(RenderError, match=r"art0\.1"):
        written((lost, seen), "junit")


def test_a_reading_is_never_told_better_than_its_bound_as_a_whole(records: Records) -> None:
    """The bound on accuracy is kept by both readings; the whole of it is open because it came too late."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for finding in whole["findings"]:
            for one in finding.get("measured", ()):
                one["verdict"] = "undetermined"

    material = material_of(*build(change), LIMIT)
    held = [one for row in material.rows for one in material.held(row.finding)]
    assert {one.verdict for one in held} == {"undetermined"}
    usual = material_of(*records, LIMIT)
    assert "met" in {one.verdict for row in usual.rows for one in usual.held(row.finding)}


def test_a_report_carries_what_other_programs_read(records: Records) -> None:
    files = written(records, "mlbom", "oscal")
    assert attached(*records, LIMIT) == {formats()[name].filename: files[name] for name in files}
