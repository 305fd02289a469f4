"""The confusion matrix of several classes, with what blanks could add to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.tally import MISSING, Tally
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.trials import Trials


@dataclass(frozen=True)
class Confusion:
    """Rows by class of the label and class of the prediction."""

    classes: tuple[str, ...]
    """(k,) all classes of labels and predictions, sorted."""
    counts: Ints
    """(k, k) rows by label and prediction."""
    unpredicted: Ints
    """(k,) rows with this label and a blank prediction."""
    unlabelled: Ints
    """(k,) rows with this prediction and a blank label."""
    unknown: int
    """Rows without either."""

    @property
    def cases(self) -> int:
        """Return the number of rows with label and prediction."""
        return int(self.counts.sum())

    @property
    def blanks(self) -> int:
        """Return the number of rows without label, prediction or both."""
        return int(self.unpredicted.sum() + self.unlabelled.sum()) + self.unknown

    @property
    def labels(self) -> Ints:
        """Return the known rows of each class by their labels, (k,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def predictions(self) -> Ints:
        """Return the known rows of each class by their predictions, (k,)."""
        return np.asarray(self.counts.sum(axis=0))

    def hits(self) -> Trials:
        """Return rows with the right class as successes, for all classes together, (1,)."""
        right = int(np.trace(self.counts))
        blanks = np.array([self.blanks])
        return Trials(
            np.array([right]), np.array([self.cases - right]), blanks, blanks, np.zeros(1, dtype=np.int64)
        )

    def recalls(self) -> Trials:
        """Return, for each class, rows of the label's class as cases, (k,)."""
        return self._trials(self.labels, self.unpredicted, self.unlabelled)

    def precisions(self) -> Trials:
        """Return, for each class, rows of the prediction's class as cases, (k,)."""
        return self._trials(self.predictions, self.unlabelled, self.unpredicted)

    def _trials(self, cases: Ints, open_inside: Ints, open_outside: Ints) -> Trials:
        """Return successes and failures, with blanks that belong to a class and blanks that could."""
        right = np.diagonal(self.counts).astype(np.int64)
        elsewhere = open_outside.sum() - open_outside
        return Trials(
            successes=right,
            failures=cases - right,
            more_successes=open_inside + open_outside + self.unknown,
            more_failures=open_inside + elsewhere + self.unknown,
            strange=np.zeros(len(right), dtype=np.int64),
        )


def confusions(tally: Tally) -> Iterator[tuple[tuple[str, ...], Confusion]]:
    """Yield each group with its confusion matrix, sorted; the last three fields are the classes and rows."""
    groups: dict[tuple[str, ...], list[tuple[str, str, int]]] = {}
    for *group, label, prediction, rows in tally.entries:
        name = tuple(str(value) for value in group)
        groups.setdefault(name, []).append((str(label), str(prediction), int(rows)))
    for name in sorted(groups):
        yield name, _confusion(groups[name])


def _confusion(entries: Sequence[tuple[str, str, int]]) -> Confusion:
    """Return the confusion matrix of one group."""
    classes = _known(value for label, prediction, _ in entries for value in (label, prediction))
    place = {name: position for position, name in enumerate((*classes, MISSING))}
    counts = np.zeros((len(place), len(place)), dtype=np.int64)
    for label, prediction, rows in entries:
        counts[place[label], place[prediction]] += rows
    return Confusion(classes, counts[:-1, :-1], counts[:-1, -1], counts[-1, :-1], int(counts[-1, -1]))


def _known(values: Iterable[str]) -> tuple[str, ...]:
    """Return the classes that occur, sorted."""
    return tuple(sorted(set(values) - {MISSING}))
