"""The published records: nothing lost, the same bytes every time, and a digest anybody can check."""

from __future__ import annotations

import hashlib

import pytest

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render import evidence_json, formats
from tests.unit.render.render_records import LIMIT, Records


def test_reading_the_assessment_back_gives_the_same_value(records: Records) -> None:
    content = formats()["json"].render(*records, disclosure_limit=LIMIT)
    assert Assessment.model_validate_json(content) == records[0]
    assert content.startswith(b'{\n  "assessment_schema": "conformity/assessment/v1"')
    assert content.endswith(b"}\n")


def test_the_limit_of_print_does_not_touch_the_record(records: Records) -> None:
    one = formats()["json"].render(*records, disclosure_limit=1)
    assert one == formats()["json"].render(*records, disclosure_limit=1000)


def test_the_digest_of_the_evidence_file_is_the_one_the_assessment_names(records: Records) -> None:
    content = evidence_json(records[1])
    assert "sha256:" + hashlib.sha256(content).hexdigest() == records[0].evidence_sha256
    assert Evidence.model_validate_json(content) == records[1]


def test_a_number_that_json_cannot_carry_is_an_error(records: Records) -> None:
    subjects = (records[1].subjects[0].model_copy(update={"size_bytes": 2**60}),)
    with pytest.raises(RenderError, match="cannot carry exactly"):
        evidence_json(records[1].model_copy(update={"subjects": subjects}))
