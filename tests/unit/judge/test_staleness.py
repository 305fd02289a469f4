"""Evidence that is too old, or about something that has changed since, no longer supports ``met``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from conformity.judge import judge
from conformity.judge.staleness import stale
from conformity.model.finding import Finding
from conformity.model.manifest import Manifest
from tests.support.assessments import (
    SEAL,
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
    table,
)

OTHER = "sha256:" + "b" * 64
PRODUCED = date(2026, 10, 2)
"""When the table of the support module came into being."""
ANY: dict[str, Any] = {"of": ("test",), "days": 51, "reason": "Applicants change."}
KEPT, MISSED = scalar(0.05, 0.02, 0.08), scalar(0.3, 0.2, 0.4)
MODEL = {"id": "model", "kind": "model", "title": "Model", "path": "model.onnx", "format": "onnx"}


def declared(**changes: Any) -> Manifest:
    """Return a manifest with a bound that the table keeps."""
    return manifest(**{"criteria": (criterion(),), **changes})


def finding(held: Manifest, today: date = TODAY, result: Any = KEPT, **more: Any) -> Finding:
    """Return the finding on the one requirement."""
    rows = evidence(
        observation(measured(result)), examined(), subjects=(record("test"), *more.pop("records", ()))
    )
    return judge(held, plan(requirement(**more.pop("row", {}))), rows, today, **more)[0]


def test_without_limits_age_makes_nothing_stale() -> None:
    assert finding(declared()).verdict == "met"
    assert finding(declared(), date(2126, 1, 1)).verdict == "met"


@pytest.mark.parametrize(("days", "verdict"), [(50, "met"), (51, "met"), (52, "undetermined")])
def test_a_bound_kept_on_data_past_their_limit_is_undetermined(days: int, verdict: str) -> None:
    found = finding(declared(age_limits=(ANY,)), PRODUCED + timedelta(days=days))
    assert found.verdict == verdict
    if verdict == "undetermined":
        assert found.reason == (
            "Criterion gap-sex: The evidence is stale and no longer supports that this is met. test is of "
            "2026-10-02, and evidence of over 51 days does not count (`age_limits`). Measure again on what "
            "is current. The whole interval keeps the bound."
        )


def test_a_limit_without_names_is_about_everything_and_the_shortest_counts() -> None:
    limits = ({**ANY, "of": (), "days": 40}, {**ANY, "days": 100})
    assert finding(declared(age_limits=limits), PRODUCED + timedelta(days=41)).verdict == "undetermined"


def test_a_limit_on_something_else_leaves_it_alone() -> None:
    held = declared(age_limits=({**ANY, "of": ("record",), "days": 1},), exhibits=(exhibit(),))
    assert finding(held).verdict == "met"


def test_what_does_not_tell_its_age_counts_as_too_old() -> None:
    held = declared(subjects=(table(produced_on=None),), age_limits=(ANY,))
    reasons = stale(held, evidence(), TODAY)
    assert "Nothing tells how old test is" in reasons["test"]


def test_a_day_after_the_measurement_makes_nothing_younger() -> None:
    held = declared(subjects=(table(produced_on=date(2030, 1, 1)),), age_limits=(ANY,))
    assert stale(held, evidence(), TODAY + timedelta(days=51)) == {}
    assert "is of 2026-11-22" in stale(held, evidence(), TODAY + timedelta(days=52))["test"]


def test_a_miss_stays_a_miss_however_old() -> None:
    assert finding(declared(age_limits=(ANY,)), date(2030, 1, 1), MISSED).verdict == "not_met"


def with_model(sha256: str | None, made_with: str = SEAL) -> dict[str, str]:
    """Return what is stale of predictions that were made with a model."""
    held = declared(subjects=(table(made_with=({"id": "model", "sha256": made_with},)), MODEL))
    records = (record("test"), *(() if sha256 is None else (record("model", sha256),)))
    return dict(stale(held, evidence(subjects=records), TODAY))


def test_predictions_of_the_model_that_is_declared_hold() -> None:
    assert with_model(SEAL) == {}


def test_predictions_of_another_model_are_stale() -> None:
    (reason,) = with_model(OTHER).values()
    assert reason == (
        f"test was made with another model than the one declared now: that was {SEAL}, this is {OTHER}."
    )
    held = declared(subjects=(table(made_with=({"id": "model", "sha256": SEAL},)), MODEL))
    found = finding(held, records=(record("model", OTHER),))
    assert (found.verdict, "made with another model" in found.reason) == ("undetermined", True)


def test_what_is_not_there_shows_nothing() -> None:
    assert "which was not found to be the same" in with_model(None)["test"]


def test_a_file_that_has_changed_since_is_stale() -> None:
    reasons = stale(declared(), evidence(), TODAY, {"test": OTHER})
    assert reasons == {"test": f"test has changed since it was measured; it now is {OTHER}."}
    assert stale(declared(), evidence(), TODAY, {"test": SEAL}) == {}
    assert finding(declared(), now={"test": OTHER}).verdict == "undetermined"


SIGNED: dict[str, Any] = {
    "exhibits": (exhibit(), exhibit(id="later", dated=date(2026, 11, 1))),
    "sign_offs": (sign_off(),),
    "age_limits": ({**ANY, "of": ("record",)},),
}
BOTH = (record("record"), record("later"))


def signed(today: date, **changes: Any) -> Finding:
    """Return the finding on a requirement that is declared."""
    held = manifest(**{**SIGNED, **changes})
    return finding(held, today, row={"automation": "declared", "probes": ()}, records=BOTH)


def test_a_signature_over_a_document_past_its_limit_is_undetermined() -> None:
    assert signed(date(2026, 11, 21)).verdict == "met"
    found = signed(date(2026, 11, 22))
    assert found.verdict == "undetermined"
    assert found.reason.startswith(
        "The evidence is stale and no longer supports that this is met. record is of 2026-"
    )
    assert "have it signed again. Signed for by" in found.reason


def test_another_signature_over_a_fresh_document_still_holds() -> None:
    fresh = sign_off(id="fresh", over=({"exhibit": "later", "sha256": SEAL},), signed_on=date(2026, 11, 2))
    rows = evidence(examined(), examined("later"), subjects=(record("test"), *BOTH))
    held = manifest(**{**SIGNED, "sign_offs": (sign_off(), fresh)})
    row = requirement(automation="declared", probes=())
    assert judge(held, plan(row), rows, TODAY)[0].verdict == "met"


def test_a_signature_that_does_not_count_keeps_nothing_met() -> None:
    fresh = sign_off(id="fresh", over=({"exhibit": "later", "sha256": OTHER},), signed_on=date(2026, 11, 2))
    rows = evidence(examined(), examined("later"), subjects=(record("test"), *BOTH))
    held = manifest(**{**SIGNED, "sign_offs": (sign_off(), fresh)})
    row = requirement(automation="declared", probes=())
    assert judge(held, plan(row), rows, TODAY)[0].verdict == "undetermined"


def test_a_denial_holds_however_old() -> None:
    assert signed(date(2030, 1, 1), sign_offs=(sign_off(stance="denies"),)).verdict == "not_met"


def test_a_claim_in_a_document_past_its_limit_is_undetermined() -> None:
    held = declared(
        exhibits=(exhibit(),),
        criteria=(criterion(claimed_in="record"),),
        age_limits=({**ANY, "of": ("record",)},),
    )
    found = finding(held, records=(record("record"),))
    assert "this is met. record is of 2026-10-01" in found.measured[0].reason
    assert found.measured[0].verdict == "undetermined"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age_limits": ({**ANY, "of": ("ghost",)},)}, "age_limits names the subject or exhibit 'ghost'"),
        ({"age_limits": ({**ANY, "days": 0},)}, "greater than or equal to 1"),
        ({"subjects": (table(made_with=({"id": "ghost", "sha256": SEAL},)),)}, "`made_with` of test names"),
        ({"subjects": (table(made_with=({"id": "test", "sha256": SEAL},)),)}, "`made_with` of test names"),
    ],
)
def test_a_limit_or_origin_that_leads_nowhere_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        manifest(**changes)
