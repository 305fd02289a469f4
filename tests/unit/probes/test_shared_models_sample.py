"""Samples of declared rows: labels, groups, features, and shares with their intervals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.subject import PromptLogSubject
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.models.features import Feature, features_of, movable
from conformity.probes.shared.models.sample import Tried, require_variety, try_model
from conformity.probes.shared.models.shares import paired_difference, paired_limits, share_of
from tests.support.robust_models import ROWS, columns, people, target

FEATURES = ["a", "b", "age", "job"]


def tried(folder: Path, rows: pd.DataFrame, model: Any, declared: Any = None, **robustness: Any) -> Tried:
    """Return a model tried on rows of two features."""
    return try_model(target(folder, rows, declared or columns(["a", "b"]), model, **robustness))


def regression() -> LogisticRegression:
    """Return a regression on two features."""
    rows = people()
    return LogisticRegression().fit(rows[["a", "b"]], rows["y"])


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((1, 1, 7, 12), -0.507, -0.026),
    ],
    ids=["Newcombe 1998, table II, method 10", "Fagerland, Lydersen and Laake 2014, airway reactivity"],
)
def test_published_limits_of_paired_differences(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    """Stat Med 17 (1998) 2635-2650; Stat Med 33 (2014) 2850-2875."""
    digits = 4 if counts[0] == 36 else 3
    found = paired_limits(*counts)
    assert (round(found[0], digits), round(found[1], digits)) == (low, high)


def test_limits_of_paired_differences_without_any_disagreement() -> None:
    """No case differs: the limits still leave room, alike on both sides."""
    low, high = paired_limits(50, 0, 0, 0)
    assert low == pytest.approx(-high)
    assert 0 < high < 0.08


def test_paired_limits_hold_the_truth_in_95_of_100_samples() -> None:
    """Second is first with one in ten turned wrong: the true difference is 0.1 times 0.8."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(600):
        first = rng.random(120) < 0.8
        found = paired_difference(first, first & (rng.random(120) < 0.9))
        assert found.interval is not None
        held += found.interval.low <= 0.08 <= found.interval.high
    assert held / 600 >= 0.93


def test_a_share_has_wilson_limits() -> None:
    """Newcombe (1998), Stat Med 17, 857-872, table I: 15 of 148 gives 0.0624 to 0.1605."""
    found = share_of(np.arange(148) < 15)
    assert found.interval is not None
    assert (found.n, round(found.interval.low, 4), round(found.interval.high, 4)) == (148, 0.0624, 0.1605)


def test_features_know_their_kind_spread_and_bounds(tmp_path: Path) -> None:
    rows = people().assign(code=[0, 1] * (ROWS // 2), same=3.0, when=pd.Timestamp("2026-01-01"))
    declared = columns(
        [*FEATURES, "code", "same", "when"],
        age={"minimum": 18, "maximum": 90},
        job={"allowed": ["cook", "smith"]},
    )
    model = LogisticRegression().fit(rows[["a"]].to_numpy(), rows["y"])

    class First:
        """Decide by the first column alone."""

        predict = staticmethod(lambda given: model.predict(given[:, :1].astype(float)))

    given = target(tmp_path, rows, declared, immutable=["b"])
    from conformity.probes.shared.models.sample import draw

    table, path = given.tables[SubjectId("rows")]
    assert given.subject.kind == "model"  # type: ignore[union-attr]
    sample = draw(table, path, given.subject.robustness, 100, 1)  # type: ignore[arg-type, union-attr]
    found = {feature.name: feature for feature in features_of(sample)}
    kinds = {name: feature.kind for name, feature in found.items()}
    assert kinds == {
        "a": "number",
        "b": "number",
        "age": "number",
        "job": "category",
        "code": "category",
        "same": "neither",
        "when": "neither",
    }
    assert found["a"].spread == pytest.approx(rows["a"].std(ddof=0))
    assert (found["age"].whole, found["age"].low, found["age"].high) == (True, 18, 90)
    assert found["job"].values == ("cook", "smith")
    assert found["code"].values == (0, 1)
    assert [f.name for f in movable(features_of(sample), "number")] == ["a", "age"]
    assert len(sample.rows) == 100
    assert sample.rows.equals(draw(table, path, given.subject.robustness, 100, 1).rows)  # type: ignore[arg-type, union-attr]


def test_dates_are_left_alone() -> None:
    from conformity.probes.shared.models.features import _feature
    from tests.support.robust_models import table

    column = table(columns(["a"])).columns[0]
    when = pd.Series(pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"]))
    assert _feature(column, when, frozenset()).kind == "neither"
    assert _feature(column, pd.Series([math.nan] * 3), frozenset()).kind == "neither"
    assert _feature(column, pd.Series([math.inf, 1.0, 2.0]), frozenset()).spread == 0.5


def test_a_number_settles_where_its_feature_can_be() -> None:
    feature = Feature("n", "number", True, spread=1.0, whole=True, low=0, high=3)
    values = np.array([-1.2, 1.4, 9.0, math.nan])
    assert feature.settle(values)[:3].tolist() == [0, 1, 3]
    assert math.isnan(feature.settle(values)[3])
    assert feature.settle(values, bounded=False)[:3].tolist() == [-1, 1, 9]


def test_groups_are_values_edges_or_bands(tmp_path: Path) -> None:
    rows = people().assign(
        income=np.arange(ROWS), few=[1, 2] * (ROWS // 2), gap=[math.nan, 5.0] * (ROWS // 2)
    )
    more = [
        {"name": "age", "roles": ["protected"], "edges": [25, 60]},
        {"name": "income", "roles": ["protected"], "bands": 4},
        {"name": "few", "roles": ["protected"], "bands": 4},
        {"name": "gap", "roles": ["protected"], "edges": [1]},
        {"name": "none", "roles": ["protected"], "bands": 2},
    ]
    rows["none"] = ["x", "y", "z", "w"] * (ROWS // 4)
    found = tried(tmp_path, rows, regression(), [*columns(["a", "b"]), *more]).sample.groups
    assert set(found["age"]) == {"< 25", "25 to < 60", ">= 60"}
    assert [found["income"].count(name) for name in sorted(set(found["income"]))] == pytest.approx(
        [100] * 4, abs=1
    )
    assert set(found["few"]) == {"1", "2"}
    assert set(found["gap"]) == {"(missing)", ">= 1"}
    assert set(found["none"]) == {"x", "y", "z", "w"}
    assert found["sex"] == tuple(rows["sex"])


def test_labels_that_are_missing_take_no_part(tmp_path: Path) -> None:
    rows = people()
    rows["y"] = rows["y"].astype(object)
    rows.loc[:99, "y"] = None
    found = tried(tmp_path, rows, regression())
    assert int(found.sample.known.sum()) == ROWS - 100
    right = found.right
    assert right is not None
    assert len(right) == ROWS - 100
    assert right.mean() > 0.95


@pytest.mark.parametrize("label", [None, "blank"])
def test_without_labels_nothing_is_called_right(tmp_path: Path, label: str | None) -> None:
    declared = columns(["a", "b"])
    rows = people()
    if label is None:
        declared = declared[:-1]
    else:
        rows["y"] = [1.0] * 20 + [None] * (ROWS - 20)
    assert tried(tmp_path, rows, regression(), declared).right is None


def test_a_label_that_the_model_never_answers_is_no_label(tmp_path: Path) -> None:
    """Else every decision were wrong before and after, and no accuracy could ever be lost."""
    rows = people()
    rows["y"] = np.where(rows["y"] == 1, "granted", "refused")
    declared = columns(["a", "b"])
    declared[-1] |= {"positive": ["granted"], "negative": ["refused"]}
    found = tried(tmp_path, rows, regression(), declared)
    assert found.right is None
    assert any("No decision of the model is a value of the label" in note for note in found.notes)


def test_without_a_label_an_estimator_says_what_it_predicts(tmp_path: Path) -> None:
    rows = people()
    line = LinearRegression().fit(rows[["a", "b"]], rows["a"])
    assert tried(tmp_path, rows, line, columns(["a", "b"])[:-1]).numbers
    assert not tried(tmp_path, rows, regression(), columns(["a", "b"])[:-1]).numbers


def numbers_declared() -> list[dict[str, Any]]:
    """Return columns whose label is a number."""
    return [*columns(["a"])[:-1], {"name": "b", "roles": ["label"], "content": "numbers"}]


def test_the_tolerance_of_numbers_is_declared_or_a_tenth_of_their_spread(tmp_path: Path) -> None:
    rows = people()
    model = LinearRegression().fit(rows[["a"]], rows["a"] * 3)
    found = tried(tmp_path, rows, model, numbers_declared())
    assert found.numbers
    assert found.tolerance == pytest.approx(0.3 * float(rows["a"].std(ddof=0)))
    assert tried(tmp_path, rows, model, numbers_declared(), tolerance=0.5).tolerance == 0.5


def test_a_model_that_always_says_the_same_cannot_be_seen_to_change(tmp_path: Path) -> None:
    rows = people()
    for model, declared in (
        (DummyClassifier(strategy="constant", constant=1).fit(rows[["a", "b"]], rows["y"]), None),
        (DummyRegressor().fit(rows[["a"]], rows["b"]), numbers_declared()),
    ):
        with pytest.raises(NotMeasurableError, match="the same answer"):
            require_variety(tried(tmp_path, rows, model, declared))


def test_numbers_that_are_none_have_no_spread(tmp_path: Path) -> None:
    from conformity.probes.shared.models.interface import Predicted
    from conformity.probes.shared.models.sample import _tolerance

    model = tried(tmp_path, people(), regression())
    assert _tolerance(model.sample.declared, Predicted(np.array([math.nan])), True) == 0


@pytest.mark.parametrize(
    ("rows", "robustness", "message"),
    [
        (29, {}, "fewer than 30 rows"),
        (100, {"immutable": ["sex"]}, "`immutable` names 'sex', which is no feature"),
        (100, {"data": "other"}, "the table other, on which to try the model, is not at hand"),
    ],
)
def test_what_cannot_be_tried_is_said(
    tmp_path: Path, rows: int, robustness: dict[str, Any], message: str
) -> None:
    with pytest.raises(NotMeasurableError, match=message):
        tried(tmp_path, people(rows), regression(), **robustness)


def test_rows_that_the_model_cannot_read_are_not_measured(tmp_path: Path) -> None:
    with pytest.raises(
        NotMeasurableError, match=r"could not predict the declared rows \(ValueError\)"
    ) as raised:
        tried(tmp_path, people().assign(a="secret"), regression())
    assert "secret" not in str(raised.value)


def test_nothing_declared_is_said(tmp_path: Path) -> None:
    given = target(tmp_path, people(), columns(["a", "b"]), regression())
    bare = given.subject.model_copy(update={"robustness": None})
    with pytest.raises(NotMeasurableError, match=r"does not say on which table .* \(`robustness`\)"):
        try_model(Target(bare, given.path, given.tables, given.scratch, 1))
    log = PromptLogSubject(id=SubjectId("p"), kind="prompt_log", title="P", path="p.jsonl")
    with pytest.raises(ModelFileError, match="not a model"):
        try_model(Target(log, given.path, given.tables, given.scratch, 1))
