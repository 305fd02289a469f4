"""What can be sent to have a system assessed, and what is wrong with what cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformity.entry.rest.examples import MANIFEST as EXAMPLE
from tests.support.cases import GOOD
from tests.support.cases import manifest as table_manifest
from tests.support.rest import MANIFEST, YAML, Api

Files = list[tuple[str, tuple[str, str, str]]]
SYSTEM: Files = [
    ("manifest", ("any.yaml", table_manifest(path="data/test.csv"), "application/yaml")),
    ("files", ("data/test.csv", GOOD, "text/csv")),
]


def left(api: Api) -> set[str]:
    """Return what lies where uploads and runs lie."""
    data = api.settings.data_folder
    return {str(file) for name in ("uploads", "runs") for file in (data / name).rglob("*")}


def asked(api: Api, name: str) -> Any:
    """Return what the engine was asked for."""
    with api.shift() as shift:
        run = shift.begin(name)
    assert run is not None
    return run.request


def test_a_manifest_comes_with_its_files(api: Api) -> None:
    answer = api.client.post(
        "/v1/runs?depth=full",
        files=SYSTEM,
        data={"formats": "json,md", "language": "", "as_of": "2027-01-02"},
    )
    assert answer.status_code == 202, answer.text
    request = asked(api, answer.json()["id"])
    folder = Path(request.manifest).parent
    assert Path(request.manifest).read_text("utf-8") == table_manifest(path="data/test.csv")
    assert (folder / "data/test.csv").read_text("utf-8") == GOOD
    assert (request.depth, request.formats, request.language) == ("full", ("json", "md"), "en")
    assert str(request.as_of) == "2027-01-02"


@pytest.mark.parametrize("named", ["data/test.csv", "test.csv"], ids=str)
def test_files_that_come_without_a_folder_are_put_where_the_manifest_names_them(api: Api, named: str) -> None:
    files: Files = [SYSTEM[0], ("files", ("test.csv", GOOD, "text/csv"))]
    files[0] = ("manifest", ("m", table_manifest(path=named), ""))
    answer = api.client.post("/v1/runs", files=files)
    assert answer.status_code == 202, answer.text
    assert (Path(asked(api, answer.json()["id"]).manifest).parent / named).is_file()


@pytest.mark.parametrize(
    "text",
    [
        table_manifest(path="../test.csv"),
        table_manifest(path=".hidden/test.csv"),
        table_manifest(path="data/other.csv"),
        table_manifest(path="conformity.yaml/test.csv"),
        table_manifest(path="a/test.csv", extra="exhibits: [{id: e, title: E, path: b/test.csv}]\n"),
        table_manifest(path="data/test.csv", extra="exhibits: 1\n"),
        "[]",
        "a: [",
    ],
    ids=["up", "hidden", "other", "file", "two", "shape", "list", "yaml"],
)
def test_files_are_put_nowhere_else(api: Api, text: str) -> None:
    before = left(api)
    files: Files = [("manifest", ("m", text, "")), ("files", ("test.csv", GOOD, "text/csv"))]
    assert api.client.post("/v1/runs", files=files).status_code == 422
    assert left(api) == before


def test_a_manifest_comes_as_a_field(api: Api) -> None:
    answer = api.client.post(
        "/v1/runs", files=SYSTEM[1:], data={"manifest": table_manifest(path="data/test.csv")}
    )
    assert answer.status_code == 202, answer.text


def test_data_alone_is_drafted_from(api: Api) -> None:
    files: Files = [("files", (name, GOOD, "text/csv")) for name in ("b.csv", "a.csv")]
    request = asked(api, api.client.post("/v1/runs", files=files).json()["id"])
    assert request.manifest is None
    assert [Path(path).name for path in request.data] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    "text", [json.dumps(EXAMPLE), json.dumps(EXAMPLE, indent="\t")], ids=["dense", "tabs"]
)
def test_a_manifest_comes_as_json(api: Api, text: str) -> None:
    answer = api.client.post("/v1/runs", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text
    kept = Path(asked(api, answer.json()["id"]).manifest).read_text("utf-8")
    assert kept == text


def test_characters_that_json_alone_can_write_are_kept(api: Api) -> None:
    changed = {**EXAMPLE, "system": {**EXAMPLE["system"], "name": "Scorer \U0001f600"}}
    answer = api.client.post(
        "/v1/runs", content=json.dumps(changed), headers={"Content-Type": "application/json"}
    )
    kept = Path(asked(api, answer.json()["id"]).manifest).read_text("utf-8")
    assert json.loads(kept) == changed


def test_files_of_the_server_are_named(api: Api) -> None:
    root = api.settings.root
    assert root is not None
    (root / "here.yaml").write_text(MANIFEST, "utf-8")
    (root / "here.csv").write_text(GOOD, "utf-8")
    one = api.client.post("/v1/runs", json={"manifest_path": "here.yaml", "output_path": "out"})
    request = asked(api, one.json()["id"])
    assert (request.manifest, request.output) == (str(root / "here.yaml"), str(root / "out"))
    other = api.client.post("/v1/runs", json={"data_paths": ["here.csv"]})
    assert asked(api, other.json()["id"]).data == (str(root / "here.csv"),)


def test_a_version_follows_the_one_before(api: Api, done: str) -> None:
    answer = api.client.post(f"/v1/runs?previous={done}", content=MANIFEST, headers=YAML)
    request = asked(api, answer.json()["id"])
    assert request.previous == str(api.settings.data_folder / "runs" / done / "pack")
    open_run = api.begin()
    answer = api.client.post(f"/v1/runs?previous={open_run}", content=MANIFEST, headers=YAML)
    assert answer.status_code == 409
    answer = api.client.post("/v1/runs?previous=r-00000000", content=MANIFEST, headers=YAML)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"manifest_path": "here.yaml", "data_paths": ["a"]}, "#"),
        ({"data_paths": []}, "#"),
        ({"manifest_path": 3}, "#/manifest_path"),
        ({"manifest_path": "a", "else": 1}, "#/else"),
        ({"manifest_path": "here.yaml", "previous_path": "x"}, "#/previous_path"),
    ],
    ids=["both", "neither", "number", "unknown", "two before"],
)
def test_what_is_wrong_with_paths_is_pointed_to(
    api: Api, done: str, body: dict[str, Any], pointer: str
) -> None:
    answer = api.client.post(f"/v1/runs?previous={done}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "path", ["nothing.yaml", "no/where.yaml", "../conformity.yaml", "/etc/passwd", "a\u0000b"], ids=ascii
)
def test_paths_lead_nowhere_else(api: Api, path: str) -> None:
    answer = api.client.post("/v1/runs", json={"manifest_path": path})
    assert answer.status_code == 422
    assert str(api.settings.root) not in answer.text


def test_no_output_outside_the_root(api: Api, tmp_path: Path) -> None:
    root = api.settings.root
    assert root is not None
    (root / "here.yaml").write_text(MANIFEST, "utf-8")
    (root / "away").symlink_to(tmp_path)
    answer = api.client.post("/v1/runs", json={"manifest_path": "here.yaml", "output_path": "away/x"})
    assert answer.status_code == 422
    assert "outside the root" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("formats=docx", "formats"),
        ("formats=", "formats"),
        ("language=xx", "language"),
        ("as_of=0", "as_of"),
        ("depth=deep", "depth"),
        ("nothing=1", "nothing"),
        ("callback_url=https://example.com/hook", "callback_url"),
        ("callback_url=http://example.com/hook", "callback_url"),
    ],
    ids=str,
)
def test_options_that_there_are_not_are_named(api: Api, query: str, parameter: str) -> None:
    before = left(api)
    answer = api.client.post(f"/v1/runs?{query}", content=MANIFEST, headers=YAML)
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
    assert left(api) == before


@pytest.mark.parametrize(
    ("content", "kind", "status", "pointer"),
    [
        ("conformity: 1\n", "application/yaml", 422, "#/system"),
        ("a: [", "text/yaml", 422, "#"),
        ("{", "application/json", 400, "#"),
        ('{"a": NaN}', "application/json", 400, "#"),
        ('{"conformity": 1, "conformity": 1}', "application/json", 400, "#"),
        ("[" * 100_000, "application/json", 400, "#"),
        (b'{"a": "\xff"}', "application/json", 400, "#"),
        (table_manifest(), "application/x-yaml", 422, "#/subjects/0/path"),
    ],
    ids=["fields", "yaml", "json", "nan", "twice", "deep", "bytes", "file"],
)
def test_manifests_that_are_none_are_refused(
    api: Api, content: str | bytes, kind: str, status: int, pointer: str
) -> None:
    before = left(api)
    answer = api.client.post("/v1/runs", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert str(api.settings.root) not in answer.text
    assert left(api) == before


@pytest.mark.parametrize(
    ("files", "fields", "pointer"),
    [
        ([("other", ("a.csv", "a", ""))], {}, "#/other"),
        ([], {"formats": "json"}, "#/files"),
        ([("files", ("../a.csv", "a", ""))], {}, "#/files"),
        ([("files", ("a.csv", "a", "")), ("files", ("a.csv", "a", ""))], {}, "#/files"),
        ([("files", ("a/b", "a", "")), ("files", ("a", "a", ""))], {}, "#/files"),
        ([("files", ("a", "a", "")), ("files", ("a/b", "a", ""))], {}, "#/files"),
        ([SYSTEM[0]], {"manifest": MANIFEST}, "#/manifest"),
        ([("files", ("a.csv", "a", ""))], {"depth": "deep"}, "#/depth"),
        ([("files", ("a.csv", "a", ""))], {"wrong": "deep"}, "#/wrong"),
    ],
    ids=["part", "nothing", "up", "twice", "folder", "file", "manifests", "option", "unknown"],
)
def test_forms_that_cannot_be_used_are_refused(
    api: Api, files: Files, fields: dict[str, str], pointer: str
) -> None:
    before = left(api)
    forced: Files = files or [("depth", (None, "full", ""))]  # type: ignore[list-item] # a field of a form
    answer = api.client.post("/v1/runs", files=forced, data=fields)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert left(api) == before


@pytest.mark.parametrize(("field", "name"), [("manifest", "any"), ("files", "conformity.yaml")])
def test_a_manifest_is_never_larger_than_a_manifest_may_be(api: Api, field: str, name: str) -> None:
    """This process reads it itself, for many times as long as it takes to send it."""
    before = left(api)
    large = MANIFEST + "#" * api.settings.manifest_max_bytes
    answer = api.client.post("/v1/runs", files=[(field, (name, large, ""))])
    assert (answer.status_code, left(api)) == (413, before)


def test_other_media_types_are_refused(api: Api) -> None:
    answer = api.client.post("/v1/runs", content="a", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.headers["Accept"] == "application/json, application/yaml, multipart/form-data"
