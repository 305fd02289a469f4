"""Running declared models: every format gives one decision for each row, or fails in one way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier

from conformity.errors import MissingLibraryError, ModelFileError
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.models.asking import predict_all
from conformity.probes.shared.models.estimators import EstimatorRunner, answered
from conformity.probes.shared.models.interface import (
    BadAnswerError,
    Predicted,
    RefusedError,
    as_classes,
    differ,
)
from conformity.probes.shared.models.opening import open_model
from conformity.probes.shared.models.tensors import TensorRunner, _chances, _column, open_tensor_model
from tests.support.booster_files import LIGHTGBM, XGBOOST
from tests.support.malicious_models import malicious_files
from tests.support.robust_models import linear_onnx, people, scratch, sum_onnx

ROWS = pd.DataFrame({"a": [-0.5, 0.5], "b": [0.0, 0.0]})
ODDS_OF_HALF = 1 / (1 + np.exp(-0.5))


def subject(file_format: str, **more: Any) -> ModelSubject:
    """Return a model as declared."""
    fields = {"id": "m", "kind": "model", "title": "M", "path": "m", "format": file_format, **more}
    return ModelSubject.model_validate(fields)


def logistic(columns: list[str], *, named: bool = True) -> LogisticRegression:
    """Return a regression trained on people."""
    rows = people()
    return LogisticRegression().fit(rows[columns] if named else rows[columns].to_numpy(), rows["y"])


@pytest.mark.parametrize("named", [True, False])
def test_an_estimator_decides_as_it_does_alone(named: bool) -> None:
    model, rows = logistic(["a", "b"], named=named), people()[["a", "b"]]
    found = EstimatorRunner(model, numbers=False).predict(rows, scores=True)
    given = rows if named else rows.to_numpy()
    assert found.decisions.tolist() == [str(value) for value in model.predict(given)]
    assert found.scores is not None
    assert np.array_equal(found.scores, model.predict_proba(given))


def test_an_estimator_without_probabilities_gives_none() -> None:
    rows = people()
    model = RidgeClassifier().fit(rows[["a", "b"]], rows["y"])
    assert EstimatorRunner(model, numbers=False).predict(rows[["a", "b"]], scores=True).scores is None


def test_what_an_estimator_raises_is_named_without_its_words() -> None:
    rows = people()[["a", "b"]].assign(a="secret")
    with pytest.raises(RefusedError, match=r"^ValueError$"):
        EstimatorRunner(logistic(["a", "b"]), numbers=False).predict(rows)


def test_want_of_memory_is_no_answer_of_the_model() -> None:
    class Hungry:
        """A model that asks for more than there is."""

        def predict(self, rows: object) -> object:
            """Raise."""
            raise MemoryError

    with pytest.raises(MemoryError):
        EstimatorRunner(Hungry(), numbers=False).predict(ROWS)
    with pytest.raises(MemoryError):
        TensorRunner(Hungry().predict, numbers=False).predict(ROWS)  # type: ignore[arg-type]


def test_numbers_stay_numbers() -> None:
    rows = people()
    model = LinearRegression().fit(rows[["a"]], rows["b"])
    found = EstimatorRunner(model, numbers=True).predict(rows[["a"]], scores=True)
    assert np.array_equal(found.decisions, model.predict(rows[["a"]]))
    assert found.scores is None


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        (np.zeros(3), False),
        (np.zeros((2, 2)), False),
        (np.array(0.0), False),
        (np.array(["a", "b"]), True),
    ],
)
def test_an_answer_that_is_not_one_for_each_row_is_none(answer: np.ndarray, numbers: bool) -> None:
    with pytest.raises(BadAnswerError):
        answered(answer, None, 2, numbers=numbers)


def test_a_column_of_answers_is_taken_and_odd_probabilities_are_not() -> None:
    found = answered(np.array([[1], [0]]), np.zeros(2), 2, numbers=False)
    assert found.decisions.tolist() == ["1", "0"]
    assert found.scores is None


def test_classes_that_mean_the_same_are_the_same() -> None:
    assert as_classes([1, 0]).tolist() == as_classes([1.0, 0.0]).tolist() == ["1", "0"]
    assert as_classes([True, False]).tolist() == ["1", "0"]
    assert as_classes(np.array(["yes", 2], dtype=object)).tolist() == ["yes", "2"]
    assert as_classes([]).tolist() == []


def test_decisions_differ_beyond_the_tolerance_or_where_one_is_no_number() -> None:
    before = np.array([1.0, 1.0, 1.0, np.nan, np.inf])
    after = np.array([1.1, 1.3, np.nan, np.nan, 1.0])
    assert differ(before, after, 0.2).tolist() == [False, True, True, False, True]
    assert differ(np.array(["a", "b"]), np.array(["a", "c"]), 0.0).tolist() == [False, True]


@pytest.mark.parametrize("whole", [False, True])
def test_an_onnx_graph_gives_the_probability_of_the_second_class(tmp_path: Path, whole: bool) -> None:
    (tmp_path / "m.onnx").write_bytes(linear_onnx([2.0, 0.0], whole=whole))
    rows = pd.DataFrame({"a": [-1, 1], "b": [5, 5]})
    found = open_tensor_model("onnx", tmp_path / "m.onnx", numbers=False, classes=["no", "yes"]).predict(rows)
    assert found.decisions.tolist() == ["no", "yes"]
    assert found.scores is not None
    assert found.scores[1] == pytest.approx([1 - 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-2))])


def test_an_onnx_graph_of_whole_numbers_refuses_gaps(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(linear_onnx([2.0, 0.0], whole=True))
    runner = open_tensor_model("onnx", tmp_path / "m.onnx", numbers=False, classes=())
    with pytest.raises(RefusedError, match="ValueError"):
        runner.predict(ROWS.assign(a=np.nan))


def test_an_onnx_graph_of_numbers_gives_numbers(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(linear_onnx([1.0, 0.0]))
    found = open_tensor_model("onnx", tmp_path / "m.onnx", numbers=True, classes=()).predict(ROWS)
    assert found.decisions == pytest.approx([1 - ODDS_OF_HALF, ODDS_OF_HALF])


def test_a_graph_may_take_every_feature_apart(tmp_path: Path) -> None:
    """Two inputs of one column each, whose sum decides; texts reach it as they are."""
    (tmp_path / "m.onnx").write_bytes(sum_onnx("a", "b"))
    runner = open_tensor_model("onnx", tmp_path / "m.onnx", numbers=True, classes=())
    assert runner.predict(ROWS.assign(b=[1.0, 2.0])[["b", "a"]]).decisions.tolist() == [0.5, 2.5]
    assert _column(pd.DataFrame({"a": ["x", 1]}), np.str_).tolist() == [["x"], ["1"]]


def test_probabilities_that_come_as_mappings_are_a_matrix() -> None:
    """So does scikit-learn's converter write them, if not told otherwise."""
    assert _chances([{0: 0.4, 1: 0.6}, {0: 0.7, 1: 0.3}]).tolist() == [[0.4, 0.6], [0.7, 0.3]]
    assert _chances(np.eye(2)).tolist() == np.eye(2).tolist()


def test_the_likelier_of_several_classes_is_the_decision() -> None:
    chances = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    found = TensorRunner(lambda _: (chances, None), numbers=False, classes=("a", "b", "c")).predict(ROWS)
    assert found.decisions.tolist() == ["b", "a"]
    assert found.scores is not None
    assert np.array_equal(found.scores, chances)


def test_classes_of_a_graph_stay_with_probabilities_beside_them() -> None:
    mapping = np.array([[0.4, 0.6], [0.7, 0.3]])
    found = TensorRunner(lambda _: (np.array([7, 9]), mapping), numbers=False).predict(ROWS)
    assert found.decisions.tolist() == ["7", "9"]
    assert found.scores is not None


@pytest.mark.parametrize(
    ("file_format", "name", "text"),
    [("xgboost", "m.json", XGBOOST), ("lightgbm", "m.txt", LIGHTGBM)],
)
def test_boosters_are_read_by_their_libraries(tmp_path: Path, file_format: str, name: str, text: str) -> None:
    """One tree gives the log odds -0.5 below 0 and 0.5 above."""
    (tmp_path / name).write_text(text)
    found = open_tensor_model(file_format, tmp_path / name, numbers=False, classes=()).predict(ROWS)
    assert found.decisions.tolist() == ["0", "1"]
    assert found.scores is not None
    assert found.scores[:, 1] == pytest.approx([1 - ODDS_OF_HALF, ODDS_OF_HALF])


@pytest.mark.parametrize("file_format", ["xgboost", "lightgbm", "onnx"])
def test_without_its_library_a_model_is_not_run(
    tmp_path: Path, file_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime" if file_format == "onnx" else file_format, None)
    with pytest.raises(MissingLibraryError, match=rf"conformity-report\[{file_format}\]"):
        open_tensor_model(file_format, tmp_path / "m", numbers=False, classes=())


def test_softmax_gives_classes_and_softprob_probabilities(tmp_path: Path) -> None:
    import xgboost

    rows = people(300)
    kind = np.digitize(rows["a"], [-0.5, 0.5])
    matrix = xgboost.DMatrix(rows[["a", "b"]], kind)
    for name in ("multi:softmax", "multi:softprob"):
        settings = {"objective": name, "num_class": 3, "nthread": 1, "max_depth": 2}
        xgboost.train(settings, matrix, 5).save_model(tmp_path / "m.ubj")
        runner = open_tensor_model(
            "xgboost", tmp_path / "m.ubj", numbers=False, classes=["low", "mid", "high"]
        )
        found = runner.predict(rows[["a", "b"]])
        assert found.decisions.tolist() == [["low", "mid", "high"][k] for k in kind]
        assert (found.scores is None) == (name == "multi:softmax")


def test_each_format_is_opened_in_its_way(tmp_path: Path) -> None:
    joblib.dump(logistic(["a", "b"]), tmp_path / "m.joblib")
    skops.io.dump(logistic(["a", "b"]), tmp_path / "m.skops")
    (tmp_path / "m.onnx").write_bytes(linear_onnx([1.0, 0.0]))
    for file_format in ("joblib", "skops", "onnx"):
        path = tmp_path / f"m.{file_format}"
        runner = open_model(subject(file_format), path, scratch(tmp_path), numbers=False)
        assert runner.predict(ROWS).decisions.tolist() == ["0", "1"]
        assert runner.most_rows == 2_000
        assert not runner.starts_anew


def test_a_format_that_cannot_be_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="format safetensors is not run"):
        open_model(subject("safetensors"), tmp_path / "m", tmp_path, numbers=False)


def test_a_missing_or_broken_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        open_model(subject("onnx"), tmp_path / "none.onnx", scratch(tmp_path), numbers=False)
    (tmp_path / "m.onnx").write_bytes(b"\x08\x08 not a graph at all")
    with pytest.raises(NotMeasurableError, match="was not loaded"):
        open_model(subject("onnx"), tmp_path / "m.onnx", scratch(tmp_path), numbers=False)
    (tmp_path / "m.onnx").write_bytes(linear_onnx([1.0]).replace(b"Sigmoid", b"Sigmoit"))
    with pytest.raises(ModelFileError, match=r"could not be loaded \(\w+\); save it anew as onnx"):
        open_tensor_model("onnx", tmp_path / "m.onnx", numbers=False, classes=())


def test_a_pickle_called_a_graph_is_not_loaded(tmp_path: Path) -> None:
    _, content = next(iter(malicious_files()))
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(NotMeasurableError, match="was not loaded"):
        open_model(subject("onnx"), tmp_path / "m.onnx", scratch(tmp_path), numbers=False)


class Started:
    """A runner that counts its calls and fails on rows that hold a 13."""

    notes: tuple[str, ...] = ()
    most_rows = 10
    starts_anew = True

    def __init__(self) -> None:
        """Begin without a call."""
        self.calls = 0

    def predict(self, rows: pd.DataFrame, *, scores: bool = False) -> Predicted:
        """Return the values as decisions."""
        self.calls += 1
        if (rows["a"] == 13).any():
            raise RefusedError("unlucky")
        return Predicted(rows["a"].to_numpy(dtype=np.float64))


def test_a_program_is_asked_about_all_sets_at_once_and_the_bad_one_is_found() -> None:
    sets = [pd.DataFrame({"a": [k, k + 100]}) for k in range(10, 18)]
    runner = Started()
    found = predict_all(runner, sets[4:])
    assert runner.calls == 1
    assert [one.decisions.tolist() for one in found if isinstance(one, Predicted)] == [
        [k, k + 100] for k in range(14, 18)
    ]
    runner = Started()
    found = predict_all(runner, sets)
    assert [isinstance(one, Predicted) for one in found] == [k != 13 for k in range(10, 18)]
    assert runner.calls == 7


def test_a_model_in_memory_is_asked_set_by_set() -> None:
    runner = EstimatorRunner(DummyRegressor().fit(ROWS, [1.0, 3.0]), numbers=True)
    found = predict_all(runner, [ROWS, ROWS.head(1)])
    assert [one.decisions.tolist() for one in found if isinstance(one, Predicted)] == [[2.0, 2.0], [2.0]]
