"""Robustness: known shares of changed decisions, the worst feature and group, and models that fail."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.security.robustness.disturb import NOISE, joint, single, standard
from conformity.probes.security.robustness.outcomes import Outcome, noise_area
from conformity.probes.security.robustness.probe import PROBE
from conformity.probes.shared.models.features import UNSEEN, features_of
from conformity.probes.shared.models.sample import draw, try_model
from tests.support.robust_models import columns, of_metric, order, people, scalar, target

BY = ("disturbance",)
FEATURES = ["a", "b", "age", "job"]


def by_a(rows: int = 2_000) -> tuple[pd.DataFrame, Any]:
    """Return rows, and a tree that decides by the sign of ``a`` alone."""
    given = people(rows)
    edge = pd.DataFrame({"a": [-1e-5, 1e-5] * 50, "b": 0.0})
    return given, DecisionTreeClassifier(max_depth=1).fit(edge, [0, 1] * 50)


def with_jobs() -> tuple[pd.DataFrame, Any]:
    """Return rows, and a regression that knows three jobs and refuses others."""
    given = people()
    coded = make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough")
    return given, make_pipeline(coded, LogisticRegression(max_iter=1000)).fit(given[FEATURES], given["y"])


def run(folder: Path, rows: pd.DataFrame, model: Any, declared: Any = None, **robustness: Any) -> ProbeResult:
    """Return what the probe finds."""
    return PROBE.examine(target(folder, rows, declared or columns(["a", "b"]), model, **robustness))


@pytest.mark.parametrize("level", NOISE)
def test_noise_turns_as_many_decisions_as_theory_says(tmp_path: Path, level: float) -> None:
    """Normal ``a`` and ``a`` plus noise have different signs with probability arctan(level) / pi.

    Sheppard (1899): the correlation is r = 1 / sqrt(1 + level^2), and signs differ with arccos(r) / pi.
    """
    rows, model = by_a()
    found = scalar(
        run(tmp_path, rows, model),
        "disturbed_decision_rate",
        BY,
        (f"noise of {level:g} standard deviations",),
    )
    assert found.interval is not None
    assert found.interval.low <= math.atan(level) / math.pi <= found.interval.high
    assert found.n == 2_000


def test_a_shift_turns_those_that_lie_within_it(tmp_path: Path) -> None:
    """A shift by half a standard deviation turns exactly the rows whose ``a`` lies that near below 0."""
    rows, model = by_a()
    expected = ((rows["a"] <= 0) & (rows["a"] + rows["a"].std(ddof=0) / 2 > 0)).mean()
    found = run(tmp_path, rows, model)
    name = "shift by +0.5 standard deviations"
    assert scalar(found, "disturbed_decision_rate", BY, (name,)).value == pytest.approx(expected)
    assert scalar(found, "worst_feature_decision_rate", BY, (name,)).value == pytest.approx(expected)
    # The label is the sign of a, so that every changed decision is a right one lost.
    assert scalar(found, "disturbed_accuracy_loss", BY, (name,)).value == pytest.approx(expected)


def test_only_the_feature_that_counts_is_named(tmp_path: Path) -> None:
    rows, model = by_a()
    found = run(tmp_path, rows, model)
    assert scalar(found, "feature_decision_rate", ("b",)).value == 0
    worst = scalar(found, "feature_decision_rate", ("a",))
    assert (
        worst.value
        == scalar(found, "worst_feature_decision_rate", BY, ("noise of 0.25 standard deviations",)).value
    )
    assert worst.interval is not None
    assert "Bonferroni over 2" in worst.interval.method
    (note,) = (note for note in found.notes if note.startswith("One feature disturbed at a time"))
    assert "most decisions change for 'a' (" in note
    assert "noise of 0.25 standard deviations" in note
    assert not any("'b' (" in note for note in found.notes)
    # Another unit does not change a sign.
    assert scalar(found, "worst_feature_decision_rate", BY, ("multiplied by 10",)).value == 0


def test_the_worst_group_is_named_and_the_gap_measured(tmp_path: Path) -> None:
    """Men lie near the border, women far from it: noise turns decisions about men alone."""
    rows, model = by_a()
    rows["a"] = np.where(rows["sex"] == "m", rows["a"] / 20, np.sign(rows["a"]) * 10)
    found = run(tmp_path, rows, model)
    men = scalar(found, "group_decision_rate", ("sex",), ("m",))
    assert scalar(found, "group_decision_rate", ("sex",), ("f",)).value == 0
    gap = scalar(found, "group_decision_rate_gap", ("sex",))
    assert gap.value == men.value > 0.3
    assert any("By sex" in note and note.endswith("most decisions change for 'm'.") for note in found.notes)


def test_small_groups_are_neither_shown_nor_named(tmp_path: Path) -> None:
    rows, model = by_a(400)
    rows.loc[:10, "sex"] = "rare"
    found = run(tmp_path, rows, model)
    assert (("sex",), ("rare",)) not in of_metric(found, "group_decision_rate")
    assert "rare" not in " ".join(found.notes)
    assert any("By sex, 1 groups with fewer than 30" in note for note in found.notes)
    rows["sex"] = [f"g{k % 50}" for k in range(400)]
    gap = of_metric(run(tmp_path, rows, model), "group_decision_rate_gap")[("sex",), ()]
    assert isinstance(gap, NotAvailable)
    assert gap.why == "too_few_cases"


def test_the_area_under_noise_is_the_trapezium_of_the_accuracies(tmp_path: Path) -> None:
    rows, model = by_a()
    found = run(tmp_path, rows, model)
    accuracy = [1.0] + [
        1 - scalar(found, "disturbed_accuracy_loss", BY, (f"noise of {level:g} standard deviations",)).value
        for level in NOISE
    ]
    area = np.trapezoid(accuracy, [0, *NOISE]) / NOISE[-1]
    mean = scalar(found, "accuracy_under_noise")
    assert mean.value == pytest.approx(area)
    assert mean.interval is not None
    assert mean.interval.low < area < mean.interval.high


def test_a_model_that_raises_is_a_finding_and_no_number(tmp_path: Path) -> None:
    rows, model = with_jobs()
    found = run(tmp_path, rows, model, columns(FEATURES))
    rates = of_metric(found, "disturbed_decision_rate")
    for name in ("30% of cells missing", "10% of categories never seen"):
        failed = rates[BY, (name,)]
        assert isinstance(failed, NotAvailable)
        assert failed.reason.startswith("the model failed (ValueError)")
        assert isinstance(of_metric(found, "disturbed_accuracy_loss")[BY, (name,)], NotAvailable)
    assert isinstance(rates[BY, ("10% of categories changed",)], Scalar)
    failures = of_metric(found, "failed_disturbances")[(), ()]
    assert isinstance(failures, Count)
    # Missing cells at three shares and in each of four features, and categories never seen.
    assert failures.value == 8
    assert any("The model failed in some of" in note for note in found.notes)
    worst = of_metric(found, "worst_feature_decision_rate")[BY, ("missing in every row",)]
    assert isinstance(worst, NotAvailable)


def test_immutable_features_stay_and_bounds_hold(tmp_path: Path) -> None:
    rows, model = by_a()
    found = run(tmp_path, rows, model, immutable=["a"])
    assert {one.value for one in of_metric(found, "disturbed_decision_rate").values()} == {0}
    assert "Features disturbed: numbers 1, categories 0. Left as they are: 'a'." in found.notes
    declared = columns(FEATURES, age={"minimum": 18, "maximum": 90}, job={"allowed": ["cook", "smith"]})
    given = target(tmp_path, rows, declared, model, immutable=["b"])
    table, path = given.tables[next(iter(given.tables))]
    sample = draw(table, path, given.subject.robustness, 500, 1)  # type: ignore[arg-type, union-attr]
    features = features_of(sample)
    ways = (*joint(features), standard(features), *(w for f in features if f.mutable for w in single(f)))
    for way in ways:
        after = way.of(sample.rows, 3)
        assert after["b"].equals(sample.rows["b"])
        ages = after["age"].dropna()
        assert (ages == ages.round()).all() or way.name.startswith("multiplied")
        assert ages.between(18, 90).all() or way.name.startswith("multiplied")
        allowed = {"cook", "smith", "clerk", UNSEEN}
        assert set(after["job"].dropna()) <= allowed
        turned = after["job"] != sample.rows["job"]
        assert set(after.loc[turned, "job"].dropna()) <= {"cook", "smith", UNSEEN}
        assert after.equals(way.of(sample.rows, 3))


def test_a_missing_share_is_that_share(tmp_path: Path) -> None:
    rows, model = by_a()
    given = target(tmp_path, rows, columns(FEATURES), model)
    table, path = given.tables[next(iter(given.tables))]
    sample = draw(table, path, given.subject.robustness, 2_000, 1)  # type: ignore[arg-type, union-attr]
    ways = {way.name: way for way in joint(features_of(sample))}
    empty = ways["30% of cells missing"].of(sample.rows, 1).isna().to_numpy().mean()
    assert empty == pytest.approx(0.3, abs=0.02)
    changed = ways["10% of categories changed"].of(sample.rows, 1)["job"] != sample.rows["job"]
    assert changed.mean() == pytest.approx(0.1, abs=0.02)
    assert ways["10% of categories never seen"].of(sample.rows, 1)["job"].eq(UNSEEN).mean() == pytest.approx(
        0.1, abs=0.02
    )


def test_narrow_margins_are_counted(tmp_path: Path) -> None:
    rows = people()
    model = LogisticRegression().fit(rows[["a", "b"]], rows["y"])
    chances = model.predict_proba(rows[["a", "b"]])[:, 1]
    found = run(tmp_path, rows, model)
    assert scalar(found, "narrow_margin_share").value == pytest.approx((np.abs(chances - 0.5) < 0.05).mean())
    blind = run(tmp_path, rows, RidgeClassifier().fit(rows[["a", "b"]], rows["y"]))
    assert isinstance(of_metric(blind, "narrow_margin_share")[(), ()], NotAvailable)


def test_predictions_that_are_numbers_change_beyond_a_tolerance(tmp_path: Path) -> None:
    rows = people()
    model = LinearRegression().fit(rows[["a"]], rows["a"])
    declared = [*columns(["a"])[:-1], {"name": "b", "roles": ["label"], "content": "numbers"}]
    found = run(tmp_path, rows, model, declared)
    name = "noise of 0.05 standard deviations"
    # A normal number lies beyond twice its deviation with probability 0.0455.
    rate = scalar(found, "disturbed_decision_rate", BY, (name,))
    assert rate.interval is not None
    assert rate.interval.low <= 0.0455 <= rate.interval.high
    assert scalar(found, "disturbed_decision_rate", BY, ("shift by +0.5 standard deviations",)).value == 1
    assert any("Predictions are numbers" in note for note in found.notes)


def test_without_labels_changes_are_measured_and_losses_are_not(tmp_path: Path) -> None:
    rows, model = by_a(400)
    found = run(tmp_path, rows, model, columns(["a", "b"])[:-1])
    assert isinstance(
        scalar(found, "disturbed_decision_rate", BY, ("noise of 0.5 standard deviations",)), Scalar
    )
    for metric in ("disturbed_accuracy_loss", "accuracy_under_noise"):
        for result in of_metric(found, metric).values():
            assert isinstance(result, NotAvailable)
            assert result.why == "not_collected"


def test_categories_alone_have_no_noise(tmp_path: Path) -> None:
    rows = people()
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(rows[["job"]], rows["job"] == "cook")
    rows["y"] = (rows["job"] == "cook").astype(int)
    found = run(tmp_path, rows, model, columns(["job"]))
    area = of_metric(found, "accuracy_under_noise")[(), ()]
    assert isinstance(area, NotAvailable)
    assert "no feature is a number" in area.reason
    assert scalar(found, "worst_feature_decision_rate", BY, ("changed in every row",)).value > 0.3


def test_the_same_seed_gives_the_same_result_and_another_does_not(tmp_path: Path) -> None:
    rows, model = by_a()
    first, second = run(tmp_path, rows, model), run(tmp_path, rows, model)
    assert first == second
    assert order(first.measurements) == sorted(order(first.measurements))
    assert run(tmp_path, rows, model, seed=8).measurements != first.measurements


def test_an_area_needs_every_point_of_its_curve(tmp_path: Path) -> None:
    rows, model = by_a(400)
    tried = try_model(target(tmp_path, rows, columns(["a", "b"]), model))
    failed = noise_area(tried, [Outcome("noise of 0.05 standard deviations", None, None, "ValueError")])
    assert isinstance(failed, NotAvailable)
    assert "the model failed (ValueError)" in failed.reason


def test_many_features_are_not_all_disturbed_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.probes.security.robustness.probe._MOST_FEATURES", 1)
    rows, model = by_a(400)
    found = run(tmp_path, rows, model)
    assert list(of_metric(found, "feature_decision_rate")) == [(("a",), ())]
    assert "No more than the first 1 features were disturbed one by one." in found.notes
    single_one = scalar(found, "worst_feature_decision_rate", BY, ("missing in every row",))
    assert single_one.interval is not None
    assert single_one.interval.method == "Wilson score"


def test_nothing_to_disturb_is_said(tmp_path: Path) -> None:
    rows, model = by_a(400)
    with pytest.raises(NotMeasurableError, match="no feature may be changed"):
        run(tmp_path, rows, model, immutable=["a", "b"])
