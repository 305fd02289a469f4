"""What the tests of the samples share: where they are, their manifests, and a small stand-in wheel."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from conformity.model.manifest import Manifest
from samples.common.fetch import Member, Release

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ("assistant", "credit", "hiring")


@pytest.fixture(scope="session", params=SAMPLES)
def home(request: pytest.FixtureRequest) -> Path:
    """Return the folder of each sample in turn."""
    folder: Path = ROOT / "samples" / request.param
    return folder


@pytest.fixture(scope="session")
def manifest(home: Path) -> Manifest:
    """Return the manifest of each sample in turn."""
    return Manifest.model_validate(YAML(typ="safe").load(home / "conformity.yaml"))


@pytest.fixture
def wheel(tmp_path: Path) -> tuple[Path, Release, Member]:
    """Return a wheel with one data file, and the pins that it fulfils."""
    content = b"a,b\n1,2\n"
    path = tmp_path / "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("small/data.csv", content)
    release = Release("small", "1.0", hashlib.sha256(path.read_bytes()).hexdigest())
    return path, release, Member("small/data.csv", hashlib.sha256(content).hexdigest())
