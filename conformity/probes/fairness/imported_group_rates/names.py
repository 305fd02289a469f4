"""Which of Fairlearn's metrics are read, and of which cases each is the share."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.probes.shared.rates import ACCURACY, FALSE_POSITIVE, SELECTION, TRUE_POSITIVE, Rate

ALL, POSITIVES, NEGATIVES = "count", "positives", "negatives"
"""The metrics that count cases: all, those with a positive label, and those with a negative one."""

COUNTS = frozenset({ALL, POSITIVES, NEGATIVES})
"""All of them."""


@dataclass(frozen=True)
class Read:
    """A metric that is read."""

    metric: str
    """The id under which its numbers stand here, without its beginning."""
    rate: Rate
    """Which rate it is."""
    names: tuple[str, ...]
    """What Fairlearn and scikit-learn call it."""
    cases: str
    """The metric that counts its denominator."""


READ = (
    Read("accuracy", ACCURACY, ("accuracy", "accuracy_score"), ALL),
    Read("false_positive_rate", FALSE_POSITIVE, ("false_positive_rate",), NEGATIVES),
    Read("selection_rate", SELECTION, ("selection_rate",), ALL),
    Read("true_positive_rate", TRUE_POSITIVE, ("true_positive_rate", "recall_score", "recall"), POSITIVES),
)
"""What is read."""

KNOWN = COUNTS | {name for one in READ for name in one.names}
"""All names that are known."""
