"""HopSkipJump of the Adversarial Robustness Toolbox, begun where the search on lines ended.

Source:
    Chen, Jordan and Wainwright, HopSkipJumpAttack, IEEE Symposium on Security and Privacy (2020).
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.errors import MissingLibraryError
from conformity.probes.security.evasion.search import Found, turned
from conformity.probes.security.evasion.space import Space
from conformity.probes.shared.intervals import Floats
from conformity.probes.shared.models.interface import Decisions, PredictionFailedError, Runner

if TYPE_CHECKING:
    import pandas as pd

ROWS = 10
"""How many rows are attacked: each costs some hundred questions."""
_ROUNDS, _FIRST, _MOST = 5, 50, 200
QUESTIONS = 150
"""How many times one row may be asked about: the toolbox would go on for ever where nothing turns."""

Ask = Callable[[Floats], Floats]
"""From (n, features) ways from the row to (n, 2) ones and zeros: decided as before, and turned."""


class EnoughError(Exception):
    """A row has been asked about often enough."""


def refine(
    runner: Runner, rows: pd.DataFrame, before: Decisions, space: Space, found: Found, seed: int
) -> Found:
    """Return the changes after HopSkipJump has tried to make those of the first rows smaller.

    Args:
        runner: the model.
        rows: the rows as they are.
        before: (n,) what the model decides for them.
        space: the features that may be moved.
        found: the smallest changes known.
        seed: seed of what the attack draws at random.

    Raises:
        MissingLibraryError: the toolbox is not installed.
    """
    attack_of = _toolbox()
    start, points = space.points(rows), found.points.copy()
    for k in np.flatnonzero(found.turned)[:ROWS].tolist():
        row = rows.iloc[[k]]
        question = Question(runner, row, before[k : k + 1], space)
        _attack(attack_of, question, points[k] - start[k], seed)
        settled = space.points(space.moved(row, (start[k] + question.shortest)[None]))
        nearer = space.distance(start[[k]], settled) < space.distance(start[[k]], points[[k]])
        if bool(nearer[0]) and bool(turned(runner, row, before[k : k + 1], settled, space)[0]):
            points[k] = settled[0]
    return Found(points, found.turned)


class Question:
    """Whether a row's decision is turned at other points; remembers the shortest way there."""

    def __init__(self, runner: Runner, row: pd.DataFrame, before: Decisions, space: Space) -> None:
        """Begin without an answer.

        Args:
            runner: the model.
            row: the row as it is.
            before: (1,) what the model decides for it.
            space: the features that may be moved.
        """
        self._runner, self._row, self._before, self._space = runner, row, before, space
        self._start = space.points(row)
        self._asked = 0
        self.shortest: Floats = np.zeros(self._start.shape[1])
        """The shortest way that was seen to turn the decision; nothing if none was."""

    def __call__(self, ways: Floats) -> Floats:
        """Return (n, 2) ones and zeros: as before, and turned.

        Args:
            ways: (n, features) from the row, in standard deviations.

        Raises:
            EnoughError: it has been asked often enough.
        """
        self._asked += 1
        if self._asked > QUESTIONS:
            raise EnoughError
        given = np.asarray(ways, dtype=np.float64)
        many = self._row.take([0] * len(given)).reset_index(drop=True)
        try:
            after = self._runner.predict(self._space.moved(many, self._start + given)).decisions
            flips = np.asarray(after != self._before[0])
        except PredictionFailedError:
            flips = np.zeros(len(given), dtype=np.bool_)
        self._remember(given[flips])
        return np.eye(2)[flips.astype(np.int64)]

    def _remember(self, ways: Floats) -> None:
        """Keep the shortest of the ways that turned the decision."""
        known = [self.shortest] if self.shortest.any() else []
        if len(ways) or known:
            every = np.vstack([*known, ways])
            self.shortest = every[int(np.argmin((every**2).sum(axis=1)))]


def _toolbox() -> Callable[[Ask, int, float], Any]:
    """Return what makes an attack on a question in so many dimensions, no farther than so far.

    Raises:
        MissingLibraryError: the toolbox is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from art.attacks.evasion import HopSkipJump
            from art.estimators.classification import BlackBoxClassifier
    except ImportError as error:
        raise MissingLibraryError(
            "HopSkipJump needs the Adversarial Robustness Toolbox; install it with "
            "pip install 'conformity-report[adversarial]'"
        ) from error

    def make(ask: Ask, size: int, reach: float) -> Any:
        """Return the attack.

        Unless told how far points may lie, the toolbox takes the least and greatest number of the row itself.
        """
        return HopSkipJump(
            BlackBoxClassifier(ask, input_shape=(size,), nb_classes=2, clip_values=(-reach, reach)),
            targeted=False,
            norm=2,
            max_iter=_ROUNDS,
            init_eval=_FIRST,
            max_eval=_MOST,
            verbose=False,
        )

    return make


def _attack(attack_of: Callable[[Ask, int, float], Any], ask: Ask, known: Floats, seed: int) -> None:
    """Let the toolbox ask about one row, from the end of a way that turns its decision.

    The row itself lies at the origin, and nothing farther than the known way is of interest. The toolbox
    draws from NumPy's common generator, which is put back as it was.

    Args:
        attack_of: makes the attack.
        ask: what it asks; it keeps what it learns.
        known: (features,) the way, in standard deviations.
        seed: seed of what the attack draws at random.
    """
    kept = np.random.get_state()
    np.random.seed(seed)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            attack = attack_of(ask, len(known), float(np.sqrt((known**2).sum())))
            attack.generate(np.zeros((1, len(known)), np.float32), x_adv_init=known[None].astype(np.float32))
    except EnoughError:
        return
    finally:
        np.random.set_state(kept)
