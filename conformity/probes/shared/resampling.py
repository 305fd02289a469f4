"""Resample the rows behind a table of counts: multinomial draws of the cells, with a fixed seed.

Drawing rows with replacement and counting them gives exactly a multinomial draw of the counts, so
that the bootstrap costs the same for a thousand rows and for a hundred million.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conformity.probes.shared.intervals import Floats, Ints

DRAWS = 2000
"""How often the rows are resampled."""

SEED = 20_260_727
"""Where the draws begin; the same data give the same ends."""

_NUMBERS_HELD = 4_000_000


def resampled(shares: Floats, rows: int, draws: int = DRAWS, seed: int = SEED) -> Iterator[Ints]:
    """Yield resampled tables in blocks that fit into memory, (block, *shares.shape), ``draws`` in all.

    Args:
        shares: probability of each cell, of any shape; they sum to 1.
        rows: how many rows a resampled table has, at least one.
        draws: how often the rows are resampled.
        seed: seed of the generator.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 6.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    flat = shares.reshape(-1)
    block = max(1, _NUMBERS_HELD // flat.size)
    for start in range(0, draws, block):
        size = min(block, draws - start)
        yield generator.multinomial(rows, flat, size=size).reshape(size, *shares.shape)


def percentile_limits(values: Floats, level: float) -> tuple[float, float]:
    """Return the ends between which the middle ``level`` of the values lies.

    Args:
        values: (draws,) one value for each resampled table; none is NaN.
        level: confidence level in (0, 1).
    """
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
