"""Selections of two groups within strata, and what they come to over all strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.tally import Tally
from conformity.probes.shared.cells import BLANK, NEGATIVE, POSITIVE, STATES, Groups
from conformity.probes.shared.intervals import LEVEL, Floats, quantile
from conformity.probes.shared.rates import SELECTION
from conformity.probes.shared.trials import Trials, trials_of


@dataclass(frozen=True)
class Amounts:
    """Decisions by stratum and group: rows, sums of weights, or effective cases."""

    wins: Floats
    """(strata, k) selected."""
    losses: Floats
    """(strata, k) not selected."""
    blanks: Floats
    """(strata, k) of which that is not known."""

    def times(self, factors: Floats) -> Amounts:
        """Return the amounts of each group times its factor, (k,)."""
        return Amounts(self.wins * factors, self.losses * factors, self.blanks * factors)


@dataclass(frozen=True)
class Strata:
    """Decisions by stratum and group of one attribute."""

    groups: Groups
    """The groups over all strata, with their counts by prediction."""
    trials: Trials
    """(strata, k) selected and not selected, and what blanks could add."""
    masses: Amounts
    """The same in rows, or in sums of weights."""


@dataclass(frozen=True)
class Difference:
    """A stratified difference of two groups' selection rates, with its limits."""

    value: float
    """The estimate."""
    low: float
    """Lower limit."""
    high: float
    """Upper limit."""


def amounts_of(trials: Trials) -> Amounts:
    """Return (strata, k) counts as amounts."""
    rows = (trials.successes, trials.failures, trials.blank_rows)
    return Amounts(*(np.asarray(one, dtype=np.float64) for one in rows))


def read_strata(attribute: str, tally: Tally, sums: Tally | None = None) -> Strata:
    """Take a tally by attribute, factors and prediction apart.

    Args:
        attribute: the protected column, the first key.
        tally: at least one entry; the last key is the prediction.
        sums: sums of weights by the same keys, where rows are weighted.
    """
    names = sorted({str(entry[0]) for entry in tally.entries})
    kinds = sorted({entry[1:-2] for entry in tally.entries}, key=str)
    place = {name: position for position, name in enumerate(names)}
    row = {kind: position for position, kind in enumerate(kinds)}
    counts = np.zeros((len(kinds), len(names), 4, 4), dtype=np.int64)
    for entry in tally.entries:
        counts[row[entry[1:-2]], place[str(entry[0])], BLANK, STATES[str(entry[-2])]] += int(entry[-1])
    groups = Groups(by=(attribute,), names=tuple((name,) for name in names), counts=counts.sum(axis=0))
    flat = trials_of(counts.reshape(-1, 4, 4), SELECTION)
    shape = (len(kinds), len(names))
    trials = Trials(
        successes=flat.successes.reshape(shape),
        failures=flat.failures.reshape(shape),
        more_successes=flat.more_successes.reshape(shape),
        more_failures=flat.more_failures.reshape(shape),
        strange=flat.strange.reshape(shape),
    )
    if sums is None:
        return Strata(groups, trials, amounts_of(trials))
    masses = np.zeros((len(STATES), len(kinds), len(names)))
    for entry in sums.entries:
        where = STATES[str(entry[-5])], row[entry[1:-5]], place[str(entry[0])]
        masses[where] += float(entry[-2])
    return Strata(groups, trials, Amounts(masses[POSITIVE], masses[NEGATIVE], masses[BLANK]))


def comparable(trials: Trials, group: int, reference: int) -> Sequence[int]:
    """Return the strata in which both groups have a known decision."""
    both = (trials.cases[:, group] > 0) & (trials.cases[:, reference] > 0)
    return [int(stratum) for stratum in np.flatnonzero(both)]


def difference(cases: Amounts, group: int, reference: int) -> Difference | None:
    """Return the Mantel-Haenszel difference of selection rates, group less reference.

    Blank decisions count as whatever is worse for each end.

    Args:
        cases: rows, or effective cases: sums of weights, scaled to as many as a group is worth in all.
        group: position of the group.
        reference: position of the reference group.

    Returns:
        The difference with limits; None where there is no comparable stratum.
    """
    wins, losses, more = cases.wins, cases.losses, cases.blanks
    known = wins + losses
    if not ((known[:, group] > 0) & (known[:, reference] > 0)).any():
        return None
    value, _, _ = _limits(wins[:, group], losses[:, group], wins[:, reference], losses[:, reference])
    ends = []
    for up, down in ((reference, group), (group, reference)):
        filled_wins, filled_losses = wins.copy(), losses.copy()
        filled_wins[:, up] += more[:, up]
        filled_losses[:, down] += more[:, down]
        ends.append(
            _limits(
                filled_wins[:, group],
                filled_losses[:, group],
                filled_wins[:, reference],
                filled_losses[:, reference],
            )
        )
    return Difference(value, min(ends[0][1], value), max(ends[1][2], value))


def _limits(x1: Floats, y1: Floats, x0: Floats, y0: Floats) -> tuple[float, float, float]:
    """Return the Mantel-Haenszel difference and its score limits.

    The variance is Sato's, linear in the difference; solving ``(d - D)^2 = z^2 V(D)`` for D gives limits
    that stay apart where nobody or everybody is selected.

    Source:
        Sato, Greenland and Robins, Biometrics 45 (1989) 1323-1324, for the variance; Klingenberg, Statistics
        in Medicine 33 (2014) 2968-2983, for the limits.
    """
    n1, n0 = x1 + y1, x0 + y0
    some = (n1 > 0) & (n0 > 0)
    n1, n0, wins, others = n1[some], n0[some], x1[some], x0[some]
    total = n1 + n0
    weight = float((n1 * n0 / total).sum())
    value = float(((wins * n0 - others * n1) / total).sum()) / weight
    slope = (n1**2 * others - n0**2 * wins + n1 * n0 * (n0 - n1) / 2) / total**2
    level = (wins * (n0 - others) + others * (n1 - wins)) / (2 * total)
    z2 = quantile(LEVEL) ** 2 / weight**2
    middle = value + z2 * float(slope.sum()) / 2
    reach = np.sqrt(max(middle**2 - value**2 + z2 * float(level.sum()), 0.0))
    return value, max(float(middle - reach), -1.0), min(float(middle + reach), 1.0)


def disparity(strata: Strata, group: int) -> tuple[float, int] | None:
    """Return the conditional demographic disparity of a group, and on how many of its cases it rests.

    In each stratum: the group's share of those turned down less its share of those selected; over the
    strata the mean weighted by their cases. A stratum in which nobody or everybody is selected says
    nothing and is left out.

    Source:
        Wachter, Mittelstadt and Russell, Computer Law & Security Review 41 (2021) 105567, section 5.
    """
    wins, losses = strata.masses.wins, strata.masses.losses
    selected, refused = wins.sum(axis=1), losses.sum(axis=1)
    both = (selected > 0) & (refused > 0)
    if not both.any():
        return None
    shares = losses[both, group] / refused[both] - wins[both, group] / selected[both]
    weights = (selected + refused)[both]
    return float(shares @ weights / weights.sum()), int(strata.trials.cases[both, group].sum())


def is_strange(trials: Trials, *groups: int) -> int:
    """Return how many rows of these groups have a decision that is not recognised."""
    return int(trials.strange[:, list(groups)].sum())
