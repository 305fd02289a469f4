"""The law over HTTP: requirements, classification, and what is wrong with a manifest."""

from __future__ import annotations

import json

import pytest

from conformity.entry.rest.examples import MANIFEST as EXAMPLE
from conformity.pipeline.knowing import list_requirements
from tests.support.rest import MANIFEST, YAML, Api

JSON = {"Content-Type": "application/json"}


def test_all_requirements_are_listed_in_the_order_of_the_law(api: Api) -> None:
    found, path = [], "/v1/requirements?limit=100"
    while path:
        answer = api.client.get(path)
        found += [row["id"] for row in answer.json()["items"]]
        link = answer.headers.get("Link", "")
        path = link[1 : link.index(">")] if link else ""
    assert found == [row.id for row in list_requirements()]
    assert answer.json()["total"] == len(found)
    assert answer.json()["next"] is None


@pytest.mark.parametrize("cursor", ["MTAwMDAwMDAwMA", "OTk5", "LTE", "4pSC"], ids=str)
def test_a_page_beyond_the_end_is_not_there(api: Api, cursor: str) -> None:
    assert api.client.get(f"/v1/requirements?cursor={cursor}").status_code == 404


def test_one_requirement_is_explained(api: Api) -> None:
    answer = api.client.get("/v1/requirements/art10.2.f")
    assert answer.json()["ref"].startswith("Art. 10(2)(f)")
    missing = api.client.get("/v1/requirements/art10.2.ff")
    assert missing.status_code == 404
    assert "art10.2.f" in missing.json()["detail"]
    assert api.client.get("/v1/requirements/a%20b").status_code == 422


def test_a_manifest_is_checked(api: Api) -> None:
    for content, headers in ((MANIFEST, YAML), (json.dumps(EXAMPLE), JSON)):
        found = api.client.post("/v1/check", content=content, headers=headers).json()
        assert (found["name"], found["errors"]) == ("manifest", [])
        assert found["missing_information"]
    wrong = api.client.post("/v1/check", content="conformity: 1\n", headers=YAML)
    assert wrong.status_code == 200
    assert {one["pointer"] for one in wrong.json()["errors"]} == {"/system", "/provider"}
    assert api.client.post("/v1/check", content=b"\xff", headers=YAML).status_code == 400
    large = api.client.post("/v1/check", content=b" " * 1_000_001, headers=YAML)
    assert large.status_code == 413


def test_bodies_without_a_length_have_limits_too(api: Api) -> None:
    large = api.client.post("/v1/check", content=iter([b" " * 600_000] * 2), headers=YAML)
    assert large.status_code == 413


def test_a_system_is_classified_by_answers_or_manifest(api: Api) -> None:
    unknown = api.client.post("/v1/classify", json={}).json()
    assert unknown["outcome"] == "cannot_tell"
    assert unknown["missing"]
    day = api.client.post("/v1/classify?as_of=2027-01-02", json={"answers": {"ai_system": "no"}}).json()
    assert day["as_of"] == "2027-01-02"
    assert not any("(ai_system)" in text for text in day["missing"])
    own = api.client.post("/v1/classify", json={"answers": {}, "as_of": "2028-01-02"}).json()
    assert own["as_of"] == "2028-01-02"
    for content, headers in ((MANIFEST, YAML), (json.dumps(EXAMPLE), JSON)):
        answer = api.client.post("/v1/classify", content=content, headers=headers)
        assert answer.json()["outcome"] == "cannot_tell"


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ('{"answers": {"ai_system": "perhaps"}}', JSON, 422),
        ('{"answers": {"nothing": "yes"}}', JSON, 422),
        ('{"answers": 1}', JSON, 422),
        ('{"as_of": 5}', JSON, 422),
        ('{"as_of": "2026-02-30"}', JSON, 422),
        ('{"conformity": 1E0}', JSON, 422),
        ("[]", JSON, 422),
        ('"\\ud800"', JSON, 422),
        ("conformity: 1\n", YAML, 422),
        (b"\xff", YAML, 400),
        ("a", {"Content-Type": "text/plain"}, 415),
    ],
    ids=[
        "answer",
        "question",
        "shape",
        "number",
        "day",
        "exponent",
        "list",
        "half a character",
        "manifest",
        "bytes",
        "type",
    ],
)
def test_what_cannot_be_classified_is_refused(
    api: Api, content: str | bytes, headers: dict[str, str], status: int
) -> None:
    answer = api.client.post("/v1/classify", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
