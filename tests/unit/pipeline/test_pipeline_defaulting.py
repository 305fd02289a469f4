"""Criteria proposed from a set of defaults: text that is a manifest once a person answers for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformity.catalog.default_criteria import default_set
from conformity.errors import ManifestError
from conformity.judge.criteria import unfit
from conformity.pipeline.defaulting import list_defaults, propose_criteria
from conformity.pipeline.shared import load_manifest
from conformity.settings import Settings

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = """\
conformity: 1
system: {name: Chat, version: "1", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
subjects:
"""
MODEL = "  - {id: net, kind: model, title: Net, path: net.bin, format: other}\n"
LOG = "  - {id: log, kind: prompt_log, title: Prompts, path: log.jsonl}\n"


def place(folder: Path, subjects: str, more: str = "") -> Path:
    """Write a manifest."""
    file = folder / "conformity.yaml"
    file.write_text(HEAD + subjects + more, encoding="utf-8")
    return file


def proposal(folder: Path) -> str:
    """Return what is proposed for one model."""
    return propose_criteria(place(folder, MODEL), None, MOMENT, Settings())


def test_what_is_proposed_fits_into_the_manifest_and_settles_nothing_without_an_owner(tmp_path: Path) -> None:
    text = proposal(tmp_path)
    criteria = load_manifest(place(tmp_path, MODEL, text), Settings()).manifest.criteria
    assert [(one.metric, one.at_most, one.default_set) for one in criteria] == [
        ("dangerous_globals", 0, default_set().id),
        ("dangerous_content", 0, default_set().id),
    ]
    assert {one.fixed_at for one in criteria} == {MOMENT}
    assert all("Not law." in one.reason and unfit(one) for one in criteria)
    assert text.startswith("# Conventions from other fields, conventions-2026-11-22. Not law:")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("at_most: 0.0", "at_most: 3", "has no such bound on 'dangerous_globals'; take `default_set` away"),
        ('default_set: "conventions', 'default_set: "convention', "there is no set of defaults"),
    ],
)
def test_a_bound_that_is_not_the_default_does_not_bear_its_name(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = proposal(tmp_path)
    assert old in text
    with pytest.raises(ManifestError, match=words):
        load_manifest(place(tmp_path, MODEL, text.replace(old, new, 1)), Settings())


def test_where_no_default_has_a_use_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="has no bound on what is declared here"):
        propose_criteria(place(tmp_path, LOG), None, MOMENT, Settings())


def test_the_sets_are_listed() -> None:
    assert default_set() in list_defaults()
