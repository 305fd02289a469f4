"""Decisions within strata: Berkeley's admissions, coverage by simulation, and absence."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.base import ProbeId, SubjectId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import MISSING, UNRECOGNISED, CellCounts, Tally
from conformity.probes.fairness.conditional_disparity.probe import ConditionalDisparity
from conformity.probes.fairness.conditional_disparity.strata import amounts_of, difference
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.trials import Trials
from tests.strategies import NO, YES, Row

_ID = ProbeId("fairness/conditional_disparity")

# Admissions to the six largest departments, Berkeley, autumn 1973: Bickel, Hammel and O'Connell, Science 187
# (1975) 398-404; counts as in the data set UCBAdmissions of R. Admitted and rejected men, then women.
_BERKELEY = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}


def _table(*extra: Column, reference: str | None = None) -> TableSubject:
    columns = (
        Column(name="sex", roles=("protected",), reference=reference),
        Column(name="department", roles=("factor",)),
        Column(name="prediction", roles=("prediction",), positive=YES, negative=NO),
    )
    return TableSubject(
        id=SubjectId("people"),
        title="People",
        kind="table",
        purpose="testing",
        path="people.csv",
        columns=(*columns, *extra),
    )


def _berkeley() -> dict[Row, int]:
    counts: dict[Row, int] = {}
    for department, (men, rejected_men, women, rejected_women) in _BERKELEY.items():
        counts |= {("men", department, "1"): men, ("men", department, "0"): rejected_men}
        counts |= {("women", department, "1"): women, ("women", department, "0"): rejected_women}
    return counts


def _measure(counts: dict[Row, int], table: TableSubject | None = None) -> ProbeResult:
    subject, probe = table or _table(), load_probe(_ID)
    assert isinstance(probe, ConditionalDisparity)
    (spec,) = probe.tallies(subject)
    assert isinstance(spec, CellCounts)
    columns = (*(key.column for key in spec.keys), "rows")
    entries = tuple((*row, n) for row, n in sorted(counts.items()))
    return probe.measure(subject, (Tally(spec=spec, columns=columns, entries=entries),))


def _result(found: ProbeResult, metric: str, group: str) -> Result:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == (group,)]
    return one.result


def _scalar(found: ProbeResult, metric: str, group: str) -> Scalar:
    result = _result(found, metric, group)
    assert isinstance(result, Scalar), result
    return result


def _absent(found: ProbeResult, metric: str, group: str) -> NotAvailable:
    result = _result(found, metric, group)
    assert isinstance(result, NotAvailable), result
    return result


def test_berkeley_turned_women_down_more_often_but_not_within_departments() -> None:
    """Women are 1,278 of 2,771 rejected and 557 of 1,755 admitted, .14 more; within departments about -.02.

    Source: the documentation of Amazon SageMaker Clarify prints both for these data, after Wachter et al.
    """
    found = _measure(_berkeley())
    disparity = _scalar(found, "conditional_demographic_disparity", "women")
    assert disparity.value == pytest.approx(-0.02, abs=0.005)
    assert disparity.n == 1835
    assert disparity.interval is None
    by_hand = sum(
        (m + rm + w + rw) * (rw / (rm + rw) - w / (m + w)) for m, rm, w, rw in _BERKELEY.values()
    ) / sum(sum(cells) for cells in _BERKELEY.values())
    assert disparity.value == pytest.approx(by_hand, abs=1e-12)
    everywhere = _measure({(sex, "all", p): n for (sex, p), n in _summed().items()})
    whole = _scalar(everywhere, "conditional_demographic_disparity", "women")
    assert whole.value == pytest.approx(1278 / 2771 - 557 / 1755, abs=1e-12)
    men = _scalar(found, "conditional_demographic_disparity", "men")
    assert men.value == pytest.approx(-disparity.value, abs=1e-12)


def _summed() -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for (sex, _, prediction), n in _berkeley().items():
        sums[sex, prediction] = sums.get((sex, prediction), 0) + n
    return sums


def test_the_mantel_haenszel_difference_by_hand() -> None:
    """By hand from the weights n1 n0 / N; the largest group, men, is the reference."""
    found = _measure(_berkeley())
    result = _scalar(found, "conditional_selection_difference", "women")
    weights = [(m + rm) * (w + rw) / (m + rm + w + rw) for m, rm, w, rw in _BERKELEY.values()]
    gaps = [w / (w + rw) - m / (m + rm) for m, rm, w, rw in _BERKELEY.values()]
    assert result.value == pytest.approx(np.dot(weights, gaps) / sum(weights), abs=1e-12)
    assert result.n == 1835
    assert result.interval is not None
    assert result.interval.low < result.value < result.interval.high
    assert result.interval.high - result.interval.low < 0.07
    assert "within the 6 strata of department, the other groups are compared with 'men'" in found.notes[0]
    assert not [m for m in found.measurements if m.group == ("men",) and m.metric.endswith("difference")]


def test_one_stratum_is_the_plain_difference_with_the_score_interval() -> None:
    """By hand: 60/100 and 40/100: (d - D)^2 = z^2 (.48/100) for equal sizes, so .2 and 1.96 x .0693."""
    counts: dict[Row, int] = {
        ("a", "x", "1"): 60,
        ("a", "x", "0"): 40,
        ("b", "x", "1"): 40,
        ("b", "x", "0"): 60,
    }
    result = _scalar(_measure(counts, _table(reference="b")), "conditional_selection_difference", "a")
    assert result.value == pytest.approx(0.2, abs=1e-12)
    assert result.interval is not None
    # Sato: level (60 x 60 + 40 x 40) / 400 = 13, slope (100^2 x 40 - 100^2 x 60) / 200^2 = -5, weight 50.
    z2 = 1.959963984540054**2 / 50**2
    middle = 0.2 - z2 * 5 / 2
    reach = (middle**2 - 0.04 + z2 * 13) ** 0.5
    assert (result.interval.low, result.interval.high) == pytest.approx((middle - reach, middle + reach))


def test_measurements_are_those_declared_and_sorted() -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == _ID]
    found = _measure(_berkeley())
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)
    assert {m.metric for m in found.measurements} == {metric.id for metric in spec.metrics}


# Absence never looks like equality


def test_strata_with_one_group_say_nothing() -> None:
    counts: dict[Row, int] = {("men", "A", "1"): 60, ("men", "A", "0"): 60}
    counts |= {("women", "B", "1"): 60, ("women", "B", "0"): 60}
    found = _measure(counts)
    assert _absent(found, "conditional_selection_difference", "men").why == "too_few_cases"


def test_nobody_selected_is_not_equality() -> None:
    counts: dict[Row, int] = {(sex, d, "0"): 60 for sex in ("men", "women") for d in "AB"}
    found = _measure(counts)
    assert _absent(found, "conditional_demographic_disparity", "women").why == "undefined"
    assert _absent(found, "conditional_selection_difference", "men").why == "undefined"
    assert "In 2 of these strata nobody or everybody is selected" in found.notes[0]


def test_one_group_and_a_reference_without_rows_compare_nobody() -> None:
    alone = _measure({("men", "A", "1"): 60, ("men", "A", "0"): 60})
    assert _absent(alone, "conditional_demographic_disparity", "men").why == "too_few_cases"
    assert {m.metric for m in alone.measurements} == {"conditional_demographic_disparity"}
    found = _measure(_berkeley(), _table(reference="robots"))
    assert "'robots' has no row" in _absent(found, "conditional_selection_difference", "men").reason
    assert "'robots' has no row" in found.notes[0]


def test_few_cases_are_not_compared() -> None:
    counts = _berkeley() | {("other", "A", "1"): 6, ("other", "A", "0"): 7}
    found = _measure(counts)
    assert _absent(found, "conditional_selection_difference", "other").why == "too_few_cases"
    assert _absent(found, "conditional_demographic_disparity", "other").why == "too_few_cases"


def test_blanks_widen_and_unrecognised_predictions_end_it() -> None:
    clean = _scalar(_measure(_berkeley()), "conditional_selection_difference", "women")
    found = _measure(_berkeley() | {("women", "C", MISSING): 80})
    blank = _scalar(found, "conditional_selection_difference", "women")
    assert blank.value == pytest.approx(clean.value, abs=1e-12)
    assert blank.interval is not None
    assert clean.interval is not None
    assert blank.interval.low < clean.interval.low
    assert blank.interval.high > clean.interval.high
    strange = _measure(_berkeley() | {("women", "C", UNRECOGNISED): 80})
    for metric in ("conditional_selection_difference", "conditional_demographic_disparity"):
        assert _absent(strange, metric, "women").why == "not_collected"


def test_roles_and_rows_are_required() -> None:
    probe = load_probe(_ID)
    assert isinstance(probe, ConditionalDisparity)
    table = _table()
    without = table.model_copy(update={"columns": (table.columns[0], table.columns[2])})
    with pytest.raises(NotMeasurableError, match="role `factor`"):
        probe.tallies(without)
    itself = Column(name="sex", roles=("protected", "factor"))
    with pytest.raises(NotMeasurableError, match="the only `factor`"):
        probe.tallies(table.model_copy(update={"columns": (itself, table.columns[2])}))
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure({})


def test_each_attribute_asks_for_its_own_tally_by_all_factors() -> None:
    probe = load_probe(_ID)
    assert isinstance(probe, ConditionalDisparity)
    more = (Column(name="age", roles=("protected",), edges=(40.0,)), Column(name="degree", roles=("factor",)))
    asked = probe.tallies(_table(*more))
    assert [[key.column for key in spec.keys] for spec in asked if isinstance(spec, CellCounts)] == [
        ["sex", "department", "degree", "prediction"],
        ["age", "department", "degree", "prediction"],
    ]


# Coverage


def _trials(wins: Ints, sizes: Ints) -> Trials:
    nothing = np.zeros_like(wins)
    return Trials(wins, sizes - wins, nothing, nothing, nothing)


_SETTINGS = {
    "few large strata": ([[200, 150], [80, 300], [100, 100]], [0.2, 0.4, 0.6], 0.05),
    "many small strata": ([[3, 5]] * 60, [0.3] * 60, 0.1),
    "rare outcomes": ([[100, 300], [60, 200]], [0.02, 0.03], 0.02),
    "no difference": ([[40, 40], [20, 100]], [0.1, 0.5], 0.0),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", _SETTINGS)
def test_limits_cover_the_truth(name: str) -> None:
    """By simulation: 2,000 samples; 95 % less two and a half standard errors is 93.8 %."""
    sizes, base, gap = (np.array(part) for part in _SETTINGS[name])
    random = np.random.default_rng(31)
    held = 0
    for _ in range(2000):
        wins = random.binomial(sizes, np.stack([base + gap, base], axis=1))
        found = difference(amounts_of(_trials(wins, sizes)), 0, 1)
        assert found is not None
        held += int(found.low - 1e-12 <= float(gap) <= found.high + 1e-12)
    assert held / 2000 >= 0.938, held / 2000


def test_limits_cover_the_weighted_mean_where_strata_differ() -> None:
    """By simulation with differences of .3 and -.1, whose mean with the weights is the truth."""
    sizes, rates = np.array([[150, 150], [100, 200]]), np.array([[0.5, 0.2], [0.3, 0.4]])
    weights = sizes.prod(axis=1) / sizes.sum(axis=1)
    truth = float((rates[:, 0] - rates[:, 1]) @ weights / weights.sum())
    random = np.random.default_rng(32)
    held = 0
    for _ in range(2000):
        found = difference(amounts_of(_trials(random.binomial(sizes, rates), sizes)), 0, 1)
        assert found is not None
        held += found.low <= truth <= found.high
    assert held / 2000 >= 0.938, held / 2000
