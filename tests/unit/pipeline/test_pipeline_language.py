"""The language of a report is known before anything is measured."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conformity.errors import UsageError
from conformity.pipeline.assessing import assess
from conformity.settings import load_settings


def test_an_unknown_language_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="in the language 'xx'; choose from en, de"):
        assess(
            tmp_path / "missing.yaml",
            None,
            formats=("html",),
            moment=datetime(2026, 11, 20, tzinfo=UTC),
            as_of=date(2026, 11, 20),
            settings=load_settings(),
            on_progress=lambda *_: None,
            language="xx",
        )
