"""Every link of the matrix leads there and back, and every requirement and observation is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformity.compose.material import Material
from conformity.compose.traceability import compose
from conformity.compose.tracing import anchor
from conformity.model.document import Row, Section, Table
from tests.support.assessments import (
    criterion,
    examined,
    exhibit,
    measured,
    observation,
    record,
    scalar,
    sign_off,
    table,
)
from tests.support.composed import items, material

ID = "traceability"


def _signed(**changes: Any) -> Material:
    reading = measured(scalar(0.9, 0.85, 0.95), metric="disparate_impact_ratio")
    ratio = observation(
        reading, step="fairness/disparate_impact_ratio@test", probe="fairness/disparate_impact_ratio"
    )
    idle = observation(reading, step="fairness/nothing@test", probe="fairness/nothing")
    return material(
        ID,
        seen=(ratio, examined(), idle),
        records=(record("test"), record("record", **changes)),
        subjects=(table(),),
        criteria=(criterion(metric="disparate_impact_ratio", at_most=None, at_least=0.8),),
        exhibits=(exhibit(),),
        sign_offs=(sign_off(),),
    )


def _rows(sections: tuple[Section, ...], section: str) -> list[Row]:
    found = next(one for one in sections if one.id == section)
    return [row for block in found.content if isinstance(block, Table) for row in block.rows]


def _links(row: Row) -> set[str]:
    return {link.to for cell in row.cells for link in cell.links}


def test_every_requirement_and_observation_has_its_row() -> None:
    made = _signed()
    sections = compose(made)
    assert [row.id for row in _rows(sections, "requirements")] == [anchor("r", one) for one in made.planned]
    assert [row.id for row in _rows(sections, "observations")] == [
        anchor("e", one.id) for one in made.evidence.observations
    ]


def test_links_lead_there_and_back() -> None:
    sections = compose(_signed())
    there = {
        (row.id, to) for row in _rows(sections, "requirements") for to in _links(row) if to.startswith("e-")
    }
    back = {(to, row.id) for row in _rows(sections, "observations") for to in _links(row) if to[:2] == "r-"}
    assert there
    assert there == back


def test_a_requirement_leads_to_its_exhibit_and_reviewer_and_these_lead_back() -> None:
    sections = compose(_signed())
    row = next(row for row in _rows(sections, "requirements") if row.id == "r-art10.2.f")
    assert {"d-record", "o-record-signed"} <= _links(row)
    reviewer = _rows(sections, "reviewers")[0]
    assert _links(reviewer) == {"r-art10.2.f", "d-record"}
    assert reviewer.cells[4].text == "The digests are those found."
    artefact = next(row for row in _rows(sections, "artefacts") if row.id == "d-record")
    assert len(_links(artefact)) == 1
    assert int(artefact.cells[4].text) >= 1


def test_a_document_that_changed_after_the_signature_is_told() -> None:
    sections = compose(_signed(sha256="sha256:" + "0" * 64))
    assert "signed anew" in _rows(sections, "reviewers")[0].cells[4].text


def test_an_observation_that_speaks_to_nothing_is_named() -> None:
    made = _signed()
    sections = compose(made)
    last = _rows(sections, "observations")[-1]
    assert last.cells[4].text == "None"
    facts = next(block for block in items(sections)["backward"].content if block.kind == "facts")
    assert [fact.value.text for fact in facts.facts] == ["3", "1"]


def test_versions_of_probes_lead_to_what_they_saw() -> None:
    tools = _rows(compose(_signed()), "tools")
    probes = {row.id: _links(row) for row in tools if row.id}
    assert set(probes) == {"p-fairness.disparate_impact_ratio", "p-declared.exhibit", "p-fairness.nothing"}
    assert all(len(links) == 1 for links in probes.values())


def test_nobody_has_signed_and_that_is_missing() -> None:
    sections = compose(material(ID))
    assert items(sections)["reviewed"].status == "missing"
    assert items(_signed_sections())["reviewed"].status == "partly"


def _signed_sections() -> tuple[Section, ...]:
    return compose(_signed())


def test_a_review_is_whole_only_where_every_requirement_is_signed_for() -> None:
    made = _signed()
    rows = tuple(row for row in made.assessment.plan.requirements if row.requirement.id == "art10.2.f")
    plan = made.assessment.plan.model_copy(update={"requirements": rows})
    found = tuple(one for one in made.assessment.findings if one.requirement == "art10.2.f")
    whole = replace(made, assessment=made.assessment.model_copy(update={"plan": plan, "findings": found}))
    assert {item.status for item in items(compose(whole)).values()} == {"filled"}


def test_a_requirement_without_a_finding_is_told() -> None:
    made = _signed()
    bare = replace(made, assessment=made.assessment.model_copy(update={"findings": ()}))
    forward = items(compose(bare))["forward"]
    assert forward.status == "partly"
    assert len(forward.open) == len(made.planned)
