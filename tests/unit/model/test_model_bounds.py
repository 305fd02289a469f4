"""Every bound of the model is held: below it, at it and above it."""

# ruff: noqa: E501  (one bound per line)

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from conformity.model.base import Instant, Line, Prose, Sha256, Value
from conformity.model.evidence import Package, SubjectRecord, TallyRef
from conformity.model.manifest import Edition, Exhibit, SignOff
from conformity.model.measurement import Count, Interval, NotAvailable, Scalar
from conformity.model.probe import Metric, ProbeSpec
from conformity.model.subject import Column, Inference, PromptLogSubject, TableSubject
from conformity.model.tally import PatternCounts

DIGEST = "sha256:" + "0" * 64
METRIC = {
    "id": "m",
    "title": "M",
    "unit": "1",
    "better": "higher",
    "per": "subject",
    "extent": "complete",
    "definition": "d",
}
PROBE = {
    "id": "a/b",
    "version": 1,
    "title": "t",
    "question": "q",
    "works_on": "table",
    "metrics": [METRIC],
    "method": "m",
    "sources": ["s"],
    "limits": ["l"],
    "lifecycle": "stable",
}
RECORD = {"id": "a", "kind": "table", "path": "p", "files": 0, "size_bytes": 0, "sha256": None}
SIGN_OFF = {
    "id": "s",
    "requirements": ["art9.1"],
    "over": [{"exhibit": "e", "sha256": DIGEST}],
    "statement": "s",
    "by": {"name": "n", "function": "f"},
    "signed_on": "2026-01-01",
}
EXHIBIT = {"id": "e", "title": "t", "path": "p", "dated": "2026-01-01", "covers": ["art9.1"]}
TABLE = {
    "id": "t",
    "title": "t",
    "path": "p",
    "kind": "table",
    "purpose": "testing",
    "columns": [{"name": "a", "roles": ["feature"]}],
}
LOG = {"id": "l", "title": "t", "path": "p", "kind": "prompt_log"}


@pytest.mark.parametrize(
    ("model", "fields", "field", "good", "bad"),
    [
        (Scalar, {"value": 1.0, "unit": "1", "n": 0}, "n", [0, 1], [-1]),
        (Scalar, {"value": 1.0, "unit": "1", "n": 0}, "unit", ["1"], ["", " "]),
        (Count, {"value": 0, "unit": "rows"}, "value", [0, 1], [-1, 0.5]),
        (NotAvailable, {"why": "undefined", "reason": "r"}, "n", [0, 1], [-1]),
        (NotAvailable, {"why": "undefined", "reason": "r"}, "why", ["too_few_cases", "not_collected"], ["", "no"]),
        (NotAvailable, {"why": "undefined", "reason": "r"}, "reason", ["r"], [""]),
        (Interval, {"low": 0.0, "high": 1.0, "method": "m"}, "level", [0.001, 0.999], [0.0, 1.0, -0.1, 1.1]),
        (Interval, {"low": 0.0, "high": 1.0, "method": "m"}, "low", [-1.0, 0.0, 1.0], [1.0001]),
        (Interval, {"low": 0.0, "high": 1.0, "method": "m"}, "high", [0.0, 2.0], [-0.0001]),
        (SubjectRecord, RECORD, "files", [0, 1], [-1]),
        (SubjectRecord, RECORD, "size_bytes", [0, 1], [-1]),
        (SubjectRecord, RECORD, "sha256", [None, DIGEST], ["", DIGEST[:-1], DIGEST + "0", DIGEST.upper()]),
        (TallyRef, {"name": "n", "sha256": DIGEST, "entries": 0}, "entries", [0, 1], [-1]),
        (Package, {"name": "n", "version": "1"}, "version", ["1", "x" * 500], ["", "x" * 501]),
        (PatternCounts, {"patterns": ["email"]}, "sample", [1, 100_000], [0, 100_001]),
        (Inference, {"data": "t", "country": "FRA"}, "repeats", [1, 100], [0, 101]),
        (Inference, {"data": "t", "country": "FRA"}, "country", ["DEU"], ["FR", "FRAN", "fra", "F1A"]),
        (Inference, {"data": "t", "country": "FRA"}, "data", ["a", "9", "a.b_c-d"], ["", "A", "-a", "a b"]),
        (Edition, {}, "version", ["0.0.0", "10.20.30"], ["1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0 "]),
        (Edition, {}, "previous", [None, DIGEST], ["", "0" * 64]),
        (PromptLogSubject, LOG, "id", ["a" * 64], ["a" * 65]),
        (PromptLogSubject, LOG, "text_field", ["x"], [""]),
        (TableSubject, TABLE, "columns", [TABLE["columns"]], [[]]),
        (Column, {"name": "a", "roles": ["feature"]}, "name", ["a", " "], [""]),
        (Column, {"name": "a", "roles": ["feature"]}, "roles", [["label", "score"][1:]], [[], ["labl"]]),
        (Column, {"name": "a", "roles": ["feature"]}, "edges", [[], [1.0], [1.0, 2.0]], [[1.0, 1.0], [2.0, 1.0]]),
        (Exhibit, EXHIBIT, "covers", [["a"]], [[]]),
        (SignOff, SIGN_OFF, "requirements", [["a"]], [[]]),
        (SignOff, SIGN_OFF, "over", [SIGN_OFF["over"]], [[]]),
        (Metric, METRIC, "id", ["a", "a_1"], ["", "A", "1a", "a-b"]),
        (ProbeSpec, PROBE, "id", ["fairness/x_1"], ["x", "a/b/c", "A/b", "a/"]),
        (ProbeSpec, PROBE, "version", [1, 2], [0, -1]),
        (ProbeSpec, PROBE, "metrics", [[METRIC]], [[]]),
        (ProbeSpec, PROBE, "sources", [["s"]], [[], [""]]),
        (ProbeSpec, PROBE, "limits", [["l"]], [[], [""]]),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_field_takes_what_it_may_and_nothing_beyond(
    model: type[Value], fields: dict[str, Any], field: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        model.model_validate({**fields, field: value})
    for value in bad:
        with pytest.raises(ValidationError):
            model.model_validate({**fields, field: value})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Line, ["x", "x" * 500, " x "], ["", " ", "x" * 501]),
        (Prose, ["x", "x" * 20_000], ["", "\n", "x" * 20_001]),
        (Sha256, [DIGEST], ["md5:" + "0" * 64, DIGEST + "\n"]),
        (Instant, ["2026-01-01T00:00:00Z"], ["2026-01-01T00:00:00", "yesterday"]),
    ],
    ids=["line", "prose", "digest", "instant"],
)
def test_a_kind_of_text_takes_what_it_may_and_nothing_beyond(
    kind: Any, good: list[str], bad: list[str]
) -> None:
    adapter = TypeAdapter(kind)
    for value in good:
        adapter.validate_python(value)
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
