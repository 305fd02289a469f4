"""Whether values of an identifier's form are identifiers, or only numbers that happen to look so.

One in ten arbitrary numbers passes the Luhn check. A column of customer numbers therefore "contains"
payment cards unless the share that passes is held against the share that chance would give.
"""

from __future__ import annotations

import math
from typing import Literal

Standing = Literal["confirmed", "dismissed", "undecided"]
"""Values are identifiers; they are not, as far as the check tells; too few were there to tell."""

SIGNIFICANCE = 0.001
"""How improbable the passes must be under chance alone."""

MAJORITY = 0.5
"""The least share of the tested values that must pass."""

LEAST_LISTED = 3
"""How many different texts a list must know at least before they tell anything."""


def standing(tested: int, verified: int, chance: float | None, rivals: int = 1) -> Standing:
    """Return whether ``verified`` of ``tested`` distinct values of a form make it an identifier.

    Confirmed when at least half of them pass and, for a pattern with a checksum, so many would pass
    by chance with a probability of at most 0.001, divided among the patterns that were tried on the
    same values. Undecided when at least half pass, but even a pass of all of them would not have been
    that improbable.

    Args:
        tested: distinct values of the form that were checked.
        verified: how many of them passed, at most ``tested``.
        chance: the share of arbitrary values of the form that pass, in (0, 1); None without checksum.
        rivals: how many patterns with a checksum were tried on the same values, at least 1.

    Source:
        A one-sided binomial test; Dunn, JASA 56 (1961) 52-64, for the division.
    """
    if verified == 0 or verified < MAJORITY * tested:
        return "dismissed"
    limit = SIGNIFICANCE / rivals
    if chance is None or tail(tested, verified, chance) <= limit:
        return "confirmed"
    return "undecided" if chance**tested > limit else "dismissed"


def listed(tested: int, verified: int, luck: float) -> bool:
    """Return whether so many of some texts are known to a list that it is no luck, and no lone hit.

    Args:
        tested: distinct texts that were looked at.
        verified: how many of them the list knows, at most ``tested``.
        luck: the share of arbitrary texts that it knows, in (0, 1).
    """
    return verified >= LEAST_LISTED and tail(tested, verified, luck) <= SIGNIFICANCE


def tail(tested: int, verified: int, chance: float) -> float:
    """Return the probability that at least ``verified`` of ``tested`` values pass by chance.

    Source:
        The upper tail of the binomial distribution, summed term by term in logarithms.
    """
    total = 0.0
    for passed in range(verified, tested + 1):
        log_ways = math.lgamma(tested + 1) - math.lgamma(passed + 1) - math.lgamma(tested - passed + 1)
        total += math.exp(log_ways + passed * math.log(chance) + (tested - passed) * math.log1p(-chance))
    return min(1.0, total)


def seen_with(share: float, drawn: int) -> float:
    """Return the probability that ``drawn`` values hold at least one of a kind of this share.

    >>> round(seen_with(0.01, 1000), 6)
    0.999957

    Args:
        share: the kind's share of the values, in [0, 1].
        drawn: how many values were drawn.

    Source:
        ``1 - (1 - share) ** drawn``, the complement of drawing none.
    """
    return 1 - (1 - share) ** drawn
