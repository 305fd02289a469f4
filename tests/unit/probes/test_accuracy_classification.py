"""Accuracy: the published confusion matrix, scikit-learn on rows, and numbers that must not exist."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import MISSING, UNRECOGNISED, CellCounts
from conformity.probes.accuracy.classification.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import probe_specs
from conformity.probes.shared.intervals import quantile, wilson
from tests.strategies import Row, confusion, decision_table, expanded, tally_of

# Larson, Mattu, Kirchner and Angwin, How We Analyzed the COMPAS Recidivism Algorithm (ProPublica,
# 23 May 2016): all defendants, two-year recidivism; "high" is the prediction 1.
_COMPAS: dict[Row, int] = {("1", "1"): 2035, ("1", "0"): 1216, ("0", "1"): 1282, ("0", "0"): 2681}


def _measure(counts: dict[Row, int], table: TableSubject | None = None) -> ProbeResult:
    subject = table or decision_table()
    return PROBE.measure(subject, (tally_of(subject, counts),))


def _result(found: ProbeResult, metric: str, *group: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group]
    return one.result


def _scalar(found: ProbeResult, metric: str, *group: str) -> Scalar:
    result = _result(found, metric, *group)
    assert isinstance(result, Scalar), result
    assert result.interval is not None
    assert result.interval.low <= result.value <= result.interval.high
    return result


def _absent(found: ProbeResult, metric: str, *group: str) -> NotAvailable:
    result = _result(found, metric, *group)
    assert isinstance(result, NotAvailable), result
    return result


def test_compas_is_as_propublica_printed_it() -> None:
    """Source: ProPublica 2016: PPV 0.61, FNR 37.40 %, FPR 32.35 %, so specificity 67.65 %."""
    found = _measure(_COMPAS)
    assert _scalar(found, "precision").value == pytest.approx(0.61, abs=5e-3)
    assert 1 - _scalar(found, "recall").value == pytest.approx(0.3740, abs=5e-5)
    assert _scalar(found, "balanced_accuracy").value == pytest.approx((0.6260 + 0.6765) / 2, abs=5e-5)
    assert _scalar(found, "accuracy").value == (2035 + 2681) / 7214
    for metric, value in (
        ("true_positives", 2035),
        ("false_negatives", 1216),
        ("false_positives", 1282),
        ("true_negatives", 2681),
    ):
        assert _result(found, metric) == Count(value=value, unit="rows")


def test_denominators_are_reported() -> None:
    found = _measure(_COMPAS)
    sizes = {m: _scalar(found, m).n for m in ("accuracy", "precision", "recall", "f1", "balanced_accuracy")}
    assert sizes == {
        "accuracy": 7214,
        "precision": 3317,
        "recall": 3251,
        "f1": 4533,
        "balanced_accuracy": 3251,
    }


def test_numbers_are_those_of_scikit_learn_on_the_rows() -> None:
    from sklearn import metrics

    rows = expanded(_COMPAS)
    label, prediction = [int(row[0]) for row in rows], [int(row[1]) for row in rows]
    found = _measure(_COMPAS)
    for metric, function in (
        ("accuracy", metrics.accuracy_score),
        ("balanced_accuracy", metrics.balanced_accuracy_score),
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
        ("f1", metrics.f1_score),
    ):
        assert _scalar(found, metric).value == pytest.approx(function(label, prediction), abs=1e-12)


def test_every_group_of_every_attribute_is_measured_and_no_pair() -> None:
    table = decision_table("sex", "age")
    counts: dict[Row, int] = {}
    for sex, right in (("f", 40), ("m", 80)):
        for age in ("old", "young"):
            counts |= {(sex, age, "1", "1"): right, (sex, age, "0", "0"): right, (sex, age, "0", "1"): 40}
    found = _measure(counts, table)
    places = {(m.by, m.group) for m in found.measurements}
    assert places == {
        ((), ()),
        (("age",), ("old",)),
        (("age",), ("young",)),
        (("sex",), ("f",)),
        (("sex",), ("m",)),
    }
    assert _scalar(found, "accuracy", "f").value == pytest.approx(2 / 3)
    assert _scalar(found, "accuracy", "m").value == pytest.approx(0.8)
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_metrics_are_those_declared() -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "accuracy/classification"]
    assert {m.metric for m in _measure(_COMPAS).measurements} == {metric.id for metric in spec.metrics}
    assert spec.needs == ("label", "prediction")


def test_intervals_are_made_as_stated() -> None:
    """By hand: F1 = 2 J / (1 + J) at the Wilson limits of J = 2035 of 4533."""
    found = _measure(_COMPAS)
    low, high = wilson(np.array([2035]), np.array([4533 - 2035]), quantile(0.95))
    interval = _scalar(found, "f1").interval
    assert interval is not None
    assert interval.low == pytest.approx(2 * low[0] / (1 + low[0]), abs=1e-12)
    assert interval.high == pytest.approx(2 * high[0] / (1 + high[0]), abs=1e-12)
    assert "carried to F1" in interval.method
    interval = _scalar(found, "balanced_accuracy").interval
    assert interval is not None
    assert interval.method == "square-and-add of two Wilson intervals"


def test_f1_and_balanced_accuracy_cover_the_truth_as_often_as_they_say() -> None:
    """By simulation: 300 tables of 200 rows; 95 % less two and a half standard errors is 92 %."""
    random = np.random.default_rng(17)
    truth = (0.15, 0.10, 0.20, 0.55)
    f1 = 2 * 0.15 / (2 * 0.15 + 0.10 + 0.20)
    balanced = (0.15 / 0.25 + 0.55 / 0.75) / 2
    covered = np.zeros(2)
    for tp, fn, fp, tn in random.multinomial(200, truth, size=300).tolist():
        found = _measure({("1", "1"): tp, ("1", "0"): fn, ("0", "1"): fp, ("0", "0"): tn})
        for position, (metric, value) in enumerate((("f1", f1), ("balanced_accuracy", balanced))):
            interval = _scalar(found, metric).interval
            assert interval is not None
            covered[position] += interval.low <= value <= interval.high
    assert (covered / 300 >= 0.92).all()


def test_no_favourable_prediction_has_no_precision_and_an_f1_of_zero() -> None:
    found = _measure({("1", "0"): 50, ("0", "0"): 50})
    assert _absent(found, "precision").why == "undefined"
    assert "predicted positives, or none" in _absent(found, "precision").reason
    assert _scalar(found, "recall").value == 0
    assert _scalar(found, "f1").value == 0


def test_no_actual_positives_has_no_recall_and_no_balanced_accuracy() -> None:
    found = _measure({("0", "1"): 50, ("0", "0"): 50})
    assert _absent(found, "recall").why == "undefined"
    assert _absent(found, "balanced_accuracy").why == "undefined"
    assert "actual positives, or none" in _absent(found, "balanced_accuracy").reason


def test_no_actual_negatives_has_no_balanced_accuracy() -> None:
    found = _measure({("1", "1"): 50, ("1", "0"): 50})
    assert "actual negatives, or none" in _absent(found, "balanced_accuracy").reason


def test_neither_positive_has_no_f1() -> None:
    found = _measure({("0", "0"): 50})
    assert _absent(found, "f1").why == "undefined"
    assert _scalar(found, "accuracy").value == 1


def test_few_cases_have_counts_and_no_rates() -> None:
    found = _measure({("1", "1"): 10, ("0", "0"): 10})
    assert _absent(found, "accuracy").why == "too_few_cases"
    assert _absent(found, "accuracy").n == 20
    assert _result(found, "true_positives") == Count(value=10, unit="rows")


def test_blanks_are_in_no_point_and_in_both_ends() -> None:
    """By hand: 150 of 200 right, 50 blank: Wilson from 150 of 250 to 200 of 250."""
    counts: dict[Row, int] = {
        ("1", "1"): 75,
        ("0", "0"): 75,
        ("1", "0"): 50,
        (MISSING, "1"): 25,
        ("0", MISSING): 25,
    }
    found = _measure(counts)
    low, _ = wilson(np.array([150]), np.array([100]), quantile(0.95))
    _, high = wilson(np.array([200]), np.array([50]), quantile(0.95))
    accuracy = _scalar(found, "accuracy")
    assert accuracy.interval is not None
    assert (accuracy.value, accuracy.n) == (0.75, 200)
    assert (accuracy.interval.low, accuracy.interval.high) == (low[0], high[0])
    interval = _scalar(found, "balanced_accuracy").interval
    assert interval is not None
    assert interval.method.endswith("blanks counted both ways")
    assert _result(found, "true_positives") == Count(value=75, unit="rows")
    assert found.notes[0].startswith("50 rows whose label or prediction is blank")


def test_all_blank_is_not_collected() -> None:
    found = _measure({(MISSING, "1"): 50, ("1", MISSING): 50})
    assert {_absent(found, m.metric).why for m in found.measurements} == {"not_collected"}


def test_unrecognised_outcomes_are_not_collected() -> None:
    found = _measure({**_COMPAS, ("1", UNRECOGNISED): 30})
    for metric in ("accuracy", "precision", "recall", "f1", "balanced_accuracy", "true_positives"):
        assert _absent(found, metric).why == "not_collected"
        assert _absent(found, metric).reason.startswith("30 rows have a label or prediction")


def test_flawless_predictions_raise_suspicion() -> None:
    found = _measure({("1", "1"): 100, ("0", "0"): 100})
    assert found.notes == (
        "All 200 predictions equal the label. Check that the prediction column holds the system's own output "
        "and is not a copy of the label; if it is a copy, none of these numbers says anything.",
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (decision_table(prediction=None), "has the role `prediction`"),
        (decision_table(label=None), "has the role `label`"),
        (decision_table(label="outcome", prediction="outcome"), "bound as label and as prediction"),
    ],
)
def test_outcomes_that_are_not_two_columns_are_not_measurable(table: TableSubject, reason: str) -> None:
    with pytest.raises(NotMeasurableError, match=reason):
        PROBE.tallies(table)
    with pytest.raises(NotMeasurableError, match=reason):
        PROBE.measure(table, ())


def test_no_rows_are_not_measurable() -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure({})


def test_the_tally_is_that_of_the_fairness_probes() -> None:
    table = decision_table("sex")
    (spec,) = PROBE.tallies(table)
    assert isinstance(spec, CellCounts)
    assert [key.column for key in spec.keys] == ["sex", "label", "prediction"]
    assert tally_of(table, confusion("f", 1, 1, 1, 1)).spec == spec
