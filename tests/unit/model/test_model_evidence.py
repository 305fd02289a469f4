"""Observations are named by their content."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from conformity.model.evidence import Observation

FIELDS: dict[str, Any] = {
    "step": "a/b@data",
    "probe": "a/b",
    "probe_version": 1,
    "subject": "data",
    "outcome": "measured",
    "measurements": [
        {"metric": "rows", "subject": "data", "result": {"kind": "count", "value": 3, "unit": "rows"}}
    ],
    "collected_at": datetime(2026, 1, 1, tzinfo=UTC),
}


def test_an_observation_bears_the_digest_of_its_content() -> None:
    observation = Observation.of(**FIELDS)
    assert observation.id.startswith("EV-")
    assert len(observation.id) == 13
    assert Observation.of(**FIELDS) == observation
    assert Observation.model_validate_json(observation.model_dump_json()) == observation


@pytest.mark.parametrize(
    "change",
    [
        {"probe_version": 2},
        {"outcome": "error", "reason": "r", "measurements": ()},
        {"notes": ("n",)},
        {"collected_at": datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)},
    ],
)
def test_another_content_has_another_id(change: dict[str, Any]) -> None:
    assert Observation.of(**{**FIELDS, **change}).id != Observation.of(**FIELDS).id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "error", "reason": "r"}, "if, and only if"),
        ({"measurements": ()}, "if, and only if"),
        ({"outcome": "not_available", "measurements": ()}, "says why"),
    ],
)
def test_the_outcome_fits_the_content(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Observation.of(**{**FIELDS, **change})


def test_a_changed_observation_does_not_read_back() -> None:
    plain = Observation.of(**FIELDS).model_dump(mode="json")
    plain["measurements"][0]["result"]["value"] = 4
    with pytest.raises(ValidationError, match="does not match its content"):
        Observation.model_validate(plain)
    with pytest.raises(ValidationError, match="does not match its content"):
        Observation.model_validate({**FIELDS, "id": "EV-"}, context={})


@pytest.mark.parametrize("version", [0, -1])
def test_a_probe_version_counts_from_one(version: int) -> None:
    with pytest.raises(ValidationError):
        Observation.of(**{**FIELDS, "probe_version": version})
