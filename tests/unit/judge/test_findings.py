"""One requirement: its measured and its declared side together, and the gate over all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge import gate, judge, worst
from conformity.model.classification import Outcome
from conformity.model.evidence import Evidence
from conformity.model.finding import Finding, Verdict
from conformity.model.manifest import Manifest
from tests.support.assessments import (
    TODAY,
    criterion,
    evidence,
    examined,
    exhibit,
    manifest,
    measured,
    observation,
    plan,
    record,
    requirement,
    scalar,
    sign_off,
)

GOOD = observation(measured(scalar(0.05, 0.02, 0.08)))
BAD = observation(measured(scalar(0.5, 0.4, 0.6)))


def signed(seen: Evidence | None = None, **changes: Any) -> tuple[Manifest, Evidence]:
    """Return a manifest with a signed exhibit and evidence in which it was found unchanged."""
    fields: dict[str, Any] = {"exhibits": (exhibit(),), "sign_offs": (sign_off(),), **changes}
    found = seen or evidence(GOOD, examined(), subjects=(record("test"), record("record")))
    return manifest(criteria=(criterion(),), **fields), found


def finding(declared: Manifest, seen: Evidence, **row: Any) -> Finding:
    (result,) = judge(declared, plan(requirement(**row)), seen, TODAY)
    return result


def test_a_measured_row_is_met_by_its_criterion_alone() -> None:
    result = finding(manifest(criteria=(criterion(),)), evidence(GOOD))
    assert (result.verdict, result.to_do, result.evidence) == ("met", (), (GOOD.id,))


def test_a_measured_row_without_a_criterion_is_undetermined() -> None:
    result = finding(manifest(), evidence(GOOD))
    assert result.verdict == "undetermined"
    assert result.to_do == (
        "Fix a criterion for it, with reason, owner and date, before the next test (Art. 9(8)).",
    )


def test_a_measured_row_whose_probe_failed_is_not_collected() -> None:
    failed = observation(outcome="not_available", reason="No column has the role `prediction`.")
    result = finding(manifest(), evidence(failed))
    assert (result.verdict, result.reason) == (
        "not_collected",
        "Not measured: No column has the role `prediction`.",
    )


def test_a_measured_row_without_any_subject_is_not_collected() -> None:
    result = finding(manifest(), evidence())
    assert (result.verdict, result.reason) == (
        "not_collected",
        "No subject was handed in that could be measured.",
    )


def test_a_measured_row_without_a_probe_is_never_met_by_a_statement() -> None:
    declared, seen = signed()
    result = finding(manifest(exhibits=declared.exhibits, sign_offs=declared.sign_offs), seen, probes=())
    assert result.verdict == "undetermined"
    nothing = finding(manifest(), evidence(), probes=())
    assert nothing.verdict == "not_collected"
    assert nothing.to_do == (
        "Hand in: the mitigation record.",
        "This tool cannot measure it: what is handed in must be judged outside this tool.",
    )


def test_a_partly_measured_row_needs_both_sides() -> None:
    declared, seen = signed()
    assert finding(declared, seen, automation="partly").verdict == "met"
    assert finding(manifest(criteria=(criterion(),)), seen, automation="partly").verdict == "not_collected"
    unbound = manifest(exhibits=declared.exhibits, sign_offs=declared.sign_offs)
    assert finding(unbound, seen, automation="partly").verdict == "undetermined"


def test_a_partly_measured_row_without_a_probe_is_not_met_by_a_statement() -> None:
    declared, seen = signed()
    only = manifest(exhibits=declared.exhibits, sign_offs=declared.sign_offs)
    result = finding(only, seen, automation="partly", probes=())
    assert result.verdict == "undetermined"
    assert "this tool cannot do" in result.reason


@pytest.mark.parametrize("automation", ["measured", "partly", "declared"])
def test_a_number_that_does_not_speak_to_a_requirement_never_meets_it(automation: str) -> None:
    declared, seen = signed()
    result = finding(declared, seen, automation=automation, probes=("accuracy/classification",))
    assert result.verdict != "met"
    assert "does not speak to this requirement" in result.reason


def test_a_missed_criterion_counts_wherever_it_stands() -> None:
    declared, _ = signed()
    seen = evidence(BAD, examined(), subjects=(record("test"), record("record")))
    assert finding(declared, seen, automation="partly", probes=()).verdict == "not_met"
    (result,) = judge(declared, plan(applies="no", reason="It binds deployers."), seen, TODAY)
    assert result.verdict == "not_applicable"
    assert result.reason == (
        "It binds deployers. Criterion gap-sex was fixed for it all the same; it is missed."
    )
    assert gate([result], "high_risk_annex_iii") == 1


def test_a_missed_criterion_beats_a_signature() -> None:
    declared, _ = signed()
    seen = evidence(BAD, examined(), subjects=(record("test"), record("record")))
    result = finding(declared, seen, automation="partly")
    assert result.verdict == "not_met"
    assert result.to_do == (
        "Criterion gap-sex is missed: examine the possible bias and mitigate it (Art. 10(2)(f)-(g)), or "
        "justify what remains; then test again.",
    )


def test_advice_names_the_cases_that_are_missing() -> None:
    close = observation(measured(scalar(0.08, 0.04, 0.12)))
    result = finding(manifest(criteria=(criterion(),)), evidence(close))
    assert result.to_do == (
        "Criterion gap-sex: The bound lies within the interval; the estimate itself keeps it. About 1,200 "
        "more of the cases that it counts in the smallest group, and as large a part more in the others, "
        "would settle it, if the estimate stayed the same.",
    )
    (judged,) = result.measured
    assert judged.readings[0].reason in result.to_do[0]


def test_a_declared_row_is_met_by_a_signature_over_an_unchanged_exhibit() -> None:
    declared, seen = signed()
    result = finding(
        manifest(exhibits=declared.exhibits, sign_offs=declared.sign_offs),
        seen,
        automation="declared",
        probes=(),
    )
    assert result.verdict == "met"
    assert result.declared is not None
    assert result.declared.sign_offs == ("record-signed",)
    assert result.evidence == (seen.observations[1].id,)


@pytest.mark.parametrize(
    ("stances", "verdict", "words"),
    [
        (["confirms"], "met", "Signed for by"),
        (["reserves"], "undetermined", "with a reservation"),
        (["denies"], "not_met", "Denied by"),
        (["confirms", "reserves"], "undetermined", "with a reservation"),
        (["denies", "confirms"], "not_met", "Denied by"),
    ],
)
def test_the_worst_stance_counts(stances: list[str], verdict: str, words: str) -> None:
    signatures = tuple(sign_off(id=f"s{i}", stance=stance) for i, stance in enumerate(stances))
    declared, seen = signed(sign_offs=signatures)
    only = manifest(exhibits=declared.exhibits, sign_offs=declared.sign_offs)
    result = finding(only, seen, automation="declared", probes=())
    assert result.verdict == verdict
    assert words in result.reason
    refused = "Deal with what Specimen signatory refused; then have the document judged again."
    assert (refused in result.to_do) is ("denies" in stances)
    assert any("must sign" in step for step in result.to_do) is (verdict == "undetermined")
    beyond = finding(only, seen, automation="partly", probes=())
    assert beyond.verdict == ("undetermined" if verdict == "met" else verdict)
    assert words in beyond.reason


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        pytest.param({"sign_offs": ()}, "no named person has signed", id="unsigned"),
        pytest.param({"sign_offs": (), "exhibits": ()}, "Nothing was handed in", id="nothing"),
        pytest.param(
            {"sign_offs": (sign_off(signed_on=date(2026, 11, 23)),)}, "after this assessment", id="tomorrow"
        ),
        pytest.param(
            {"sign_offs": (sign_off(signed_on=date(2026, 9, 30)),)}, "before record was dated", id="too early"
        ),
        pytest.param(
            {"sign_offs": (sign_off(by={"name": "REPLACE: name", "function": "x"}),)},
            "does not name a person yet",
            id="placeholder",
        ),
        pytest.param(
            {"sign_offs": (sign_off(by={"name": "x", "function": "REPLACE: function"}),)},
            "does not name a person yet",
            id="placeholder function",
        ),
        pytest.param(
            {"sign_offs": (sign_off(by={"name": "-", "function": "x"}),)}, "does not name a person", id="dash"
        ),
        pytest.param(
            {"sign_offs": (sign_off(statement="REPLACE: what you state"),)},
            "still holds a placeholder",
            id="placeholder statement",
        ),
        pytest.param(
            {"exhibits": (exhibit(covers=("art4.1",)),)}, "covers this requirement", id="another's exhibit"
        ),
        pytest.param(
            {"sign_offs": (sign_off(over=({"exhibit": "record", "sha256": "sha256:" + "b" * 64},)),)},
            "has changed since",
            id="changed",
        ),
    ],
)
def test_what_does_not_count_as_signed(changes: dict[str, Any], part: str) -> None:
    declared, seen = signed(**changes)
    result = finding(declared, seen, automation="declared", probes=())
    assert result.verdict == "not_collected"
    assert part in result.reason
    assert (
        "A named person must sign for the document; the signature names its SHA-256 digest." in result.to_do
    )


EMPTY = observation(
    step="declared/exhibit@record",
    probe="declared/exhibit",
    subject="record",
    outcome="not_available",
    reason="The document is empty.",
)
DENIED = record("record", None, problem="denied")


@pytest.mark.parametrize(
    ("seen", "part"),
    [
        pytest.param(evidence(GOOD), "was not found", id="no record"),
        pytest.param(evidence(GOOD, subjects=(DENIED,)), "not found (denied)", id="unreadable"),
        pytest.param(evidence(GOOD, subjects=(record("record"),)), "nothing looked", id="never examined"),
        pytest.param(
            evidence(EMPTY, subjects=(record("record"),)),
            "could not be examined (The document is empty)",
            id="empty document",
        ),
    ],
)
def test_an_exhibit_must_be_there_and_examined(seen: Evidence, part: str) -> None:
    declared, _ = signed()
    result = finding(declared, seen, automation="declared", probes=())
    assert result.verdict != "met"
    assert part in result.reason


def test_what_does_not_apply_says_why() -> None:
    (result,) = judge(manifest(), plan(applies="no", reason="It binds deployers."), evidence(), TODAY)
    assert (result.verdict, result.reason) == ("not_applicable", "It binds deployers.")


def test_what_may_apply_is_judged_and_asks() -> None:
    (result,) = judge(manifest(), plan(applies="unknown", reason="Needs an answer to q."), evidence(), TODAY)
    assert result.verdict == "not_collected"
    assert result.to_do[0] == "Needs an answer to q."


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["met", "met"], "met"),
        (["met", "undetermined"], "undetermined"),
        (["undetermined", "not_collected"], "not_collected"),
        (["not_collected", "not_met"], "not_met"),
        ([], "not_collected"),
    ],
)
def test_the_worst_verdict_stands(verdicts: list[Verdict], expected: str) -> None:
    assert worst(verdicts) == expected


@pytest.mark.parametrize(
    ("verdicts", "outcome", "code"),
    [
        (["met", "not_applicable"], "high_risk_annex_iii", 0),
        (["met", "undetermined"], "high_risk_annex_iii", 4),
        (["met", "not_collected"], "high_risk_annex_iii", 4),
        (["not_collected", "not_met"], "high_risk_annex_iii", 1),
        (["not_applicable"], "minimal", 4),
        ([], "minimal", 4),
        (["met"], "cannot_tell", 4),
        (["met"], "prohibited", 1),
    ],
)
def test_the_gate(verdicts: list[Verdict], outcome: Outcome, code: int) -> None:
    findings = [
        Finding.model_validate({"requirement": f"r{i}", "verdict": v, "reason": "x"})
        for i, v in enumerate(verdicts)
    ]
    assert gate(findings, outcome) == code
