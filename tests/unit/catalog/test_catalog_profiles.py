"""Kinds of systems: the file of profiles is whole, and what is broken stops the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformity.catalog import profiles as module
from conformity.catalog.load import annex_iii_points, roles
from conformity.catalog.profiles import manifest_of, profile, profiles
from conformity.errors import CatalogError, UsageError

ROW = {"id": "a", "title": "A", "ref": "Art. 3(1)", "role": "provider", "yes": ["ai_system"], "points": []}


def test_every_point_of_annex_iii_and_every_role_has_a_profile() -> None:
    named = {point for kind in profiles() for point in kind.points}
    assert {point.id for point in annex_iii_points()} <= named
    assert {row.role for row in roles()} == {kind.role for kind in profiles()}


def test_a_profile_answers_every_question() -> None:
    answers = {str(one.question): one for one in manifest_of(profile("annex-iii-5-b")).classification}
    assert (answers["annex_iii_use"].answer, answers["annex_iii_use"].points) == ("yes", ("annexIII.5.b",))
    assert answers["ai_system"].answer == "yes"
    assert answers["gpai_model"].answer == "no"


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'annex-iii-5b', did you mean 'annex-iii-5-b'\?; choose from"):
        profile("annex-iii-5b")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param({"kind": "other", "rows": [ROW]}, "is no file of profiles", id="kind"),
        pytest.param({"kind": "profiles", "rows": "a"}, "is no file of profiles", id="no rows"),
        pytest.param(
            {"kind": "profiles", "rows": [{**ROW, "role": "king"}]}, "a row does not fit", id="role"
        ),
        pytest.param({"kind": "profiles", "rows": [ROW, ROW]}, "'a' stands twice", id="twice"),
        pytest.param(
            {"kind": "profiles", "rows": [{**ROW, "yes": ["why"]}]},
            "names the unknown .* 'why'",
            id="question",
        ),
        pytest.param(
            {"kind": "profiles", "rows": [{**ROW, "points": ["annexIII.9"]}]}, "'annexIII.9'", id="point"
        ),
    ],
)
def test_a_broken_file_stops_the_work(
    monkeypatch: pytest.MonkeyPatch, document: Mapping[str, Any], words: str
) -> None:
    monkeypatch.setattr(module, "law_file", lambda _name: document)
    with pytest.raises(CatalogError, match=words):
        profiles.__wrapped__()
