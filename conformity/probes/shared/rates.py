"""Rates of groups: which rows count as successes, which as failures, and what blanks could change.

A rate is described by what each of the four known combinations of label and prediction means to it.
What a row with a blank outcome means follows: it is a certain success (or failure) if it is one
however the blank is filled, and otherwise whatever a filling can make of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.shared.cells import BLANK, NEGATIVE, POSITIVE, STATES, STRANGE
from conformity.probes.shared.design import (
    FAILURE,
    MIN_CLUSTERS,
    MORE_FAILURE,
    MORE_SUCCESS,
    SUCCESS,
    Design,
    Filling,
    effective,
)
from conformity.probes.shared.intervals import LEVEL, Flags, Floats, Ints, Limits, quantile, wilson
from conformity.probes.shared.wording import rows_in_words
from conformity.settings import MIN_GROUP

Meaning = Literal["success", "failure", "neither"]
"""What a combination of label and prediction means to a rate."""

_FILLINGS = {
    NEGATIVE: (NEGATIVE,),
    POSITIVE: (POSITIVE,),
    BLANK: (NEGATIVE, POSITIVE),
    STRANGE: (NEGATIVE, POSITIVE),
}


@dataclass(frozen=True)
class Rate:
    """A rate as the share of successes among successes and failures."""

    name: str
    """What it is called in a sentence."""
    cases: str
    """What is counted in the denominator, in the plural."""
    outcome: str
    """The outcome it depends on: ``label``, ``prediction`` or ``label or prediction``."""
    meanings: tuple[tuple[Meaning, Meaning], tuple[Meaning, Meaning]]
    """What ``[label][prediction]`` means, 0 negative and 1 positive."""

    def is_certain(self, label: int, prediction: int) -> Meaning | None:
        """Return what a row in these states certainly means; None if that depends on a blank."""
        found = self.possible(label, prediction)
        return next(iter(found)) if len(found) == 1 else None

    def possible(self, label: int, prediction: int) -> frozenset[Meaning]:
        """Return all that a row in these states can mean."""
        return frozenset(self.meanings[y][p] for y in _FILLINGS[label] for p in _FILLINGS[prediction])


SELECTION = Rate(
    "selection rate",
    "rows with a prediction",
    "prediction",
    (("failure", "success"), ("failure", "success")),
)
LABEL = Rate("label rate", "rows with a label", "label", (("failure", "failure"), ("success", "success")))
TRUE_POSITIVE = Rate(
    "true positive rate",
    "actual positives",
    "label or prediction",
    (("neither", "neither"), ("failure", "success")),
)
FALSE_POSITIVE = Rate(
    "false positive rate",
    "actual negatives",
    "label or prediction",
    (("failure", "success"), ("neither", "neither")),
)
TRUE_NEGATIVE = Rate(
    "true negative rate",
    "actual negatives",
    "label or prediction",
    (("success", "failure"), ("neither", "neither")),
)
ACCURACY = Rate(
    "accuracy",
    "rows with label and prediction",
    "label or prediction",
    (("success", "failure"), ("failure", "success")),
)
PRECISION = Rate(
    "precision",
    "predicted positives",
    "label or prediction",
    (("neither", "failure"), ("neither", "success")),
)
RECALL = Rate("recall", "actual positives", "label or prediction", TRUE_POSITIVE.meanings)
FALSE_NEGATIVE = Rate(
    "false negative rate",
    "actual positives",
    "label or prediction",
    (("neither", "neither"), ("success", "failure")),
)
POSITIVE_VALUE = Rate(
    "positive predictive value", "predicted positives", "label or prediction", PRECISION.meanings
)
NEGATIVE_VALUE = Rate(
    "negative predictive value",
    "predicted negatives",
    "label or prediction",
    (("success", "neither"), ("failure", "neither")),
)
FALSE_DISCOVERY = Rate(
    "false discovery rate",
    "predicted positives",
    "label or prediction",
    (("neither", "success"), ("neither", "failure")),
)
FALSE_OMISSION = Rate(
    "false omission rate",
    "predicted negatives",
    "label or prediction",
    (("failure", "neither"), ("success", "neither")),
)
MISSED = Rate(
    "share of false negatives among errors",
    "wrong predictions",
    "label or prediction",
    (("neither", "failure"), ("success", "neither")),
)
"""FN / (FN + FP): groups have it in common exactly when they have FN / FP in common."""

ERRORS = frozenset({FALSE_POSITIVE, FALSE_NEGATIVE, FALSE_DISCOVERY, FALSE_OMISSION, MISSED})
"""Rates of which 0 in every group is a good thing and no sign of an empty comparison."""

OVERLAP = Rate(
    "F1 score",
    "actual or predicted positives",
    "label or prediction",
    (("neither", "failure"), ("failure", "success")),
)
"""TP / (TP + FP + FN), the Jaccard index J; F1 is 2 J / (1 + J)."""


@dataclass(frozen=True)
class Trials:
    """Successes and failures in groups, with what the blanks could add to either."""

    successes: Ints
    """(k,) certain successes."""
    failures: Ints
    """(k,) certain failures."""
    more_successes: Ints
    """(k,) rows that a blank filled one way would make successes."""
    more_failures: Ints
    """(k,) rows that a blank filled one way would make failures."""
    strange: Ints
    """(k,) rows whose meaning depends on an outcome that is not recognised."""
    design: Design | None = None
    """(k, 4) weights and clusters by what rows mean to the rate; none where rows are independent cases."""

    @property
    def cases(self) -> Ints:
        """Return the denominators, (k,)."""
        return self.successes + self.failures

    @property
    def blanks(self) -> Flags:
        """Return which groups have blanks that could change the rate, (k,)."""
        return (self.more_successes > 0) | (self.more_failures > 0)

    @property
    def masses(self) -> tuple[Ints | Floats, Ints | Floats]:
        """Return what the rates are made of, (k,) each: successes and failures, or sums of their weights."""
        if self.design is None:
            return self.successes, self.failures
        return self.design.mass[:, SUCCESS], self.design.mass[:, FAILURE]

    @property
    def blank_masses(self) -> Ints | Floats:
        """Return the rows that blanks could add to the cases, or the sums of their weights, (k,)."""
        if self.design is None:
            return np.maximum(self.more_successes, self.more_failures)
        return np.maximum(self.design.mass[:, MORE_SUCCESS], self.design.mass[:, MORE_FAILURE])

    @property
    def known(self) -> Flags:
        """Return which groups have a case, of a weight above 0, (k,)."""
        wins, losses = self.masses
        return wins + losses > 0

    @property
    def thin(self) -> Flags:
        """Return which groups have too few clusters for a rate of their own, (k,)."""
        clusters = None if self.design is None else effective(self.design).clusters
        return np.zeros(len(self.cases), dtype=np.bool_) if clusters is None else clusters < MIN_CLUSTERS

    @property
    def enough(self) -> Flags:
        """Return which groups have cases, and clusters, enough for a rate of their own, (k,)."""
        return (self.cases >= MIN_GROUP) & self.known & ~self.thin

    @property
    def method(self) -> str:
        """Return what to add to the name of an interval's method; nothing for independent rows."""
        if self.design is None:
            return ""
        return ", on effective cases by " + ("weight" if self.design.together is None else "cluster")

    def why_not(self, rate: Rate, group: int) -> NotAvailable | None:
        """Return why the rate of a group is not published; None if it can be."""
        cases = int(self.cases[group])
        found = why_not_available(rate, cases, int(self.strange[group]), bool(self.blanks[group]))
        if found is not None or self.design is None:
            return found
        if not self.known[group]:
            return NotAvailable(why="undefined", reason=f"the weights of all {rate.cases} are 0", n=cases)
        if self.thin[group]:
            return NotAvailable(
                why="too_few_cases",
                reason=f"the {rate.cases} belong to fewer than {MIN_CLUSTERS} clusters, counted by their "
                "sizes; merge groups or collect more",
                n=cases,
            )
        return None

    def independent(self) -> tuple[Floats, Floats]:
        """Return successes and failures of as many independent cases as the groups are worth, (k,) each."""
        if self.design is None:
            return self.successes.astype(np.float64), self.failures.astype(np.float64)
        found = effective(self.design)
        cases = np.minimum(found.cases, self.cases)
        return found.rate * cases, (1 - found.rate) * cases

    def limits(self, z: float) -> Limits:
        """Return Wilson limits; with blanks, from the worst to the best filling.

        Args:
            z: standard normal quantile.
        """
        if self.design is not None:
            low_point, low, _ = self._effective(self.design, "worst", z)
            high_point, _, high = self._effective(self.design, "best", z)
            return Limits(low_point=low_point, low=low, high_point=high_point, high=high)
        low_point, low, _ = _rate(self.successes, self.failures + self.more_failures, z, empty=0)
        high_point, _, high = _rate(self.successes + self.more_successes, self.failures, z, empty=1)
        return Limits(low_point=low_point, low=low, high_point=high_point, high=high)

    def _effective(self, design: Design, filling: Filling, z: float) -> tuple[Floats, Floats, Floats]:
        """Return rates, lower and upper Wilson limits with effective cases in place of rows.

        Source:
            Dean and Pagano, Journal of Survey Statistics and Methodology 3 (2015) 484-503.
        """
        found = effective(design, filling, z)
        more = self.more_failures if filling == "worst" else self.more_successes
        cases = np.minimum(found.cases, self.cases + more)
        low, high = wilson(found.rate * cases, (1 - found.rate) * cases, z)
        return np.where(found.known, found.rate, 0.0 if filling == "worst" else 1.0), low, high


def _rate(wins: Ints, losses: Ints, z: float, *, empty: int) -> tuple[Floats, Floats, Floats]:
    """Return rates, lower and upper Wilson limits; ``empty`` as the rate where there are no cases."""
    cases = wins + losses
    low, high = wilson(wins, losses, z)
    return np.where(cases > 0, wins / np.maximum(cases, 1), float(empty)), low, high


def trials_of(counts: Ints, rate: Rate, design: Design | None = None) -> Trials:
    """Return the successes and failures that ``rate`` sees in each group.

    Args:
        counts: (k, 4, 4) rows by state of label and prediction.
        rate: the rate.
        design: (k, 16) their weights and clusters, if there are any.
    """
    sums = {
        key: np.zeros(len(counts), dtype=np.int64)
        for key in ("success", "failure", "neither", "more_success", "more_failure", "strange")
    }
    for label in range(4):
        for prediction in range(4):
            rows = counts[:, label, prediction]
            if certain := rate.is_certain(label, prediction):
                sums[certain] += rows
            elif STRANGE in (label, prediction):
                sums["strange"] += rows
            else:
                for meaning in rate.possible(label, prediction) - {"neither"}:
                    sums[f"more_{meaning}"] += rows
    return Trials(
        successes=sums["success"],
        failures=sums["failure"],
        more_successes=sums["more_success"],
        more_failures=sums["more_failure"],
        strange=sums["strange"],
        design=None if design is None else design.grouped(_members(rate)),
    )


@lru_cache(maxsize=64)
def _members(rate: Rate) -> Floats:
    """Return which states of label and prediction mean what to a rate, (4, 16)."""
    places = {"success": SUCCESS, "failure": FAILURE}
    more = {"success": MORE_SUCCESS, "failure": MORE_FAILURE}
    members = np.zeros((4, len(STATES) ** 2))
    for label in range(len(STATES)):
        for prediction in range(len(STATES)):
            state, certain = label * len(STATES) + prediction, rate.is_certain(label, prediction)
            if certain in places:
                members[places[certain], state] = 1
            elif certain is None and STRANGE not in (label, prediction):
                for meaning in rate.possible(label, prediction) - {"neither"}:
                    members[more[meaning], state] = 1
    members.flags.writeable = False
    return members


def why_not_available(
    rate: Rate, cases: int, strange: int, has_blanks: bool, min_group: int = MIN_GROUP
) -> NotAvailable | None:
    """Return why a rate over these rows is not published; None if it can be.

    Args:
        rate: the rate.
        cases: its denominator.
        strange: rows with an unrecognised outcome that matter to it.
        has_blanks: whether there are blank outcomes that matter to it.
        min_group: fewest cases for which a rate is published.
    """
    if strange:
        return unrecognised(rate, strange, cases)
    if cases == 0 and has_blanks:
        return NotAvailable(why="not_collected", reason=f"the {rate.outcome} is blank in all rows that count")
    if cases == 0:
        # Whether there are few or none would tell the label of everybody in a tiny group.
        return NotAvailable(
            why="undefined", reason=f"fewer than {min_group} {rate.cases}, or none: no {rate.name} is given"
        )
    if cases < min_group:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {min_group} {rate.cases}; merge groups or collect more",
            n=cases,
        )
    return None


def unrecognised(rate: Rate, strange: int, cases: int) -> NotAvailable:
    """Return that outcomes are not recognised, how many, and what to do."""
    return NotAvailable(
        why="not_collected",
        reason=f"{rows_in_words(strange)} have a {rate.outcome} that is listed neither as positive nor as "
        "negative; add the values to the column's `positive` or `negative` in the manifest",
        n=cases,
    )


def rate_results(rate: Rate, seen: Trials, values: Sequence[float]) -> tuple[Result, ...]:
    """Return the rate of each group with its Wilson interval, or why there is none.

    Args:
        rate: the rate.
        seen: (k,) successes and failures of the groups.
        values: (k,) the groups' rates; those without cases are not looked at.
    """
    limits, cases, blanks = seen.limits(quantile(LEVEL)), seen.cases, seen.blanks
    results: list[Result] = []
    for position, value in enumerate(values):
        has_blanks, n = bool(blanks[position]), int(cases[position])
        reason = seen.why_not(rate, position)
        if reason is not None:
            results.append(reason)
            continue
        interval = Interval(
            low=min(float(limits.low[position]), value),
            high=max(float(limits.high[position]), value),
            level=LEVEL,
            method="Wilson score" + seen.method + (", blanks counted both ways" if has_blanks else ""),
        )
        results.append(Scalar(value=value, unit="1", n=n, interval=interval))
    return tuple(results)
