"""The register as a document: its entries by kind and severity, owners, days, and what closed them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.compose.material import Material
from conformity.compose.non_conformities import compose
from conformity.model.document import Table
from conformity.model.nonconformity import NonConformity, Previous
from tests.support.assessments import RUN, SEAL
from tests.support.composed import items, material, texts_of

ENTRY: dict[str, Any] = {
    "id": "NC-art10.2.f",
    "requirement": "art10.2.f",
    "kind": "missed",
    "verdict": "not_met",
    "reason": "The whole interval misses the bound.",
    "blocks": True,
    "rule": "The rule.",
    "severity": "critical",
    "severity_rule": "Critical: so it is.",
    "owner": "Head of data",
    "corrective_action": "Weigh anew.",
    "planned": True,
    "due": date(2027, 1, 31),
    "opened_on": date(2026, 10, 1),
    "opened_in": "1.0.0",
}
CLOSURE = {
    "on": date(2026, 11, 22),
    "reason": "Kept now.",
    "evidence": ("EV-1",),
    "sign_offs": ("read",),
    "exhibits": ("record",),
    "evidence_sha256": SEAL,
}


def _with(*entries: dict[str, Any], **changes: Any) -> Material:
    """Return records whose register holds these entries."""
    made = material("non_conformities")
    register = tuple(NonConformity.model_validate({**ENTRY, **one}) for one in entries)
    changed = made.assessment.model_copy(update={"non_conformities": register, **changes})
    return Material(changed, made.evidence, made.law)


def test_an_entry_is_told_with_owner_action_and_day() -> None:
    sections = compose(_with({"remarks": "In work."}))
    assert [one.id for one in sections] == ["state", "missed"]
    table = sections[1].content[1]
    assert isinstance(table, Table)
    assert table.title == "Critical"
    row = table.rows[0]
    assert row.id == "NC-art10.2.f"
    assert [cell.text for cell in row.cells] == [
        "NC-art10.2.f",
        "Bias examination",
        "Not met. The whole interval misses the bound.",
        "Weigh anew. (In work.)",
        "Head of data. Due by 2027-01-31. Open since 2026-10-01 (version 1.0.0).",
    ]
    assert row.cells[3].origin == "provider"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"owner": None, "due": None}, "Nobody is named (the provider answers). No day is fixed."),
        ({"due": None}, "Head of data. No day is fixed."),
    ],
)
def test_what_nobody_fixed_is_said(changes: dict[str, Any], words: str) -> None:
    assert words in texts_of(compose(_with({**changes, "planned": False})))


def test_entries_stand_by_kind_and_severity() -> None:
    gap = {"id": "NC-a", "requirement": "art9.1", "kind": "gap", "verdict": "not_collected"}
    sections = compose(
        _with(
            {**gap, "severity": "minor"},
            {**gap, "id": "NC-b", "severity": "major"},
            {"id": "NC-c", "kind": "declared", "requirement": "gone"},
        )
    )
    assert [one.id for one in sections] == ["state", "gaps", "declared"]
    tables = [block for block in sections[1].content if isinstance(block, Table)]
    assert [one.title for one in tables] == ["Major", "Minor"]
    assert "NC-c\ngone" in texts_of((sections[2],))


def test_a_closed_entry_tells_by_what() -> None:
    sections = compose(_with({"state": "closed", "closure": CLOSURE, "requirement": "gone"}))
    assert [one.id for one in sections] == ["state", "closed"]
    told = texts_of((sections[1],))
    assert "Kept now." in told
    assert f"EV-1, read, record, {SEAL}" in told


def test_the_version_before_is_named() -> None:
    before = Previous(version="1.0.0", assessed_at=RUN, sha256=SEAL)
    assert f"1.0.0, {SEAL}" in texts_of(compose(_with(previous=before)))
    assert "None was handed in." in texts_of(compose(_with()))


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        pytest.param((), "not_applicable", id="nothing missed"),
        pytest.param(({},), "filled", id="planned"),
        pytest.param(({"planned": False},), "missing", id="not planned"),
        pytest.param(({}, {"planned": False}), "partly", id="one planned"),
        pytest.param(({"due": date(2026, 11, 22)},), "filled", id="due today"),
        pytest.param(({"due": date(2026, 11, 21)},), "partly", id="overdue"),
    ],
)
def test_corrective_action_is_planned_for_all_that_is_missed(
    entries: tuple[dict[str, Any], ...], status: str
) -> None:
    assert items(compose(_with(*entries)))["corrections"].status == status


def test_a_declaration_waits_for_open_entries_that_block() -> None:
    assert items(compose(_with({}, {"blocks": False})))["waiting"].status == "missing"
    assert items(compose(_with({"blocks": False})))["waiting"].status == "filled"
    closed = {"state": "closed", "closure": CLOSURE}
    assert items(compose(_with(closed)))["waiting"].status == "filled"


def test_where_no_declaration_is_asked_nothing_waits() -> None:
    made = material("non_conformities", kind="ordinary")
    changed = made.assessment.model_copy(update={"non_conformities": (NonConformity.model_validate(ENTRY),)})
    assert items(compose(Material(changed, made.evidence, made.law)))["waiting"].status == "not_applicable"


def test_records_without_a_register_show_none() -> None:
    assert [one.id for one in compose(material("non_conformities"))] == ["state"]
