"""Files to open, and a short way to open them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.interface import TableSource
from tests.support.tables import Opener


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """Return a function that writes content to a file and opens it as a table."""

    def _open(content: str | bytes, name: str = "people.csv", form: str = "auto") -> DuckDBTable:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return DuckDBEngine(threads=1).open(TableSource(path, form))

    return _open
