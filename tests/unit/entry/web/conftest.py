"""A server with its pages in this process, for all tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.archives import archived, small_pack
from tests.support.pages import Site, TalkingRuns, app_of, archive_of, finished


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server that asks for no keys, with an archive and a finished run; tests may add runs."""
    root: Path = tmp_path_factory.mktemp("pages").resolve()
    runs = TalkingRuns(root / ".conformity" / "runs")
    archive = archive_of(root, "Scorer <b>bold</b>")
    small_pack(root / "other", name="Other")
    archived(root / "other", archive)
    runs.add(finished(root, name="Scorer <b>bold</b>"))
    with TestClient(app_of(root, runs, archive=archive), base_url="http://127.0.0.1") as client:
        yield Site(client, runs, root)
