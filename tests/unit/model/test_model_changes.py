"""Changes determined in advance and redactions: what a manifest may declare, and what a record must hold."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from conformity.model.manifest import Manifest
from conformity.model.redaction import Redaction, RemovedField
from tests.support.assessments import exhibit, manifest

RANGE = {"metric": "rate", "subject": "test", "at_least": 0.5}


def declaring(**changes: Any) -> Manifest:
    """Return a manifest with one change determined in advance."""
    change = {"id": "monthly", "description": "New data.", "replaces": ["data"], "ranges": [RANGE], **changes}
    return manifest(predetermined_changes=(change,), exhibits=(exhibit(),))


def test_a_change_names_subjects_and_documents_that_are_declared() -> None:
    made = declaring(subjects=["test"], documented_in="record").predetermined_changes[0]
    assert (made.id, made.documented_in, made.ranges[0].at_least) == ("monthly", "record", 0.5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subjects": ["none"]}, "predetermined change monthly names the subject 'none'"),
        ({"ranges": [{**RANGE, "subject": "none"}]}, "names the subject 'none'"),
        ({"documented_in": "none"}, "names the exhibit 'none'"),
        ({"ranges": [{"metric": "rate", "subject": "test"}]}, "needs `at_least`, `at_most` or both"),
        ({"ranges": [{**RANGE, "at_most": 0.4}]}, "`at_least` is above `at_most`"),
        ({"ranges": [{**RANGE, "by": ["SEX"], "group": ["f", "g"]}]}, "one value for each column"),
        ({"replaces": ["people"]}, "Input should be"),
    ],
)
def test_a_change_that_means_nothing_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        declaring(**changes)


def test_each_change_has_its_own_name() -> None:
    change = {"id": "monthly", "description": "New data."}
    with pytest.raises(ValidationError, match="predetermined change 'monthly' occurs twice"):
        manifest(predetermined_changes=(change, change))


def test_a_manifest_without_either_is_written_as_before() -> None:
    assert not {"predetermined_changes", "redactions"} & manifest().model_dump().keys()
    redaction = {"of": "exhibit:record", "ground": "trade_secret", "reason": "Ours."}
    assert manifest(redactions=(redaction,)).redactions[0] == Redaction.model_validate(redaction)


@pytest.mark.parametrize("place", ["", "a", "/a~2", "/a~"])
def test_a_place_that_is_no_pointer_is_refused(place: str) -> None:
    with pytest.raises(ValidationError, match="place"):
        RemovedField.model_validate(
            {
                "file": "evidence.json",
                "place": place,
                "ground": "other",
                "reason": "r",
                "commitment": "sha256:" + "0" * 64,
            }
        )
