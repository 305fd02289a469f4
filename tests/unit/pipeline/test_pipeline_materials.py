"""Bills of materials and scans of software, through the pipeline and the command line."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformity.entry.cli import cli
from conformity.errors import DataError, PathError
from conformity.pipeline.materials import write_bill
from conformity.pipeline.scanning import scan_dependencies
from conformity.settings import Settings


def _software(tmp_path: Path) -> Path:
    """Return a lock file."""
    path = tmp_path / "requirements.txt"
    path.write_text("numpy==2.4.6\n", encoding="utf-8")
    return path


def test_a_bill_names_packages_and_models(tmp_path: Path) -> None:
    model = tmp_path / "model.bin"
    model.write_bytes(b"weights")
    bill = write_bill(_software(tmp_path), "System", "1.0", [model], Settings())
    first, second = json.loads(bill)["components"]
    assert first["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"weights").hexdigest()}]
    assert second["purl"] == "pkg:pypi/numpy@2.4.6"
    assert bill == write_bill(_software(tmp_path), "System", "1.0", [model], Settings())


def test_nothing_listed_makes_no_bill(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(DataError, match="lists no package"):
        write_bill(empty, "System", None, [], Settings())
    with pytest.raises(PathError):
        write_bill(tmp_path / "gone.txt", "System", None, [], Settings())


def test_the_command_prints_the_bill(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["sbom", str(_software(tmp_path)), "--name", "System"])
    assert ran.exit_code == 0
    assert json.loads(ran.output)["metadata"]["component"]["name"] == "System"


def test_software_is_scanned(tmp_path: Path) -> None:
    seen = scan_dependencies(_software(tmp_path), datetime(2026, 11, 1, tzinfo=UTC), Settings())
    found = {str(o.probe): o for o in seen.observations}
    assert sorted(found) == ["security/dependencies", "security/vulnerabilities"]
    assert found["security/vulnerabilities"].measurements[0].result.kind == "not_available"
    ran = CliRunner().invoke(cli, ["scan", "dependencies", str(_software(tmp_path))])
    assert ran.exit_code == 0
    assert "1 packages" in ran.output
