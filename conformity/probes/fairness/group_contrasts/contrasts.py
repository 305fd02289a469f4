"""Rates of groups beside that of a reference group, and beside that of everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.fairness.group_contrasts.significance import holm, p_value
from conformity.probes.shared.intervals import (
    LEVEL,
    Ints,
    Limits,
    difference_high,
    difference_low,
    quantile,
    ratio_high,
    ratio_low,
)
from conformity.probes.shared.rates import Rate
from conformity.probes.shared.trials import Trials
from conformity.settings import MIN_GROUP

_NEWCOMBE, _MOVER = "Newcombe hybrid score", "MOVER-R with Wilson limits"
_BOTH_WAYS = ", blanks counted both ways"


@dataclass(frozen=True)
class Seen:
    """A rate in the groups of one attribute."""

    rate: Rate
    """The rate."""
    trials: Trials
    """(k,) the counts."""
    values: tuple[float, ...]
    """(k,) the rates; anything where there are no cases."""

    @cached_property
    def limits(self) -> Limits:
        """Return the limits of all rates."""
        return self.trials.limits(quantile(LEVEL))

    def why_not(self, position: int) -> NotAvailable | None:
        """Return why the rate of a group is not published; None if it is."""
        return self.trials.why_not(self.rate, position)


def to_reference(seen: Seen, reference: int) -> Iterator[tuple[int, Mapping[str, Result]]]:
    """Yield the difference, ratio and p-value of each other group, with its position.

    Args:
        seen: the rate in all groups.
        reference: the position of the group to compare with.
    """
    missing = _of_reference(seen.why_not(reference))
    others = [position for position in range(len(seen.values)) if position != reference]
    absent = {position: missing or seen.why_not(position) for position in others}
    tested = [position for position in others if absent[position] is None]
    corrected = dict(
        zip(tested, holm([_p_value(seen.trials, place, reference) for place in tested]), strict=True)
    )
    for position in others:
        reason = absent[position]
        if reason is not None:
            yield position, dict.fromkeys(("difference", "ratio", "p_value"), reason)
            continue
        cases = _smaller(seen.trials, position, reference)
        yield (
            position,
            {
                "difference": _difference(seen, position, reference),
                "ratio": _ratio(seen, position, reference),
                "p_value": Scalar(value=corrected[position], unit="1", n=cases),
            },
        )


def _of_reference(missing: NotAvailable | None) -> NotAvailable | None:
    """Return that it is the reference group whose rate is missing, if it is."""
    if missing is None:
        return None
    return missing.model_copy(update={"reason": f"for the reference group: {missing.reason}"})


def _p_value(trials: Trials, position: int, reference: int) -> float:
    """Return the p-value of equal rates, over rows whose outcome is known.

    Source:
        Rao and Scott, Biometrics 48 (1992) 577-585, for effective cases in place of rows; to whole numbers.
    """
    wins, losses = (np.rint(side).astype(np.int64) for side in trials.independent())
    one, other = ((int(wins[place]), int(losses[place])) for place in (position, reference))
    return p_value(one, other)


def _smaller(trials: Trials, position: int, reference: int) -> int:
    """Return the cases of the smaller of two groups."""
    return int(min(trials.cases[position], trials.cases[reference]))


def _difference(seen: Seen, position: int, reference: int) -> Scalar:
    """Return the rate of a group less that of the reference group."""
    one, other = seen.limits.take(np.array([position])), seen.limits.take(np.array([reference]))
    value = seen.values[position] - seen.values[reference]
    low, high = float(difference_low(one, other)[0]), float(difference_high(one, other)[0])
    method = _NEWCOMBE + seen.trials.method + _blanks(seen.trials, position, reference)
    return _scalar(value, max(low, -1.0), min(high, 1.0), _smaller(seen.trials, position, reference), method)


def _ratio(seen: Seen, position: int, reference: int) -> Result:
    """Return the rate of a group divided by that of the reference group."""
    cases = _smaller(seen.trials, position, reference)
    if not seen.trials.masses[0][reference]:
        return NotAvailable(
            why="undefined", reason=f"the {seen.rate.name} of the reference group is 0", n=cases
        )
    one, other = seen.limits.take(np.array([position])), seen.limits.take(np.array([reference]))
    value = seen.values[position] / seen.values[reference]
    method = _MOVER + seen.trials.method + _blanks(seen.trials, position, reference)
    return _scalar(value, float(ratio_low(one, other)[0]), float(ratio_high(one, other)[0]), cases, method)


def _blanks(trials: Trials, *positions: int) -> str:
    """Return what to say of a method where blanks matter."""
    return _BOTH_WAYS if any(bool(trials.blanks[position]) for position in positions) else ""


def _scalar(value: float, low: float, high: float, cases: int, method: str) -> Scalar:
    """Return a number with its interval, which holds it in spite of rounding."""
    interval = Interval(low=min(low, value), high=max(high, value), level=LEVEL, method=method)
    return Scalar(value=value, unit="1", n=cases, interval=interval)


def to_overall(seen: Seen, position: int) -> Result:
    """Return the rate of a group less that of everybody, the group itself among them.

    With a share w of the cases in the group, ``p - (w p + (1 - w) r) = (1 - w) (p - r)``, where r is the
    rate of everybody else. The limits are Newcombe's for p - r, times 1 - w.

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    if (reason := seen.why_not(position)) is not None:
        return reason
    if (reason := _tells_the_rest(seen.trials)) is not None:
        return reason
    if _rest_is_unknown(seen.trials):
        return NotAvailable(
            why="undefined",
            reason="the rows of one cluster can lie in several of the other groups, of which only each one's "
            "own spread is known",
            n=int(seen.trials.cases[position]),
        )
    pair = _beside_the_rest(seen.trials, position)
    if not pair.known[1]:
        return NotAvailable(
            why="too_few_cases", reason="there is no other group with cases", n=int(pair.cases[0])
        )
    limits = pair.limits(quantile(LEVEL))
    one, rest = limits.take(np.array([0])), limits.take(np.array([1]))
    wins, losses = pair.masses
    cases = (wins + losses).astype(np.float64)
    extra = pair.blank_masses
    least = cases[1] / (cases[1] + cases[0] + extra[0])
    most = (cases[1] + extra[1]) / (cases[1] + extra[1] + cases[0])
    value = (wins / cases @ np.array([1.0, -1.0])) * cases[1] / cases.sum()
    low, high = float(difference_low(one, rest)[0]), float(difference_high(one, rest)[0])
    return _scalar(
        float(value),
        low * (most if low < 0 else least),
        high * (most if high > 0 else least),
        int(pair.cases[0]),
        f"{_NEWCOMBE} of group less rest, times the share of the rest{pair.method}{_blanks(pair, 0, 1)}",
    )


def _tells_the_rest(trials: Trials) -> NotAvailable | None:
    """Return that everybody's rate less those published would tell of a few people; None if it would not."""
    few = int(trials.cases[~trials.enough].sum())
    if few == 0 or few >= MIN_GROUP:
        return None
    return NotAvailable(
        why="too_few_cases",
        reason=f"all groups without a rate of their own have fewer than {MIN_GROUP} cases together, so that "
        "everybody's rate would tell theirs by subtraction; merge groups",
    )


def _rest_is_unknown(trials: Trials) -> bool:
    """Tell whether clusters keep several groups from being taken as one."""
    return trials.design is not None and trials.design.together is not None and len(trials.cases) > 2


def _beside_the_rest(trials: Trials, position: int) -> Trials:
    """Return the counts of one group and of all others together, (2,)."""

    def split(counts: Ints) -> Ints:
        """Return the group's count and the rest's."""
        return np.array([counts[position], counts.sum() - counts[position]])

    return Trials(
        successes=split(trials.successes),
        failures=split(trials.failures),
        more_successes=split(trials.more_successes),
        more_failures=split(trials.more_failures),
        strange=split(trials.strange),
        design=None if trials.design is None else trials.design.beside_the_rest(position),
    )
