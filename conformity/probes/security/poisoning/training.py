"""Train a declared estimator anew, on labels of which some are wrong."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from conformity.engines.values import same_outcome
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.models.estimators import EstimatorRunner

if TYPE_CHECKING:
    import pandas as pd


def classes_of(model: Any, truth: np.ndarray) -> Ints:
    """Return for each label the number of the model's class, (n,).

    Args:
        model: the declared estimator.
        truth: (n,) labels as comparable text.

    Raises:
        NotMeasurableError: it has no classes, or a label is none of them.
    """
    if not hasattr(model, "classes_"):
        raise NotMeasurableError("the model does not tell its classes, so that it cannot be trained anew")
    place = {same_outcome(value): k for k, value in enumerate(np.asarray(model.classes_).tolist())}
    if unknown := set(truth.tolist()) - set(place):
        raise NotMeasurableError(
            f"the label of the training table has {len(unknown)} values that the model does not know"
        )
    return np.array([place[text] for text in truth.tolist()], dtype=np.int64)


def wrong_at_random(labels: Ints, share: float, classes: int, rng: np.random.Generator) -> Ints:
    """Return labels of which a share is another class, each as likely.

    Args:
        labels: (n,) numbers of classes.
        share: the share that is made wrong, in [0, 1].
        classes: how many classes there are, at least 2.
        rng: where chance comes from.
    """
    hit = rng.permutation(len(labels))[: round(share * len(labels))]
    found = labels.copy()
    found[hit] = (labels[hit] + rng.integers(1, classes, size=len(hit))) % classes
    return found


def wrong_for_one(labels: Ints, share: float, classes: int, victim: int, rng: np.random.Generator) -> Ints:
    """Return labels of which a share, all of one class, is another.

    Args:
        labels: (n,) numbers of classes.
        share: the share of all labels that is made wrong; less where the class has fewer.
        classes: how many classes there are, at least 2.
        victim: the class that loses them.
        rng: where chance comes from.
    """
    members = np.flatnonzero(labels == victim)
    hit = rng.permutation(members)[: round(share * len(labels))]
    found = labels.copy()
    found[hit] = (victim + rng.integers(1, classes, size=len(hit))) % classes
    return found


def trained_anew(runner: EstimatorRunner, rows: pd.DataFrame, labels: Ints, seed: int) -> EstimatorRunner:
    """Return the same kind of estimator, trained on these labels from a fixed seed.

    Args:
        runner: the declared estimator.
        rows: the features.
        labels: (n,) numbers of its classes.
        seed: seed of everything that the training draws at random.

    Raises:
        NotMeasurableError: it cannot be trained.
    """
    from sklearn.base import clone

    targets = np.asarray(runner.model.classes_)[labels]
    given = rows if hasattr(runner.model, "feature_names_in_") else rows.to_numpy()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fresh = clone(runner.model)
            fresh.set_params(**_seeds(fresh.get_params(deep=True), seed))
            fresh.fit(given, targets)
    except MemoryError:
        raise
    except Exception as error:
        raise NotMeasurableError(
            f"the model could not be trained anew on the declared training table ({type(error).__name__})"
        ) from error
    return EstimatorRunner(fresh, runner.numbers)


def generator(seed: int, name: str) -> np.random.Generator:
    """Return a generator of its own for one way of making labels wrong."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _seeds(parameters: Mapping[str, Any], seed: int) -> dict[str, int]:
    """Return a seed for every part of an estimator that draws at random."""
    return {name: seed for name in parameters if name == "random_state" or name.endswith("__random_state")}
