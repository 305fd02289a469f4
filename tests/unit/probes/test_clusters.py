"""Rows that belong together: limits from the totals of clusters, and no rate from a few clusters."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.measurement import Scalar
from conformity.probes.shared.intervals import quantile, wilson
from tests.support.sampled import Rows, absent, measured, measured_by, number

_SELECTION, _GAP = "fairness/selection_rate", "fairness/demographic_parity_difference"
_ALL = (
    _SELECTION,
    _GAP,
    "fairness/equalized_odds_difference",
    "fairness/error_rates",
    "fairness/group_contrasts",
    "accuracy/classification",
)


def _homes(size: int, homes: int, seed: int = 1, groups: str = "fm") -> dict[str, list[object]]:
    """Return rows in homes whose decisions resemble one another; a home has rows of one group."""
    random = np.random.default_rng(seed)
    rows: dict[str, list[object]] = {name: [] for name in ("sex", "label", "prediction", "home")}
    for home in range(homes):
        own = random.beta(0.4 * 7 / 3, 0.6 * 7 / 3)
        rows["sex"] += [groups[home % len(groups)]] * size
        rows["label"] += ["yes" if yes else "no" for yes in random.random(size) < own]
        rows["prediction"] += ["yes" if yes else "no" for yes in random.random(size) < own]
        rows["home"] += [home] * size
    return rows


def test_homes_of_one_outcome_are_worth_about_one_case_each() -> None:
    """By hand: of 60 homes of 4 rows 24 are selected: 240 rows as unsure as 60 cases, and a little more."""
    rows: Rows = {
        "sex": ["f"] * 240,
        "label": ["yes"] * 240,
        "prediction": ["yes"] * 96 + ["no"] * 144,
        "home": [row // 4 for row in range(240)],
    }
    found = measured(_SELECTION, rows)
    rate = number(found, "selection_rate", "f")
    assert (rate.value, rate.n) == (0.4, 240)
    assert rate.interval is not None
    low, high = wilson(np.array([24]), np.array([36]), quantile(0.95))
    assert rate.interval.low < low[0]
    assert rate.interval.high > high[0]
    assert rate.interval.high - rate.interval.low < 1.1 * (high[0] - low[0])
    assert rate.interval.method == "Wilson score, on effective cases by cluster"
    (note, *_) = found.notes
    assert note.startswith("Column 'home' says which rows belong together.")
    assert "For the selection rate of all rows the design effect is 4." in note


def test_every_row_a_home_of_its_own_is_almost_as_without_homes() -> None:
    rows = _homes(1, 400)
    plain = {name: column for name, column in rows.items() if name != "home"}
    one = number(measured(_SELECTION, rows), "selection_rate", "f")
    other = number(measured(_SELECTION, plain), "selection_rate", "f")
    assert (one.value, one.n) == (other.value, other.n)
    assert one.interval is not None
    assert other.interval is not None
    assert other.interval.low - 0.005 < one.interval.low < other.interval.low
    assert other.interval.high < one.interval.high < other.interval.high + 0.005


def test_values_and_cases_are_those_without_homes_and_no_limit_is_narrower() -> None:
    rows = _homes(5, 160)
    plain = {name: column for name, column in rows.items() if name != "home"}
    seen = 0
    for one, other in zip(measured_by(_ALL, rows), measured_by(_ALL, plain), strict=True):
        for clustered, counted in zip(one.measurements, other.measurements, strict=True):
            assert (clustered.metric, clustered.by, clustered.group) == (
                counted.metric,
                counted.by,
                counted.group,
            )
            assert type(clustered.result) is type(counted.result)
            if isinstance(clustered.result, Scalar) and isinstance(counted.result, Scalar):
                assert clustered.result.n == counted.result.n
                ends = clustered.result.interval, counted.result.interval
                if ends[0] is not None and ends[1] is not None:
                    assert clustered.result.value == pytest.approx(counted.result.value, abs=1e-12)
                    assert ends[0].low <= ends[1].low + 1e-12
                    assert ends[0].high >= ends[1].high - 1e-12
                    assert ends[0].method != ends[1].method
                    seen += 1
    assert seen > 40


def test_fewer_than_thirty_homes_have_no_rate_and_stay_in_the_gap() -> None:
    rows = _homes(8, 29 + 60, groups="f")
    rows["sex"] = [*["f"] * (29 * 8), *["m"] * (60 * 8)]
    found = measured(_SELECTION, rows)
    assert number(found, "selection_rate", "m").n == 480
    gone = absent(found, "selection_rate", "f")
    assert (gone.why, gone.n) == ("too_few_cases", 232)
    assert gone.reason.startswith("the rows with a prediction belong to fewer than 30 clusters")
    reason = absent(measured(_GAP, rows), "demographic_parity_difference").reason
    assert reason.startswith("only one group has 30 rows with a prediction or more in 30 clusters")
    third = {name: [*column, *column[-480:]] for name, column in rows.items()}
    third["sex"], third["home"][-480:] = [*rows["sex"], *["x"] * 480], [1000 + row // 8 for row in range(480)]
    gap = number(measured(_GAP, third), "demographic_parity_difference")
    assert gap.n == 480
    assert gap.interval is not None
    assert gap.interval.method.endswith("Bonferroni-adjusted, on effective cases by cluster")
    balanced = absent(measured("accuracy/classification", rows), "balanced_accuracy", "f")
    assert "belong to fewer than 30 clusters" in balanced.reason


def test_thirty_homes_of_very_unequal_size_are_few() -> None:
    """By hand: 1 home of 300 rows and 100 of 3 count for 600^2 / (300^2 + 900) = 3.96."""
    rows: Rows = {
        "sex": ["f"] * 600,
        "label": ["yes"] * 600,
        "prediction": ["yes", "no"] * 300,
        "home": [0] * 300 + [1 + row // 3 for row in range(300)],
    }
    assert "counted by their sizes" in absent(measured(_SELECTION, rows), "selection_rate", "f").reason


def test_rows_without_a_home_are_one_home() -> None:
    rows = _homes(4, 80)
    rows["home"][:200] = [None] * 200
    assert "fewer than 30 clusters" in absent(measured(_SELECTION, rows), "selection_rate", "f").reason


def test_the_rest_of_several_groups_has_no_known_spread() -> None:
    two = measured("fairness/group_contrasts", _homes(4, 160))
    overall = number(two, "selection_difference_to_overall", "f")
    assert overall.interval is not None
    assert overall.interval.method.endswith("on effective cases by cluster")
    three = measured("fairness/group_contrasts", _homes(4, 180, groups="fmx"))
    gone = absent(three, "selection_difference_to_overall", "f")
    assert gone.why == "undefined"
    assert gone.reason.startswith("the rows of one cluster can lie in several of the other groups")
    assert number(three, "selection_difference_to_reference", "m").n == 240


def test_weights_and_homes_together() -> None:
    """By hand: a weight of 2 for every row of a home that is selected: 2 * 96 of 2 * 96 + 144 is 4/7."""
    rows: Rows = {
        "sex": ["f"] * 240,
        "label": ["yes"] * 240,
        "prediction": ["yes"] * 96 + ["no"] * 144,
        "home": [row // 4 for row in range(240)],
        "w": [2.0] * 96 + [1.0] * 144,
    }
    found = measured(_SELECTION, rows)
    rate = number(found, "selection_rate", "f")
    assert rate.value == pytest.approx(4 / 7)
    assert rate.n == 240
    assert rate.interval is not None
    low, high = wilson(np.array([54 * 4 / 7]), np.array([54 * 3 / 7]), quantile(0.95))
    assert rate.interval.low <= low[0] + 0.01
    assert rate.interval.high >= high[0] - 0.01
    assert found.notes[0].startswith("Column 'w'")
    assert found.notes[1].startswith("Column 'home'")
    assert "design effect is" not in found.notes[0]
    assert "design effect is" in found.notes[1]


def test_crossed_attributes_and_blanks() -> None:
    rows = _homes(6, 240)
    rows["age"] = ["old" if home % 4 < 2 else "young" for home in map(int, map(str, rows["home"]))]
    rows["prediction"][::10] = [None] * len(rows["prediction"][::10])
    found = measured(_SELECTION, rows)
    crossed = number(found, "selection_rate", "f", "old")
    assert crossed.interval is not None
    assert crossed.interval.method == "Wilson score, on effective cases by cluster, blanks counted both ways"
    gap = [m for m in measured(_GAP, rows).measurements if len(m.by) == 2]
    assert all(isinstance(m.result, Scalar) for m in gap)


def test_one_column_of_outcomes_is_enough() -> None:
    rows = {name: column for name, column in _homes(4, 120).items() if name != "label"}
    assert number(measured(_SELECTION, rows), "selection_rate", "f").n == 240
