"""The manifest's own rules: what belongs together, what must be unique, what must exist."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from conformity.model.manifest import Criterion, Manifest
from conformity.model.subject import Column, ModelSubject, TableSubject

CRITERION: dict[str, Any] = {
    "id": "c",
    "metric": "accuracy",
    "subject": "data",
    "at_least": 0.8,
    "requirements": ["art15.1"],
    "reason": "r",
    "owner": "o",
    "fixed_at": date(2026, 1, 31),
}
COLUMN: dict[str, Any] = {"name": "sex", "roles": ["protected"]}
TABLE: dict[str, Any] = {
    "id": "data",
    "title": "t",
    "path": "p",
    "kind": "table",
    "purpose": "testing",
    "columns": [COLUMN],
}
MODEL: dict[str, Any] = {"id": "model", "title": "t", "path": "p", "kind": "model", "format": "onnx"}
LOG: dict[str, Any] = {"id": "log", "title": "t", "path": "p", "kind": "prompt_log"}
EXHIBIT: dict[str, Any] = {
    "id": "paper",
    "title": "t",
    "path": "p",
    "dated": "2026-01-01",
    "covers": ["art9.1"],
}
SIGN_OFF: dict[str, Any] = {
    "id": "s",
    "requirements": ["art9.1"],
    "over": [{"exhibit": "paper", "sha256": "sha256:" + "0" * 64}],
    "statement": "s",
    "by": {"name": "n", "function": "f"},
    "signed_on": "2026-01-01",
}
ANSWER: dict[str, Any] = {"question": "q", "answer": "yes"}


def _manifest(**parts: Any) -> Manifest:
    return Manifest.model_validate(
        {
            "conformity": 1,
            "system": {"name": "a", "version": "1", "intended_purpose": "p"},
            "provider": {"name": "a", "address": "b", "contact": "c"},
            **parts,
        }
    )


def _criterion(**changes: Any) -> Criterion:
    return Criterion.model_validate({**CRITERION, **changes})


def test_a_manifest_finds_its_subjects() -> None:
    manifest = _manifest(subjects=[TABLE, MODEL])
    assert isinstance(manifest.subject("model"), ModelSubject)
    with pytest.raises(KeyError):
        manifest.subject("Model")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"subjects": [TABLE, TABLE]}, "subject 'data' occurs twice"),
        ({"exhibits": [EXHIBIT, EXHIBIT]}, "exhibit 'paper' occurs twice"),
        ({"subjects": [TABLE], "exhibits": [{**EXHIBIT, "id": "data"}]}, "'data' occurs twice"),
        ({"subjects": [TABLE], "criteria": [CRITERION, CRITERION]}, "criterion 'c' occurs twice"),
        ({"exhibits": [EXHIBIT], "sign_offs": [SIGN_OFF, SIGN_OFF]}, "sign-off 's' occurs twice"),
        ({"classification": [ANSWER, ANSWER]}, "answer to question 'q' occurs twice"),
        ({"criteria": [CRITERION]}, r"names the subject 'data', which is not declared \(have: none\)"),
        ({"sign_offs": [SIGN_OFF]}, r"names the exhibit 'paper', which is not declared \(have: none\)"),
        (
            {"subjects": [LOG, {**MODEL, "inference": {"data": "log", "country": "FRA"}}]},
            "subject model names the table 'log', which is not declared",
        ),
    ],
)
def test_ids_are_unique_and_resolve(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _manifest(**parts)


def test_ids_that_resolve_are_accepted() -> None:
    manifest = _manifest(
        subjects=[TABLE, {**MODEL, "inference": {"data": "data", "country": "FRA"}}],
        exhibits=[EXHIBIT],
        criteria=[CRITERION],
        sign_offs=[SIGN_OFF],
        classification=[ANSWER, {**ANSWER, "question": "r"}],
    )
    assert len(manifest.subjects) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"at_least": None}, "needs `at_least`, `at_most` or both"),
        ({"at_least": 0.5, "at_most": 0.4}, "`at_least` is above `at_most`"),
        ({"group": ["f"]}, "`group` needs one value for each column in `by`"),
        ({"by": ["sex", "age"], "group": ["f"]}, "`group` needs one value for each column in `by`"),
    ],
)
def test_a_criterion_must_be_a_bound_that_can_be_kept(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _criterion(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"at_least": 0.0},
        {"at_least": None, "at_most": 0.0},
        {"at_least": 0.5, "at_most": 0.5},
        {"by": ["sex"], "group": ["f"]},
        {"by": ["sex"]},
    ],
)
def test_a_bound_that_can_be_kept_is_accepted(changes: dict[str, Any]) -> None:
    assert _criterion(**changes).metric == "accuracy"


@pytest.mark.parametrize(
    ("fixed_at", "moment", "before"),
    [
        (date(2026, 1, 31), datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), False),
        (date(2026, 1, 31), datetime(2026, 2, 1, tzinfo=UTC), True),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 1, 31, 11, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 1, 31, 12, tzinfo=UTC), False),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC), True),
        (
            datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 1, 31, 11, tzinfo=UTC),
            True,
        ),
    ],
)
def test_a_bound_is_older_only_if_that_is_certain(fixed_at: Any, moment: datetime, before: bool) -> None:
    assert _criterion(fixed_at=fixed_at).fixed_before(moment) is before


@pytest.mark.parametrize(
    ("fixed_at", "day", "before"),
    [
        (date(2026, 1, 31), date(2026, 1, 31), False),
        (date(2026, 1, 31), date(2026, 2, 1), True),
        (datetime(2026, 1, 31, 0, 0, tzinfo=UTC), date(2026, 1, 31), False),
        (datetime(2026, 1, 30, 23, 59, tzinfo=UTC), date(2026, 1, 31), True),
        (datetime(2026, 1, 30, 23, 59, tzinfo=UTC), date(2026, 1, 30), False),
    ],
)
def test_a_bound_is_older_than_a_day_only_before_it_began(fixed_at: Any, day: date, before: bool) -> None:
    assert _criterion(fixed_at=fixed_at).fixed_before_day(day) is before


@pytest.mark.parametrize("role", ["label", "prediction"])
@pytest.mark.parametrize("given", [{}, {"positive": [1]}, {"negative": [0]}])
def test_an_outcome_needs_values_of_both_kinds(role: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs both `positive` and `negative` values"):
        Column.model_validate({"name": "y", "roles": [role], **given})
    Column.model_validate({"name": "y", "roles": ["feature"], **given})


@pytest.mark.parametrize(("positive", "negative"), [([1], [1]), ([1], ["1"]), (["a", "b"], ["c", "b"])])
def test_no_value_is_both_favourable_and_not(positive: list[Any], negative: list[Any]) -> None:
    with pytest.raises(ValidationError, match="cannot be both positive and negative"):
        Column.model_validate({"name": "y", "roles": ["label"], "positive": positive, "negative": negative})


def test_no_column_is_bound_twice() -> None:
    with pytest.raises(ValidationError, match="column 'sex' is listed twice"):
        TableSubject.model_validate({**TABLE, "columns": [COLUMN, COLUMN]})


@pytest.mark.parametrize("role", ["label", "prediction", "score"])
def test_each_outcome_has_one_column_at_most(role: str) -> None:
    one = {"name": "a", "roles": [role], "positive": [1], "negative": [0]}
    table = TableSubject.model_validate({**TABLE, "columns": [one, COLUMN]})
    assert [column.name for column in table.with_role(role)] == ["a"]
    assert table.with_role("sensitive") == ()
    with pytest.raises(ValidationError, match=f"more than one column has the role '{role}'"):
        TableSubject.model_validate({**TABLE, "columns": [one, {**one, "name": "b"}]})


def _with(**parts: Any) -> Manifest:
    provider = {"name": "p", "address": "a", "contact": "c", **parts.pop("provider", {})}
    system = {"name": "s", "version": "1", "intended_purpose": "i"}
    return Manifest.model_validate({"conformity": 1, "system": system, "provider": provider, **parts})


def test_standards_and_size_leave_no_trace_where_they_are_not_declared() -> None:
    plain = _with().model_dump(mode="json")
    assert "standards" not in plain
    assert "size" not in plain["provider"]
    declared = _with(provider={"size": "small"}, standards=[{"reference": "EN 1", "extent": "full"}])
    assert Manifest.model_validate(declared.model_dump(mode="json")) == declared
    with pytest.raises(ValidationError, match="standard 'EN 1' occurs twice"):
        _with(standards=[{"reference": "EN 1", "extent": "full"}, {"reference": "EN 1", "extent": "part"}])
    with pytest.raises(ValidationError):
        _with(provider={"size": "tiny"})
