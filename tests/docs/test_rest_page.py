"""What the page on the REST API shows is there."""

from __future__ import annotations

import re
from pathlib import Path

from conformity.entry.rest.app import _ROUTERS
from conformity.entry.rest.asked import Options
from conformity.entry.rest.formats import REPORT_FORMATS
from conformity.entry.rest.methods import own_methods
from conformity.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")
ROUTES = [route for module in _ROUTERS for route in module.router.routes]


def test_every_address_of_an_example_is_answered() -> None:
    paths = {found.split("?")[0] for found in re.findall(r"http://127\.0\.0\.1:8321(/[^'\s]*)", PAGE)}
    assert len(paths) > 15
    for path in paths:
        assert own_methods(ROUTES, path.replace("RUN", "r-00000000")), path


def test_every_option_and_format_is_named() -> None:
    for name in (*Options.model_fields, *(one.media_type for one in REPORT_FORMATS)):
        assert f"`{name}`" in PAGE or f"`{name}," in PAGE, name


def test_limits_are_those_of_the_settings() -> None:
    usual = Settings()
    assert f"`CONFORMITY_UPLOAD_MB` ({usual.upload_mb})" in PAGE
    assert f"`CONFORMITY_UPLOAD_FILE_MB` ({usual.upload_file_mb})" in PAGE
