"""How the server is handed on: the bundle for desktop applications, and the entry for the registry."""

from __future__ import annotations

import json
import tomllib
import zipfile
from importlib.resources import files
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # ships no types
import pytest

import conformity
from bundle.make_mcpb import ROOT, manifest, project, write
from tests.support.node_tools import MCPB, needs_node_tools, run_tool


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle."""
    place = tmp_path_factory.mktemp("bundle") / "conformity.mcpb"
    write(place)
    return place


@needs_node_tools
def test_the_official_tool_accepts_the_bundle(made: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    assert run_tool(MCPB, "unpack", made, unpacked, folder=tmp_path).returncode == 0
    done = run_tool(MCPB, "validate", unpacked / "manifest.json", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "validation passes" in done.stdout


def test_the_bundle_holds_what_the_server_needs_and_nothing_else(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
        told = json.loads(archive.read("manifest.json"))
        listed = tomllib.loads(archive.read("pyproject.toml").decode())
    assert {"mcp_server.py", "conformity/entry/mcp/server.py", "templates/mcp/report.html"} <= names
    assert not [name for name in names if name.endswith(".pyc") or name.startswith(("tests/", "samples/"))]
    assert told["server"]["entry_point"] in names
    assert told["version"] == conformity.__version__
    assert {tool["name"] for tool in told["tools"]} > {"generate_conformity_report", "get_run"}
    assert listed["project"]["scripts"]["conformity"]
    pins = listed["tool"]["uv"]["constraint-dependencies"]
    assert any(pin.startswith("mcp==") for pin in pins)
    assert len(pins) > 60


def test_the_same_tree_gives_the_same_bundle(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    named = [entry.filename for entry in entries if entry.filename.startswith("conformity/")]
    assert [Path(name) for name in named] == sorted(map(Path, named))


def test_every_pin_of_the_lock_is_kept() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    locked = [line for line in lines if "==" in line and not line.startswith((" ", "#"))]
    assert len(tomllib.loads(project())["tool"]["uv"]["constraint-dependencies"]) == len(locked)


def test_no_tool_is_described_with_more_than_a_sentence() -> None:
    assert all(0 < len(tool["description"]) < 160 for tool in manifest()["tools"])


def test_the_entry_for_the_registry_names_this_version_and_package() -> None:
    entry = json.loads((ROOT / "bundle/server.json").read_text("utf-8"))
    (package,) = entry["packages"]
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert entry["version"] == package["version"] == conformity.__version__
    assert package["identifier"] == listed["name"]
    assert len(entry["description"]) <= 100


def test_the_entry_for_the_registry_fits_its_schema() -> None:
    """skillsaw carries the schemas of the registry."""
    pytest.importorskip("skillsaw", reason="skillsaw is not installed: ./run test adds it")
    entry = json.loads((ROOT / "bundle/server.json").read_text("utf-8"))
    dated = entry["$schema"].split("/")[-2].replace("-", "_")
    schema = files("skillsaw") / f"schemas/mcp_registry/v{dated}/server.schema.json"
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8")))
    assert [fault.message for fault in validator.iter_errors(entry)] == []
    assert [fault.message for fault in validator.iter_errors({**entry, "version": 1})] != []
