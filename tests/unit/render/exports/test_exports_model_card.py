"""The model card: a head that programs read, figures with where they come from, and nothing claimed."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.model.finding import Verdict
from conformity.render.exports import model_card
from tests.support.assessments import evidence, manifest, measured, observation, scalar, table
from tests.support.exported import HARD_TEXTS, Records, assessed, judged, read_yaml, written


def _parts(records: Records) -> tuple[Any, str]:
    """Return the head as data and the rest as text."""
    text = written(records, "model-card")["model-card"].decode()
    before, head, rest = text.split("---\n", 2)
    assert before == ""
    return read_yaml(head), rest


def test_the_head_holds_measured_figures_as_model_hubs_read_them(records: Records) -> None:
    """The fields that the Hub's own reader asks for: task, data set and metrics with type and value."""
    from huggingface_hub.repocard_data import model_index_to_eval_results

    head, _ = _parts(records)
    name, results = model_index_to_eval_results(head["model-index"])
    assert name == records[0].manifest.system.name
    values = {(one.metric_type, one.metric_name): one.metric_value for one in results}
    assert values[("disparate_impact_ratio", "Disparate impact ratio; SEX, across all groups")] == 0.938
    assert {one.task_type for one in results} == {"tabular-classification"}
    assert {one.dataset_type for one in results} == {"test"}


def test_without_figures_there_is_no_index_and_it_says_so() -> None:
    head, text = _parts(judged("met"))
    assert "model-index" not in head
    assert "Neither accuracy nor fairness was measured." in text
    assert "No energy was measured, modelled or declared." in text
    assert "Nothing was measured." in text


def test_every_figure_names_its_evidence_and_absent_ones_say_why(records: Records) -> None:
    _, text = _parts(records)
    lines = [line for line in text.splitlines() if line.startswith("| Accuracy")]
    assert all("`EV-" in line for line in lines)
    assert any("(0.780–0.820)" in line or "(0.78–0.82)" in line for line in lines)
    assert "no number (only one group has 30 cases)" in text
    assert "not shown" in text


def test_verdicts_are_counted_and_open_points_listed() -> None:
    _, text = _parts(judged("met", "not_met", "not_collected", "not_collected"))
    assert "| ✓ met | 1 |" in text
    assert "| ○ not collected | 2 |" in text
    assert "- ✖ not met: Art. 1(1) Because.. Because." in text
    assert "- ○ Requirements for which nothing was handed in: 2." in text
    assert "not a declaration of conformity" in text
    _, settled = _parts(judged("met"))
    assert "## Open points\n\nNone.\n" in settled


def test_many_open_points_are_cut_and_counted() -> None:
    verdicts: list[Verdict] = ["not_met"] * 50
    _, text = _parts(judged(*verdicts))
    assert "- 10 more stand in the report." in text


def test_many_figures_are_cut_and_counted(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_card, "_MOST_GROUPS", 2)
    _, text = _parts(records)
    assert "more figures stand in the report." in text


def test_a_system_of_no_table_and_one_of_numbers_say_what_they_do() -> None:
    _, text = _parts(assessed(manifest(subjects=()), [], []))
    assert "No table was handed in." in text
    numbers = table(
        columns=(
            {"name": "y", "roles": ("label",), "content": "numbers"},
            {"name": "yhat", "roles": ("prediction",), "content": "numbers"},
        )
    )
    seen = observation(
        measured(scalar(0.5, 0.4, 0.6), metric="rate", by=()), probe="accuracy/any", step="accuracy/any@test"
    )
    made, _ = assessed(manifest(subjects=(numbers,)), [], [])
    head, text = _parts((made, evidence(seen, subjects=())))
    assert head["model-index"][0]["results"][0]["task"] == {"type": "tabular-regression"}
    assert "| none declared | not known |" in text


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hostile_texts_change_neither_head_nor_sections(text: str) -> None:
    head, rest = _parts(judged("met", "not_met", texts=(text,)))
    usual_head, usual = _parts(judged("met", "not_met"))
    assert head == usual_head
    sections = [line for line in rest.splitlines() if line.startswith("#")]
    assert sections[1:] == [line for line in usual.splitlines() if line.startswith("#")][1:]
