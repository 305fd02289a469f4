"""What a manifest says about trying a model out is checked where it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from conformity.intake.identities import identity_problems
from conformity.model.subject import AttackRecordSubject, ModelSubject, SubjectKind

MODEL = {"id": "m", "kind": "model", "title": "M", "path": "m", "format": "joblib"}


def model(**fields: Any) -> ModelSubject:
    """Return a model as declared."""
    return ModelSubject.model_validate({**MODEL, **fields})


def test_the_tables_that_a_model_is_tried_on_are_named() -> None:
    assert model(robustness={"data": "a"}).tables == ("a",)
    both = model(
        robustness={"data": "a", "training": "b"},
        inference={"data": "c", "country": "FRA"},
        membership={"members": "d", "others": "e"},
    )
    assert both.tables == ("c", "d", "e", "a", "b")


def test_a_model_that_is_not_tried_is_written_as_before() -> None:
    """Records of models that declare none of it keep their digest."""
    assert not {"robustness", "attacks", "command"} & set(model().model_dump(mode="json"))
    declared = model(robustness={"data": "a"})
    assert ModelSubject.model_validate(declared.model_dump(mode="json")) == declared


@pytest.mark.parametrize("side", ["data", "training"])
def test_a_table_that_is_not_declared_is_told_with_its_place(side: str) -> None:
    tried = {"data": "rows", side: "none"}
    table = {"id": "rows", "kind": "table", "columns": []}
    (problem,) = identity_problems({"subjects": [table, {**MODEL, "robustness": tried}]})
    assert problem.path == ("subjects", 1, "robustness", side)
    assert problem.text.startswith("no table ")


@pytest.mark.parametrize(
    "fields", [{"tolerance": 0}, {"tolerance": -1.0}, {"data": "Not A Name"}, {"more": 1}]
)
def test_what_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(robustness={"data": "a", **fields})


def test_reports_of_known_programs_alone_are_read() -> None:
    fields = {"id": "r", "kind": "attack_record", "title": "R", "path": "r.jsonl"}
    assert AttackRecordSubject.model_validate({**fields, "written_by": "garak"}).written_by == "garak"
    with pytest.raises(ValidationError):
        AttackRecordSubject.model_validate({**fields, "written_by": "somebody"})


def test_every_kind_of_subject_has_a_name_in_print() -> None:
    file = Path(__file__).parents[3] / "templates" / "locale" / "en.json"
    words = json.loads(file.read_text("utf-8"))["kind"]
    assert set(words) == set(get_args(SubjectKind))
