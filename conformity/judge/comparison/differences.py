"""The difference of two estimates: its interval, and how surprising it would be without a change.

All intervals handed in are at one confidence level. The methods are named in :data:`Method`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from conformity.model.comparison import Method
from conformity.model.measurement import Scalar

LEVEL = 0.95
"""The confidence level of a difference's interval."""

_NORMAL = NormalDist()
_WILSON = ["Wilson", "score"]
_WHOLE = 1e-6
_STEPS = 60


@dataclass(frozen=True)
class Difference:
    """A difference, later less earlier."""

    value: float
    """The difference of the estimates."""
    low: float
    """Lower end of its interval."""
    high: float
    """Upper end."""
    p: float
    """Two-sided p-value of no difference, in [0, 1]; it is below 1 - level exactly if 0 is outside."""
    method: Method
    """How."""


Limits = Callable[[float], tuple[float, float, float, float]]
"""The lower and upper limits of the earlier, then of the later estimate, at a normal quantile."""


def difference(before: Scalar, after: Scalar, *, same_data: bool) -> Difference | None:
    """Return the difference of two estimates, or None where one has no interval.

    Args:
        before: the earlier estimate.
        after: the later estimate.
        same_data: whether both rest on the same cases; then they depend on each other in a way that the
            records do not show, and the margins are added.

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10, for rates; Zou and Donner, Statistics
        in Medicine 27 (2008) 1693-1702, for estimates of which only the intervals are known. The standard
        deviation of a difference is at most the sum of both, whatever the dependence.
    """
    if before.interval is None or after.interval is None:
        return None
    rates = _is_rate(before) and _is_rate(after)
    limits = _score(before, after) if rates else _scaled(before, after)
    if limits is None:
        return None
    join = _added if same_data else math.hypot
    method: Method = "any_dependence" if same_data else "score" if rates else "intervals"
    value = after.value - before.value
    low, high = _ends(before.value, after.value, limits(_quantile(LEVEL)), join)
    return Difference(value, low, high, _p(before.value, after.value, limits, join), method)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values corrected for their number, in the order given.

    Source:
        Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    so_far = 0.0
    for rank, i in enumerate(order):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = so_far
    return tuple(adjusted)


def _is_rate(scalar: Scalar) -> bool:
    """Tell whether an estimate is a share of whole cases with a Wilson interval at the usual level."""
    hits = scalar.value * scalar.n
    return (
        scalar.interval is not None
        and scalar.interval.method.split() == _WILSON
        and scalar.unit == "1"
        and scalar.n > 0
        and abs(hits - round(hits)) < _WHOLE * max(1.0, hits)
    )


def _score(before: Scalar, after: Scalar) -> Limits:
    """Return the Wilson limits of two rates at any quantile."""

    def limits(z: float) -> tuple[float, float, float, float]:
        return (*wilson(before.value, before.n, z), *wilson(after.value, after.n, z))

    return limits


def wilson(rate: float, n: int, z: float) -> tuple[float, float]:
    """Return the Wilson score limits of a rate.

    Args:
        rate: in [0, 1].
        n: number of cases, positive.
        z: normal quantile.

    Source:
        Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    """
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return min(rate, max(0.0, centre - half)), max(rate, min(1.0, centre + half))


def _scaled(before: Scalar, after: Scalar) -> Limits | None:
    """Return limits whose margins grow with the quantile, from the intervals as they were published.

    Each margin is taken on its own side, so a skewed interval stays skewed; none where no margin is known.
    """
    assert before.interval is not None
    assert after.interval is not None
    sides = []
    for one, interval in ((before, before.interval), (after, after.interval)):
        unit = _quantile(interval.level)
        sides.append((max(0.0, one.value - interval.low) / unit, max(0.0, interval.high - one.value) / unit))
    (low_1, high_1), (low_2, high_2) = sides
    if max(low_1, high_1, low_2, high_2) == 0:
        return None

    def limits(z: float) -> tuple[float, float, float, float]:
        return (
            before.value - z * low_1,
            before.value + z * high_1,
            after.value - z * low_2,
            after.value + z * high_2,
        )

    return limits


def _added(first: float, second: float) -> float:
    """Return the margin of a difference of two estimates that may depend on each other in any way."""
    return first + second


def _ends(
    before: float,
    after: float,
    limits: tuple[float, float, float, float],
    join: Callable[[float, float], float],
) -> tuple[float, float]:
    """Return the ends of the interval of ``after - before``."""
    low_1, high_1, low_2, high_2 = limits
    value = after - before
    return (
        value - join(after - low_2, high_1 - before),
        value + join(high_2 - after, before - low_1),
    )


def _p(before: float, after: float, limits: Limits, join: Callable[[float, float], float]) -> float:
    """Return one less the highest level at which the interval leaves 0 out, by halving."""
    if after == before:
        return 1.0

    def leaves_out(z: float) -> bool:
        low, high = _ends(before, after, limits(z), join)
        return low > 0 or high < 0

    within, beyond = 0.0, 40.0
    if leaves_out(beyond):
        return 0.0
    for _ in range(_STEPS):
        middle = (within + beyond) / 2
        if leaves_out(middle):
            within = middle
        else:
            beyond = middle
    return math.erfc(within / math.sqrt(2))


def _quantile(level: float) -> float:
    """Return the standard normal quantile of a two-sided interval."""
    return -_NORMAL.inv_cdf((1 - level) / 2)
