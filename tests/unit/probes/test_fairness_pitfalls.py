"""Every way in which group fairness by Fairlearn has been seen to go wrong, and what is measured instead.

Each test first shows the trap on Fairlearn itself (0.15), so that a repaired trap is noticed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import MISSING
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.interface import ProbeResult
from conformity.probes.registry import load_probe
from tests.strategies import Row, confusion, decision_table, expanded, tallies_of

_BIG = confusion("a", 500, 500, 400, 600) | confusion("b", 450, 550, 420, 580)


def _measure(probe_id: str, counts: dict[Row, int], table: TableSubject | None = None) -> ProbeResult:
    subject = table or decision_table("race")
    probe = load_probe(ProbeId(f"fairness/{probe_id}"))
    assert isinstance(probe, RateProbe)
    return probe.measure(subject, tallies_of(subject, counts, probe.tallies(subject)))


def _result(found: ProbeResult, metric: str, *group: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group]
    return one.result


def _scalar(result: Result) -> tuple[Scalar, float, float]:
    assert isinstance(result, Scalar), result
    assert result.interval is not None
    return result, result.interval.low, result.interval.high


def _fairlearn(function: Callable[..., Any], counts: dict[Row, int]) -> Any:
    """Return Fairlearn's number on the rows, its warnings aside."""
    rows = expanded(counts)
    label, prediction = ([int(row[place]) for row in rows] for place in (1, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(label, prediction, sensitive_features=[row[0] for row in rows])


def test_a_group_without_positives_has_no_true_positive_rate() -> None:
    """Fairlearn takes it as 0, which makes a difference of .5 out of nothing."""
    from fairlearn.metrics import equal_opportunity_difference

    counts = _BIG | confusion("c", 0, 0, 60, 60)
    assert _fairlearn(equal_opportunity_difference, counts) == 0.5
    found = _measure("equal_opportunity_difference", counts)
    assert isinstance(_result(found, "true_positive_rate", "c"), NotAvailable)
    gap, _, high = _scalar(_result(found, "equal_opportunity_difference"))
    assert gap.value == pytest.approx(0.05, abs=1e-12)
    assert (
        high
        == _scalar(_result(_measure("equal_opportunity_difference", _BIG), "equal_opportunity_difference"))[2]
    )
    assert any("or none: 'c'" in note for note in found.notes)
    rates = _measure("error_rates", counts)
    assert isinstance(_result(rates, "false_negative_rate", "c"), NotAvailable)
    assert _scalar(_result(rates, "equal_opportunity_ratio"))[0].value == pytest.approx(0.9, abs=1e-12)


def test_precision_without_a_favourable_prediction_is_not_zero() -> None:
    """Scikit-learn takes it as 0."""
    from sklearn.metrics import precision_score

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert precision_score([0, 1], [0, 0]) == 0
    found = _measure("error_rates", _BIG | confusion("c", 0, 60, 0, 60))
    assert isinstance(_result(found, "positive_predictive_value", "c"), NotAvailable)
    assert isinstance(_result(found, "false_discovery_rate", "c"), NotAvailable)
    gap, _, high = _scalar(_result(found, "predictive_parity_difference"))
    assert gap.value == pytest.approx(500 / 900 - 450 / 870, abs=1e-12)
    assert high < 0.1
    assert any("or none: 'c'" in note for note in found.notes)


def test_nobody_selected_is_not_parity() -> None:
    """Fairlearn's difference is then 0, which looks fair; its ratio is NaN."""
    from fairlearn.metrics import demographic_parity_difference, demographic_parity_ratio

    counts = confusion("a", 0, 100, 0, 100) | confusion("b", 0, 100, 0, 100)
    assert _fairlearn(demographic_parity_difference, counts) == 0
    assert np.isnan(_fairlearn(demographic_parity_ratio, counts))
    for probe_id in ("demographic_parity_difference", "disparate_impact_ratio"):
        result = _result(_measure(probe_id, counts), probe_id)
        assert isinstance(result, NotAvailable)
        assert result.why == "undefined"


def test_a_tiny_group_decides_nothing() -> None:
    """Fairlearn's ratio is 0 through five people; here they are left out, and the notes say so."""
    from fairlearn.metrics import demographic_parity_ratio

    counts = _BIG | confusion("c", 0, 2, 0, 3)
    assert _fairlearn(demographic_parity_ratio, counts) == 0
    found = _measure("disparate_impact_ratio", counts)
    with_them = _scalar(_result(found, "disparate_impact_ratio"))
    assert with_them == _scalar(_result(_measure("disparate_impact_ratio", _BIG), "disparate_impact_ratio"))
    assert isinstance(_result(_measure("selection_rate", counts), "selection_rate", "c"), NotAvailable)
    assert any("fewer than 30" in note for note in found.notes)


def test_numbers_of_cases_are_rows_and_not_cells() -> None:
    """Fairlearn's count takes no weights: over cells it counts cells."""
    from fairlearn.metrics import count

    assert count([1, 0], [1, 0]) == 2
    found = _measure("selection_rate", _BIG)
    assert _scalar(_result(found, "selection_rate", "a"))[0].n == 2000


def test_intervals_do_not_depend_on_how_rows_are_gathered_into_cells() -> None:
    """Fairlearn's own bootstrap of weighted cells resamples the cells, not the rows they stand for."""
    from fairlearn.metrics import MetricFrame, selection_rate

    cells = list(_BIG)
    frame = MetricFrame(
        metrics=selection_rate,
        y_true=[int(cell[1]) for cell in cells],
        y_pred=[int(cell[2]) for cell in cells],
        sensitive_features=[cell[0] for cell in cells],
        sample_params={"sample_weight": list(_BIG.values())},
        n_boot=40,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    )
    low, high = (float(end) for end in frame.overall_ci)
    assert high - low > 0.4
    table = decision_table("race", "sex")
    split: dict[Row, int] = {}
    for (race, label, prediction), n in _BIG.items():
        split |= {(race, "f", label, prediction): n // 3, (race, "m", label, prediction): n - n // 3}
    joint = _measure("selection_rate", split, table)
    for group in "ab":
        whole = _scalar(_result(_measure("selection_rate", _BIG), "selection_rate", group))
        (one,) = [m for m in joint.measurements if (m.by, m.group) == (("race",), (group,))]
        assert _scalar(one.result) == whole
        assert whole[2] - whole[1] < 0.05


def test_a_group_that_resampling_makes_vary_never_keeps_its_width() -> None:
    """In a bootstrap of rows a group of thirty that nobody of is selected never varies."""
    found = _measure("demographic_parity_difference", _BIG | confusion("c", 0, 15, 0, 15))
    _, low, high = _scalar(_result(found, "demographic_parity_difference"))
    assert low < 0.45 - 0.07
    assert high > 0.45


def test_rows_without_a_value_of_the_attribute_are_compared_and_shown() -> None:
    """Fairlearn refuses missing values; older versions dropped the rows from the comparison."""
    from fairlearn.metrics import demographic_parity_difference

    with pytest.raises(ValueError, match=r"(?i)missing|nan|null"):
        demographic_parity_difference([1, 0], [1, 0], sensitive_features=["a", None])
    counts = _BIG | confusion(MISSING, 100, 0, 100, 0)
    rate = _scalar(_result(_measure("selection_rate", counts), "selection_rate", MISSING))[0]
    assert (rate.value, rate.n) == (1, 200)
    gap = _result(_measure("demographic_parity_difference", counts), "demographic_parity_difference")
    assert _scalar(gap)[0].value > 0.5


def test_outcomes_in_words_and_groups_of_mixed_kinds_are_read_from_a_file(tmp_path: Path) -> None:
    """Fairlearn finds nobody selected by "yes", and has no error rates of words."""
    from fairlearn.metrics import selection_rate, true_positive_rate

    assert selection_rate(["yes", "no"], ["yes", "no"]) == 0
    with pytest.raises(ValueError, match="pos_label"):
        true_positive_rate(["yes", "no"], ["yes", "no"])
    lines = ["race,label,prediction"]
    lines += [
        f"{race},{'yes' if i % 2 else 'no'},{'yes' if i % 4 else 'no'}"
        for race in ("1", "x")
        for i in range(80)
    ]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines), "utf-8")
    table, probe = decision_table("race"), load_probe(ProbeId("fairness/error_rates"))
    assert isinstance(probe, RateProbe)
    tallies = DuckDBEngine().open(TableSource(path, "csv")).tally(probe.tallies(table))
    found = probe.measure(table, tallies)
    assert _scalar(_result(found, "positive_predictive_value", "1"))[0].value == pytest.approx(2 / 3)
    assert _scalar(_result(found, "accuracy_difference"))[0].value == 0


def test_intersections_that_nobody_belongs_to_do_not_appear() -> None:
    """Fairlearn adds a row of NaN for each combination of values without a case."""
    table = decision_table("sex", "race")
    counts: dict[Row, int] = {}
    for sex, race in (("f", "x"), ("f", "y"), ("m", "x")):
        counts |= {(sex, race, "1", "1"): 40, (sex, race, "0", "0"): 60}
    found = _measure("selection_rate", counts, table)
    groups = [m.group for m in found.measurements if m.by == ("sex", "race")]
    assert groups == [("f", "x"), ("f", "y"), ("m", "x")]


def test_the_gap_of_many_equal_groups_reaches_down_to_zero() -> None:
    """Max less min of twenty equal groups of 100 is about .18 by chance alone; the interval says so."""
    random = np.random.default_rng(8)
    counts: dict[Row, int] = {}
    for group in range(20):
        selected = int(random.binomial(100, 0.3))
        counts |= {(f"g{group:02}", "1", "1"): selected, (f"g{group:02}", "1", "0"): 100 - selected}
    gap, low, _ = _scalar(
        _result(_measure("demographic_parity_difference", counts), "demographic_parity_difference")
    )
    assert gap.value > 0.1
    assert low == 0


def test_an_equalized_odds_ratio_is_a_ratio_and_equal_to_fairlearn_s() -> None:
    """A peer reports a sum of differences under this name; Fairlearn has the smaller of two ratios."""
    from fairlearn.metrics import equalized_odds_ratio

    value = _scalar(_result(_measure("error_rates", _BIG), "equalized_odds_ratio"))[0].value
    assert value == pytest.approx(_fairlearn(equalized_odds_ratio, _BIG), abs=1e-12)
    assert value == pytest.approx(0.9, abs=1e-12)
