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
"""How many rows are attacked: each costs some thousand questions."""
_ROUNDS, _FIRST, _MOST = 5, 50, 200
QUESTIONS = 300
"""How many times one row may be asked about: the toolbox would go on for ever where nothing turns."""


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
        reached = _attacked(
            attack_of, _question(runner, row, before[k : k + 1], space), start[k], points[k], seed
        )
        settled = space.points(space.moved(row, reached[None]))
        nearer = space.distance(start[[k]], settled) < space.distance(start[[k]], points[[k]])
        if bool(nearer[0]) and bool(turned(runner, row, before[k : k + 1], settled, space)[0]):
            points[k] = settled[0]
    return Found(points, found.turned)


def _question(
    runner: Runner, row: pd.DataFrame, before: Decisions, space: Space
) -> Callable[[Floats], Floats]:
    """Return what answers for points whether the row's decision is turned there, as two columns."""
    import pandas

    asked = 0

    def ask(points: Floats) -> Floats:
        """Return (n, 2) ones and zeros: as before, and turned.

        Raises:
            EnoughError: it has been asked often enough.
        """
        nonlocal asked
        asked += 1
        if asked > QUESTIONS:
            raise EnoughError
        many = pandas.concat([row] * len(points), ignore_index=True)
        given = np.asarray(points, dtype=np.float64)
        try:
            after = runner.predict(space.moved(many, given)).decisions
            flips = np.asarray(after != before[0])
        except PredictionFailedError:
            flips = np.zeros(len(points), dtype=np.bool_)
        return np.eye(2)[flips.astype(np.int64)]

    return ask


def _toolbox() -> Callable[[Callable[[Floats], Floats], int], Any]:
    """Return what makes an attack on a question in so many dimensions.

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

    def make(ask: Callable[[Floats], Floats], size: int) -> Any:
        """Return the attack."""
        return HopSkipJump(
            BlackBoxClassifier(ask, input_shape=(size,), nb_classes=2),
            targeted=False,
            norm=2,
            max_iter=_ROUNDS,
            init_eval=_FIRST,
            max_eval=_MOST,
            verbose=False,
        )

    return make


def _attacked(
    attack_of: Callable[[Callable[[Floats], Floats], int], Any],
    ask: Callable[[Floats], Floats],
    start: Floats,
    known: Floats,
    seed: int,
) -> Floats:
    """Return where the attack on one row ended, (features,); where it began if it came to no end.

    The toolbox draws from NumPy's common generator, which is put back as it was.
    """
    kept = np.random.get_state()
    np.random.seed(seed)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            given = start[None].astype(np.float32)
            reached = attack_of(ask, len(start)).generate(given, x_adv_init=known[None].astype(np.float32))
    except EnoughError:
        return known
    finally:
        np.random.set_state(kept)
    return np.asarray(reached[0], dtype=np.float64)
