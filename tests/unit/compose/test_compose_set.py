"""Every document of the set is whole: its places are unique and its links lead somewhere."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import get_args

import pytest

from conformity.catalog.documents import document_laws
from conformity.compose import compose
from conformity.compose.material import Material
from conformity.compose.whole import document, standing
from conformity.errors import CatalogError, UsageError
from conformity.model.document import Document, Table
from conformity.model.manifest import Role
from tests.support.assessments import SEAL
from tests.support.composed import KINDS, blocks_of, cells_of, material

IDS = [law.id for law in document_laws()]
ROLES: tuple[Role, ...] = get_args(Role)


@cache
def _all(kind: str, role: Role = "provider") -> tuple[Document, ...]:
    made = material("timeline", kind=kind, role=role)
    return compose(made.assessment, made.evidence, SEAL)


@pytest.mark.parametrize("kind", KINDS)
def test_places_are_unique_and_links_lead_to_them(kind: str) -> None:
    for one in _all(kind):
        rows = [
            row.id
            for block in blocks_of(one)
            for row in (block.rows if isinstance(block, Table) else ())
            if row.id
        ]
        places = [*rows, *(f"i-{item.id}" for item in one.items), *(f"s-{part.id}" for part in one.sections)]
        assert [name for name, n in Counter(places).items() if n > 1] == [], one.id
        links = {link.to for block in blocks_of(one) for cell in cells_of(block) for link in cell.links}
        assert links - set(places) == set(), one.id


@pytest.mark.parametrize("kind", KINDS)
def test_tables_have_as_many_cells_as_heads_and_widths_that_fit(kind: str) -> None:
    for one in _all(kind):
        for block in blocks_of(one):
            if isinstance(block, Table):
                assert {len(row.cells) for row in block.rows} <= {len(block.columns)}, one.id
                assert not block.widths or len(block.widths) == len(block.columns) - 1, one.id
                assert sum(block.widths) < 100, one.id


@pytest.mark.parametrize("role", ROLES)
def test_the_whole_set_is_made_in_every_role(role: Role) -> None:
    made = _all("credit", role)
    assert [one.id for one in made] == IDS
    assert {one.about.role for one in made} == {role}


def test_open_items_say_what_is_open_and_filled_ones_do_not() -> None:
    for kind in KINDS:
        for one in _all(kind):
            for item in one.items:
                if item.status == "missing":
                    assert item.open or item.reason, (one.id, item.id)
                if item.status in ("filled", "not_applicable"):
                    assert not item.open, (one.id, item.id)


def test_some_documents_alone_can_be_asked_for() -> None:
    made = material("timeline")
    named = compose(made.assessment, made.evidence, SEAL, ["traceability", "timeline"])
    assert [one.id for one in named] == ["timeline", "traceability"]
    with pytest.raises(UsageError, match="no document 'time_line', did you mean 'timeline'"):
        compose(made.assessment, made.evidence, SEAL, ["time_line"])


def test_every_document_has_its_module() -> None:
    for one in IDS:
        assert callable(importlib.import_module(f"conformity.compose.{one}").compose)


def test_a_document_tells_from_which_assessment_it_is() -> None:
    made = material("timeline")
    one = document(made, (), SEAL)
    assert (one.about.assessment_sha256, one.about.evidence_sha256) == (SEAL, made.assessment.evidence_sha256)
    assert one.about.as_of == made.assessment.plan.as_of
    assert one.about.law == made.assessment.plan.law


@pytest.mark.parametrize(
    ("kind", "state"),
    [("credit", "required"), ("ordinary", "not_required"), ("open", "cannot_tell")],
)
def test_a_document_is_asked_for_as_its_provisions_bind(kind: str, state: str) -> None:
    found = standing(material("technical_documentation", kind=kind))
    assert found.state == state
    assert found.reason
    assert (found.since is not None) == (kind != "ordinary")


def test_a_document_that_no_provision_asks_for_informs() -> None:
    assert standing(material("limits")).state == "informative"


def test_a_provision_that_the_plan_lacks_leaves_it_open() -> None:
    made = material("technical_documentation")
    law = made.law.model_copy(update={"requirements": ("art99.1",)})
    assert standing(replace(made, law=law)).state == "cannot_tell"


def test_an_item_that_the_law_file_lacks_is_our_fault() -> None:
    made: Material = material("timeline")
    with pytest.raises(CatalogError, match=r"documents/timeline\.yaml has no item 'x'"):
        made.row("x")


def test_a_subject_that_is_gone_keeps_its_id() -> None:
    assert material("timeline").title_of("lost") == "lost"
