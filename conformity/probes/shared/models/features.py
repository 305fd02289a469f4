"""What the features of a table are, and which values they may take when they are disturbed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conformity.probes.shared.intervals import Floats

if TYPE_CHECKING:
    import pandas as pd

    from conformity.model.subject import Column
    from conformity.probes.shared.models.sample import Sample

UNSEEN = "a value never seen"
"""What is put where a category is expected, and no row of the table has it."""

_FEW = 2
"""Up to so many different numbers are codes of categories, not quantities."""
_MOST_VALUES = 1_000


@dataclass(frozen=True)
class Feature:
    """One feature that may be changed, or not."""

    name: str
    """Its column."""
    kind: Literal["number", "category", "neither"]
    """A quantity, one of several values, or something that is left alone because it never differs."""
    mutable: bool
    """Whether it may be changed at all."""
    spread: float = 0.0
    """Of a number: the standard deviation over all rows read."""
    whole: bool = False
    """Of a number: whether all values are whole."""
    low: float = -math.inf
    """Of a number: the least that can be right, as declared."""
    high: float = math.inf
    """Of a number: the most that can be right, as declared."""
    values: tuple[Any, ...] = ()
    """Of a category: the values that it may take, sorted."""

    def settle(self, values: Floats, *, bounded: bool = True) -> Floats:
        """Return numbers as the feature can hold them: whole where it is, inside its bounds.

        Args:
            values: (n,) numbers; NaN stays.
            bounded: whether the declared bounds hold; a mistake in the unit does not heed them.
        """
        found = np.round(values) if self.whole else values
        return np.clip(found, self.low, self.high) if bounded else found


def features_of(sample: Sample) -> tuple[Feature, ...]:
    """Return the features of a sample, in the manifest's order."""
    columns = {column.name: column for column in sample.table.with_role("feature")}
    fixed = frozenset(sample.declared.immutable)
    return tuple(_feature(columns[str(name)], sample.every[name], fixed) for name in sample.rows.columns)


def movable(features: Sequence[Feature], kind: str) -> tuple[Feature, ...]:
    """Return the features of a kind that may be changed and whose values differ."""
    return tuple(feature for feature in features if feature.mutable and feature.kind == kind)


def _feature(column: Column, values: pd.Series[Any], fixed: frozenset[str]) -> Feature:
    """Return one feature."""
    import pandas

    mutable = column.name not in fixed
    filled = values.dropna()
    coded = bool(column.allowed) or filled.nunique() <= _FEW
    if pandas.api.types.is_numeric_dtype(values) and not pandas.api.types.is_bool_dtype(values) and not coded:
        return _number(column, filled, mutable)
    if pandas.api.types.is_datetime64_any_dtype(values):
        return Feature(column.name, "neither", mutable)
    known = _values(column, filled)
    return Feature(column.name, "category" if len(known) > 1 else "neither", mutable, values=known)


def _number(column: Column, filled: pd.Series[Any], mutable: bool) -> Feature:
    """Return a feature that is a quantity."""
    found = filled.to_numpy(dtype=np.float64)
    found = found[np.isfinite(found)]
    spread = float(found.std()) if len(found) else 0.0
    return Feature(
        name=column.name,
        kind="number" if spread > 0 else "neither",
        mutable=mutable,
        spread=spread,
        whole=bool((found == np.round(found)).all()),
        low=-math.inf if column.minimum is None else column.minimum,
        high=math.inf if column.maximum is None else column.maximum,
    )


def _values(column: Column, filled: pd.Series[Any]) -> tuple[Any, ...]:
    """Return the values that a category may take: those of the rows, if declared only the allowed ones."""
    from conformity.engines.values import same_outcome

    seen = sorted(filled.unique().tolist(), key=lambda value: (str(type(value)), value))[:_MOST_VALUES]
    allowed = {same_outcome(value) for value in column.allowed}
    return tuple(value for value in seen if not allowed or same_outcome(value) in allowed)
