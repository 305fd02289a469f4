"""The register: what opens and closes an entry, and what it says (Art. 20(1), 43, 47, Annex V)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge.nonconformities import Judged, judged, kept, register, with_register
from conformity.model.assessment import Assessment
from conformity.model.finding import Finding, Verdict
from conformity.model.nonconformity import NonConformity
from conformity.model.plan import Plan
from conformity.model.requirement import Requirement
from tests.support.assessments import (
    ROW,
    RUN,
    SEAL,
    TODAY,
    bound,
    criterion,
    exhibit,
    manifest,
    plan,
    requirement,
    sign_off,
)

CORRECTION = {
    "requirement": ROW,
    "owner": "Head of data",
    "corrective_action": "Weigh the groups anew.",
    "due": date(2027, 1, 31),
}
LAW = requirement(id="art12.1", article="Article 12", ref="Art. 12(1)")


def finding(verdict: Verdict, **changes: Any) -> Finding:
    """Return a finding on the one requirement."""
    fields = {"requirement": ROW, "verdict": verdict, "reason": "Because.", "to_do": ("Measure it.",)}
    return Finding.model_validate({**fields, **changes})


def run(
    *findings: Finding,
    rows: tuple[Requirement, ...] = (),
    applies: str = "yes",
    today: date = TODAY,
    the_plan: Plan | None = None,
    **declared: Any,
) -> Judged:
    """Return a run with these findings."""
    law = the_plan or plan(*rows, applies=applies)
    return Judged(manifest(**declared), law, findings, SEAL, today)


def before(*entries: NonConformity) -> Assessment:
    """Return an assessment that has this register."""
    return Assessment.model_validate(
        {
            "tool": "conformity 1",
            "assessed_at": RUN,
            "manifest": manifest(),
            "manifest_sha256": SEAL,
            "plan": plan(),
            "evidence_sha256": SEAL,
            "findings": (),
            "non_conformities": entries,
        }
    )


def only(*arguments: Any) -> NonConformity:
    """Return the only entry of a register."""
    (entry,) = register(*arguments)
    return entry


def test_a_missed_requirement_opens_an_entry_that_blocks() -> None:
    entry = only(run(finding("not_met")))
    assert (entry.id, entry.kind, entry.blocks, entry.state) == (f"NC-{ROW}", "missed", True, "open")
    assert (entry.opened_on, entry.opened_in) == (TODAY, "1.0.0")
    assert (entry.severity, entry.owner, entry.due, entry.planned) == ("critical", None, None, False)
    assert (entry.corrective_action, entry.reason) == ("Measure it.", "Because.")
    assert "Annex V(4)" in entry.rule


@pytest.mark.parametrize("verdict", ["undetermined", "not_collected"])
@pytest.mark.parametrize("applies", ["yes", "unknown"])
def test_what_a_declaration_speaks_for_blocks_while_it_is_not_settled(verdict: Verdict, applies: str) -> None:
    entry = only(run(finding(verdict), applies=applies))
    assert (entry.kind, entry.blocks) == ("gap", True)
    assert "Art. 16, 43, 47(2)" in entry.rule


@pytest.mark.parametrize("verdict", ["met", "not_applicable"])
def test_what_is_met_or_does_not_apply_opens_nothing(verdict: Verdict) -> None:
    assert register(run(finding(verdict))) == ()


@pytest.mark.parametrize(
    ("row", "facts"),
    [
        pytest.param(
            "art17.3", {"article": "Article 17", "permits": True}, id="a provision that only allows"
        ),
        pytest.param("annexIV.8", {"article": "Annex IV"}, id="the copy of the declaration itself"),
        pytest.param("art49.1", {"article": "Article 49"}, id="what comes after the declaration"),
    ],
)
def test_some_gaps_do_not_block(row: str, facts: dict[str, Any]) -> None:
    law = requirement(id=row, **facts)
    assert register(run(finding("not_collected", requirement=row), rows=(law,))) == ()


@pytest.mark.parametrize(
    ("duty_from", "applies", "blocks"),
    [
        pytest.param(date(2026, 11, 21), "yes", True, id="bound yesterday"),
        pytest.param(TODAY, "yes", True, id="binds today"),
        pytest.param(date(2026, 11, 23), "yes", False, id="binds tomorrow"),
        pytest.param(None, "yes", False, id="no day is set, as for a system of before (Art. 111(2))"),
        pytest.param(TODAY, "unknown", False, id="whether it binds is not known"),
    ],
)
def test_other_duties_block_once_they_bind(duty_from: date | None, applies: str, blocks: bool) -> None:
    law = requirement(id="art50.1", article="Article 50")
    the_plan = plan(law, applies=applies)
    item = the_plan.requirements[0].model_copy(update={"duty_from": duty_from})
    the_plan = the_plan.model_copy(update={"requirements": (item,)})
    found = register(run(finding("not_collected", requirement="art50.1"), the_plan=the_plan))
    assert [entry.blocks for entry in found] == ([True] if blocks else [])


@pytest.mark.parametrize(
    ("article", "verdict", "grade"),
    [
        ("Article 4a", "not_met", "critical"),
        ("Article 8", "not_met", "critical"),
        ("Article 15", "not_met", "critical"),
        ("Article 16", "not_met", "major"),
        ("Article 10", "not_collected", "major"),
        ("Article 10", "undetermined", "minor"),
    ],
)
def test_the_tool_grades_by_a_rule_that_it_tells(article: str, verdict: Verdict, grade: str) -> None:
    entry = only(run(finding(verdict), rows=(requirement(article=article),)))
    assert entry.severity == grade
    assert entry.severity_rule.lower().startswith(grade)


def test_the_provider_plans_the_correction_and_may_grade_it() -> None:
    planned = only(run(finding("not_met"), non_conformities=(CORRECTION,)))
    assert (planned.owner, planned.due, planned.planned) == ("Head of data", date(2027, 1, 31), True)
    assert planned.corrective_action == "Weigh the groups anew."
    assert planned.severity == "critical"
    graded = only(run(finding("not_met"), non_conformities=({**CORRECTION, "severity": "minor"},)))
    assert graded.severity == "minor"
    assert graded.severity_rule.startswith("Minor: so graded by the provider. The tool's rule: Critical:")


def test_who_fixed_the_bound_answers_for_it_unless_somebody_is_named() -> None:
    missed = finding("not_met", measured=({"criterion": "gap-sex", "verdict": "not_met", "reason": "r"},))
    assert only(run(missed, criteria=(criterion(),))).owner == bound().owner
    denied = finding(
        "not_met", to_do=(), declared={"verdict": "not_met", "reason": "r", "sign_offs": ("record-signed",)}
    )
    entry = only(run(denied, exhibits=(exhibit(),), sign_offs=(sign_off(),)))
    assert entry.owner == "Specimen signatory, Head of model risk (specimen)"
    assert entry.corrective_action.startswith("Settle what the finding leaves open")


def test_an_entry_keeps_id_and_first_day_while_it_is_open() -> None:
    first = only(run(finding("not_met"), today=date(2026, 10, 1)))
    again = only(run(finding("undetermined"), edition={"version": "1.1.0"}), before(first))
    assert (again.id, again.opened_on, again.opened_in) == (first.id, date(2026, 10, 1), "1.0.0")
    assert (again.kind, again.verdict, again.severity) == ("gap", "undetermined", "minor")


def test_an_undertaking_is_carried_on_when_the_manifest_no_longer_holds_it() -> None:
    first = only(run(finding("not_met"), non_conformities=({**CORRECTION, "severity": "major"},)))
    again = only(run(finding("not_met")), before(first))
    assert (again.owner, again.due, again.planned) == (first.owner, first.due, True)
    assert (again.severity, again.severity_rule) == ("major", first.severity_rule)


def test_a_met_finding_closes_an_entry_and_says_by_what() -> None:
    first = only(run(finding("not_met")))
    declared = {"verdict": "met", "reason": "r", "sign_offs": ("s",), "exhibits": ("e",)}
    met = finding("met", reason="Kept.", evidence=("EV-1",), declared=declared)
    # The provider still lists the undertaking; that neither keeps the entry open nor opens another.
    closed = only(run(met, non_conformities=(CORRECTION,)), before(first))
    assert (closed.id, closed.state, closed.blocks, closed.verdict) == (first.id, "closed", False, "met")
    assert closed.closure is not None
    assert (closed.closure.on, closed.closure.reason, closed.closure.evidence_sha256) == (
        TODAY,
        "Kept.",
        SEAL,
    )
    assert (closed.closure.evidence, closed.closure.sign_offs, closed.closure.exhibits) == (
        ("EV-1",),
        ("s",),
        ("e",),
    )
    assert register(run(met, non_conformities=(CORRECTION,)), before(closed)) == (closed,)


def test_a_closure_by_measurement_alone_names_no_sign_off() -> None:
    closed = only(run(finding("met", evidence=("EV-1",))), before(only(run(finding("not_met")))))
    assert closed.closure is not None
    assert (closed.closure.sign_offs, closed.closure.exhibits) == ((), ())


def test_a_requirement_missed_again_opens_a_second_entry() -> None:
    closed = only(run(finding("met")), before(only(run(finding("not_met")))))
    first, second = register(run(finding("not_met")), before(closed))
    assert first == closed
    assert (second.id, second.state) == (f"NC-{ROW}.2", "open")


@pytest.mark.parametrize(
    ("findings", "verdict", "blocks"),
    [
        pytest.param((finding("not_applicable"),), "not_applicable", False, id="no longer applies"),
        pytest.param((), "not_collected", True, id="no longer looked at"),
    ],
)
def test_an_entry_that_is_gone_without_evidence_stays_open(
    findings: tuple[Finding, ...], verdict: str, blocks: bool
) -> None:
    entry = only(run(*findings), before(only(run(finding("not_met")))))
    assert (entry.state, entry.verdict, entry.blocks) == ("open", verdict, blocks)
    assert "stays open until a finding is met" in entry.reason


def test_what_the_provider_lists_is_open_for_as_long_as_it_is_listed() -> None:
    listed: dict[str, Any] = {"non_conformities": (CORRECTION,)}
    first = only(run(finding("met"), **listed))
    assert (first.kind, first.blocks, first.severity) == ("declared", True, "minor")
    assert only(run(finding("met"), **listed), before(first)).state == "open"
    assert only(run(finding("met")), before(first)).state == "closed"
    assert only(run(finding("not_applicable"), **listed)).blocks is False


def test_an_assessment_without_a_register_gets_the_one_of_its_findings() -> None:
    old = before().model_copy(update={"non_conformities": None, "findings": (finding("not_met"),)})
    assert with_register(old).non_conformities == kept(old) == register(judged(old))
    assert kept(before()) == ()


def test_a_closed_entry_must_say_by_what() -> None:
    entry = only(run(finding("not_met"))).model_dump()
    with pytest.raises(ValueError, match="a closed entry says what closed it"):
        NonConformity.model_validate({**entry, "state": "closed"})


def test_new_entries_come_in_the_order_of_the_plan_after_those_carried() -> None:
    other = finding("not_met", requirement="art12.1")
    both = run(finding("not_met"), other, rows=(requirement(), LAW))
    assert [entry.requirement for entry in register(both)] == [ROW, "art12.1"]
    carried = register(both, before(only(run(other, rows=(LAW,)))))
    assert [entry.requirement for entry in carried] == ["art12.1", ROW]


SIGNED = {"verdict": "met", "reason": "r", "sign_offs": ("record-signed",)}
KEPT = {"criterion": "gap-sex", "verdict": "met", "reason": "r"}


@pytest.mark.parametrize(
    ("changes", "law", "applies", "blocks"),
    [
        pytest.param({"declared": SIGNED}, {"probes": ()}, "yes", False, id="no probe, signed"),
        pytest.param(
            {"declared": SIGNED, "measured": (KEPT,)},
            {"rule": "special_data_needed"},
            "yes",
            False,
            id="bounds kept, the rest of the rule signed",
        ),
        pytest.param({}, {"probes": ()}, "yes", True, id="nobody signed"),
        pytest.param(
            {"declared": {**SIGNED, "verdict": "undetermined"}},
            {"probes": ()},
            "yes",
            True,
            id="with a reserve",
        ),
        pytest.param({"declared": SIGNED}, {}, "yes", True, id="it could be measured"),
        pytest.param({"declared": SIGNED}, {"probes": ()}, "unknown", True, id="it may not apply"),
        pytest.param(
            {"declared": SIGNED, "measured": ({**KEPT, "verdict": "undetermined"},)},
            {"probes": ()},
            "yes",
            True,
            id="a bound is open",
        ),
        pytest.param(
            {"declared": SIGNED, "verdict": "not_collected"}, {"probes": ()}, "yes", True, id="not collected"
        ),
    ],
)
def test_what_no_tool_can_settle_does_not_block_once_a_person_signed(
    changes: dict[str, Any], law: dict[str, Any], applies: str, blocks: bool
) -> None:
    declared: dict[str, Any] = {
        "criteria": (criterion(),),
        "exhibits": (exhibit(),),
        "sign_offs": (sign_off(),),
    }
    left = Finding.model_validate({**finding("undetermined").model_dump(), **changes})
    entry = only(run(left, rows=(requirement(**law),), applies=applies, **declared))
    assert (entry.kind, entry.state, entry.blocks) == ("gap", "open", blocks)
    assert ("takes it on" in entry.rule) is not blocks


def test_the_owner_of_an_entry_is_who_answers_for_what_is_missed() -> None:
    bounds = (criterion(id="kept", owner="Kept"), criterion(id="missed", owner="O" * 500))
    judged_bounds = tuple(
        {"criterion": name, "verdict": verdict, "reason": "So."}
        for name, verdict in (("kept", "met"), ("missed", "not_met"))
    )
    signed = {"verdict": "met", "reason": "Signed.", "sign_offs": ("s",)}
    entry = only(
        run(
            finding("not_met", measured=judged_bounds, declared=signed),
            criteria=bounds,
            exhibits=(exhibit(),),
            sign_offs=(sign_off(id="s"),),
        )
    )
    assert entry.owner == "O" * 500
    two = (criterion(id="a", owner="A" * 400), criterion(id="b", owner="B" * 400))
    missed = tuple({"criterion": name, "verdict": "not_met", "reason": "So."} for name in ("a", "b"))
    entry = only(run(finding("not_met", measured=missed), criteria=two))
    assert entry.owner is not None
    assert len(entry.owner) == 500


def test_an_entry_carried_keeps_its_id_and_takes_the_plan_that_is_new() -> None:
    planned = only(run(finding("not_met"), non_conformities=(CORRECTION,)))
    recurring = planned.model_copy(update={"id": f"NC-{ROW}.2"})
    later = {**CORRECTION, "owner": "Head of models"}
    entry = only(run(finding("not_met"), non_conformities=(later,)), before(recurring))
    assert (entry.id, entry.owner) == (f"NC-{ROW}.2", "Head of models")
