"""Fixtures for the documents."""

from __future__ import annotations

import pytest

from conformity.render import formats
from tests.unit.render.render_records import LIMIT, Records, build


@pytest.fixture(scope="session")
def records() -> Records:
    """Return the usual records."""
    return build()


@pytest.fixture(scope="session")
def html(records: Records) -> str:
    """Return the usual report as HTML."""
    return formats()["html"].render(*records, disclosure_limit=LIMIT).decode("utf-8")


@pytest.fixture(scope="session")
def pdf(records: Records) -> bytes:
    """Return the usual report as PDF."""
    return formats()["pdf"].render(*records, disclosure_limit=LIMIT)
