"""A plan has every requirement and a step for each probe and thing that fit, the same each time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.catalog.load import LAW, requirements
from conformity.model.base import digest_of
from conformity.model.manifest import Exhibit, Manifest
from conformity.model.plan import Plan
from conformity.plan import make_plan, plan_steps
from conformity.probes.registry import probe_specs
from tests.support.assessments import exhibit, manifest, table
from tests.support.systems import CREDIT, MEDICAL, system

DAY = date(2026, 11, 22)
OUTCOME = {"positive": (1,), "negative": (0,)}
ROLES: tuple[dict[str, Any], ...] = (
    {"name": "SEX", "roles": ("protected",)},
    {"name": "age", "roles": ("quasi_identifier",)},
    {"name": "y", "roles": ("label",), **OUTCOME},
    {"name": "yhat", "roles": ("prediction",), **OUTCOME},
    {"name": "before", "roles": ("previous_prediction",), **OUTCOME},
    *(
        {"name": role, "roles": (role,)}
        for role in ("score", "feature", "factor", "sensitive", "time", "direct_identifier")
    ),
)


def sampled(**changes: Any) -> dict[str, Any]:
    """Return the fields of a table that says which part of its population it is."""
    return table(sampling_fraction=0.1, **changes)


FULL = sampled(columns=ROLES)
MODEL = {"id": "model", "kind": "model", "title": "Model", "path": "m.joblib", "format": "joblib"}
UNDECLARED = {spec.id for spec in probe_specs() if spec.works_on != "table" and spec.declares}
"""Probes that need a field which the subjects here do not declare."""
LOG = {"id": "log", "kind": "prompt_log", "title": "Log", "path": "log.jsonl"}
ENERGY = {"id": "power", "kind": "energy_record", "title": "Power", "path": "e.csv", "phase": "training"}
PACKAGES = {"id": "software", "kind": "dependencies", "title": "Packages", "path": "uv.lock"}
KINDS = {"table": FULL, "model": MODEL, "prompt_log": LOG, "energy_record": ENERGY, "dependencies": PACKAGES}


def of(*subjects: dict[str, Any], exhibits: tuple[dict[str, Any], ...] = ()) -> Manifest:
    """Return a manifest of these subjects and exhibits."""
    return manifest(subjects=subjects, exhibits=exhibits)


def probes_for(kind: str) -> list[str]:
    """Return the ids of all probes of a kind of thing, sorted."""
    return sorted(spec.id for spec in probe_specs() if spec.works_on == kind)


def blocked(plan: Plan) -> dict[str, str]:
    """Return the reasons of the steps that cannot run, by probe."""
    return {step.probe: step.blocked for step in plan.steps if step.blocked is not None}


@pytest.mark.parametrize(
    ("written_by", "probe"),
    [
        ("evidently", "data_quality/imported_checks"),
        ("fairlearn", "fairness/imported_group_rates"),
        ("giskard", "accuracy/imported_issues"),
        ("inspect", "accuracy/imported_evaluations"),
        ("sarif", "security/imported_code_findings"),
    ],
)
def test_a_record_of_another_program_is_read_by_its_probe_alone(written_by: str, probe: str) -> None:
    fields = {"id": "r", "kind": "imported_record", "title": "R", "path": "r.json", "written_by": written_by}
    assert [step.probe for step in make_plan(of(fields), DAY).steps] == [probe]


@pytest.mark.parametrize("kind", KINDS)
def test_every_probe_of_its_kind_looks_at_a_subject(kind: str) -> None:
    subject = KINDS[kind]
    plan = make_plan(of(subject), DAY)
    assert probes_for(kind), "a kind without a probe is never measured"
    assert [step.probe for step in plan.steps] == probes_for(kind)
    assert {step.subject for step in plan.steps} == {subject["id"]}
    assert [step.id for step in plan.steps] == [f"{step.probe}@{subject['id']}" for step in plan.steps]
    assert set(blocked(plan)) == UNDECLARED & set(probes_for(kind))


def test_exhibits_are_looked_at_like_subjects() -> None:
    plan = make_plan(of(exhibits=(exhibit(), exhibit(id="other"))), DAY)
    assert [step.id for step in plan.steps] == ["declared/exhibit@record", "declared/exhibit@other"]


def test_steps_follow_the_subjects_of_the_manifest_then_the_exhibits_then_the_probes() -> None:
    plan = make_plan(of(LOG, FULL, MODEL, exhibits=(exhibit(),)), DAY)
    subjects = list(dict.fromkeys(step.subject for step in plan.steps))
    assert subjects == ["log", "test", "model", "record"]
    for subject in subjects:
        probes = [step.probe for step in plan.steps if step.subject == subject]
        assert probes == sorted(probes)


def test_step_ids_are_unique_over_many_subjects() -> None:
    plan = make_plan(of(FULL, sampled(id="train", columns=ROLES), MODEL, LOG, exhibits=(exhibit(),)), DAY)
    ids = [step.id for step in plan.steps]
    assert len(set(ids)) == len(ids)
    assert len(ids) == 2 * len(probes_for("table")) + len(probes_for("model")) + len(
        probes_for("prompt_log")
    ) + len(probes_for("exhibit"))


@pytest.mark.parametrize("role", ["protected", "quasi_identifier", "label", "prediction"])
def test_a_step_whose_role_no_column_has_is_kept_with_the_reason(role: str) -> None:
    columns = tuple(column for column in ROLES if role not in column["roles"])
    plan = make_plan(of(sampled(columns=columns)), DAY)
    needing = {spec.id for spec in probe_specs() if spec.works_on == "table" and role in spec.needs}
    assert needing, "a role that no probe needs blocks nothing"
    assert set(blocked(plan)) == needing
    assert [step.probe for step in plan.steps] == probes_for("table")
    for reason in blocked(plan).values():
        assert reason == f"No column of test has the role `{role}`; name one in the manifest."


def test_a_step_whose_field_is_not_declared_is_kept_with_the_reason() -> None:
    plan = make_plan(of(MODEL, table(columns=ROLES)), DAY)
    said = {
        "environment/energy_protocol": "The manifest does not declare `inference` and `footprint` for model.",
        "environment/inference_energy": "The manifest does not declare `inference` for model.",
        "privacy/membership_inference": "The manifest does not declare `membership` for model.",
        "privacy/population_risk": "The manifest does not declare `sampling_fraction` for test.",
    }
    assert said.items() <= blocked(plan).items()
    assert set(blocked(plan)) == UNDECLARED & set(probes_for("model")) | {"privacy/population_risk"}


def test_a_standard_run_leaves_out_what_takes_longer_and_says_so() -> None:
    plan = make_plan(of(FULL), DAY, "standard")
    slow = {spec.id for spec in probe_specs() if spec.works_on == "table" and spec.depth == "full"}
    assert {"fairness/proxies", "data_quality/overlap"} <= slow
    assert "fairness/selection_rate" not in slow
    assert blocked(plan) == dict.fromkeys(slow, "Left to a full run; run with --depth full.")
    assert [step.probe for step in plan.steps] == probes_for("table")


def test_all_missing_roles_are_named_together() -> None:
    plan = make_plan(of(sampled(columns=({"name": "x", "roles": ("feature",)},))), DAY)
    odds = blocked(plan)["fairness/equalized_odds_difference"]
    assert odds == (
        "No column of test has the role `label` and `prediction` and `protected`; name one in the manifest."
    )


def test_one_column_may_have_several_roles() -> None:
    both = {"name": "SEX", "roles": ("protected", "quasi_identifier")}
    plan = make_plan(of(sampled(columns=(both, *ROLES[2:]))), DAY)
    assert blocked(plan) == {}


def test_without_anything_to_look_at_there_are_no_steps_but_all_requirements() -> None:
    plan = make_plan(of(), DAY)
    assert plan.steps == ()
    assert len(plan.requirements) == len(requirements())


def test_every_requirement_is_copied_in_once_and_in_the_order_of_the_law() -> None:
    plan = make_plan(of(FULL), DAY)
    assert tuple(item.requirement for item in plan.requirements) == requirements()
    assert all(item.reason for item in plan.requirements)
    assert (plan.law, plan.as_of, plan.classification.as_of) == (LAW, DAY, DAY)


@pytest.mark.parametrize("subjects", [(), (MODEL,), (FULL, MODEL, LOG, ENERGY)], ids=["none", "one", "all"])
def test_the_probes_are_those_of_steps_and_requirements(subjects: tuple[dict[str, Any], ...]) -> None:
    plan = make_plan(of(*subjects), DAY)
    named = {probe for row in requirements() for probe in row.probes}
    ids = [spec.id for spec in plan.probes]
    assert set(ids) == named | {step.probe for step in plan.steps}
    assert ids == sorted(set(ids))


def test_a_probe_that_nothing_uses_is_left_out() -> None:
    """Only the probe of exhibits serves no row of the catalogue; without exhibits it has no place."""
    assert "declared/exhibit" not in {spec.id for spec in make_plan(of(FULL), DAY).probes}
    assert "declared/exhibit" in {spec.id for spec in make_plan(of(exhibits=(exhibit(),)), DAY).probes}


def test_the_same_arguments_give_the_same_plan() -> None:
    declared = of(FULL, MODEL, LOG, ENERGY, exhibits=(exhibit(),))
    again = Manifest.model_validate_json(declared.model_dump_json())
    assert make_plan(declared, DAY) == make_plan(again, DAY)
    assert digest_of(make_plan(declared, DAY)) == digest_of(make_plan(again, DAY))


def test_the_day_and_the_answers_decide_what_applies() -> None:
    """Chapter III binds Annex III systems from 2 December 2027 and Annex I systems from 2 August 2028."""
    for answers, begins in ((CREDIT, date(2027, 12, 2)), (MEDICAL, date(2028, 8, 2))):
        rows = {str(i.requirement.id): i for i in make_plan(system(answers), DAY).requirements}
        assert (rows["art10.2.f"].applies, rows["art10.2.f"].duty_from) == ("yes", begins)
        assert "until then this is preparation" in rows["art10.2.f"].reason
        later = {str(i.requirement.id): i for i in make_plan(system(answers), begins).requirements}
        assert "preparation" not in later["art10.2.f"].reason
    unanswered = {str(i.requirement.id): i for i in make_plan(of(), DAY).requirements}
    assert unanswered["art10.2.f"].applies == "unknown"


def test_steps_can_be_planned_without_a_manifest() -> None:
    (model,) = of(MODEL).subjects
    specs = probe_specs()
    assert [step.probe for step in plan_steps([model], [], specs)] == probes_for("model")
    one = [spec for spec in specs if spec.id == "security/model_file_scan"]
    assert [step.id for step in plan_steps([model], [], one)] == ["security/model_file_scan@model"]
    assert plan_steps([model], [Exhibit.model_validate(exhibit())], []) == ()
