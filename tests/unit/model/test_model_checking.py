"""What a check of a manifest may say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from conformity.model.checking import ManifestCheck, ManifestProblem


def problem(**changes: Any) -> ManifestProblem:
    """Return a problem at the first letter of a file."""
    told = {"pointer": "", "field": "", "line": 1, "column": 1, "message": "It is empty.", "fix": "Fill it."}
    return ManifestProblem.model_validate({**told, **changes})


def test_lines_and_columns_are_counted_from_one() -> None:
    assert (problem().line, problem().column) == (1, 1)
    for name in ("line", "column"):
        with pytest.raises(ValidationError, match="greater than or equal to 1"):
            problem(**{name: 0})


def test_a_manifest_is_usable_if_nothing_is_wrong() -> None:
    clean = ManifestCheck(name="conformity.yaml", sha256=None, system=None)
    assert clean.usable is True
    assert clean.model_copy(update={"errors": (problem(),)}).usable is False
