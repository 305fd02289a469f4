"""The wheel alone, in a fresh environment and another folder, makes a whole report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without the variables that would lead it back to this checkout."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    result = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by the locked hatchling, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment's ``bin``: the wheel installed in it, the libraries lent by this one."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    install = ("uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--no-index", "--no-cache")
    _run(sys.executable, "-m", *install, "--python", python, wheel, cwd=home)
    (packages,) = (home / "lib").glob("python3*/site-packages")
    # A folder lent by a .pth file comes last on the path, and .pth files inside it are not read: the
    # editable install of this checkout stays out of sight.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return home / "bin"


def test_wheel_holds_package_templates_law_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    beside = {
        str(
            file.relative_to(ROOT / "templates")
        ): f"conformity/templates/{file.relative_to(ROOT / 'templates')}"
        for file in (ROOT / "templates").rglob("*")
        if file.is_file()
    }
    # GitLab looks for its component in this folder; it is no template of ours.
    assert beside.pop("conformity-report.yml") not in names
    assert beside
    assert set(beside.values()) <= names
    assert "conformity/py.typed" in names
    assert any(name.startswith("conformity/catalog/data/ai_act/") for name in names)
    assert any(name.endswith("probe.yaml") for name in names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not {name for name in names if name.startswith(("tests/", "samples/")) or name.endswith(".pyc")}


def test_package_comes_from_the_wheel(fresh: Path, tmp_path: Path) -> None:
    printed = _run(fresh / "python", "-c", "import conformity; print(conformity.__file__)", cwd=tmp_path)
    assert Path(printed.stdout.strip()).is_relative_to(fresh.parent)
    assert _run(fresh / "conformity", "--version", cwd=tmp_path).stdout.startswith("conformity ")


def test_installed_command_drafts_and_assesses_elsewhere(fresh: Path, tmp_path: Path) -> None:
    rows = [f"{index},{'fm'[index % 2]},{index % 3 % 2},{index % 5 % 2}" for index in range(200)]
    (tmp_path / "people.csv").write_text("\n".join(["id,sex,label,prediction", *rows]) + "\n", "utf-8")
    _run(fresh / "conformity", "init", "people.csv", "-o", "conformity.yaml", cwd=tmp_path)
    _run(fresh / "conformity", "assess", "conformity.yaml", "-o", "report", cwd=tmp_path)
    assert (tmp_path / "report" / "report.pdf").read_bytes().startswith(b"%PDF-")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert json.loads((tmp_path / "report" / "assessment.json").read_text("utf-8"))["findings"]
