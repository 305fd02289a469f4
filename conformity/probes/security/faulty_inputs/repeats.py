"""Ask a model the same in other ways: again, in another order, one by one, in batches, doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.shared.models.interface import Decisions, PredictionFailedError, differ
from conformity.probes.shared.models.sample import Tried
from conformity.probes.shared.models.shares import share_of
from conformity.settings import MIN_GROUP

if TYPE_CHECKING:
    import pandas as pd

_BATCH = 7
_ONE_BY_ONE = 100
"""Most rows that are asked about one by one."""
_ROUNDING = 1e-5
"""How much of the tolerance for numbers may come from adding up in another order."""

COLUMNS = "columns in another order"
"""The one way that a model may rightly refuse."""


def repeated(tried: Tried, seed: int) -> Iterator[tuple[str, Result]]:
    """Yield for each way of asking the share of rows that are decided otherwise; none where it is refused.

    Args:
        tried: the model and what it decided at first.
        seed: seed of the order of rows.
    """
    rows, rng = tried.sample.rows, np.random.default_rng(seed)
    mixed = rng.permutation(len(rows))
    few = np.arange(min(_ONE_BY_ONE, max(tried.runner.most_rows // 10, MIN_GROUP), len(rows)))
    ways: dict[str, Callable[[], Decisions]] = {
        "asked again": lambda: _asked(tried, rows),
        "rows in another order": lambda: _asked(tried, rows.iloc[mixed])[np.argsort(mixed)],
        f"in batches of {_BATCH}": lambda: _in_parts(tried, rows.iloc[few], _BATCH),
        "one by one": lambda: _in_parts(tried, rows.iloc[few], 1),
        "every row twice": lambda: _asked(tried, rows.iloc[np.repeat(np.arange(len(rows)), 2)])[1::2],
        COLUMNS: lambda: _asked(tried, rows[rows.columns[::-1]]),
    }
    for name, ask in ways.items():
        try:
            yield name, _share(tried, ask())
        except PredictionFailedError as error:
            if name != COLUMNS:
                text = f"the model failed ({error}) when it was asked {name}"
                yield name, NotAvailable(why="undefined", reason=text, n=len(rows))


def _asked(tried: Tried, rows: pd.DataFrame) -> Decisions:
    """Return what the model decides for rows."""
    return tried.runner.predict(rows.reset_index(drop=True)).decisions


def _in_parts(tried: Tried, rows: pd.DataFrame, size: int) -> Decisions:
    """Return what the model decides for rows when it is given a few at a time."""
    parts = [_asked(tried, rows.iloc[start : start + size]) for start in range(0, len(rows), size)]
    found: Any = np.concatenate(parts)
    return np.asarray(found)


def _share(tried: Tried, after: Decisions) -> Scalar:
    """Return the share of rows that are decided otherwise than at first, of those asked about."""
    before = tried.base.decisions[: len(after)]
    return share_of(differ(before, after, tried.tolerance * _ROUNDING))
