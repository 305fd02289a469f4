"""What looks bad though nobody fixed a bound, how long lists are cut, and the glossary."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.model.base import digest_of
from conformity.model.evidence import Observation
from conformity.render.html import html_text
from conformity.render.views import criteria as criteria_module
from conformity.render.views import subjects as subjects_module
from conformity.render.views.adverse import AdverseList, adverse
from conformity.render.views.criteria import criterion_view
from conformity.render.views.glossary import glossary
from conformity.render.views.subjects import table_views
from tests.unit.render.render_records import COLLECTED, LIMIT, Records, build, count, measurement, scalar
from tests.unit.render.test_render_summary import context_of

METRICS = (
    ("found_rows", "subject", "rows", "lower"),
    ("unique_share", "subject", "1", "lower"),
    ("rate_difference", "attribute", "1", "lower"),
    ("accuracy_gain", "subject", "1", "higher"),
    ("cells_per_column", "column", "cells", "lower"),
)


def with_measurements(*measurements: dict[str, Any]) -> Records:
    """Return records with one more probe that saw these measurements."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        seen = Observation.of(
            step="data_quality/more@test",
            probe="data_quality/more",
            probe_version=1,
            subject="test",
            outcome="measured",
            measurements=measurements,
            collected_at=COLLECTED,
        )
        proof["observations"] = [*proof["observations"], seen]
        probe = whole["plan"]["probes"][0]
        metrics = [
            {
                "id": ident,
                "title": ident.replace("_", " ").capitalize(),
                "unit": unit,
                "better": better,
                "per": per,
                "extent": "estimate" if unit == "1" else "complete",
                "definition": "As named.",
                "of_cases": False,
            }
            for ident, per, unit, better in METRICS
        ]
        whole["plan"]["probes"] = [
            *whole["plan"]["probes"],
            {**probe, "id": "data_quality/more", "metrics": metrics},
        ]

    made = build(change)
    assert made[0].evidence_sha256 == digest_of(made[1])
    return made


def told(made: AdverseList) -> dict[str, tuple[str, ...]]:
    """Return the figures by metric."""
    return {row.title: row.figures for subject in made.subjects for row in subject.rows}


def test_counts_and_sure_differences_without_a_bound_are_told() -> None:
    made = with_measurements(
        measurement("found_rows", count(376, "rows")),
        measurement("unique_share", scalar(0.016, 9000)),
        measurement("rate_difference", scalar(0.04, 3612, 0.02, 0.06), ("SEX",)),
        measurement("rate_difference", scalar(0.09, 1510, -0.01, 0.2), ("EDUCATION",)),
        measurement("rate_difference", scalar(0.2, 1510, 0.1, 0.3), ("SEX", "EDUCATION")),
        measurement("accuracy_gain", scalar(0.3, 9000)),
        measurement("cells_per_column", count(5000, "cells"), ("LIMIT_BAL",)),
    )
    assert told(adverse(context_of(made))) == {
        "Found rows": ("376 rows",),
        "Unique share": ("0.016",),
        "Rate difference": ("SEX 0.040 (0.020–0.060)",),
    }
    text = html_text(*made, disclosure_limit=LIMIT)
    assert "Measured, no bound set" in text


def test_small_counts_stay_hidden_and_zero_is_no_finding() -> None:
    few = with_measurements(measurement("found_rows", count(3, "rows")))
    assert told(adverse(context_of(few))) == {"Found rows": ("< 10 rows",)}
    none = with_measurements(measurement("found_rows", count(0, "rows")))
    assert adverse(context_of(none)).subjects == ()


def test_what_a_criterion_bounds_is_judged_elsewhere(records: Records) -> None:
    assert "Equal opportunity difference" not in told(adverse(context_of(records)))


def test_many_lines_are_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.render.views.adverse._MOST", 1)
    made = with_measurements(
        measurement("found_rows", count(376, "rows")),
        measurement("unique_share", scalar(0.016, 9000)),
        measurement("found_rows", count(400, "rows"), subject="train"),
    )
    cut = adverse(context_of(made))
    assert list(told(cut)) == ["Found rows"]
    assert cut.more == "2 more figures of this kind are in annex C."
    assert cut.more in html_text(*made, disclosure_limit=LIMIT)


def test_many_readings_are_cut_to_the_worst(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = next(one for f in records[0].findings for one in f.measured if len(one.readings) == 2)
    better, worse = judged.readings
    mixed = judged.model_copy(update={"readings": (better, worse.model_copy(update={"verdict": "not_met"}))})
    monkeypatch.setattr(criteria_module, "MOST_READINGS", 1)
    view = criterion_view(context_of(records), mixed, None)
    assert [reading.mark.key for reading in view.readings] == ["not_met"]
    assert view.more == "One more reading, no worse than these, is in assessment.json."


def test_many_columns_are_cut_and_counted(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table_views(context_of(records))[0]
    assert whole.more == ""
    monkeypatch.setattr(subjects_module, "MOST_COLUMNS", 2)
    cut = table_views(context_of(records))[0]
    assert cut.columns == whole.columns[:2]
    assert cut.more == f"{len(whole.columns) - 2} more columns are in assessment.json."
    assert cut.more in html_text(*build(), disclosure_limit=LIMIT)


def test_the_glossary_tells_terms_in_use_each_with_a_source(records: Records) -> None:
    terms = {one.term: one for one in glossary(context_of(records))}
    assert "Disparate impact ratio" in terms
    assert "Calibration" not in terms
    assert list(terms) == sorted(terms, key=str.casefold)
    assert terms["Provider"].source == "Art. 3(3)"
    assert all(one.meaning and one.source for one in terms.values())
