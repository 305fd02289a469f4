"""The technical documentation has exactly the nine points of Annex IV, each from the records or missing."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.catalog.load import requirements
from conformity.compose.technical_documentation import compose
from conformity.model.document import Measured, Table
from tests.support.assessments import criterion, exhibit, measured, observation, record, scalar, table
from tests.support.composed import items, material, texts_of

ID = "technical_documentation"
PROVIDER = {"name": "Provider", "address": "Street 1", "contact": "office"}


def test_the_points_are_those_of_annex_iv() -> None:
    sections = compose(material(ID))
    assert [one.id for one in sections] == ["form", *(f"point_{n}" for n in range(1, 10))]
    assert [one.ref for one in sections[1:]] == [f"Annex IV({n})" for n in range(1, 10)]


def test_every_requirement_of_annex_iv_stands_once_under_its_point() -> None:
    sections = compose(material(ID))
    rows = {str(row.id): row for row in requirements() if row.article == "Annex IV"}
    found = items(sections)
    assert sorted(found) == sorted(rows)
    for section in sections[1:]:
        for item in section.items:
            assert item.id.split(".")[1] == section.id.removeprefix("point_")
            assert (item.ref, item.title, item.asks) == (
                rows[item.id].ref,
                rows[item.id].title,
                rows[item.id].obligation,
            )


def test_without_anything_handed_in_nothing_is_filled() -> None:
    found = items(compose(material(ID)))
    assert {item.status for item in found.values()} <= {"missing", "partly", "not_applicable", "for_a_person"}
    partly = {name for name, item in found.items() if item.status == "partly"}
    assert partly == {"annexIV.1.a", "annexIV.simplified"}
    assert found["annexIV.8"].status == "for_a_person"


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (None, "Open, since the size"),
        ("micro", "Open to it"),
        ("medium", "Open to it"),
        ("small_mid_cap", "Open to it"),
        ("large", "Not open to this provider"),
    ],
)
def test_the_simplified_form_is_for_smes_and_small_mid_caps(size: str | None, told: str) -> None:
    sized = PROVIDER if size is None else {**PROVIDER, "size": size}
    form = compose(material(ID, provider=sized))[0]
    assert told in texts_of((form,))
    assert "Art. 11(1)" in form.items[0].ref


def test_the_form_is_told_though_it_is_not_used() -> None:
    form = compose(material(ID, kind="ordinary"))[0]
    assert form.items[0].status == "not_applicable"
    assert "Simplified form" in [
        fact.name for block in form.items[0].content if block.kind == "facts" for fact in block.facts
    ]


def test_artefacts_are_listed_with_their_digests() -> None:
    subjects: tuple[dict[str, Any], ...] = (
        table(source="A public archive"),
        table(id="train", purpose="training", title="Training set"),
        {"id": "model", "kind": "model", "title": "Forest", "path": "m.skops", "format": "skops"},
        {"id": "parts", "kind": "dependencies", "title": "Lock file", "path": "uv.lock"},
        {"id": "meter", "kind": "energy_record", "title": "Meter", "path": "e.json", "phase": "training"},
    )
    records = (record("test"), record("train", None, problem="It is gone."), record("model"))
    found = items(compose(material(ID, subjects=subjects, records=records)))
    shown = {
        name: [
            row.cells[0].text
            for block in found[name].content
            if isinstance(block, Table) and block.title != "Observations that speak to it"
            for row in block.rows
        ]
        for name in ("annexIV.1.a", "annexIV.1.c", "annexIV.2.a", "annexIV.2.c", "annexIV.2.d", "annexIV.2.g")
    }
    assert shown == {
        "annexIV.1.a": ["Forest"],
        "annexIV.1.c": ["Lock file"],
        "annexIV.2.a": ["Forest"],
        "annexIV.2.c": ["Meter"],
        "annexIV.2.d": ["Test set", "Training set"],
        "annexIV.2.g": ["Test set"],
    }
    sets = next(block for block in found["annexIV.2.d"].content if isinstance(block, Table))
    assert sets.rows[1].cells[4].text == "It is gone."
    assert "Not found." in texts_of(compose(material(ID, subjects=subjects, records=())))
    voluntary = [block for block in found["annexIV.2.c"].content if block.kind == "paragraph"]
    assert "voluntary" in voluntary[0].text


def test_limits_of_input_columns_are_those_declared() -> None:
    columns = (
        {"name": "age", "roles": ("feature",), "minimum": 18, "maximum": 99},
        {"name": "income", "roles": ("feature",), "minimum": 0},
        {"name": "debt", "roles": ("feature",), "maximum": 5},
        {"name": "kind", "roles": ("feature",), "allowed": ("a", "b")},
        {"name": "free", "roles": ("feature",)},
        {"name": "sex", "roles": ("protected",)},
    )
    shown = texts_of(compose(material(ID, subjects=(table(columns=columns),)))[3:4])
    for text in ("From 18 to 99.", "At least 0.", "At most 5.", "One of the values listed in the manifest."):
        assert text in shown
    assert "\nfree" in shown
    assert "sex" not in shown


def test_groups_are_named_by_the_leading_metric_and_the_error_rates() -> None:
    def group(metric: str, **changes: Any) -> Any:
        return measured(scalar(0.8, 0.7, 0.9), metric=metric, group=("f",), **changes)

    seen = (
        observation(
            group("accuracy"),
            measured(scalar(0.8, 0.7, 0.9), metric="accuracy", by=()),
            group("recall"),
            step="accuracy/classification@test",
            probe="accuracy/classification",
        ),
        observation(
            group("true_positive_rate"),
            group("selection_rate"),
            step="fairness/equal_opportunity_difference@test",
            probe="fairness/equal_opportunity_difference",
        ),
        observation(
            outcome="not_available", reason="None.", step="accuracy/scores@test", probe="accuracy/scores"
        ),
    )
    item = items(compose(material(ID, seen=seen, subjects=(table(),))))["annexIV.3.capabilities"]
    blocks = {block.title: block.rows for block in item.content if isinstance(block, Measured)}
    assert [row.metric for row in blocks["Accuracy overall"]] == ["accuracy"]
    assert [(row.metric, row.group) for row in blocks["Accuracy and error rates for groups"]] == [
        ("accuracy", ("f",)),
        ("true_positive_rate", ("f",)),
    ]


def test_reasons_for_metrics_are_the_providers_words() -> None:
    fixed = (
        criterion(metric="accuracy", by=()),
        criterion(id="unknown", metric="no_such_metric", reason="Another reason."),
    )
    item = items(compose(material(ID, subjects=(table(),), criteria=fixed)))["annexIV.4"]
    rows = next(block for block in item.content if isinstance(block, Table)).rows
    assert [row.cells[0].text for row in rows] == ["Accuracy", "no_such_metric"]
    assert [(row.cells[1].text, row.cells[1].origin) for row in rows] == [
        ("Chosen for this test.", "provider"),
        ("Another reason.", "provider"),
    ]


def test_an_earlier_version_is_named_where_there_is_one() -> None:
    before = "sha256:" + "b" * 64
    found = items(compose(material(ID, edition={"version": "1.1.0", "previous": before})))["annexIV.6"]
    assert found.status == "partly"
    assert before in texts_of(compose(material(ID, edition={"version": "1.1.0", "previous": before}))[6:7])


def test_a_declaration_handed_in_takes_the_persons_place() -> None:
    made = material(ID, exhibits=(exhibit(covers=("annexIV.8",)),), records=(record("record"),))
    assert items(compose(made))["annexIV.8"].status == "partly"


def test_declared_standards_are_listed_with_their_presumption() -> None:
    made = material(ID, standards=({"reference": "EN 18286:2026", "extent": "full"},))
    item = items(compose(made))["annexIV.7"]
    assert item.status == "partly"
    assert any(
        cell.text.startswith("None.")
        for block in item.content
        if isinstance(block, Table)
        for row in block.rows
        for cell in row.cells
    )
