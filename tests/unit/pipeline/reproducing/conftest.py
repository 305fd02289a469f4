"""One assessed system for all tests of reproduction."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.pipeline import reproducing
from tests.support.reproduced import Here, assessed


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a pack that no test may change; its system lies beside it."""
    return assessed(tmp_path_factory.mktemp("reproduced"))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the steps run in this process."""
    monkeypatch.setattr(reproducing, "choose", lambda _settings: Here())
