"""The exports of one small assessment, byte for byte."""

from __future__ import annotations

import json

import pytest

from tests.unit.render.exports.make_goldens import FOLDER, golden_files

FILES = golden_files()


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_export_is_as_it_was(name: str) -> None:
    golden = (FOLDER / name).read_bytes()
    if name.endswith((".json", ".sarif")):
        # Told apart key by key first, so that a difference can be read.
        assert json.loads(FILES[name]) == json.loads(golden)
    assert FILES[name] == golden


def test_there_is_no_golden_of_nothing() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(FILES)
