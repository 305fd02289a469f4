"""Evasion: on a plane the smallest change is known, and every change found is a real one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from conformity.errors import MissingLibraryError
from conformity.model.measurement import NotAvailable
from conformity.probes.interface import NotMeasurableError
from conformity.probes.security.evasion import hop_skip_jump
from conformity.probes.security.evasion.hop_skip_jump import Question, refine
from conformity.probes.security.evasion.probe import BUDGETS, PROBE, _median
from conformity.probes.security.evasion.search import Found, search, turned
from conformity.probes.security.evasion.space import Space
from conformity.probes.shared.models.estimators import EstimatorRunner
from conformity.probes.shared.models.features import Feature, features_of, movable
from conformity.probes.shared.models.interface import Predicted, RefusedError
from conformity.probes.shared.models.sample import Tried, try_model
from tests.support.robust_models import columns, of_metric, people, scalar, target

BY = ("budget",)


def regression(*features: str) -> LogisticRegression:
    """Return a regression trained on people."""
    rows = people()
    return LogisticRegression().fit(rows[list(features)], rows["y"])


def given(folder: Path, model: Any, declared: Any = None, **robustness: Any) -> tuple[Tried, Space]:
    """Return a model with rows and the space in which they may be moved."""
    tried = try_model(target(folder, people(), declared or columns(["a", "b"]), model, **robustness), 200)
    return tried, Space(movable(features_of(tried.sample), "number"))


def test_on_one_feature_the_distance_is_that_to_the_border(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is |a - border| in standard deviations, which halving finds to one part in 4,096."""
    monkeypatch.setattr(hop_skip_jump, "ROWS", 2)
    rows, model = people(), regression("a")
    border = -float(model.intercept_[0] / model.coef_[0][0])
    tried, space = given(tmp_path, model, columns(["a"]))
    found = search(tried.runner, tried.sample.rows, tried.base.decisions, space)
    true = np.abs(tried.sample.rows["a"].to_numpy() - border) / rows["a"].std(ddof=0)
    reach = space.distance(space.points(tried.sample.rows), found.points)
    assert found.turned.all()
    assert (reach >= true - 1e-9).all()
    assert np.abs(reach - true).max() < 0.01
    measured = PROBE.examine(target(tmp_path, rows, columns(["a"]), model))
    assert scalar(measured, "evasion_distance").value == pytest.approx(np.median(true), abs=0.01)
    assert scalar(measured, "evasion_features").value == 1
    for budget in BUDGETS:
        rate = scalar(measured, "evasion_rate", BY, (f"{budget:g} standard deviations",))
        assert rate.value == pytest.approx((true <= budget).mean(), abs=0.02)


def test_every_change_found_is_real_small_and_allowed(tmp_path: Path) -> None:
    rows = people()
    features = ["a", "b", "age", "job"]
    model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(rows[["a", "b", "age"]], rows["age"] > 50)
    declared = columns(features[:3], age={"minimum": 18, "maximum": 90})
    tried, space = given(tmp_path, model, declared, immutable=["b"])
    assert [feature.name for feature in space.features] == ["a", "age"]
    found = search(tried.runner, tried.sample.rows, tried.base.decisions, space)
    changed = space.moved(tried.sample.rows, found.points)
    after = tried.runner.predict(changed).decisions
    assert np.array_equal(after != tried.base.decisions, found.turned)
    assert changed["b"].equals(tried.sample.rows["b"])
    assert (changed["age"] == changed["age"].round()).all()
    assert changed["age"].between(18, 90).all()
    # The decision hangs on the age alone: what is not needed went back.
    assert changed["a"].equals(tried.sample.rows["a"])
    needed = (changed["age"] - tried.sample.rows["age"])[found.turned].abs()
    border = (tried.sample.rows["age"] - 50.5).abs()[found.turned] + 0.5
    assert needed.to_numpy() == pytest.approx(border.to_numpy())


def test_the_border_of_a_plane_is_found_near_its_nearest_point(tmp_path: Path) -> None:
    """The line to another case is longer than the perpendicular, and no longer than to that case."""
    rows = people(2_000)
    model = LogisticRegression().fit(rows[["a", "b"]], rows["a"] + rows["b"] > 0)
    tried, space = given(tmp_path, model)
    start = space.points(tried.sample.rows)
    found = search(tried.runner, tried.sample.rows, tried.base.decisions, space)
    weights = model.coef_[0] * [feature.spread for feature in space.features]
    true = np.abs(start @ weights + model.intercept_[0]) / np.linalg.norm(weights)
    reach = space.distance(start, found.points)
    assert (reach >= true - 1e-6).all()
    assert np.median(reach / np.maximum(true, 1e-3)) < 1.5


def test_missing_numbers_stay_missing() -> None:
    space = Space((Feature("a", "number", True, spread=2.0),))
    rows = pd.DataFrame({"a": [np.nan, 4.0]})
    points = space.points(rows)
    assert points.tolist() == [[0.0], [2.0]]
    assert space.moved(rows, points).equals(rows)
    assert space.moved(rows, points + 1)["a"].tolist() == [2.0, 6.0]


class Failing:
    """A runner that gives no answer."""

    notes: tuple[str, ...] = ()
    most_rows = 10
    starts_anew = False

    def predict(self, rows: pd.DataFrame, *, scores: bool = False) -> Predicted:
        """Raise."""
        raise RefusedError("broken")


def test_a_model_that_fails_has_not_been_turned() -> None:
    space = Space((Feature("a", "number", True, spread=1.0),))
    rows = pd.DataFrame({"a": [1.0, -1.0]})
    before = np.array(["1", "0"])
    assert not turned(Failing(), rows, before, space.points(rows), space).any()
    found = search(Failing(), rows, before, space)
    assert not found.turned.any()
    assert np.array_equal(found.points, space.points(rows))
    question = Question(Failing(), rows.head(1), before[:1], space)
    assert question(np.zeros((3, 1))).tolist() == [[1.0, 0.0]] * 3
    assert question.shortest.tolist() == [0.0]


def test_what_half_the_cases_resist_has_no_median() -> None:
    resisted = _median(np.array([1.0, np.inf, np.inf]))
    assert isinstance(resisted, NotAvailable)
    assert "no change was found" in resisted.reason


def test_a_question_tells_turned_points_from_others_and_keeps_the_shortest() -> None:
    rows = people()
    space = Space((Feature("a", "number", True, spread=1.0),))
    runner = EstimatorRunner(regression("a"), numbers=False)
    row = rows[["a"]].iloc[[0]]
    question = Question(runner, row, runner.predict(row).decisions, space)
    away = -np.sign(float(row["a"].iloc[0]))
    assert question(np.array([[0.0], [20 * away]])).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert question.shortest.tolist() == [20 * away]
    for way, kept in ((30, 20), (10, 10)):
        question(np.array([[way * away]]))
        assert question.shortest.tolist() == [kept * away]


def test_a_row_is_asked_about_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toolbox halves its steps until one turns the decision, which none may do."""
    monkeypatch.setattr(hop_skip_jump, "QUESTIONS", 2)
    rows = pd.DataFrame({"a": [1.0]})
    ask = Question(Failing(), rows, np.array(["1"]), Space((Feature("a", "number", True, spread=1.0),)))
    ask(np.zeros((1, 1)))
    ask(np.zeros((1, 1)))
    with pytest.raises(hop_skip_jump.EnoughError):
        ask(np.zeros((1, 1)))


def on_a_plane(folder: Path) -> tuple[Tried, Space, LogisticRegression]:
    """Return a model whose border is a line in two features, with rows and the space."""
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]], rows["a"] + rows["b"] > 0)
    return (*given(folder, model), model)


@pytest.mark.no_cover
def test_hop_skip_jump_finds_the_nearest_point_of_a_plane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real toolbox: every change turns the decision, and comes near the perpendicular to the border.

    Source:
        Chen, Jordan and Wainwright (2020): the attack converges to a point at which the way stands upright on
        the border; on a plane that is the nearest one.
    """
    monkeypatch.setattr(hop_skip_jump, "ROWS", 4)
    tried, space, model = on_a_plane(tmp_path)
    part, before = tried.sample.rows.head(20), tried.base.decisions[:20]
    found = search(tried.runner, part, before, space)
    state = np.random.get_state(legacy=False)["state"]["key"]
    better = refine(tried.runner, part, before, space, found, 1)
    assert np.array_equal(np.random.get_state(legacy=False)["state"]["key"], state)
    start = space.points(part)
    weights = model.coef_[0] * [feature.spread for feature in space.features]
    true = np.abs(start @ weights + model.intercept_[0]) / np.linalg.norm(weights)
    before_it, after_it = space.distance(start, found.points), space.distance(start, better.points)
    assert (after_it <= before_it).all()
    assert (after_it >= true - 1e-6).all()
    assert (before_it[:4] > 1.02 * true[:4]).any()
    assert after_it[:4] == pytest.approx(true[:4], rel=0.02)
    assert np.array_equal(better.points[4:], found.points[4:])
    assert turned(tried.runner, part, before, better.points, space)[found.turned].all()


def test_an_attack_that_comes_to_no_end_keeps_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hop_skip_jump, "ROWS", 2)
    monkeypatch.setattr(hop_skip_jump, "QUESTIONS", 8)
    tried, space, _ = on_a_plane(tmp_path)
    part, before = tried.sample.rows.head(4), tried.base.decisions[:4]
    found = search(tried.runner, part, before, space)
    better = refine(tried.runner, part, before, space, found, 1)
    assert turned(tried.runner, part, before, better.points, space)[found.turned].all()
    start = space.points(part)
    assert (space.distance(start, better.points) <= space.distance(start, found.points)).all()


def test_without_the_toolbox_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "art.attacks.evasion", None)
    tried, space, model = on_a_plane(tmp_path)
    found = Found(space.points(tried.sample.rows), np.ones(len(tried.sample.rows), dtype=np.bool_))
    with pytest.raises(MissingLibraryError, match=r"conformity-report\[adversarial\]"):
        refine(tried.runner, tried.sample.rows, tried.base.decisions, space, found, 1)
    notes = PROBE.examine(target(tmp_path, people(), columns(["a", "b"]), model)).notes
    assert any("with the extra `adversarial`" in note for note in notes)


@pytest.mark.no_cover
def test_the_same_seed_gives_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hop_skip_jump, "ROWS", 2)
    first = PROBE.examine(target(tmp_path, people(), columns(["a", "b"]), regression("a", "b")))
    assert PROBE.examine(target(tmp_path, people(), columns(["a", "b"]), regression("a", "b"))) == first
    assert set(of_metric(first, "evasion_rate")) == {(BY, (f"{b:g} standard deviations",)) for b in BUDGETS}


def test_what_cannot_be_attacked_is_said(tmp_path: Path) -> None:
    rows = people()
    numbers = LinearRegression().fit(rows[["a"]], rows["b"])
    declared = [*columns(["a"])[:-1], {"name": "b", "roles": ["label"], "content": "numbers"}]
    with pytest.raises(NotMeasurableError, match="predicts numbers"):
        PROBE.examine(target(tmp_path, rows, declared, numbers))
    with pytest.raises(NotMeasurableError, match="no feature is a number that may be changed"):
        PROBE.examine(target(tmp_path, rows, columns(["a"]), regression("a"), immutable=["a"]))
