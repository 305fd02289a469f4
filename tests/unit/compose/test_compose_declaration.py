"""The eight items of Annex V, and what keeps them from being prepared (Art. 47)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.compose.declaration import compose, in_words
from conformity.compose.obstacles import besides, blocking, obstacles
from conformity.model.document import Item, Measured, MeasuredRow, Points, Section, Table
from tests.support.assessments import record, table
from tests.support.composed import items, material, texts_of
from tests.support.declarations import SIGNING, complete, registered

BODY = {"name": "Body", "number": "0000", "procedure": "Annex VII", "certificate": "C-1"}


def _item(number: int, **changes: Any) -> Item:
    return items(compose(complete(**changes)))[f"annexV.{number}"]


def test_a_complete_system_has_all_eight_items_and_no_obstacle() -> None:
    made = complete()
    sections = compose(made)
    assert obstacles(made.assessment) == ()
    assert [section.id for section in sections] == ["items"]
    assert [item.ref for item in sections[0].items] == [f"Annex V({number})" for number in range(1, 9)]
    statuses = [item.status for item in sections[0].items]
    assert statuses == ["filled", "filled", *["for_a_person"] * 4, "not_applicable", "for_a_person"]


def test_what_only_a_person_can_state_is_told_as_that_person_s_statement() -> None:
    for number in (3, 4, 5):
        for line in in_words(_item(number)):
            assert line.startswith("By signing, Specimen signatory states: ")
    assert "sole responsibility of A provider" in in_words(_item(3, provider={**PROVIDER}))[0]
    assert "as amended by Regulation (EU) 2026/1744" in in_words(_item(4))[0]
    assert "2016/679" in in_words(_item(5))[0]


PROVIDER = {"name": "A provider", "address": "Street 1", "contact": "mail"}


def test_one_declaration_serves_other_union_law_too() -> None:
    told = in_words(_item(4, declaration={**SIGNING, "other_union_law": ("Directive 2014/53/EU",)}))
    assert len(told) == 2
    assert told[1].endswith("It is in conformity with Directive 2014/53/EU.")


def test_data_protection_is_left_out_where_no_personal_data_are_processed() -> None:
    item = _item(5, declaration={**SIGNING, "personal_data": "no"})
    assert (item.status, item.content) == ("not_applicable", ())
    assert in_words(item) == ("The provider says that the system processes no personal data.",)


def test_the_system_is_identified_by_name_type_and_digests() -> None:
    told = in_words(_item(1))
    assert any(line == "Type: CL-1" for line in told)
    assert told[-1] == "Test set: " + "a" * 64


def test_data_is_what_the_system_was_assessed_with_and_models_are_its_parts() -> None:
    model = {"id": "m", "title": "Forest", "path": "m.onnx", "kind": "model", "format": "onnx"}
    item = _item(1, subjects=(table(), model), records=(record("test"), record("m")))
    found = [block for block in item.content if isinstance(block, Table)]
    assert [(block.columns[0], block.rows[0].cells[0].text) for block in found] == [
        ("Part of the system that was assessed", "Forest"),
        ("Assessed with", "Test set"),
    ]


def test_a_system_without_a_readable_subject_has_no_digest() -> None:
    assert not any("Test set" in line for line in in_words(_item(1, records=())))


def test_the_representative_and_who_is_signed_for_are_named() -> None:
    signing = {**SIGNING, "authorised_representative": "Rep, Street 2", "on_behalf_of": "The group"}
    assert "Authorised representative: Rep, Street 2" in in_words(_item(2, declaration=signing))
    assert "On behalf of: The group" in in_words(_item(8, declaration=signing))
    assert "Date: To be filled in on signing." in in_words(_item(8))
    dated = {**SIGNING, "date": date(2026, 12, 1)}
    assert "Date: 2026-12-01" in in_words(_item(8, declaration=dated))


def test_standards_are_named_with_what_they_give() -> None:
    silent = _item(6)
    assert (silent.status, len(silent.open)) == ("for_a_person", 1)
    assert "None is declared, so no presumption of conformity is claimed" in in_words(silent)[0]
    assert _item(6, declaration=None).status == "missing"
    standards = ({"reference": "EN 18286:2026", "extent": "full"},)
    assert any("EN 18286:2026" in line for line in in_words(_item(6, standards=standards)))


@pytest.mark.parametrize(
    ("kind", "status"),
    [("credit", "not_applicable"), ("biometric with a body", "missing"), ("medical", "missing")],
)
def test_a_notified_body_is_named_where_one_takes_part(kind: str, status: str) -> None:
    assert _item(7, kind=kind).status == status
    named = _item(7, kind=kind, declaration={**SIGNING, "notified_body": BODY})
    assert named.status == "filled"
    assert "Certificate: C-1" in in_words(named)


def test_nothing_is_prepared_while_something_stands_in_the_way() -> None:
    made = registered(material("declaration"))
    sections = compose(made)
    points = [block for block in sections[0].content if isinstance(block, Points)]
    assert len(points[0].points) == 2
    assert f"{len(blocking(made.assessment))} open entries" in texts_of((sections[0],))
    found = items(sections)
    assert [found[f"annexV.{n}"].status for n in (1, 8)] == ["partly", "missing"]
    assert [found[f"annexV.{n}"].content for n in (3, 4, 5)] == [(), (), ()]
    assert found["annexV.7"].status == "not_applicable"


def test_a_statement_is_withheld_though_somebody_is_named() -> None:
    made = registered(material("declaration", declaration=SIGNING))
    item = items(compose(made))["annexV.4"]
    assert (item.status, item.content) == ("for_a_person", ())
    assert in_words(item) == ("The statement is not prepared while a point of the first section stands.",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"kind": "ordinary"}, "It is not established that a declaration is asked", id="not asked"
        ),
        pytest.param({"kind": "open"}, "It is not established that a declaration is asked", id="not known"),
        pytest.param({"kind": "biometric"}, "procedure is not known (Art. 43(1))", id="route open"),
        pytest.param({"kind": "biometric with a body"}, "Annex VII asks for a notified body", id="no body"),
        pytest.param({"declaration": None}, "names nobody who signs", id="nobody signs"),
        pytest.param(
            {"declaration": {**SIGNING, "date": date(2026, 11, 21)}},
            "dated 2026-11-21, before the assessment on which it rests (2026-11-22)",
            id="dated before",
        ),
    ],
)
def test_each_obstacle_is_told(changes: dict[str, Any], words: str) -> None:
    assert any(words in one for one in besides(complete(**changes).assessment))


def test_a_declaration_may_bear_the_day_of_the_assessment() -> None:
    assert obstacles(complete(declaration={**SIGNING, "date": date(2026, 11, 22)}).assessment) == ()


def test_open_entries_are_told_one_by_one_and_a_missing_register_is_an_obstacle() -> None:
    made = registered(material("declaration", declaration=SIGNING)).assessment
    assert len(obstacles(made)) == len(blocking(made)) > 100
    assert obstacles(made)[0].startswith("NC-")
    without = made.model_copy(update={"non_conformities": None})
    assert obstacles(without) == (
        "The assessment keeps no register of non-conformities: assess again with this version.",
    )


def test_a_plan_without_the_provision_leaves_it_open() -> None:
    made = complete().assessment
    rows = tuple(row for row in made.plan.requirements if row.requirement.id != "art47.1")
    plan = made.plan.model_copy(update={"requirements": rows})
    assert "does not hold Art. 47(1)" in besides(made.model_copy(update={"plan": plan}))[0]


def test_figures_are_no_part_of_the_words() -> None:
    item = _item(2)
    rows = (MeasuredRow.model_validate({"evidence": "EV-1", "metric": "gap"}),)
    measured = item.model_copy(update={"content": (Measured(rows=rows),)})
    assert in_words(measured) == (item.title,)
    assert isinstance(compose(complete())[0], Section)
