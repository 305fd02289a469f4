"""The manifests of the samples say what they should, and agree with files, catalogue and probes."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from conformity.model.base import sha256_of
from conformity.model.manifest import Manifest
from conformity.probes.registry import probe_specs
from samples.credit.make import SAMPLE
from samples.credit.train import FEATURES

LAW = Path(__file__).resolve().parents[3] / "conformity" / "catalog" / "data" / "ai_act" / "2026-07-27"


@cache
def _ids(*files: str) -> set[str]:
    """Return the ids of all rows in some files of the catalogue."""
    yaml = YAML(typ="safe")
    paths = [path for pattern in files for path in LAW.glob(pattern)]
    return {row["id"] for path in paths for row in yaml.load(path)["rows"]}


def test_every_seal_is_the_digest_of_its_document(home: Path, manifest: Manifest) -> None:
    paths = {exhibit.id: home / exhibit.path for exhibit in manifest.exhibits}
    sealed = {s.exhibit: s.sha256 for sign_off in manifest.sign_offs for s in sign_off.over}
    assert sealed == {name: sha256_of(paths[name].read_bytes()) for name in sealed}


def test_every_document_is_there_and_none_is_left_over(home: Path, manifest: Manifest) -> None:
    declared = {(home / exhibit.path).resolve() for exhibit in manifest.exhibits}
    assert declared == {path.resolve() for path in (home / "docs").iterdir()}


def test_sign_offs_come_after_the_documents_they_rest_on(manifest: Manifest) -> None:
    dated = {exhibit.id: exhibit.dated for exhibit in manifest.exhibits}
    late = [s.id for s in manifest.sign_offs if any(dated[seal.exhibit] > s.signed_on for seal in s.over)]
    assert late == []


def test_nothing_is_dated_after_the_first_assessment(manifest: Manifest) -> None:
    days = [s.produced_on for s in manifest.subjects if s.produced_on]
    days += [e.dated for e in manifest.exhibits] + [s.signed_on for s in manifest.sign_offs]
    assert max(days) < date(2026, 11, 22)


def test_all_bounds_but_the_one_meant_to_are_older_than_the_data(home: Path, manifest: Manifest) -> None:
    made = {subject.id: subject.produced_on for subject in manifest.subjects}
    late = []
    for criterion in manifest.criteria:
        day = made[criterion.subject]
        assert day is not None
        if criterion.claimed_in is None and not criterion.fixed_before_day(day):
            late.append(criterion.id)
    assert late == (["chance-of-a-grant-by-marriage"] if home.name == "credit" else [])


def test_groups_of_criteria_are_protected_columns_of_their_table(manifest: Manifest) -> None:
    for criterion in manifest.criteria:
        subject = manifest.subject(criterion.subject)
        protected = {c.name for c in subject.with_role("protected")} if subject.kind == "table" else set()
        assert set(criterion.by) <= protected, criterion.id


def test_every_requirement_named_is_in_the_catalogue(manifest: Manifest) -> None:
    named = {r for exhibit in manifest.exhibits for r in exhibit.covers}
    named |= {r for criterion in manifest.criteria for r in criterion.requirements}
    named |= {r for sign_off in manifest.sign_offs for r in sign_off.requirements}
    named |= {point for answer in manifest.classification for point in answer.points}
    assert named - _ids("article_*.yaml", "annex_*.yaml") == set()


def test_every_question_is_answered_once_with_a_reason(manifest: Manifest) -> None:
    assert {answer.question for answer in manifest.classification} == _ids("questions.yaml")
    assert [answer.question for answer in manifest.classification if not answer.because] == []


def test_every_metric_that_is_bounded_is_measured_by_a_probe_for_that_kind(manifest: Manifest) -> None:
    kinds = {metric.id: spec.works_on for spec in probe_specs() for metric in spec.metrics}
    for criterion in manifest.criteria:
        assert kinds[criterion.metric] == manifest.subject(criterion.subject).kind, criterion.id


@pytest.mark.parametrize("subject_id", ["testing", "training"])
def test_the_credit_tables_list_the_inputs_in_the_order_of_the_model(subject_id: str) -> None:
    loaded = Manifest.model_validate(YAML(typ="safe").load(SAMPLE.home / "conformity.yaml"))
    subject = loaded.subject(subject_id)
    assert subject.kind == "table"
    assert tuple(column.name for column in subject.with_role("feature")) == FEATURES
