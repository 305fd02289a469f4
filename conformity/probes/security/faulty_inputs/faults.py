"""Inputs that cannot be right, and what the model makes of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conformity.probes.shared.models.interface import BadAnswerError, Predicted, RefusedError

if TYPE_CHECKING:
    import pandas as pd

    from conformity.model.subject import Column
    from conformity.probes.shared.models.sample import Tried

_ROWS = 30
"""How many rows are given with each fault."""
_LARGEST = 1.7e308

Ending = Literal["refused", "answered", "nonsense"]
"""The model ended with an error; decided as if all were well; or gave something that is no decision."""


@dataclass(frozen=True)
class Fault:
    """A kind of input that cannot be right."""

    name: str
    """What it is called in the report."""
    rows: pd.DataFrame
    """What the model is given."""


def ending_of(tried: Tried, fault: Fault) -> Ending:
    """Return what the model makes of a fault."""
    try:
        answer = tried.runner.predict(fault.rows, scores=True)
    except RefusedError:
        return "refused"
    except BadAnswerError:
        return "nonsense"
    return "answered" if is_sound(answer) else "nonsense"


def is_sound(answer: Predicted) -> bool:
    """Tell whether decisions, and the probabilities behind them, are finite."""
    numbers = answer.decisions.dtype.kind == "f"
    decided = bool(np.isfinite(answer.decisions.astype(np.float64)).all()) if numbers else True
    return decided and (answer.scores is None or bool(np.isfinite(answer.scores).all()))


def faults_of(tried: Tried) -> tuple[Fault, ...]:
    """Return the faults that this table's features allow for."""
    rows = tried.sample.rows.head(_ROWS)
    return tuple(Fault(name, given) for name, given in _faults(rows, tried.sample.table.with_role("feature")))


def _faults(rows: pd.DataFrame, columns: Sequence[Column]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield faults by name."""
    numbers, texts = _kinds(rows)
    if numbers:
        for name, value in _NUMBERS.items():
            yield name, rows.assign(**_same(rows, numbers, value))
    if texts:
        yield "a number in place of text", rows.assign(**_same(rows, texts, -1.0))
        yield "a text of 100,000 letters", rows.assign(**_same(rows, texts, "x" * 100_000))
    if beyond := _beyond(columns, numbers):
        yield "numbers beyond the declared bounds", rows.assign(**{k: float(v) for k, v in beyond.items()})
    if len(rows.columns) > 1:
        yield "a feature left out", rows.iloc[:, 1:]
    yield "a feature too many", rows.assign(**{"an unknown feature": 0.0})
    yield "no rows at all", rows.head(0)


_NUMBERS: dict[str, object] = {
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "the largest number there is": _LARGEST,
    "text in place of a number": "abc",
    "empty text in place of a number": "",
}


def _kinds(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of the features that hold numbers, and of the others."""
    import pandas

    numbers = [str(name) for name in rows.columns if pandas.api.types.is_numeric_dtype(rows[name])]
    return numbers, [str(name) for name in rows.columns if str(name) not in numbers]


def _same(rows: pd.DataFrame, names: Sequence[str], value: object) -> dict[str, Any]:
    """Return columns that hold one value in every row."""
    kind = np.float64 if isinstance(value, float) else object
    return {name: np.full(len(rows), value, dtype=kind) for name in names}


def _beyond(columns: Sequence[Column], numbers: Sequence[str]) -> dict[str, float]:
    """Return for each bounded number a value outside its bounds."""
    found = {}
    for column in columns:
        if column.name not in numbers:
            continue
        if column.maximum is not None:
            found[column.name] = column.maximum + max(1.0, abs(column.maximum))
        elif column.minimum is not None:
            found[column.name] = column.minimum - max(1.0, abs(column.minimum))
    return found
