"""An item is filled by what is there, never by what is left out."""

from __future__ import annotations

import pytest

from conformity.compose.figures import MOST_ROWS, block
from conformity.compose.items import derived_status, fill
from conformity.compose.speaking import sign_off_table
from conformity.compose.words import said
from conformity.model.base import EvidenceId, MetricId, RequirementId
from conformity.model.document import Measured, MeasuredRow, Paragraph, Table
from conformity.model.finding import Finding, Verdict
from tests.support.assessments import (
    SEAL,
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
from tests.support.composed import material

RECORDS = (record("test"), record("record"))
METRICS = "annexIV.4"


def _finding(verdict: Verdict, **changes: object) -> Finding:
    fields = {"requirement": RequirementId(METRICS), "verdict": verdict, "reason": "So it is."}
    return Finding.model_validate({**fields, **changes})


@pytest.mark.parametrize(
    ("verdicts", "has_content", "open", "status"),
    [
        ((), False, False, "missing"),
        ((), True, False, "partly"),
        (("met",), False, False, "filled"),
        (("met",), False, True, "missing"),
        (("met", "met"), True, False, "filled"),
        (("met", "not_met"), False, False, "missing"),
        (("met", "undetermined"), True, False, "partly"),
        (("not_collected",), False, False, "missing"),
        (("not_applicable",), False, False, "missing"),
    ],
)
def test_only_what_is_met_throughout_fills(
    verdicts: tuple[Verdict, ...], has_content: bool, open: bool, status: str
) -> None:
    findings = [_finding(one) for one in verdicts]
    assert derived_status(findings, has_content=has_content, open=open) == status


def test_evidence_without_a_verdict_fills_in_part() -> None:
    seen = _finding("undetermined", evidence=("EV-1",))
    assert derived_status([seen], has_content=False, open=False) == "partly"


def test_nothing_handed_in_is_missing_with_its_owner() -> None:
    made = material("technical_documentation")
    item = fill(made, made.row(METRICS))
    assert (item.status, item.owner and item.owner.text) == (
        "missing",
        "Nobody is named (the provider answers)",
    )
    assert any(step.startswith("Hand in: The rationale") for step in item.open)
    assert item.requirements == (METRICS,)
    assert (item.exhibits, item.evidence) == ((), ())


def test_what_does_not_concern_the_system_is_set_aside_with_the_reason() -> None:
    made = material("technical_documentation", kind="ordinary")
    item = fill(made, made.row(METRICS), [said("Something.")])
    assert (item.status, item.content, item.open) == ("not_applicable", (), ())
    assert item.reason == made.planned[METRICS].reason


def test_a_document_that_nobody_signed_fills_in_part_and_says_who_is_asked() -> None:
    made = material(
        "technical_documentation",
        seen=(examined(),),
        records=RECORDS,
        exhibits=(exhibit(covers=(METRICS,)),),
    )
    item = fill(made, made.row(METRICS))
    assert (item.status, item.exhibits) == ("partly", ("record",))
    assert any("named person must sign" in step for step in item.open)
    tables = [block for block in item.content if isinstance(block, Table)]
    assert [one.title for one in tables] == ["Handed in"]
    assert tables[0].rows[0].cells[3].text == SEAL.removeprefix("sha256:")


def test_a_signed_document_fills_and_its_signer_owns_it() -> None:
    made = material(
        "technical_documentation",
        seen=(examined(),),
        records=RECORDS,
        exhibits=(exhibit(covers=(METRICS,)),),
        sign_offs=(sign_off(requirements=(METRICS,)),),
    )
    item = fill(made, made.row(METRICS))
    assert (item.status, item.open) == ("filled", ())
    assert item.owner is not None
    assert item.owner.text == "Specimen signatory, Head of model risk (specimen)"
    assert [block.title for block in item.content if isinstance(block, Table)] == ["Handed in", "Signed for"]


def test_a_reading_is_named_with_its_bound_and_never_written_as_a_number() -> None:
    reading = measured(scalar(0.05, 0.01, 0.09), metric="disparate_impact_ratio")
    seen = observation(
        reading, step="fairness/disparate_impact_ratio@test", probe="fairness/disparate_impact_ratio"
    )
    made = material(
        "technical_documentation",
        seen=(seen,),
        subjects=(table(),),
        criteria=(
            criterion(
                metric="disparate_impact_ratio", at_most=None, at_least=0.8, requirements=("annexIV.2.g",)
            ),
        ),
    )
    item = fill(made, made.row("annexIV.2.g"))
    rows = [row for block in item.content if isinstance(block, Measured) for row in block.rows]
    assert [(row.evidence, row.metric, row.criterion, row.verdict) for row in rows] == [
        (seen.id, "disparate_impact_ratio", "gap-sex", "not_met")
    ]
    assert item.owner is not None
    assert item.owner.text == "Model risk function"
    assert item.status == "partly"
    assert fill(made, made.row("annexIV.2.g"), measured=False).content != item.content


def test_figures_without_a_bound_and_steps_without_a_number_are_told_apart() -> None:
    counted = measured(scalar(3.0, 1.0, 5.0), metric="rows", by=())
    seen = (
        observation(counted, step="data_quality/completeness@test", probe="data_quality/completeness"),
        observation(
            step="data_quality/duplicates@test",
            probe="data_quality/duplicates",
            outcome="not_available",
            reason="No column was named.",
        ),
    )
    made = material("technical_documentation", seen=seen, subjects=(table(),))
    item = fill(made, made.row("annexIV.2.d"))
    rows = [row for block in item.content if isinstance(block, Measured) for row in block.rows]
    assert [(row.evidence, row.criterion, row.verdict) for row in rows] == [(seen[0].id, None, None)]
    tables = [block for block in item.content if isinstance(block, Table)]
    assert [row.cells[0].text for row in tables[0].rows] == [seen[0].id]
    told = [block.text for block in item.content if block.kind == "paragraph"]
    assert told == ["Steps that could give no number: 1. The report tells why."]


def test_a_composer_may_name_another_owner() -> None:
    made = material("technical_documentation")
    row = made.row(METRICS).model_copy(update={"owner": "The notified body"})
    item = fill(made, row, status="for_a_person", reason="It decides.")
    assert item.owner is not None
    assert (item.owner.text, item.owner.origin, item.reason) == ("The notified body", "tool", "It decides.")


def test_a_statement_that_the_manifest_lost_keeps_its_id() -> None:
    made = material("technical_documentation")
    table_of = sign_off_table(made, ["lost"])
    assert isinstance(table_of, Table)
    assert [cell.text for cell in table_of.rows[0].cells] == ["lost", "", ""]


def test_what_is_left_out_of_a_long_list_is_counted() -> None:
    rows = [
        MeasuredRow(evidence=EvidenceId(f"EV-{n}"), metric=MetricId("rows")) for n in range(MOST_ROWS + 2)
    ]
    shown, note = block("Figures", rows)
    assert isinstance(shown, Measured)
    assert len(shown.rows) == MOST_ROWS
    assert isinstance(note, Paragraph)
    assert note.text.endswith("left out here: 2.")
    assert len(block("Figures", rows[:MOST_ROWS])) == 1
