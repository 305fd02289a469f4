"""Which requirements each kind of system has: a change of the law files shows here as a difference."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from conformity.catalog.profiles import profile, profiles, requirements_of
from tests.golden.make_profiles import AS_OF, FOLDER, golden

NAMES = [kind.id for kind in profiles()]


def held(name: str) -> dict[str, Any]:
    """Return a golden profile."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return content


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_has_the_same_requirements_from_the_same_days(name: str) -> None:
    written = (FOLDER / f"{name}.json").read_text("utf-8")
    assert golden(profile(name)) == written, "python -m tests.golden.make_profiles"


def test_every_golden_profile_is_one_of_the_catalogue() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.json")) == sorted(NAMES)


def test_no_profile_leaves_anything_open() -> None:
    assert [name for name in NAMES if held(name)["open"] or held(name)["outcome"] == "cannot_tell"] == []


@pytest.mark.parametrize(
    ("name", "rows", "day"),
    [
        # Art. 113(c) as amended: Annex III from 2 December 2027, Annex I Section A from 2 August 2028.
        ("annex-iii-5-b", {"art9.8.thresholds", "art10.2.f", "art15.1.accuracy"}, "2027-12-02"),
        ("annex-i-a-product", {"art9.8.thresholds", "art10.2.f", "art15.1.accuracy"}, "2028-08-02"),
    ],
)
def test_high_risk_duties_bind_from_the_days_of_the_amended_act(name: str, rows: set[str], day: str) -> None:
    found = held(name)["requirements"]
    assert {found[row] for row in rows} == {day}


@pytest.mark.parametrize(
    ("name", "article", "there"),
    [
        ("annex-iii-5-b", "art50", False),
        ("transparency-chat", "art50.1", True),
        ("transparency-chat", "art9", False),
        ("gpai-model", "art53", True),
        ("gpai-model", "art55", False),
        ("gpai-model-systemic-risk", "art55", True),
        ("not-high-risk-6-3", "art9", False),
        ("not-high-risk-6-3", "art6.4", True),
        ("deployer-private", "art26", True),
        ("deployer-private", "art9", False),
        ("deployer-made-provider", "art9", True),
        ("annex-i-b-component", "art", False),
        ("out-of-scope", "art", False),
    ],
)
def test_a_kind_of_system_has_the_articles_meant_for_it(name: str, article: str, there: bool) -> None:
    found = held(name)["requirements"]
    assert any(row.startswith(article) for row in found) is there


def test_the_day_does_not_change_which_requirements_there_are() -> None:
    kind = profile("annex-iii-5-b")
    later = requirements_of(kind, date(2028, 1, 1)).requirements
    now = requirements_of(kind, AS_OF).requirements
    assert [one.requirement.id for one in later] == [one.requirement.id for one in now]
    assert any("preparation" in one.reason for one in now)
    assert not any("preparation" in one.reason for one in later)
