"""Rates of groups: which rows count as successes, which as failures, and what blanks could change.

A rate is described by what each of the four known combinations of label and prediction means to it.
What a row with a blank outcome means follows: it is a certain success (or failure) if it is one
however the blank is filled, and otherwise whatever a filling can make of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformity.probes.shared.cells import BLANK, NEGATIVE, POSITIVE, STRANGE

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
