"""Ask a model about several sets of rows, in as few calls as suit it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformity.probes.shared.models.interface import Predicted, PredictionFailedError, Runner

if TYPE_CHECKING:
    import pandas as pd

Answer = Predicted | PredictionFailedError
"""What a model decided for one set of rows, or how it failed."""


def predict_all(runner: Runner, sets: Sequence[pd.DataFrame]) -> tuple[Answer, ...]:
    """Return the answer to each set of rows.

    A model that is started anew for every call is asked about all of them at once; where that fails, about
    one half and then the other, until the set is found at which it fails.

    Args:
        runner: the model.
        sets: sets of rows with the same columns.
    """
    if not runner.starts_anew or len(sets) < 2:
        return tuple(_answer(runner, rows) for rows in sets)
    import pandas

    whole = _answer(runner, pandas.concat(sets, ignore_index=True))
    if isinstance(whole, PredictionFailedError):
        half = len(sets) // 2
        return predict_all(runner, sets[:half]) + predict_all(runner, sets[half:])
    found, start = [], 0
    for rows in sets:
        found.append(Predicted(whole.decisions[start : start + len(rows)]))
        start += len(rows)
    return tuple(found)


def _answer(runner: Runner, rows: pd.DataFrame) -> Answer:
    """Return the answer to one set of rows."""
    try:
        return runner.predict(rows)
    except PredictionFailedError as error:
        return error
