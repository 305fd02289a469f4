"""The registration sheet: which section of Annex VIII, what fills an entry, who can read it (Art. 49)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from conformity.catalog.load import annex_viii_fields
from conformity.compose.registration import compose
from conformity.model.document import Section
from tests.support.assessments import exhibit, record
from tests.support.composed import KINDS, items, material, texts_of
from tests.support.declarations import SIGNING
from tests.support.systems import CREDIT, Said

BODY = {"name": "Body", "number": "0000", "procedure": "Annex VII", "certificate": "C-1"}
DEROGATED: dict[str, Said] = {
    **CREDIT,
    "profiling": "no",
    "art6_3_condition": ("art6.3.a",),
    "no_significant_risk": "yes",
}
MORE: dict[str, Mapping[str, Said]] = {
    "derogated": DEROGATED,
    "grid and credit": {**CREDIT, "annex_iii_use": ("annexIII.2", "annexIII.5.b")},
    "grid": {**CREDIT, "annex_iii_use": ("annexIII.2",)},
    "polygraph": {**CREDIT, "annex_iii_use": ("annexIII.6.b",)},
    "in the Union": {**CREDIT, "provider_outside_union": "no"},
    "public deployer": {**CREDIT, "public_authority_deployer": "yes"},
}


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add kinds of systems that only this document tells apart."""
    for name, answers in MORE.items():
        monkeypatch.setitem(KINDS, name, answers)


def _sheet(kind: str, **changes: Any) -> tuple[Section, ...]:
    return compose(material("registration", kind=kind, **changes))


@pytest.mark.parametrize(
    ("kind", "role", "sections"),
    [
        ("credit", "provider", ["path", "a"]),
        ("derogated", "provider", ["path", "b"]),
        ("grid", "provider", ["path"]),
        ("ordinary", "provider", ["path"]),
        ("public deployer", "deployer", ["path", "c"]),
    ],
)
def test_the_section_follows_from_role_and_path(kind: str, role: str, sections: list[str]) -> None:
    made = _sheet(kind, role=role)
    assert [one.id for one in made] == sections
    standing = {one.id for one in annex_viii_fields() if one.status == "in_force"}
    assert set(items(made)) <= standing


def test_deleted_fields_are_left_out() -> None:
    entries = items(_sheet("derogated"))
    assert "annexVIII.B.6" in entries
    assert {"annexVIII.B.7", "annexVIII.B.9"} & set(entries) == set()


@pytest.mark.parametrize(
    ("kind", "entry", "words"),
    [
        ("credit", "annexVIII.A.6", "The public (Art. 71)."),
        ("polygraph", "annexVIII.A.5", "In the secure section, not the public (Art. 49(4))."),
        ("polygraph", "annexVIII.A.6", "In the secure section, nobody, since it is not taken (Art. 49(4))."),
        ("biometric", "annexVIII.A.1", "In the public section, the public (Art. 71); in the secure section"),
        ("grid and credit", "annexVIII.A.1", "The public (Art. 71)."),
        ("medical", "annexVIII.A.1", None),
    ],
)
def test_who_can_read_an_entry_is_told(kind: str, entry: str, words: str | None) -> None:
    made = _sheet(kind)
    if words is None:
        assert entry not in items(made)
    else:
        section = Section(id="x", title="x", items=(items(made)[entry],))
        assert words in texts_of((section,))


def test_critical_infrastructure_is_registered_nationally() -> None:
    told = texts_of(_sheet("grid"))
    assert "A register at national level (Art. 49(5))" in told


@pytest.mark.parametrize(
    ("changes", "entry", "status"),
    [
        ({}, "A.1", "filled"),
        ({}, "A.2", "missing"),
        ({}, "A.3", "missing"),
        ({"kind": "in the Union"}, "A.3", "not_applicable"),
        ({"declaration": {**SIGNING, "authorised_representative": "Rep"}}, "A.3", "filled"),
        ({"declaration": SIGNING}, "A.4", "filled"),
        ({}, "A.5", "partly"),
        ({}, "A.7", "missing"),
        ({}, "A.8", "not_applicable"),
        ({"kind": "biometric"}, "A.8", "missing"),
        ({"kind": "biometric", "declaration": SIGNING}, "A.8", "missing"),
        ({"kind": "biometric", "declaration": {**SIGNING, "notified_body": BODY}}, "A.8", "partly"),
        ({}, "A.9", "not_applicable"),
        ({"kind": "biometric"}, "A.9", "missing"),
        ({}, "A.11", "for_a_person"),
        ({}, "A.12", "missing"),
        ({}, "A.13", "not_applicable"),
        ({"kind": "derogated"}, "B.5", "filled"),
        ({"kind": "derogated"}, "B.6", "filled"),
        ({"kind": "open"}, "B.6", "missing"),
        ({"kind": "public deployer", "role": "deployer"}, "C.4", "missing"),
        ({"kind": "public deployer", "role": "deployer"}, "C.1", "missing"),
    ],
)
def test_what_fills_an_entry(changes: dict[str, Any], entry: str, status: str) -> None:
    made = items(_sheet(**{"kind": "credit", **changes}))[f"annexVIII.{entry}"]
    assert made.status == status
    assert bool(made.open) == (status not in ("filled", "not_applicable"))


def test_the_day_of_supply_and_the_instructions_fill_in_part() -> None:
    system = {"name": "S", "version": "1", "intended_purpose": "P", "placed_on_market_on": date(2026, 1, 1)}
    assert items(_sheet("credit", system=system))["annexVIII.A.7"].status == "partly"
    handed_in = (exhibit(covers=("art13.2",)),)
    made = _sheet("credit", exhibits=handed_in, records=(record("test"), record("record")))
    assert items(made)["annexVIII.A.12"].status == "partly"
    assert "Mitigation record: record.md" in texts_of(made)


def test_a_plan_without_the_provisions_asks_for_nothing() -> None:
    made = material("registration")
    rows = tuple(row for row in made.assessment.plan.requirements if row.requirement.article != "Article 49")
    plan = made.assessment.plan.model_copy(update={"requirements": rows})
    bare = type(made)(made.assessment.model_copy(update={"plan": plan}), made.evidence, made.law)
    assert "Art. 49" in texts_of(compose(bare))
    assert items(compose(bare)) == {}
