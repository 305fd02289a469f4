"""The probes accuracy/scores and fairness/score_fairness: what is measured, where, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.accuracy.scores.probe import PROBE as ACCURACY
from conformity.probes.fairness.score_fairness.probe import PROBE as FAIRNESS
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Floats
from tests.support.number_rows import Rows, number_table, score_table, tallied


@dataclass(frozen=True)
class _Sample:
    scores: Floats
    labels: list[str]
    sexes: list[str]

    @property
    def rows(self) -> Rows:
        return {"score": self.scores, "label": self.labels, "sex": self.sexes}


def _sample(n: int = 2000, groups: tuple[str, ...] = ("f", "m")) -> _Sample:
    random = np.random.default_rng(6)
    scores = random.beta(2, 2, n)
    labels = ["1" if yes else "0" for yes in random.random(n) < scores]
    return _Sample(scores, labels, [groups[k % len(groups)] for k in range(n)])


def _measure(probe: TableProbe, rows: Rows, table: TableSubject | None = None) -> ProbeResult:
    subject = table or score_table("sex")
    return probe.measure(subject, [tallied(spec, rows) for spec in probe.tallies(subject)])


def _result(found: ProbeResult, metric: str, *group: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group]
    return one.result


def _scalar(found: ProbeResult, metric: str, *group: str) -> Scalar:
    result = _result(found, metric, *group)
    assert isinstance(result, Scalar), result
    assert result.interval is not None
    assert result.interval.low <= result.value <= result.interval.high
    return result


@pytest.mark.parametrize(
    ("probe_id", "probe"), [("accuracy/scores", ACCURACY), ("fairness/score_fairness", FAIRNESS)]
)
def test_metrics_are_those_declared(probe_id: str, probe: TableProbe) -> None:
    assert load_probe(ProbeId(probe_id)) is probe
    (spec,) = [spec for spec in probe_specs() if spec.id == probe_id]
    found = _measure(probe, _sample().rows)
    assert {m.metric for m in found.measurements} == {metric.id for metric in spec.metrics}
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_everybody_and_every_group_is_measured_like_the_rows() -> None:
    """The oracle is scikit-learn on the rows of each group; the bins leave the AUC open by their error."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    sample = _sample()
    found = _measure(ACCURACY, sample.rows)
    labels, sexes = np.array(sample.labels) == "1", np.array(sample.sexes)
    for group, some in (((), np.ones(2000, dtype=bool)), (("f",), sexes == "f"), (("m",), sexes == "m")):
        auc = roc_auc_score(labels[some], sample.scores[some])
        assert _scalar(found, "auc", *group).value == pytest.approx(auc, abs=1e-3)
        brier = brier_score_loss(labels[some], sample.scores[some])
        assert _scalar(found, "brier_score", *group).value == pytest.approx(brier, abs=1e-8)
        mean = sample.scores[some].mean()
        assert _scalar(found, "mean_score", *group).value == pytest.approx(mean, abs=1e-8)
        assert _scalar(found, "mean_score", *group).n == some.sum()
    assert found.notes == ()


def test_the_engine_gives_the_same_numbers() -> None:
    import pandas as pd

    from conformity.engines.frame import open_frame

    sample = _sample()
    words = ["yes" if label == "1" else "no" for label in sample.labels]
    frame = pd.DataFrame({"score": sample.scores, "label": words, "sex": sample.sexes})
    table = score_table("sex")
    for probe in (ACCURACY, FAIRNESS):
        counted = probe.measure(table, open_frame(frame).tally(probe.tallies(table)))
        expected = _measure(probe, sample.rows)
        for one, other in zip(counted.measurements, expected.measurements, strict=True):
            assert (one.metric, one.by, one.group) == (other.metric, other.by, other.group)
            assert getattr(one.result, "value", None) == pytest.approx(
                getattr(other.result, "value", None), abs=1e-8
            )


def test_calibration_bins_are_for_pictures_and_hide_small_ones() -> None:
    scores = np.array([0.05] * 40 + [0.95] * 29)
    rows: Rows = {"score": scores, "label": ["0"] * 30 + ["1"] * 39, "sex": ["f"] * 69}
    found = _measure(ACCURACY, rows)
    bins = [m for m in found.measurements if m.by == ("score bin",)]
    assert {m.group for m in bins} == {("0 to < 0.1",), ("0.9 to 1",)}
    assert _scalar(found, "calibration_observed_rate", "0 to < 0.1").value == 0.25
    assert _scalar(found, "calibration_mean_score", "0 to < 0.1").value == pytest.approx(0.05)
    for metric in ("calibration_observed_rate", "calibration_mean_score"):
        small = _result(found, metric, "0.9 to 1")
        assert isinstance(small, NotAvailable)
        assert small.why == "too_few_cases"


def test_gaps_are_those_between_the_groups() -> None:
    sample = _sample()
    own, gaps = _measure(ACCURACY, sample.rows), _measure(FAIRNESS, sample.rows)
    for gap, metric in (
        ("auc_difference", "auc"),
        ("mean_score_difference", "mean_score"),
        ("calibration_difference", "calibration_in_the_large"),
    ):
        difference = abs(_scalar(own, metric, "f").value - _scalar(own, metric, "m").value)
        assert _scalar(gaps, gap).value == pytest.approx(difference)
    worst = max(_scalar(own, "expected_calibration_error", sex).value for sex in "fm")
    assert _scalar(gaps, "worst_group_calibration_error").value == worst


def test_one_group_is_no_comparison() -> None:
    found = _measure(FAIRNESS, _sample(groups=("f",)).rows)
    assert {getattr(m.result, "why", "") for m in found.measurements} == {"too_few_cases"}


def test_small_groups_are_named_and_left_out() -> None:
    sample = _sample()
    sexes = ["x" if k < 8 else sex for k, sex in enumerate(sample.sexes)]
    found = _measure(FAIRNESS, {**sample.rows, "sex": sexes})
    (note,) = found.notes
    assert "'x'" in note
    assert "8" not in note
    kept = {name: np.asarray(column)[8:] for name, column in {**sample.rows, "sex": sexes}.items()}
    without = _measure(
        FAIRNESS, {name: column.tolist() if name != "score" else column for name, column in kept.items()}
    )
    assert without.measurements == found.measurements


def test_unrecognised_labels_stop_every_comparison_with_the_label() -> None:
    sample = _sample()
    labels = ["(unrecognised)"] * 20 + sample.labels[20:]
    found = _measure(FAIRNESS, {**sample.rows, "label": labels})
    for metric in ("auc_difference", "calibration_difference", "worst_group_calibration_error"):
        result = _result(found, metric)
        assert isinstance(result, NotAvailable)
        assert result.why == "not_collected"
    assert _scalar(found, "mean_score_difference").n == 1000


def test_blanks_are_told_and_widen_intervals() -> None:
    sample = _sample()
    scores = np.where(np.arange(2000) < 300, np.nan, sample.scores)
    found, full = _measure(ACCURACY, {**sample.rows, "score": scores}), _measure(ACCURACY, sample.rows)
    assert found.notes[0].startswith("300 rows have a blank score or label")
    for metric in ("auc", "mean_score", "brier_score", "expected_calibration_error"):
        some, all_ = _scalar(found, metric).interval, _scalar(full, metric).interval
        assert some is not None
        assert all_ is not None
        assert some.low <= all_.low <= all_.high <= some.high


def test_few_blanks_are_not_counted_out() -> None:
    sample = _sample()
    scores = np.where(np.arange(2000) < 3, np.nan, sample.scores)
    notes = _measure(ACCURACY, {**sample.rows, "score": scores}).notes
    assert notes[0].startswith("fewer than 10 rows")


@pytest.mark.parametrize("probe", [ACCURACY, FAIRNESS])
def test_scores_outside_their_range_are_refused(probe: TableProbe) -> None:
    sample = _sample()
    for strange in (-0.1, 1.5):
        with pytest.raises(
            NotMeasurableError, match=r"2000 rows have a score in 'score' outside 0 to 1; correct"
        ):
            _measure(probe, {**sample.rows, "score": np.full(2000, strange)})


def test_declared_ends_make_other_scores_measurable() -> None:
    sample = _sample()
    table = score_table("sex", edges=(300, 850))
    found = _measure(ACCURACY, {**sample.rows, "score": 300 + 550 * sample.scores}, table)
    plain = _measure(ACCURACY, sample.rows)
    assert _scalar(found, "auc").value == pytest.approx(_scalar(plain, "auc").value, abs=1e-6)
    assert _scalar(found, "mean_score").value == pytest.approx(300 + 550 * sample.scores.mean())
    assert isinstance(_result(found, "brier_score"), NotAvailable)
    assert not [m for m in found.measurements if m.by == ("score bin",)]
    assert found.notes[0].startswith("The scores run from 300 to 850 by the manifest")


def test_a_score_the_wrong_way_round_is_noticed() -> None:
    sample = _sample()
    found = _measure(ACCURACY, {**sample.rows, "score": 1 - sample.scores})
    assert _scalar(found, "auc").value < 0.5
    assert found.notes[0].startswith("Unfavourable cases score higher")


def test_a_score_made_from_the_label_is_noticed() -> None:
    sample = _sample()
    perfect = np.array([0.9 if label == "1" else 0.1 for label in sample.labels])
    found = _measure(ACCURACY, {**sample.rows, "score": perfect})
    assert found.notes[0].startswith("Every favourable case scores above")


def test_scores_that_crowd_into_few_bins_are_noticed() -> None:
    sample = _sample()
    found = _measure(ACCURACY, {**sample.rows, "score": sample.scores / 200})
    assert found.notes[-1].startswith("Scores crowd into few of the bins")
    assert "open by 0." in found.notes[-1]


def _columns(*columns: tuple[str, str, str]) -> TableSubject:
    return number_table(
        *(
            Column.model_validate(
                {"name": name, "roles": (role,), "content": content, "positive": ("1",), "negative": ("0",)}
            )
            for name, role, content in columns
        )
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            _columns(("s", "score", "outcome"), ("p", "protected", "outcome")),
            "no column of 'people' has the role `label`",
        ),
        (_columns(("y", "label", "outcome"), ("p", "protected", "outcome")), "`score`"),
        (
            _columns(("s", "score", "outcome"), ("y", "label", "numbers"), ("p", "protected", "outcome")),
            "holds numbers, not two outcomes",
        ),
        (
            number_table(
                Column(name="s", roles=("score", "label"), positive=("1",), negative=("0",)),
                Column(name="p", roles=("protected",)),
            ),
            "bound as label and as score",
        ),
        (score_table("p", edges=(1.0,)), "has one edge"),
    ],
)
@pytest.mark.parametrize("probe", [ACCURACY, FAIRNESS])
def test_what_is_not_declared_is_said(probe: TableProbe, table: TableSubject, words: str) -> None:
    with pytest.raises(NotMeasurableError, match=words):
        probe.tallies(table)


def test_comparing_needs_a_protected_attribute() -> None:
    with pytest.raises(NotMeasurableError, match="`protected`"):
        FAIRNESS.tallies(score_table())


@pytest.mark.parametrize("probe", [ACCURACY, FAIRNESS])
def test_no_rows_are_nothing_to_measure(probe: TableProbe) -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure(probe, {"score": np.zeros(0), "label": [], "sex": []})
