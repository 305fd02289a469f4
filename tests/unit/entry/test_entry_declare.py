"""What ``conformity declare`` prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from conformity.entry.cli import cli
from conformity.errors import PathError
from tests.support.composed import material
from tests.support.declarations import SIGNING, packed, registered, signed


def test_a_refusal_lists_everything_and_exits_with_1(tmp_path: Path) -> None:
    pack = packed(registered(material("declaration", declaration=SIGNING)), tmp_path / "pack")
    said = CliRunner().invoke(cli, ["declare", str(pack)])
    assert said.exit_code == 1
    assert said.stdout == ""
    lines = said.stderr.splitlines()
    assert lines[0].endswith("points stand in the way:")
    assert len(lines) - 1 == int(lines[0].split("; ")[1].split()[0])


def test_a_refusal_as_json_exits_with_1_too(tmp_path: Path) -> None:
    pack = packed(signed(declaration=None), tmp_path / "pack")
    said = CliRunner().invoke(cli, ["declare", str(pack), "--json"])
    assert said.exit_code == 1
    assert len(json.loads(said.stdout)["refusals"]) == 1


def test_where_it_lies_and_who_signs_is_told(tmp_path: Path) -> None:
    pack, place = packed(signed(), tmp_path / "pack"), tmp_path / "out"
    said = CliRunner().invoke(cli, ["declare", str(pack), "-o", str(place)])
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        f"Declaration: {place}",
        "  declaration.html",
        "  declaration.json",
        "  declaration.pdf",
        "Prepared for the signature of Specimen signatory; it is not signed.",
    ]


def test_the_version_before_is_read_when_it_is_named(tmp_path: Path) -> None:
    manifest = tmp_path / "conformity.yaml"
    manifest.write_text(
        "conformity: 1\nsystem: {name: S, version: '1', intended_purpose: P}\n"
        "provider: {name: P, address: A, contact: C}\n",
        encoding="utf-8",
    )
    said = CliRunner().invoke(cli, ["assess", str(manifest), "--previous", str(tmp_path / "none")])
    assert isinstance(said.exception, PathError)
    assert "none" in said.exception.message
