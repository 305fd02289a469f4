"""A draft that cannot be written is bad luck, told in a sentence."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import PathError
from conformity.pipeline import reporting
from conformity.pipeline.drafting import draft_manifest
from conformity.pipeline.reporting import report_on_data
from conformity.settings import Settings
from tests.support.cases import GOOD

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def _no_more_space(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no file grow from the moment at which the draft is finished."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    draft = draft_manifest

    def drafted(*args: Any) -> Any:
        made = draft(*args)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        return made

    monkeypatch.setattr(reporting, "draft_manifest", drafted)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("_no_more_space")
def test_a_draft_that_cannot_be_written_is_an_error_of_the_place(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PathError, match=r"conformity\.yaml could not be written \(File too large\)\."):
        report_on_data(
            [tmp_path / "people.csv"], None, MOMENT, MOMENT.date(), Settings(), lambda _w, _d, _t: None
        )
    assert not (tmp_path / "conformity-report").exists()
