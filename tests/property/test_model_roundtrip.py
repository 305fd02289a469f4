"""For all values: what is written reads back as the same, in one encoding, and nothing slips in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from conformity.model.base import Value, canonical_json, digest_of
from conformity.model.evidence import Observation
from conformity.model.manifest import Manifest
from conformity.model.measurement import Measurement

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
LINE = TEXT.filter(lambda text: bool(text.strip()))
SLUG = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,10}", fullmatch=True)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
COUNT = st.integers(0, 2**53 - 1)
SAFE = st.floats(-(2**53) + 1, 2**53 - 1)
"""Numbers that stay numbers in canonical JSON: it writes larger whole ones as integers it does not take."""
CELL = st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | SAFE | TEXT
DAY = st.dates(date(1970, 1, 2), date(2100, 1, 1))
MOMENT = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
DIGEST = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)

INTERVAL = st.tuples(NUMBER, NUMBER, st.floats(0.5, 0.999)).map(
    lambda t: {"low": min(t[:2]), "high": max(t[:2]), "level": t[2], "method": "Wilson"}
)
RESULT = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("scalar"), "value": NUMBER, "unit": LINE, "n": COUNT},
        optional={"interval": st.none() | INTERVAL},
    ),
    st.fixed_dictionaries({"kind": st.just("count"), "value": COUNT, "unit": LINE}),
    st.fixed_dictionaries(
        {
            "kind": st.just("not_available"),
            "why": st.sampled_from(["too_few_cases", "undefined", "not_collected"]),
            "reason": LINE,
            "n": COUNT,
        }
    ),
)
MEASUREMENT = st.fixed_dictionaries(
    {
        "metric": st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
        "subject": SLUG,
        "by": st.lists(TEXT, max_size=2),
        "group": st.lists(TEXT, max_size=2),
        "result": RESULT,
    }
)
SEEN = {
    "step": LINE,
    "probe": LINE,
    "probe_version": st.integers(1, 99),
    "subject": SLUG,
    "notes": st.lists(LINE, max_size=2),
    "collected_at": MOMENT,
}
OBSERVATION = st.fixed_dictionaries(
    {
        **SEEN,
        "outcome": st.just("measured"),
        "reason": st.none() | LINE,
        "measurements": st.lists(MEASUREMENT, min_size=1, max_size=3),
    }
) | st.fixed_dictionaries({**SEEN, "outcome": st.sampled_from(["not_available", "error"]), "reason": LINE})
COLUMN = st.fixed_dictionaries(
    {
        "name": TEXT,
        "roles": st.lists(st.sampled_from(["protected", "quasi_identifier", "feature"]), min_size=1),
        "positive": st.lists(CELL, max_size=2),
        "edges": st.sets(st.floats(-1e6, 1e6), max_size=3).map(sorted),
        "names": st.lists(st.fixed_dictionaries({"value": CELL, "name": LINE}), max_size=2),
    }
)
SUBJECT = st.one_of(
    st.fixed_dictionaries(
        {
            "id": SLUG,
            "title": LINE,
            "path": LINE,
            "source": st.none() | LINE,
            "produced_on": st.none() | DAY,
            "kind": st.just("table"),
            "purpose": st.sampled_from(["training", "validation", "testing", "operation"]),
            "columns": st.lists(COLUMN, min_size=1, max_size=3, unique_by=lambda column: str(column["name"])),
        }
    ),
    st.fixed_dictionaries(
        {
            "id": SLUG,
            "title": LINE,
            "path": LINE,
            "kind": st.just("model"),
            "format": st.sampled_from(["joblib", "onnx", "other"]),
        }
    ),
    st.fixed_dictionaries(
        {"id": SLUG, "title": LINE, "path": LINE, "kind": st.just("prompt_log"), "text_field": TEXT}
    ),
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a manifest as plain data, with ids that are unique and resolve."""
    subjects = draw(st.lists(SUBJECT, min_size=1, max_size=3, unique_by=lambda item: str(item["id"])))
    criterion = {
        "id": draw(SLUG),
        "metric": "accuracy",
        "subject": draw(st.sampled_from(subjects))["id"],
        "at_least": draw(NUMBER),
        "requirements": ["art15.1"],
        "reason": draw(LINE),
        "owner": draw(LINE),
        "fixed_at": draw(DAY | MOMENT),
    }
    return {
        "conformity": 1,
        "system": {"name": draw(LINE), "version": draw(LINE), "intended_purpose": draw(LINE)},
        "provider": {"name": draw(LINE), "address": draw(LINE), "contact": draw(LINE)},
        "edition": {"version": "1.2.3", "previous": draw(st.none() | DIGEST)},
        "subjects": subjects,
        "criteria": draw(st.sampled_from([[], [criterion]])),
    }


def _survives(value: Value) -> None:
    """Check that a value is the same after writing and reading, as data and as text."""
    assert type(value).model_validate_json(value.model_dump_json()) == value
    again = type(value).model_validate_json(canonical_json(value))
    assert canonical_json(again) == canonical_json(value)
    assert again == value


@settings(deadline=None, max_examples=30)
@given(manifests())
def test_a_manifest_reads_back_as_it_was_written(plain: dict[str, Any]) -> None:
    _survives(Manifest.model_validate(plain))


@settings(deadline=None, max_examples=50)
@given(OBSERVATION)
def test_an_observation_reads_back_as_it_was_written(plain: dict[str, Any]) -> None:
    _survives(Observation.of(**plain))


@settings(deadline=None, max_examples=50)
@given(MEASUREMENT)
def test_a_measurement_reads_back_as_it_was_written(plain: dict[str, Any]) -> None:
    _survives(Measurement.model_validate(plain))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | SAFE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def _reversed_keys(data: Any) -> Any:
    """Return the same data with the keys of every mapping in the opposite order."""
    if isinstance(data, dict):
        return {key: _reversed_keys(value) for key, value in reversed(data.items())}
    return [_reversed_keys(item) for item in data] if isinstance(data, list) else data


@settings(deadline=None)
@given(JSON)
def test_the_encoding_does_not_depend_on_the_order_of_keys(data: Any) -> None:
    assert canonical_json(_reversed_keys(data)) == canonical_json(data)
    assert digest_of(_reversed_keys(data)) == digest_of(data)


@settings(deadline=None)
@given(JSON)
def test_the_encoding_is_stable_when_it_is_read_and_written_again(data: Any) -> None:
    once = canonical_json(data)
    assert canonical_json(json.loads(once)) == once


@settings(deadline=None, max_examples=50)
@given(MEASUREMENT, st.sampled_from(["nan", "inf", "-inf"]))
def test_no_number_that_is_not_finite_gets_in(plain: dict[str, Any], number: str) -> None:
    plain["result"] = {"kind": "scalar", "value": float(number), "unit": "1", "n": 1}
    with pytest.raises(ValidationError):
        Measurement.model_validate(plain)
    with pytest.raises(ValidationError):
        Measurement.model_validate_json(json.dumps(plain))


@settings(deadline=None, max_examples=50)
@given(OBSERVATION, st.datetimes())
def test_no_moment_without_zone_gets_in(plain: dict[str, Any], moment: datetime) -> None:
    with pytest.raises(ValidationError):
        Observation.of(**{**plain, "collected_at": moment})


@settings(deadline=None, max_examples=50)
@given(MEASUREMENT, TEXT.filter(lambda name: name not in Measurement.model_fields))
def test_no_unknown_field_gets_in(plain: dict[str, Any], name: str) -> None:
    with pytest.raises(ValidationError):
        Measurement.model_validate({**plain, name: None})


@settings(deadline=None, max_examples=30)
@given(OBSERVATION, OBSERVATION)
def test_different_contents_have_different_ids(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = Observation.of(**one), Observation.of(**other)
    assert (first.id == second.id) == (first == second)
