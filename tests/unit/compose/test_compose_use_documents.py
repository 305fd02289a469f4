"""What deployers are told, what is watched after supply, and what Art. 27 can draw on."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.compose import impact_assessment_input, instructions_for_use, monitoring_plan
from conformity.model.document import Block, Facts, Measured
from conformity.model.evidence import Observation
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from tests.support.assessments import (
    criterion,
    exhibit,
    measured,
    observation,
    record,
    scalar,
    table,
)
from tests.support.composed import blocks_of, items, material, texts_of
from tests.support.declarations import SIGNING

RECORDS = (record("test"), record("record"))


def _accuracy(**changes: Any) -> Measurement:
    """Return accuracy, of the whole unless changed."""
    fields: dict[str, Any] = {"metric": "accuracy", "by": ()}
    return measured(scalar(0.9, 0.85, 0.95), **{**fields, **changes})


def _seen() -> Observation:
    """Return accuracy of the whole and of one group."""
    group = _accuracy(by=("SEX",), group=("f",))
    return observation(
        _accuracy(), group, probe="accuracy/classification", step="accuracy/classification@test"
    )


def _titles(blocks: tuple[Block, ...]) -> list[str | None]:
    """Return the titles of the blocks of measurements."""
    return [block.title for block in blocks if isinstance(block, Measured)]


def _tested(**changes: Any) -> dict[str, Any]:
    """Return what is declared and seen of a system that was tested."""
    return {
        "seen": (_seen(),),
        "records": RECORDS,
        "subjects": (table(),),
        "criteria": (
            criterion(
                id="told",
                metric="accuracy",
                by=(),
                at_least=0.8,
                at_most=None,
                requirements=("art13.3.b.ii",),
            ),
        ),
        **changes,
    }


def test_instructions_hold_levels_and_accuracy_for_each_group() -> None:
    found = items(instructions_for_use.compose(material("instructions_for_use", **_tested())))
    assert list(found)[:3] == ["art13.1", "art13.2", "art13.3.a"]
    assert _titles(found["art13.3.b.ii"].content) == [
        "Levels stated to deployers, against the test",
        "Accuracy of the whole, as tested",
    ]
    assert _titles(found["art13.3.b.v"].content) == ["Accuracy for each group, as tested"]
    assert {one.status for one in found.values()} <= {"partly", "missing"}


def test_instructions_name_the_provider_and_representative() -> None:
    signing = {**SIGNING, "authorised_representative": "Rep"}
    made = instructions_for_use.compose(material("instructions_for_use", declaration=signing))
    assert "Rep" in texts_of(made)
    assert "Rep" not in texts_of(instructions_for_use.compose(material("instructions_for_use")))


def test_without_tests_the_levels_are_missing() -> None:
    found = items(instructions_for_use.compose(material("instructions_for_use")))
    levels = found["art13.3.b.ii"]
    assert (levels.status, found["art13.3.b.v"].status) == ("missing", "missing")
    assert isinstance(levels.content[0], Facts)
    assert [one.name for one in levels.content[0].facts] == QUALITIES
    assert [one.split()[2] for one in levels.open[:2]] == ["robustness", "cybersecurity"]


QUALITIES = ["Robustness", "Cybersecurity"]
NO_NUMBER = NotAvailable(why="undefined", reason="No case.")


def _security(result: Scalar | Count | NotAvailable, metric: str, probe: str) -> Observation:
    """Return what one probe of security saw on the whole of the test set."""
    one = measured(result, metric=metric, by=())
    return observation(one, probe=f"security/{probe}", step=f"security/{probe}@test")


SCANNED = _security(Count(value=0, unit="findings"), "dangerous_content", "model_file_scan")


@pytest.mark.parametrize(
    ("seen", "titles", "unmeasured", "caveats"),
    [
        pytest.param((SCANNED,), ["Cybersecurity, as tested"], ["Robustness"], 1, id="a scan alone"),
        pytest.param(
            (_security(scalar(0.9, 0.8, 1.0), "accuracy_under_noise", "robustness"), SCANNED),
            ["Robustness, as tested", "Cybersecurity, as tested"],
            [],
            1,
            id="both",
        ),
        pytest.param(
            (_security(NO_NUMBER, "accuracy_under_noise", "robustness"),),
            ["Robustness, as tested"],
            QUALITIES,
            0,
            id="no number",
        ),
    ],
)
def test_a_scan_is_no_robustness_and_its_zeros_show_little(
    seen: tuple[Observation, ...], titles: list[str], unmeasured: list[str], caveats: int
) -> None:
    made = material("instructions_for_use", seen=seen, subjects=(table(),))
    levels = items(instructions_for_use.compose(made))["art13.3.b.ii"]
    assert _titles(levels.content) == titles
    told = [fact for one in levels.content if isinstance(one, Facts) for fact in one.facts]
    assert [one.name for one in told if one.value.text == "Not measured."] == unmeasured
    asked = [name for name in QUALITIES if f"Measure the {name.lower()} of" in str(levels.open)]
    assert asked == unmeasured
    assert str(levels.content).count("Finding nothing does not show that there is nothing") == caveats


def test_records_without_the_finding_show_figures_alone() -> None:
    made = material("instructions_for_use", **_tested())
    findings = tuple(one for one in made.assessment.findings if one.requirement != "art13.3.b.ii")
    bare = type(made)(made.assessment.model_copy(update={"findings": findings}), made.evidence, made.law)
    found = items(instructions_for_use.compose(bare))
    assert _titles(found["art13.3.b.ii"].content) == ["Accuracy of the whole, as tested"]


def test_the_plan_starts_from_what_was_measured_and_is_never_whole() -> None:
    found = items(monitoring_plan.compose(material("monitoring_plan", **_tested())))
    assert (found["bounded"].status, found["unbounded"].status) == ("partly", "partly")
    assert _titles(found["bounded"].content) == ["Values at assessment, against the provider's bounds"]
    assert _titles(found["unbounded"].content) == [
        "Accuracy of the whole at assessment",
        "Accuracy of each group at assessment",
    ]
    assert (found["sources"].status, found["rhythm"].status) == ("missing", "missing")


def test_without_bounds_or_tests_there_is_nothing_to_watch_yet() -> None:
    found = items(monitoring_plan.compose(material("monitoring_plan")))
    assert (found["bounded"].status, found["unbounded"].status) == ("missing", "missing")


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"at_least": 0.8, "at_most": None}, "Whether it falls below 0.8."),
        ({"at_least": None, "at_most": 0.1}, "Whether it rises above 0.1."),
        ({"at_least": 0.8, "at_most": 1.2}, "Whether it leaves 0.8 to 1.2."),
    ],
)
def test_what_to_watch_follows_from_the_bound(bounds: dict[str, float | None], words: str) -> None:
    made = material("monitoring_plan", subjects=(table(),), criteria=(criterion(**bounds),))
    assert words in texts_of(monitoring_plan.compose(made))


def test_the_impact_assessment_is_the_deployers_and_draws_on_the_records() -> None:
    made = material(
        "impact_assessment_input", **_tested(exhibits=(exhibit(covers=("art14.1",)),)), kind="credit"
    )
    sections = impact_assessment_input.compose(made)
    found = items(sections)
    assert {one.status for one in found.values()} == {"for_a_person"}
    assert {one.owner.text for one in found.values() if one.owner} == {"The deployer"}
    assert all(one.open for one in found.values())
    assert _titles(found["art27.1.d"].content) == ["Accuracy and errors of each group, as tested"]
    told = texts_of(sections)
    assert "Every deployer, private ones too." in told
    assert "SEX" in told
    assert "Mitigation record" in told


def test_bounds_that_are_missed_or_open_go_into_the_harms() -> None:
    missed = _tested(
        criteria=(criterion(id="high", metric="accuracy", by=(), at_least=0.99, at_most=None),),
    )
    found = items(impact_assessment_input.compose(material("impact_assessment_input", **missed)))
    assert "Bounds that are missed or open" in _titles(found["art27.1.d"].content)


def test_for_a_deployer_the_findings_count() -> None:
    found = items(impact_assessment_input.compose(material("impact_assessment_input", role="deployer")))
    assert found["art27.1.a"].status == "partly"
    assert found["art27.1.b"].status == "missing"
    assert "Describe the deployer's own processes in which the system is used." in found["art27.1.a"].open


def test_a_deployer_who_signed_for_an_element_has_filled_it() -> None:
    made = material("impact_assessment_input", role="deployer")
    findings = tuple(
        one.model_copy(update={"verdict": "met", "to_do": ()}) if one.requirement == "art27.1.b" else one
        for one in made.assessment.findings
    )
    signed = type(made)(made.assessment.model_copy(update={"findings": findings}), made.evidence, made.law)
    assert items(impact_assessment_input.compose(signed))["art27.1.b"].status == "filled"


def test_no_deployer_owes_it_where_no_point_is_named() -> None:
    sections = impact_assessment_input.compose(material("impact_assessment_input", kind="ordinary"))
    assert [block.kind for block in sections[0].content] == ["paragraph"]
    assert "Art. 27 binds no deployer" in str(list(blocks_of(sections)))
