"""The seam to declared models: rows in, decisions out, and one kind of failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from conformity.probes.shared.intervals import Flags, Floats

if TYPE_CHECKING:
    import pandas as pd

Decisions = npt.NDArray[np.str_] | Floats
"""(n,) what the model decided: classes as text, or numbers."""


class PredictionFailedError(Exception):
    """The model gave no usable answer; the text says how in a few words, without any value of a row."""


class RefusedError(PredictionFailedError):
    """The model ended with an error of its own instead of an answer."""


class BadAnswerError(PredictionFailedError):
    """The model answered, but not with one prediction for each row."""


@dataclass(frozen=True)
class Predicted:
    """What a model answered for some rows."""

    decisions: Decisions
    """(n,) classes as comparable text, or numbers; a number may be NaN."""
    scores: Floats | None = None
    """(n, classes) the probabilities that it gave, if it gives any."""


class Runner(Protocol):
    """A model that can be asked."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about how it runs."""
        ...

    @property
    def most_rows(self) -> int:
        """Most rows of a sample that are worth asking it about again and again."""
        ...

    @property
    def starts_anew(self) -> bool:
        """Whether every call starts a program, so that few large calls are better than many small ones."""
        ...

    def predict(self, rows: pd.DataFrame, *, scores: bool = False) -> Predicted:
        """Return what the model decides for rows, in their order.

        Args:
            rows: one column for each feature, in the declared order.
            scores: whether probabilities are wanted too.

        Raises:
            RefusedError: it ended with an error.
            BadAnswerError: it did not answer with one prediction for each row.
        """
        ...


def differ(before: Decisions, after: Decisions, tolerance: float) -> Flags:
    """Return which decisions are not the same, (n,).

    A number that is not finite differs from any that is.

    Args:
        before: (n,) decisions.
        after: (n,) decisions of the same kind.
        tolerance: by how much numbers may differ; at least 0.
    """
    if before.dtype.kind == "U" or after.dtype.kind == "U":
        return np.asarray(before.astype(str) != after.astype(str))
    with np.errstate(invalid="ignore"):
        near = np.abs(after.astype(np.float64) - before.astype(np.float64)) <= tolerance
    alike = near | (np.isnan(before.astype(np.float64)) & np.isnan(after.astype(np.float64)))
    return np.asarray(~alike)


def as_classes(values: Sequence[object] | np.ndarray) -> npt.NDArray[np.str_]:
    """Return classes as text that is equal where they mean the same, (n,)."""
    from conformity.engines.values import same_outcome

    given = np.asarray(values)
    if given.size == 0:
        return np.array([], dtype=np.str_)
    known, where = np.unique(given.astype(str) if given.dtype.kind == "O" else given, return_inverse=True)
    texts = np.array([same_outcome(value) for value in known.tolist()], dtype=np.str_)
    return np.asarray(texts[where.reshape(-1)], dtype=np.str_)
