"""Models that take one matrix of numbers: ONNX graphs, and the native files of XGBoost and LightGBM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.errors import MissingLibraryError, ModelFileError
from conformity.probes.shared.models.estimators import answered
from conformity.probes.shared.models.interface import Predicted, RefusedError

if TYPE_CHECKING:
    import pandas as pd

_EVEN = 0.5
_EXTRAS = {"onnx": "onnxruntime", "xgboost": "xgboost", "lightgbm": "lightgbm"}
_NUMPY = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.str_,
}

Raw = Callable[["pd.DataFrame"], tuple[np.ndarray, np.ndarray | None]]
"""From rows to an answer as the library gives it, and probabilities if it gives them apart."""


@dataclass(frozen=True)
class TensorRunner:
    """Ask such a model; implements :class:`~conformity.probes.shared.models.interface.Runner`."""

    raw: Raw
    """The model."""
    numbers: bool
    """Whether its predictions are numbers rather than classes."""
    classes: tuple[str, ...] = ()
    """The label's value for each number of a class, where the model answers with those."""
    notes: tuple[str, ...] = ()
    """What a reader must know."""
    most_rows: int = 2_000
    """Most rows of a sample."""
    starts_anew: bool = False
    """Whether every call starts a program."""

    def predict(self, rows: pd.DataFrame, *, scores: bool = False) -> Predicted:
        """Return what the model decides; probabilities come whether wanted or not.

        Raises:
            RefusedError: it raised, or a feature is no number.
            BadAnswerError: it did not answer with one prediction for each row.
        """
        try:
            answer, chances = self.raw(rows)
            if not self.numbers:
                answer, chances = _decided(answer, chances, self.classes)
        except MemoryError:
            raise
        except Exception as error:
            raise RefusedError(type(error).__name__) from error
        return answered(answer, chances, len(rows), numbers=self.numbers)


def open_tensor_model(file_format: str, path: Path, *, numbers: bool, classes: Sequence[str]) -> TensorRunner:
    """Return a runner for a file that was scanned.

    Args:
        file_format: ``onnx``, ``xgboost`` or ``lightgbm``.
        path: the file.
        numbers: whether its predictions are numbers rather than classes.
        classes: the label's value for each number of a class; as they are if none.

    Raises:
        MissingLibraryError: the library that reads it is not installed.
        ModelFileError: the library cannot read it.
    """
    readers = {"onnx": _onnx, "xgboost": _xgboost, "lightgbm": _lightgbm}
    try:
        raw = readers[file_format](path)
    except ImportError as error:
        raise MissingLibraryError(
            f"a model in the format {file_format} needs the package {_EXTRAS[file_format]}; install it with "
            f"pip install 'conformity-report[{file_format}]'"
        ) from error
    except Exception as error:
        raise ModelFileError(
            f"the model could not be loaded ({type(error).__name__}); save it anew as {file_format}"
        ) from error
    return TensorRunner(raw, numbers, tuple(classes))


def _decided(
    answer: np.ndarray, chances: np.ndarray | None, classes: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return classes, decided here where the model gives probabilities alone: the likelier one.

    A single number with a fraction is the probability of the second of two classes.
    """
    if answer.ndim == 2 and answer.shape[1] == 1:
        answer = answer[:, 0]
    if answer.dtype.kind == "f" and answer.ndim == 2:
        answer, chances = answer.argmax(axis=1), answer
    elif answer.dtype.kind == "f" and chances is None:
        chances = np.column_stack([1 - answer, answer])
        answer = (answer >= _EVEN).astype(np.int64)
    if classes and answer.dtype.kind in "iuf":
        answer = np.asarray(classes)[answer.astype(np.int64)]
    return answer, chances


def _numbers(rows: pd.DataFrame, kind: Any = np.float64) -> np.ndarray:
    """Return rows as one matrix of numbers.

    Raises:
        ValueError: a cell is no number, or missing where only whole numbers can be given.
    """
    found = rows.to_numpy(dtype=np.float64, na_value=np.nan)
    if not issubclass(kind, np.floating) and not np.isfinite(found).all():
        raise ValueError("whole numbers have no value for what is missing or infinite")
    return np.ascontiguousarray(found.astype(kind))


def _onnx(path: Path) -> Raw:
    """Return an ONNX model; one thread and fixed order, so that its answers repeat to the bit."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    inputs = [(given.name, _NUMPY[given.type]) for given in session.get_inputs()]

    def raw(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray | None]:
        """Run the graph."""
        if len(inputs) == 1:
            name, kind = inputs[0]
            fed = {name: rows.astype(str).to_numpy() if kind is np.str_ else _numbers(rows, kind)}
        else:
            fed = {name: _column(rows[[name]], kind) for name, kind in inputs}
        first, *more = session.run(None, fed)
        return np.asarray(first), _chances(more[0]) if more else None

    return raw


def _column(rows: pd.DataFrame, kind: Any) -> np.ndarray:
    """Return one feature as a matrix of one column."""
    return rows.astype(str).to_numpy(dtype=object) if kind is np.str_ else _numbers(rows, kind)


def _chances(given: Any) -> np.ndarray:
    """Return probabilities as a matrix; some graphs give a mapping for each row."""
    if isinstance(given, list) and given and isinstance(given[0], dict):
        return np.array([list(row.values()) for row in given], dtype=np.float64)
    return np.asarray(given)


def _xgboost(path: Path) -> Raw:
    """Return a booster of XGBoost; the library goes by the end of the file's name."""
    import json

    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(str(path))
    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    named = objective == "multi:softmax"

    def raw(rows: pd.DataFrame) -> tuple[np.ndarray, None]:
        """Predict with the trees."""
        matrix = xgboost.DMatrix(_numbers(rows), feature_names=booster.feature_names)
        answer = np.asarray(booster.predict(matrix))
        return answer.astype(np.int64) if named else answer, None

    return raw


def _lightgbm(path: Path) -> Raw:
    """Return a booster of LightGBM."""
    import lightgbm

    booster = lightgbm.Booster(model_file=str(path))

    def raw(rows: pd.DataFrame) -> tuple[np.ndarray, None]:
        """Predict with the trees."""
        return np.asarray(booster.predict(_numbers(rows), num_threads=1)), None

    return raw
