"""What a malicious model file would do if it were loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.model_files import Call


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """Give the file that no test may bring into being."""
    path = tmp_path / "marker"
    yield path
    assert not path.exists(), "a model file was loaded"


@pytest.fixture
def bomb(marker: Path) -> Call:
    """Give an object that would create the marker when loaded."""
    return Call(os.system, f"touch {marker}")
