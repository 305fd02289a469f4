"""The probes accuracy/regression and fairness/error_fairness: errors of predicted numbers."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Term
from conformity.probes.accuracy.regression.probe import PROBE as ACCURACY
from conformity.probes.fairness.error_fairness.probe import PROBE as FAIRNESS
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Floats, quantile
from conformity.probes.shared.residuals import mean_absolute_error_of, mean_error_of
from tests.support.number_rows import Rows, covered, number_table, pair_table, residuals, tallied

METRICS = ("mean_absolute_error", "mean_error", "root_mean_squared_error", "r_squared")


def _rows(n: int = 600, groups: tuple[str, ...] = ("f", "m")) -> dict[str, Floats | list[str]]:
    random = np.random.default_rng(12)
    label = random.normal(1000, 200, n)
    sex = [groups[k % len(groups)] for k in range(n)]
    shift = np.array([20.0 if one == "m" else 0.0 for one in sex])
    return {"label": label, "prediction": label + random.normal(0, 50, n) + shift, "sex": sex}


def _measure(probe: TableProbe, rows: Rows) -> ProbeResult:
    table = pair_table("numbers", "sex")
    return probe.measure(table, [tallied(spec, rows) for spec in probe.tallies(table)])


def _result(found: ProbeResult, metric: str, *group: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group]
    return one.result


def _scalar(found: ProbeResult, metric: str, *group: str) -> Scalar:
    result = _result(found, metric, *group)
    assert isinstance(result, Scalar), result
    return result


@pytest.mark.parametrize(
    ("probe_id", "probe"), [("accuracy/regression", ACCURACY), ("fairness/error_fairness", FAIRNESS)]
)
def test_metrics_are_those_declared(probe_id: str, probe: TableProbe) -> None:
    assert load_probe(ProbeId(probe_id)) is probe
    (spec,) = [spec for spec in probe_specs() if spec.id == probe_id]
    found = _measure(probe, _rows())
    assert {m.metric for m in found.measurements} == {metric.id for metric in spec.metrics}
    units = {metric.id: metric.unit for metric in spec.metrics}
    assert {m.metric: m.result.unit for m in found.measurements if isinstance(m.result, Scalar)} == units
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_numbers_are_those_of_scikit_learn_on_the_rows() -> None:
    from sklearn import metrics

    rows = _rows()
    found = _measure(ACCURACY, rows)
    label, prediction = np.array(rows["label"], dtype=float), np.array(rows["prediction"], dtype=float)
    sexes = np.array(rows["sex"])
    for group, some in (((), np.ones(600, dtype=bool)), (("f",), sexes == "f"), (("m",), sexes == "m")):
        y, p = label[some], prediction[some]
        for metric, value in (
            ("mean_absolute_error", metrics.mean_absolute_error(y, p)),
            ("mean_error", (p - y).mean()),
            ("root_mean_squared_error", metrics.root_mean_squared_error(y, p)),
            ("r_squared", metrics.r2_score(y, p)),
        ):
            assert _scalar(found, metric, *group).value == pytest.approx(value, rel=1e-9, abs=1e-8)
            assert _scalar(found, metric, *group).n == some.sum()


def test_a_case_by_hand() -> None:
    """Forty errors of +3 and -1 in turn: MAE 2, bias 1, RMSE sqrt(5); the labels' variance is 25."""
    label, error = np.tile([10.0, 20.0], 20), np.tile([3.0, -1.0], 20)
    found = _measure(ACCURACY, {"label": label, "prediction": label + error, "sex": ["f"] * 40})
    assert _scalar(found, "mean_absolute_error").value == 2
    assert _scalar(found, "mean_error").value == 1
    assert _scalar(found, "root_mean_squared_error").value == pytest.approx(np.sqrt(5))
    assert _scalar(found, "r_squared").value == pytest.approx(1 - 5 / 25)
    interval = _scalar(found, "mean_error").interval
    assert interval is not None
    # Student's t with 39 degrees of freedom is 2.0227; the errors' standard deviation is 2 sqrt(40/39).
    assert interval.high - 1 == pytest.approx(2.0227 * 2 / np.sqrt(39), rel=1e-4)


def test_the_engine_gives_the_same_numbers() -> None:
    import pandas as pd

    from conformity.engines.frame import open_frame

    rows, table = _rows(), pair_table("numbers", "sex")
    for probe in (ACCURACY, FAIRNESS):
        counted = probe.measure(table, open_frame(pd.DataFrame(rows)).tally(probe.tallies(table)))
        for one, other in zip(counted.measurements, _measure(probe, rows).measurements, strict=True):
            assert (one.metric, one.by, one.group) == (other.metric, other.by, other.group)
            assert getattr(one.result, "value", None) == pytest.approx(getattr(other.result, "value", 0))


@pytest.mark.parametrize("n", [30, 200])
def test_limits_hold_the_truth_as_often_as_they_say(n: int) -> None:
    """By simulation, 2,000 samples of normal errors with mean 0.5: 93 to 97.5 %."""
    from scipy.stats import norm

    random = np.random.default_rng(13)
    errors = random.normal(0.5, 1, (2000, n))
    groups = residuals(np.zeros((2000, n)), errors)
    z = quantile(0.95)
    assert 0.93 <= covered(mean_error_of(groups).limits(z), 0.5) <= 0.975
    size = 2 * norm.pdf(0.5) + 0.5 * (1 - 2 * norm.cdf(-0.5))
    assert 0.93 <= covered(mean_absolute_error_of(groups).limits(z), size) <= 0.975


def test_gaps_are_those_between_the_groups() -> None:
    rows = _rows()
    own, gaps = _measure(ACCURACY, rows), _measure(FAIRNESS, rows)
    for metric in ("mean_absolute_error", "mean_error"):
        gap = _scalar(gaps, f"{metric}_difference")
        difference = abs(_scalar(own, metric, "f").value - _scalar(own, metric, "m").value)
        assert gap.value == pytest.approx(difference)
        assert gap.n == 300
        assert gap.interval is not None
    interval = _scalar(gaps, "mean_error_difference").interval
    assert interval is not None
    assert 0 < interval.low < 20 < interval.high < 40


def test_a_tiny_group_is_left_out_of_the_gap() -> None:
    rows = _rows()
    sexes = ["x" if k < 5 else str(sex) for k, sex in enumerate(rows["sex"])]
    found = _measure(FAIRNESS, {**rows, "sex": sexes})
    kept = {name: column[5:] for name, column in {**rows, "sex": sexes}.items()}
    for metric in ("mean_absolute_error_difference", "mean_error_difference"):
        assert _scalar(found, metric) == _scalar(_measure(FAIRNESS, kept), metric)
    assert "'x'; comparisons leave them out" in found.notes[0]


def test_one_group_is_no_comparison() -> None:
    found = _measure(FAIRNESS, _rows(groups=("f",)))
    assert {getattr(m.result, "why", "") for m in found.measurements} == {"too_few_cases"}


def test_blanks_leave_points_without_interval() -> None:
    rows = _rows()
    label = np.where(np.arange(600) == 0, np.nan, np.array(rows["label"], dtype=float))
    found = _measure(ACCURACY, {**rows, "label": label})
    for metric in METRICS:
        assert _scalar(found, metric).interval is None
        assert _scalar(found, metric, "f").interval is None
        assert _scalar(found, metric, "m").interval is not None
        assert _scalar(found, metric).n == 599
    assert found.notes[0].startswith("fewer than 10 rows have a blank label or prediction")


def test_all_blank_is_not_collected() -> None:
    found = _measure(ACCURACY, {**_rows(), "prediction": np.full(600, np.nan)})
    assert {getattr(m.result, "why", "") for m in found.measurements} == {"not_collected"}
    compared = _measure(FAIRNESS, {**_rows(), "prediction": np.full(600, np.nan)})
    assert {getattr(m.result, "why", "") for m in compared.measurements} == {"not_collected"}


def test_predictions_equal_to_labels_are_noticed_and_settle_nothing() -> None:
    rows = _rows()
    found = _measure(ACCURACY, {**rows, "prediction": rows["label"]})
    assert found.notes[0].startswith("All predictions equal the label")
    for metric in METRICS:
        assert _scalar(found, metric).interval is None


def test_labels_that_are_all_the_same_have_no_variance_to_explain() -> None:
    found = _measure(ACCURACY, {**_rows(), "label": np.full(600, 1234.5)})
    result = _result(found, "r_squared")
    assert isinstance(result, NotAvailable)
    assert result.why == "undefined"
    assert _scalar(found, "mean_absolute_error").interval is not None


def test_few_cases_have_no_numbers() -> None:
    found = _measure(ACCURACY, _rows(n=29))
    assert {getattr(m.result, "why", "") for m in found.measurements} == {"too_few_cases"}


@pytest.mark.parametrize("probe", [ACCURACY, FAIRNESS])
def test_no_rows_are_nothing_to_measure(probe: TableProbe) -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure(probe, {"label": np.zeros(0), "prediction": np.zeros(0), "sex": []})


_BOTH = Column(name="y", roles=("label", "prediction"), content="numbers")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pair_table("classes", "sex"), "the label of 'people' holds classes, not numbers"),
        (number_table(Column(name="y", roles=("label",), content="numbers")), "`prediction`"),
        (number_table(_BOTH, Column(name="sex", roles=("protected",))), "errors cannot show"),
    ],
)
@pytest.mark.parametrize("probe", [ACCURACY, FAIRNESS])
def test_what_is_not_declared_is_said(probe: TableProbe, table: TableSubject, words: str) -> None:
    with pytest.raises(NotMeasurableError, match=words):
        probe.tallies(table)


def test_comparing_needs_a_protected_attribute() -> None:
    with pytest.raises(NotMeasurableError, match="`protected`"):
        FAIRNESS.tallies(pair_table("numbers"))


def test_only_distances_have_powers() -> None:
    with pytest.raises(ValidationError, match="name a column twice"):
        Term(columns=("x",), power=2)
