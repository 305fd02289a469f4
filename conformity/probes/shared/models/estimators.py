"""Models that follow scikit-learn: ``predict``, and ``predict_proba`` where they have it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.probes.shared.models.interface import BadAnswerError, Predicted, RefusedError, as_classes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class EstimatorRunner:
    """Ask an estimator; implements :class:`~conformity.probes.shared.models.interface.Runner`."""

    model: Any
    """The estimator."""
    numbers: bool
    """Whether its predictions are numbers rather than classes."""
    notes: tuple[str, ...] = ()
    """What loading it brought up."""
    most_rows: int = 2_000
    """Most rows of a sample."""
    starts_anew: bool = False
    """Whether every call starts a program."""

    @property
    def is_of_numbers(self) -> bool:
        """Whether the estimator says of itself that it predicts numbers."""
        from sklearn.base import is_regressor

        return hasattr(self.model, "__sklearn_tags__") and bool(is_regressor(self.model))

    def predict(self, rows: pd.DataFrame, *, scores: bool = False) -> Predicted:
        """Return what the estimator decides.

        Raises:
            RefusedError: it raised.
            BadAnswerError: it did not answer with one prediction for each row.
        """
        given = rows if hasattr(self.model, "feature_names_in_") else rows.to_numpy()
        with_scores = scores and not self.numbers and hasattr(self.model, "predict_proba")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = np.asarray(self.model.predict(given))
                chances = np.asarray(self.model.predict_proba(given)) if with_scores else None
        except MemoryError:
            raise
        except Exception as error:
            # The library's own words may hold values of the data.
            raise RefusedError(type(error).__name__) from error
        return answered(answer, chances, len(rows), numbers=self.numbers)


def answered(answer: np.ndarray, chances: np.ndarray | None, rows: int, *, numbers: bool) -> Predicted:
    """Return an answer once it is seen to be one prediction for each row.

    Args:
        answer: (rows,) or (rows, 1) predictions, if all is well.
        chances: (rows, classes) probabilities, if there are any.
        rows: how many rows were asked about.
        numbers: whether the predictions are numbers rather than classes.

    Raises:
        BadAnswerError: it is not.
    """
    flat = answer.reshape(-1) if answer.ndim == 2 and answer.shape[1] == 1 else answer
    if flat.ndim != 1 or len(flat) != rows:
        raise BadAnswerError("an answer that is not one prediction for each row")
    if not numbers:
        shaped = chances is not None and chances.ndim == 2 and len(chances) == rows
        return Predicted(as_classes(flat), np.asarray(chances, np.float64) if shaped else None)
    try:
        return Predicted(flat.astype(np.float64))
    except (TypeError, ValueError) as error:
        raise BadAnswerError("an answer that is no number") from error
