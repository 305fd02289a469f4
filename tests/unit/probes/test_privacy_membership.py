"""Membership inference: known areas, coverage by simulation, and real models that remember or do not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.measurement import Scalar
from conformity.model.subject import (
    Column,
    ColumnRole,
    Content,
    Membership,
    ModelSubject,
    PromptLogSubject,
    TableSubject,
)
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.privacy.membership_inference.attack import (
    advantage,
    area,
    best_threshold,
    difference,
    found_at_few_alarms,
)
from conformity.probes.privacy.membership_inference.probe import PROBE

ROWS = 400


def noise(seed: int) -> pd.DataFrame:
    """Return rows whose label is a coin toss: nothing can be learned, only remembered."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"a": rng.random(ROWS), "b": rng.random(ROWS), "y": rng.integers(0, 2, ROWS)})


def table(name: str, label: ColumnRole | None = "label", content: Content = "outcome") -> TableSubject:
    """Return a table as declared."""
    outcome = {"positive": (1,), "negative": (0,)} if content == "outcome" else {}
    columns = [Column(name="a", roles=("feature",)), Column(name="b", roles=("feature",))]
    if label:
        columns.append(Column.model_validate({"name": "y", "roles": (label,), "content": content, **outcome}))
    return TableSubject(
        id=SubjectId(name),
        kind="table",
        title=name,
        path=f"{name}.csv",
        purpose="training",
        columns=tuple(columns),
    )


def target(folder: Path, model: Any, **changes: Any) -> Target:
    """Return the target of a run over members (seed 1) and others (seed 2)."""
    (folder / "scratch").mkdir(exist_ok=True)
    joblib.dump(model, folder / "m.joblib")
    noise(1).to_csv(folder / "members.csv", index=False)
    noise(2).to_csv(folder / "others.csv", index=False)
    fields: dict[str, Any] = {
        "members": table("members"),
        "others": table("others"),
        "membership": Membership(members=SubjectId("members"), others=SubjectId("others")),
        **changes,
    }
    given = {t.id: (t, folder / f"{t.id}.csv") for t in (fields["members"], fields["others"]) if t}
    subject = ModelSubject(
        id=SubjectId("m"),
        kind="model",
        title="M",
        path="m.joblib",
        format="joblib",
        membership=fields["membership"],
    )
    return Target(subject=subject, path=folder / "m.joblib", tables=given, scratch=folder / "scratch", seed=7)


def trained(kind: Any) -> Any:
    """Return a model trained on the members."""
    rows = noise(1)
    return kind.fit(rows[["a", "b"]], rows["y"])


def results(given: Target) -> dict[str, Scalar]:
    """Return the results by metric."""
    found = PROBE.examine(given)
    return {m.metric: m.result for m in found.measurements if isinstance(m.result, Scalar)}


def test_a_model_that_remembers_everything_is_found_out(tmp_path: Path) -> None:
    """A full tree is right about all it has seen, and tosses a coin about the rest."""
    found = results(target(tmp_path, trained(DecisionTreeClassifier(random_state=0))))
    others = noise(2)
    right = float(
        (trained(DecisionTreeClassifier(random_state=0)).predict(others[["a", "b"]]) == others["y"]).mean()
    )
    assert found["generalisation_gap"].value == pytest.approx(1 - right)
    assert found["membership_advantage"].value == pytest.approx(1 - right, abs=0.06)
    assert found["membership_auc"].value == pytest.approx(1 - right / 2, abs=1e-12)
    assert found["membership_advantage"].interval is not None
    assert found["membership_advantage"].interval.low > 0.3


def test_a_model_that_was_trained_on_neither_reveals_nothing(tmp_path: Path) -> None:
    rows = noise(3)
    found = results(target(tmp_path, LogisticRegression().fit(rows[["a", "b"]], rows["y"])))
    for metric, blind in (("membership_advantage", 0.0), ("membership_auc", 0.5)):
        interval = found[metric].interval
        assert interval is not None
        assert interval.low <= blind <= interval.high
    assert found["membership_found_at_1_percent"].value < 0.05


def test_a_model_without_probabilities_is_told_apart_by_being_right(tmp_path: Path) -> None:
    measured = PROBE.examine(target(tmp_path, trained(RidgeClassifier())))
    assert "The model gives no probabilities: only whether it was right could be compared." in measured.notes
    assert [m.metric for m in measured.measurements] == sorted(m.metric for m in measured.measurements)


def test_the_same_seed_gives_the_same_numbers(tmp_path: Path) -> None:
    given = target(tmp_path, trained(DecisionTreeClassifier(max_depth=4, random_state=0)))
    first = results(given)
    for path in (tmp_path / "scratch").iterdir():
        path.unlink() if path.is_file() else path.rmdir()
    assert results(given) == first


def test_area_equals_scikit_learn_ties_included() -> None:
    rng = np.random.default_rng(3)
    members, others = rng.integers(0, 6, 70).astype(float), rng.integers(0, 5, 50).astype(float)
    truth = np.repeat([1, 0], [70, 50])
    assert area(members, others).value == pytest.approx(
        roc_auc_score(truth, np.concatenate([members, others]))
    )


def test_perfect_separation_still_has_an_interval() -> None:
    found = area(np.arange(10.0, 40.0), np.arange(-30.0, 0.0))
    assert found.value == 1
    assert found.interval is not None
    assert found.interval.low == pytest.approx(0.9)
    assert found.interval.high == 1


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_the_interval_of_an_area_holds_the_truth_in_95_of_100_samples(shift: float) -> None:
    """Two normal samples one ``shift`` apart have the area Phi(shift / sqrt 2)."""
    truth = 0.5 * (1 + math.erf(shift / 2))
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(600):
        interval = area(rng.normal(shift, 1, 60), rng.normal(0, 1, 60)).interval
        assert interval is not None
        held += interval.low <= truth <= interval.high
    assert 0.925 <= held / 600 <= 0.98


def test_a_threshold_that_gains_nothing_calls_nobody_a_member() -> None:
    assert best_threshold(np.array([0.0, 0.0]), np.array([1.0, 1.0])) == math.inf
    assert advantage(np.zeros(40), np.ones(40)).value == 0


def test_a_hand_made_threshold() -> None:
    """Above 2: three of four members, one of four others; the other halves repeat them."""
    members = np.repeat([1.0, 3.0, 3.0, 3.0], 2)
    others = np.repeat([1.0, 1.0, 1.0, 3.0], 2)
    assert best_threshold(members[::2], others[::2]) == 3
    assert advantage(members, others).value == pytest.approx(0.5)
    assert found_at_few_alarms(members, others).value == 0
    assert difference(np.array([True, True]), np.array([True, False])).value == 0.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"membership": None}, "does not say on which table the model was trained"),
        (
            {"membership": Membership(members=SubjectId("others"), others=SubjectId("others"))},
            "`members` and `others` are one table",
        ),
        ({"others": None}, "the table others, over which to run the model, is not at hand"),
        ({"others": table("others", label=None)}, "the table others has no label of two outcomes or classes"),
        ({"others": table("others", content="numbers")}, "has no label of two outcomes or classes"),
    ],
)
def test_what_is_not_declared_is_said(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NotMeasurableError, match=message):
        PROBE.examine(target(tmp_path, trained(LogisticRegression()), **changes))


def test_too_few_rows_are_not_measured(tmp_path: Path) -> None:
    given = target(tmp_path, trained(LogisticRegression()))
    noise(2).head(29).to_csv(tmp_path / "others.csv", index=False)
    with pytest.raises(NotMeasurableError, match="fewer than 30 rows with a label"):
        PROBE.examine(given)


def test_a_label_that_the_model_does_not_know_is_not_measured(tmp_path: Path) -> None:
    given = target(tmp_path, trained(LogisticRegression()))
    noise(2).assign(y="secret").to_csv(tmp_path / "others.csv", index=False)
    with pytest.raises(NotMeasurableError, match="1 values that the model does not know") as raised:
        PROBE.examine(given)
    assert "secret" not in str(raised.value)


def test_rows_that_the_model_cannot_read_are_not_measured(tmp_path: Path) -> None:
    given = target(tmp_path, trained(LogisticRegression()))
    noise(2).assign(a="secret").to_csv(tmp_path / "others.csv", index=False)
    with pytest.raises(NotMeasurableError, match=r"could not predict others \(ValueError\)") as raised:
        PROBE.examine(given)
    assert "secret" not in str(raised.value)


def test_something_else_is_no_model(tmp_path: Path) -> None:
    log = PromptLogSubject(id=SubjectId("p"), kind="prompt_log", title="P", path="p.jsonl")
    with pytest.raises(ModelFileError, match="not a model"):
        PROBE.examine(Target(subject=log, path=tmp_path, tables={}, scratch=tmp_path, seed=1))
