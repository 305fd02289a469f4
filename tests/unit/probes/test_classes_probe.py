"""The probe accuracy/classes: scikit-learn on the rows, coverage, blanks, and what is not defined."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import MISSING
from conformity.probes.accuracy.classes.averages import macro_f1, macro_precision, macro_recall
from conformity.probes.accuracy.classes.confusion import Confusion
from conformity.probes.accuracy.classes.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Ints, quantile, wilson
from tests.support.number_rows import pair_table, tallied

Pairs = dict[tuple[str, str], int]

_ANIMALS: Pairs = {
    ("cat", "cat"): 60,
    ("cat", "dog"): 20,
    ("dog", "dog"): 90,
    ("dog", "cat"): 5,
    ("dog", "owl"): 5,
    ("owl", "owl"): 30,
    ("owl", "cat"): 10,
}


def _measure(counts: Pairs, sexes: str = "f", table: TableSubject | None = None) -> ProbeResult:
    subject = table or pair_table("classes", "sex")
    pairs = [pair for pair, n in counts.items() for _ in range(n)]
    rows = {
        "label": [label for label, _ in pairs],
        "prediction": [prediction for _, prediction in pairs],
        "sex": [sexes[k % len(sexes)] for k in range(len(pairs))],
    }
    return PROBE.measure(subject, [tallied(spec, rows) for spec in PROBE.tallies(subject)])


def _result(found: ProbeResult, metric: str, *group: str, by: tuple[str, ...] | None = None) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group and by in (None, m.by)]
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


def _matrix(counts: Ints) -> Confusion:
    classes = len(counts)
    none = np.zeros(classes, dtype=np.int64)
    return Confusion(tuple(str(k) for k in range(classes)), counts, none, none, 0)


def test_metrics_are_those_declared() -> None:
    assert load_probe(ProbeId("accuracy/classes")) is PROBE
    (spec,) = [spec for spec in probe_specs() if spec.id == "accuracy/classes"]
    found = _measure(_ANIMALS)
    assert {m.metric for m in found.measurements} == {metric.id for metric in spec.metrics}
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_numbers_are_those_of_scikit_learn_on_the_rows() -> None:
    from sklearn import metrics

    label = [label for (label, _), n in _ANIMALS.items() for _ in range(n)]
    prediction = [prediction for (_, prediction), n in _ANIMALS.items() for _ in range(n)]
    found = _measure(_ANIMALS)
    assert _scalar(found, "multiclass_accuracy").value == metrics.accuracy_score(label, prediction)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(label, prediction, average="macro")
    assert _scalar(found, "macro_precision").value == pytest.approx(precision, abs=1e-12)
    assert _scalar(found, "macro_recall").value == pytest.approx(recall, abs=1e-12)
    assert _scalar(found, "macro_f1").value == pytest.approx(f1, abs=1e-12)
    each = metrics.precision_recall_fscore_support(label, prediction)
    for position, name in enumerate(("cat", "dog", "owl")):
        assert _scalar(found, "class_precision", name).value == pytest.approx(each[0][position], abs=1e-12)
        assert _scalar(found, "class_recall", name).value == pytest.approx(each[1][position], abs=1e-12)
        assert _scalar(found, "class_recall", name).n == each[3][position]
    matrix = metrics.confusion_matrix(label, prediction)
    for row, true in enumerate(("cat", "dog", "owl")):
        for column, predicted in enumerate(("cat", "dog", "owl")):
            count = Count(value=int(matrix[row, column]), unit="rows")
            assert _result(found, "confusion_count", true, predicted) == count


def test_the_engine_gives_the_same_numbers() -> None:
    import pandas as pd

    from conformity.engines.frame import open_frame

    pairs = [pair for pair, n in _ANIMALS.items() for _ in range(n)]
    table = pair_table("classes", "sex")
    frame = pd.DataFrame({"label": [a for a, _ in pairs], "prediction": [b for _, b in pairs], "sex": "f"})
    assert PROBE.measure(table, open_frame(frame).tally(PROBE.tallies(table))) == _measure(_ANIMALS)


@pytest.mark.parametrize(("classes", "right", "n"), [(3, 0.7, 200), (5, 0.8, 400), (10, 0.6, 800)])
def test_limits_hold_the_truth_as_often_as_they_say(classes: int, right: float, n: int) -> None:
    """By simulation: 400 tables with classes of falling size; 95 % less three standard errors is 91.7 %."""
    random = np.random.default_rng(14)
    weights = np.exp(-0.25 * np.arange(classes))
    weights /= weights.sum()
    shares = np.outer(weights, weights)
    np.fill_diagonal(shares, 0)
    shares *= ((1 - right) * weights / shares.sum(axis=1))[:, None]
    shares += np.diag(right * weights)
    hits = np.diagonal(shares)
    truths = (
        (macro_recall, (hits / shares.sum(axis=1)).mean()),
        (macro_precision, (hits / shares.sum(axis=0)).mean()),
        (macro_f1, (2 * hits / (shares.sum(axis=0) + shares.sum(axis=1))).mean()),
    )
    held = np.zeros(3)
    for counts in random.multinomial(n, shares.ravel(), size=400):
        for position, (metric, truth) in enumerate(truths):
            found = metric(_matrix(counts.reshape(classes, classes)))
            assert isinstance(found, Scalar)
            assert found.interval is not None
            held[position] += found.interval.low <= truth <= found.interval.high
    assert (held / 400 >= 0.917).all()
    assert (held / 400 <= 0.985).all()


def test_all_right_still_has_intervals() -> None:
    """By hand: two classes of 30 and 90 have the limits of a rate of 1 in 4 / (1/30 + 1/90) = 90 cases."""
    found = _measure({("a", "a"): 30, ("b", "b"): 90})
    low, _ = wilson(np.array([90]), np.array([0]), quantile(0.95))
    for metric in ("macro_recall", "macro_precision", "macro_f1"):
        interval = _scalar(found, metric).interval
        assert interval is not None
        assert interval.low == pytest.approx(low[0])
        assert interval.high == 1
    assert found.notes == (
        "All predictions equal the label. Check that the prediction column holds the "
        "system's own output and is not a copy of the label; if it is a copy, none of these "
        "numbers says anything.",
    )


def test_accuracy_is_given_for_every_group() -> None:
    found = _measure(_ANIMALS, sexes="fm")
    table_wide = _scalar(found, "multiclass_accuracy")
    assert table_wide.value == 180 / 220
    groups = [m.group for m in found.measurements if m.metric == "multiclass_accuracy" and m.by == ("sex",)]
    assert groups == [("f",), ("m",)]
    assert _scalar(found, "multiclass_accuracy", "f").n == 110


def test_a_class_never_predicted_has_no_macro_precision() -> None:
    found = _measure({("a", "a"): 40, ("b", "b"): 40, ("c", "a"): 40})
    assert _absent(found, "macro_precision").why == "undefined"
    assert _scalar(found, "macro_recall").value == pytest.approx(2 / 3)
    assert _scalar(found, "class_recall", "c").value == 0
    assert _absent(found, "class_precision", "c").why == "undefined"
    assert found.notes == (
        "1 of 3 classes are never predicted; macro precision is then not defined, and their recall is 0.",
    )


def test_one_class_is_no_average() -> None:
    found = _measure({("a", "a"): 40, ("a", "b"): 40})
    for metric in ("macro_recall", "macro_precision", "macro_f1"):
        assert _absent(found, metric).why == "undefined"
    assert _scalar(found, "multiclass_accuracy").value == 0.5


def test_few_cases_have_no_numbers() -> None:
    found = _measure({("a", "a"): 10, ("b", "b"): 10})
    for metric in ("multiclass_accuracy", "macro_recall", "macro_precision", "macro_f1"):
        assert _absent(found, metric).why == "too_few_cases"


def test_blanks_are_in_no_point_and_in_both_ends() -> None:
    """By hand: 150 of 200 right and 50 blank: Wilson from 150 of 250 to 200 of 250."""
    counts = {("a", "a"): 75, ("b", "b"): 75, ("a", "b"): 50, (MISSING, "a"): 25, ("b", MISSING): 20}
    found = _measure({**counts, (MISSING, MISSING): 5})
    accuracy = _scalar(found, "multiclass_accuracy")
    assert accuracy.interval is not None
    low, _ = wilson(np.array([150]), np.array([100]), quantile(0.95))
    _, high = wilson(np.array([200]), np.array([50]), quantile(0.95))
    assert (accuracy.value, accuracy.n) == (0.75, 200)
    assert (accuracy.interval.low, accuracy.interval.high) == (low[0], high[0])
    # Class b: 75 labelled rows, all right; 20 with a blank prediction and up to 30 of unknown label.
    recall = _scalar(found, "class_recall", "b")
    assert recall.interval is not None
    low, _ = wilson(np.array([75]), np.array([50]), quantile(0.95))
    assert (recall.value, recall.interval.low) == (1.0, low[0])
    for metric in ("macro_recall", "macro_precision"):
        interval = _scalar(found, metric).interval
        assert interval is not None
        assert interval.method.endswith("blanks counted both ways")
    f1 = _result(found, "macro_f1")
    assert isinstance(f1, Scalar)
    assert f1.interval is None
    assert found.notes[0].startswith("50 rows have a blank label or prediction")


def test_leaving_predictions_out_never_narrows_towards_the_better() -> None:
    full = _measure({("a", "a"): 80, ("b", "b"): 60, ("b", "a"): 20})
    blanked = _measure({("a", "a"): 80, ("b", "b"): 60, ("b", MISSING): 20})
    for metric, group in (("multiclass_accuracy", ()), ("macro_recall", ()), ("class_recall", ("b",))):
        better, worse = _scalar(blanked, metric, *group).interval, _scalar(full, metric, *group).interval
        assert better is not None
        assert worse is not None
        assert better.low <= worse.low + 1e-12


def test_a_class_beside_blanks_alone_is_not_left_out_silently() -> None:
    found = _measure({("a", "a"): 40, ("b", "b"): 40, ("c", MISSING): 20, (MISSING, "d"): 20})
    assert _absent(found, "macro_recall").why == "not_collected"
    assert _absent(found, "macro_precision").why == "not_collected"
    f1 = _result(found, "macro_f1")
    assert isinstance(f1, Scalar)
    assert (f1.value, f1.interval) == (1.0, None)


def test_all_blank_is_not_collected() -> None:
    found = _measure({(MISSING, "a"): 50, ("a", MISSING): 50, (MISSING, MISSING): 1})
    assert {getattr(m.result, "why", "") for m in found.measurements} == {"not_collected"}
    assert not [m for m in found.measurements if m.metric == "confusion_count"]


def test_many_classes_are_cut_and_said() -> None:
    counts: Pairs = {(f"{k:02}", f"{k:02}"): 100 - k for k in range(60)}
    found = _measure(counts)
    listed = {m.group[0] for m in found.measurements if m.metric == "class_recall"}
    assert listed == {f"{k:02}" for k in range(50)}
    assert not [m for m in found.measurements if m.metric == "confusion_count"]
    assert found.notes[0] == "There are 60 classes; confusion counts are given up to 10."
    assert found.notes[1] == "Recall and precision are given for the 50 largest classes."


@pytest.mark.parametrize("content", ["numbers", "classes"])
def test_what_does_not_fit_is_said(content: str) -> None:
    if content == "numbers":
        with pytest.raises(NotMeasurableError, match="holds numbers, not classes"):
            PROBE.tallies(pair_table("numbers"))
    else:
        with pytest.raises(NotMeasurableError, match="no rows"):
            _measure({})
