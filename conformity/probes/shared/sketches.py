"""The smallest hashes of tables' rows, and limits of shares that are estimated from them.

Only the order of hashes is used, and which are equal; so their ranks serve as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from conformity.model.tally import Tally
from conformity.probes.shared.intervals import LEVEL, Floats, quantile, wilson

COMPLETE = "complete comparison: nothing is estimated"
"""How the interval was made where all rows were compared."""

SAMPLED = "Wilson score on a random sample of different rows (bottom-k hashes), Kish's effective size"
"""How it was made where a sample was."""


@dataclass(frozen=True)
class Sketch:
    """The smallest hashes of a table's rows."""

    different: int
    """How many different rows there are."""
    rows: int
    """How many rows."""
    kept: Mapping[str, int]
    """Rows of each hash that was kept."""

    @property
    def end(self) -> str | None:
        """Return the largest hash kept; None where all were kept."""
        return None if len(self.kept) == self.different else max(self.kept)

    def below(self, end: str | None) -> dict[str, int]:
        """Return the rows of the hashes that lie below an end; of all that were kept where there is none."""
        return {value: rows for value, rows in self.kept.items() if end is None or value < end}

    @property
    def repeated(self) -> int:
        """Return how many rows repeat another one of the table."""
        return self.rows - self.different


def read_sketch(tally: Tally) -> Sketch:
    """Return what a tally of row hashes holds."""
    (_, different, rows), *kept = tally.entries
    return Sketch(int(different), int(rows), {str(value): int(count) for value, _, count in kept})


def share_limits(weights: Floats, share: float) -> tuple[float, float]:
    """Return Wilson limits of a share of rows, or of a mean of values in [0, 1], that come in groups.

    Of all values in [0, 1] with one mean, those that are 0 or 1 spread most; so a mean's limits are too wide
    rather than too narrow.

    Args:
        weights: (k,) rows of each group sampled, above 0.
        share: in [0, 1].

    Source:
        Kish, Survey Sampling (1965), section 11.7, for the effective size ``(sum w)^2 / sum w^2``.
    """
    size = weights.sum() ** 2 / (weights**2).sum()
    wins = np.array([share * size])
    low, high = wilson(wins, size - wins, quantile(LEVEL))
    return min(share, float(low[0])), max(share, float(high[0]))
