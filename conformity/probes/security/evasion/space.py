"""The numbers that may be moved, as coordinates in which every feature counts alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.probes.shared.intervals import Floats

if TYPE_CHECKING:
    import pandas as pd

    from conformity.probes.shared.models.features import Feature


@dataclass(frozen=True)
class Space:
    """Coordinates of rows: their movable numbers, in standard deviations."""

    features: Sequence[Feature]
    """The features that may be moved, all of them numbers with a spread."""

    def points(self, rows: pd.DataFrame) -> Floats:
        """Return where rows lie, (n, features); a missing number lies at 0."""
        columns = [
            rows[feature.name].to_numpy(dtype=np.float64, na_value=np.nan) / feature.spread
            for feature in self.features
        ]
        return np.nan_to_num(np.column_stack(columns), nan=0.0)

    def moved(self, rows: pd.DataFrame, points: Floats) -> pd.DataFrame:
        """Return rows moved to other points: whole where numbers are whole, and inside declared bounds.

        A number that is not moved stays what it was to the last digit, also where it is missing.

        Args:
            rows: the rows as they are.
            points: (n, features) where they shall lie.
        """
        start = self.points(rows)
        made: dict[str, Any] = {}
        for k, feature in enumerate(self.features):
            given = rows[feature.name].to_numpy(dtype=np.float64, na_value=np.nan)
            wanted = feature.settle(points[:, k] * feature.spread)
            made[feature.name] = np.where(points[:, k] == start[:, k], given, wanted)
        return rows.assign(**made)

    def distance(self, start: Floats, points: Floats) -> Floats:
        """Return how far points are from others, row by row, in standard deviations, (n,)."""
        return np.asarray(np.sqrt(((points - start) ** 2).sum(axis=1)))
