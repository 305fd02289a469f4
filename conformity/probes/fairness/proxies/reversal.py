"""Simpson's paradox: whether the gap between two groups turns round within the values of a feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Count, Interval, Result, Scalar
from conformity.model.tally import UNRECOGNISED
from conformity.probes.fairness.proxies.pairing import Pairing, crossed
from conformity.probes.fairness.proxies.strata import (
    MOST_STRATA,
    Within,
    contributions,
    widest,
    within_strata,
)
from conformity.probes.shared.intervals import LEVEL, Ints
from conformity.probes.shared.wording import group_in_words, groups_in_words
from conformity.settings import DISCLOSURE_LIMIT

_METHOD = "Mantel-Haenszel difference, variance of Sato"


@dataclass(frozen=True)
class Looked:
    """What was seen of an attribute's gap within a feature."""

    feature: str
    """The feature's column."""
    within: Within
    """The gap as a whole and within the feature's values."""
    results: tuple[tuple[str, Result], ...]
    """The metrics with their results."""
    note: str
    """Where the gap turns round; empty if it mostly does not."""


def look_within(pairing: Pairing, what: str) -> Looked | None:
    """Return the gap within a feature; None if it has many values or no two groups can be compared.

    Args:
        pairing: the rows by feature, attribute and outcome.
        what: the name of the rate.
    """
    if UNRECOGNISED in pairing.outcomes or not 2 <= len(set(pairing.features)) <= MOST_STRATA:
        return None
    strata, groups, counts = pairing.decided()
    within = within_strata(counts)
    if within is None:
        return None
    interval = Interval(low=within.low, high=within.high, level=LEVEL, method=_METHOD)
    common = Scalar(value=within.common, unit="1", n=within.cases, interval=interval)
    turned = Count(value=len(within.reversed), unit="strata")
    return Looked(
        feature=pairing.feature,
        within=within,
        results=(("gap_within_strata", common), ("reversing_strata", turned)),
        note=_note(pairing, within, strata, groups, what),
    )


def _note(
    pairing: Pairing, within: Within, strata: tuple[str, ...], groups: tuple[str, ...], what: str
) -> str:
    """Return a sentence on the strata in which the gap turns round; empty if that is no more than chance.

    In a few of many strata a gap turns round by chance alone: told is where it does in half of them, or
    where it does with the feature held fixed.
    """
    turned = len(within.reversed)
    if not turned or within.crude <= 0 or not (within.turns or 2 * turned >= len(within.compared)):
        return ""
    counts, names = _counts(pairing)
    if any(_is_of_few(counts[names.index(groups[side])]) for side in (within.top, within.bottom)):
        return ""
    top, bottom = (group_in_words((groups[side],)) for side in (within.top, within.bottom))
    where = groups_in_words([(strata[number],) for number in within.reversed])
    all_of_it = (
        " With the feature held fixed the difference has the other sign (Simpson's paradox)."
        if within.turns
        else ""
    )
    return (
        f"By {pairing.attribute!r}, the {what} of {top} lies above that of {bottom} as a whole, but below it "
        f"in {turned} of {len(within.compared)} values of {pairing.feature!r} that can be "
        f"compared: {where}.{all_of_it}"
    )


def driver_note(pairing: Pairing, what: str) -> str:
    """Return which groups are furthest apart, and which of all groups adds most to the spread of rates.

    Args:
        pairing: the rows by any feature, attribute and outcome.
        what: the name of the rate.

    Returns:
        A sentence; empty when outcomes are not recognised or no two groups have enough cases.
    """
    if UNRECOGNISED in pairing.outcomes:
        return ""
    counts, groups = _counts(pairing)
    pair = widest(counts)
    parts = contributions(counts)
    if pair is None or not parts.any():
        return ""
    most = int(parts.argmax())
    if any(_is_of_few(counts[side]) for side in (*pair, most)):
        # Who stands at an end of a gap must not be told where that group's rate is withheld in print.
        return ""
    top, bottom = (group_in_words((groups[side],)) for side in pair)
    return (
        f"By {pairing.attribute!r}, the {what} is highest for {top} and lowest for {bottom}. The group that "
        f"adds most to the spread between groups, by its size and its distance from the rate of all, is "
        f"{group_in_words((groups[most],))}."
    )


def _counts(pairing: Pairing) -> tuple[Ints, tuple[str, ...]]:
    """Return rows by group and outcome, (g, 2), unfavourable first, and the groups."""
    sides: list[Ints] = []
    groups: tuple[str, ...] = ()
    for outcome in ("0", "1"):
        rows = np.where([found == outcome for found in pairing.outcomes], pairing.rows, 0)
        table, groups, _ = crossed(pairing.groups, ("",) * len(rows), rows)
        sides.append(table[:, 0])
    return np.stack(sides, axis=-1), groups


def _is_of_few(outcomes: Ints) -> bool:
    """Tell whether some people but too few to be printed have one of the outcomes."""
    return bool(((outcomes > 0) & (outcomes < DISCLOSURE_LIMIT)).any())
