"""Poisoning: labels are made wrong as told, and what a model loses by it is what theory says."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.poisoning.probe import PROBE, SHARES, _decisions
from conformity.probes.security.poisoning.training import (
    classes_of,
    trained_anew,
    wrong_at_random,
    wrong_for_one,
)
from conformity.probes.shared.models.estimators import EstimatorRunner
from conformity.probes.shared.models.sample import try_model
from tests.support.robust_models import columns, of_metric, order, people, scalar, target

BY = ("wrong labels",)
DECLARED = columns(["a", "b"])


def run(folder: Path, model: Any, rows: pd.DataFrame | None = None, **robustness: Any) -> ProbeResult:
    """Return what the probe finds."""
    robustness.setdefault("training", people(seed=2))
    return PROBE.examine(target(folder, people() if rows is None else rows, DECLARED, model, **robustness))


def test_labels_are_made_wrong_in_the_share_that_is_told() -> None:
    labels = np.repeat([0, 1, 2], 100)
    rng = np.random.default_rng(1)
    found = wrong_at_random(labels, 0.2, 3, rng)
    assert (found != labels).sum() == 60
    assert set(found) == {0, 1, 2}
    one = wrong_for_one(labels, 0.2, 3, 2, rng)
    assert (one != labels).sum() == 60
    assert (labels[one != labels] == 2).all()
    assert (wrong_for_one(labels, 0.9, 3, 2, rng) != labels).sum() == 100


def test_the_nearest_neighbour_repeats_every_wrong_label(tmp_path: Path) -> None:
    """A model that remembers each label is wrong about just the share that is wrong, on its own rows."""
    rows = people(seed=2)
    model = KNeighborsClassifier(1).fit(rows[["a", "b"]], rows["y"])
    found = run(tmp_path, model, rows, training=rows)
    assert scalar(found, "retrained_agreement").value == 1
    for share in SHARES:
        for how in ("at random", "all of one class"):
            name = f"{share:.0%} {how}" if how == "at random" else f"{share:.0%}, {how}"
            assert scalar(found, "poisoned_decision_rate", BY, (name,)).value == pytest.approx(share)
            assert scalar(found, "poisoned_accuracy_loss", BY, (name,)).value == pytest.approx(share)
    assert order(found.measurements) == sorted(order(found.measurements))


def test_a_regression_hardly_heeds_wrong_labels_at_random(tmp_path: Path) -> None:
    rows = people(seed=2)
    model = LogisticRegression().fit(rows[["a", "b"]], rows["y"])
    found = run(tmp_path, model)
    assert scalar(found, "poisoned_accuracy_loss", BY, ("10% at random",)).value < 0.05
    targeted = scalar(found, "poisoned_accuracy_loss", BY, ("20%, all of one class",))
    assert targeted.value > 0.05
    assert targeted.interval is not None
    assert "paired" in targeted.interval.method


def test_chance_in_training_is_set_alike(tmp_path: Path) -> None:
    rows = people(seed=2)
    tree = DecisionTreeClassifier(max_features=1).fit(rows[["a", "b"]], rows["y"])
    assert run(tmp_path, tree) == run(tmp_path, tree)
    nested = make_pipeline(DecisionTreeClassifier(max_features=1)).fit(rows[["a", "b"]].to_numpy(), rows["y"])
    runner = EstimatorRunner(nested, numbers=False)
    labels = rows["y"].to_numpy()
    first, second = (trained_anew(runner, rows[["a", "b"]], labels, 3) for _ in range(2))
    assert first.model[0].random_state == 3
    assert np.array_equal(
        first.predict(rows[["a", "b"]]).decisions, second.predict(rows[["a", "b"]]).decisions
    )


class Stubborn(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # no types
    """A classifier that learns once, and never again."""

    classes_ = np.array([0, 1])

    def fit(self, rows: object, labels: object) -> Stubborn:
        """Refuse."""
        raise MemoryError if labels is None else ValueError("secret")


def test_a_model_that_cannot_be_trained_is_said() -> None:
    rows = people()[["a", "b"]]
    with pytest.raises(NotMeasurableError, match=r"could not be trained anew .* \(ValueError\)") as raised:
        trained_anew(EstimatorRunner(Stubborn(), numbers=False), rows, np.zeros(len(rows), dtype=np.int64), 1)
    assert "secret" not in str(raised.value)

    class Hungry(Stubborn):
        """One that asks for more memory than there is."""

        def fit(self, rows: object, labels: object) -> Stubborn:
            """Raise."""
            raise MemoryError

    with pytest.raises(MemoryError):
        trained_anew(EstimatorRunner(Hungry(), numbers=False), rows, np.zeros(len(rows), dtype=np.int64), 1)


class Forgetful(LogisticRegression):  # type: ignore[misc] # no types
    """A classifier that learns and then cannot decide."""

    def predict(self, rows: object) -> object:
        """Raise."""
        raise RuntimeError("secret")


def test_a_model_that_was_trained_anew_and_fails_is_said(tmp_path: Path) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]], rows["y"])
    tried = try_model(target(tmp_path, rows, DECLARED, model))
    broken = EstimatorRunner(Forgetful().fit(rows[["a", "b"]], rows["y"]), numbers=False)
    with pytest.raises(NotMeasurableError, match=r"could not predict \(RuntimeError\)"):
        _decisions(tried, broken)


def test_labels_must_be_classes_of_the_model() -> None:
    model = LogisticRegression().fit(people()[["a"]], people()["y"])
    assert classes_of(model, np.array(["1", "0"])).tolist() == [1, 0]
    with pytest.raises(NotMeasurableError, match="has 1 values that the model does not know"):
        classes_of(model, np.array(["1", "secret"]))
    with pytest.raises(NotMeasurableError, match="does not tell its classes"):
        classes_of(object(), np.array(["1"]))


def test_a_model_of_one_class_has_no_wrong_labels(tmp_path: Path) -> None:
    rows = people().assign(y=1)
    model = DecisionTreeClassifier().fit(rows[["a", "b"]], rows["y"])
    with pytest.raises(NotMeasurableError, match="knows one class alone"):
        run(tmp_path, model, rows, training=rows)


def test_classes_without_a_favourable_one_lose_the_last(tmp_path: Path) -> None:
    rows = people(seed=2)
    declared = [*DECLARED[:-1], {"name": "job", "roles": ["label"], "content": "classes"}]
    model = KNeighborsClassifier(1).fit(rows[["a", "b"]], rows["job"])
    found = PROBE.examine(target(tmp_path, rows, declared, model, training=rows))
    assert scalar(found, "poisoned_decision_rate", BY, ("10%, all of one class",)).value == pytest.approx(0.1)


@pytest.mark.parametrize("where", ["rows", "training"])
def test_both_tables_need_labels(tmp_path: Path, where: str) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]], rows["y"])
    blank = rows.assign(y=[1.0] * 9 + [math.nan] * (len(rows) - 9))
    given = {"rows": blank} if where == "rows" else {"training": blank}
    with pytest.raises(NotMeasurableError, match=f"{where} has no label.*, or too few rows with one"):
        run(tmp_path, model, **given)


def test_what_cannot_be_trained_anew_is_said(tmp_path: Path) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]], rows["y"])
    with pytest.raises(NotMeasurableError, match=r"\(`robustness`, `training`\)"):
        run(tmp_path, model, training=None)
    (tmp_path / "m.py").write_text("import sys\nfor _ in sys.stdin.read().splitlines()[1:]: print(1)")
    given = target(tmp_path, rows, DECLARED, training=rows)
    fields = given.subject.model_dump(mode="json") | {
        "format": "command",
        "command": {"words": [sys.executable, "{}"]},
    }
    command = Target(
        ModelSubject.model_validate(fields), tmp_path / "m.py", given.tables, given.scratch, given.seed
    )
    with pytest.raises(NotMeasurableError, match="only estimators of classes"):
        PROBE.examine(command)
    numbers = [*DECLARED[:-1], {"name": "age", "roles": ["label"], "content": "numbers"}]
    line = LinearRegression().fit(rows[["a", "b"]], rows["age"])
    with pytest.raises(NotMeasurableError, match="only estimators of classes"):
        PROBE.examine(target(tmp_path, rows, numbers, line, training=rows))
    assert of_metric(run(tmp_path, model), "retrained_agreement")
