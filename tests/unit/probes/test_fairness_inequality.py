"""Inequality of benefits: by hand, from rows, and the coverage of its limits by simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.tally import MISSING, UNRECOGNISED
from conformity.probes.fairness.inequality import benefit
from conformity.probes.fairness.inequality.benefit import (
    between_share,
    entropy_index,
    index_ends,
    mean_ends,
    share_ends,
    theil_index,
)
from conformity.probes.fairness.inequality.probe import Inequality
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.intervals import Floats, Ints
from tests.strategies import Row, confusion, decision_table, expanded, tallies_of
from tests.support.readings import absent_of, scalar_of

_ID = ProbeId("fairness/inequality")
_COMPAS = confusion("African-American", tp=1369, fn=532, fp=805, tn=990) | confusion(
    "Caucasian", tp=505, fn=461, fp=349, tn=1139
)


def _measure(counts: dict[Row, int], *attributes: str) -> ProbeResult:
    table, probe = decision_table(*(attributes or ("race",))), load_probe(_ID)
    assert isinstance(probe, Inequality)
    return probe.measure(table, tallies_of(table, counts, probe.tallies(table)))


def test_ten_people_by_hand() -> None:
    """Benefits 0, 0, 1 seven times, 2: mean .9, mean square 1.1; (1.1/.81 - 1)/2 and the logs by hand."""
    cases = np.array([2, 7, 1])
    assert float(entropy_index(cases)) == pytest.approx((1.1 / 0.81 - 1) / 2, abs=1e-12)
    by_hand = (7 * np.log(1 / 0.9) / 0.9 + 2 * np.log(2 / 0.9) / 0.9) / 10
    assert float(theil_index(cases)) == pytest.approx(by_hand, abs=1e-12)


def test_cells_give_what_the_definition_gives_on_rows() -> None:
    """Source: Speicher et al. 2018: the whole is the part between groups and the weighted parts within."""
    rows = expanded(_COMPAS)
    b = np.array([int(row[2]) - int(row[1]) + 1 for row in rows], dtype=np.float64)
    group = np.array([row[0] for row in rows])
    whole, within, between = float(((b / b.mean()) ** 2 - 1).mean() / 2), 0.0, 0.0
    for name in ("African-American", "Caucasian"):
        own = b[group == name]
        weight, relative = len(own) / len(b), own.mean() / b.mean()
        within += weight * relative**2 * float(((own / own.mean()) ** 2 - 1).mean() / 2)
        between += weight * (relative**2 - 1) / 2
    assert whole == pytest.approx(within + between, abs=1e-12)
    found = _measure(_COMPAS)
    assert scalar_of(found, "generalized_entropy_index").value == pytest.approx(whole, abs=1e-12)
    share = scalar_of(found, "between_group_inequality_share")
    assert share.value == pytest.approx(between / whole, abs=1e-12)
    assert share.n == 2454
    theil = np.mean([x / b.mean() * np.log(x / b.mean()) if x else 0.0 for x in b])
    assert scalar_of(found, "theil_index").value == pytest.approx(float(theil), abs=1e-12)
    mean = scalar_of(found, "mean_benefit", "Caucasian")
    assert mean.value == pytest.approx(1 + (349 - 461) / 2454, abs=1e-12)


def test_measurements_are_those_declared_and_repeatable() -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == _ID]
    found = _measure(_COMPAS)
    assert {m.metric for m in found.measurements} == {metric.id for metric in spec.metrics}
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)
    assert _measure(_COMPAS) == found
    for one in found.measurements:
        assert isinstance(one.result, Scalar)
        assert one.result.interval is not None
        assert one.result.interval.low < one.result.value < one.result.interval.high
    assert "2000 valid draws" in str(scalar_of(found, "theil_index").interval)


def test_pairs_of_attributes_have_a_share_and_groups_of_pairs_no_mean() -> None:
    counts = {(race, sex, *rest): n for (race, *rest), n in _COMPAS.items() for sex in "fm"}
    found = _measure(counts, "race", "sex")
    shares = {m.by: m.result for m in found.measurements if m.metric == "between_group_inequality_share"}
    assert set(shares) == {("race",), ("sex",), ("race", "sex")}
    assert isinstance(shares["sex",], Scalar)
    assert shares["sex",].value == pytest.approx(0, abs=1e-12)
    assert {len(m.by) for m in found.measurements if m.metric == "mean_benefit"} == {1}


# Absence never looks like equality


def test_nobody_wrong_has_an_index_of_zero_that_is_not_certain_and_nothing_to_divide() -> None:
    found = _measure(confusion("a", 40, 0, 0, 40) | confusion("b", 40, 0, 0, 40))
    index = scalar_of(found, "generalized_entropy_index")
    assert index.value == 0
    assert index.interval is not None
    assert index.interval.high > 0.005
    assert absent_of(found, "between_group_inequality_share").why == "undefined"
    mean = scalar_of(found, "mean_benefit", "a").interval
    assert mean is not None
    assert mean.low < 1 < mean.high
    assert found.notes[0].startswith("All 160 predictions equal the label.")


def test_everybody_wrongly_turned_down_has_no_index() -> None:
    found = _measure(confusion("a", 0, 40, 0, 0) | confusion("b", 0, 40, 0, 0))
    for metric in ("generalized_entropy_index", "theil_index", "between_group_inequality_share"):
        assert absent_of(found, metric).why == "undefined"
    assert np.isnan(theil_index(np.array([5, 0, 0])))


def test_one_group_has_no_share_between_groups() -> None:
    found = _measure(confusion("a", 40, 10, 10, 40))
    assert absent_of(found, "between_group_inequality_share").why == "too_few_cases"
    assert "only one group" in absent_of(found, "between_group_inequality_share").reason


def test_few_rows_give_nothing() -> None:
    found = _measure(confusion("a", 4, 2, 2, 4) | confusion("b", 4, 2, 2, 4))
    assert {m.result.why for m in found.measurements if isinstance(m.result, NotAvailable)} == {
        "too_few_cases"
    }
    assert not any(isinstance(m.result, Scalar) for m in found.measurements)


def test_blanks_take_the_intervals_and_unrecognised_outcomes_the_numbers() -> None:
    blank = _measure(_COMPAS | {("Caucasian", "1", MISSING): 25})
    for metric in ("generalized_entropy_index", "theil_index", "between_group_inequality_share"):
        assert scalar_of(blank, metric).interval is None
        assert scalar_of(blank, metric).value == scalar_of(_measure(_COMPAS), metric).value
    assert scalar_of(blank, "mean_benefit", "Caucasian").interval is None
    assert scalar_of(blank, "mean_benefit", "African-American").interval is not None
    assert blank.notes[0].startswith("25 rows have a blank label or prediction")
    strange = _measure(_COMPAS | {("Caucasian", "1", UNRECOGNISED): 25})
    assert absent_of(strange, "theil_index").why == "not_collected"
    assert absent_of(strange, "between_group_inequality_share").why == "not_collected"


def test_roles_are_required() -> None:
    probe = load_probe(_ID)
    assert isinstance(probe, Inequality)
    for table in (decision_table(), decision_table("race", label=None)):
        with pytest.raises(NotMeasurableError, match="name one in the manifest"):
            probe.tallies(table)
    with pytest.raises(NotMeasurableError, match="bound as label and as prediction"):
        probe.measure(decision_table("race", label="x", prediction="x"), ())


def test_limits_need_draws_that_are_numbers() -> None:
    """With one wrong case among a hundred in equal groups some draws hold none, but not one in twenty."""
    assert share_ends(np.array([[1, 99, 0], [0, 100, 0]])) is None
    assert share_ends(np.array([[5, 95, 0], [0, 100, 0]])) is not None
    many = np.tile(np.array([[2, 6, 2]]), (benefit.MANY_GROUPS + 1, 1))
    found = share_ends(many)
    assert found is not None
    assert found.draws == benefit.FEWER_DRAWS


# Coverage

_Ends = Callable[[Ints], tuple[float, float] | None]


def _coverage(shares: Floats, rows: int, truth: float, ends: _Ends, draws: int = 200) -> float:
    """Return how often limits from ``draws`` samples hold the truth; none at all counts as held."""
    random = np.random.default_rng(17)
    held = 0
    for sample in random.multinomial(rows, shares.ravel(), size=draws):
        found = ends(sample.reshape(shares.shape))
        held += found is None or found[0] - 1e-12 <= truth <= found[1] + 1e-12
    return held / draws


def _of_index(index: Callable[[Floats | Ints], Floats]) -> _Ends:
    def ends(cases: Ints) -> tuple[float, float] | None:
        found = index_ends(cases, index)
        return None if found is None else (found.low, found.high)

    return ends


def _of_share(cases: Ints) -> tuple[float, float] | None:
    found = share_ends(cases)
    return None if found is None else (found.low, found.high)


_RATES = [
    ((0.1, 0.1), 60),
    ((0.3, 0.05), 200),
    ((0.01, 0.02), 200),
    ((0.005, 0.005), 1000),
    ((0.02, 0.0), 200),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("errors", "rows"), _RATES)
@pytest.mark.parametrize("index", [entropy_index, theil_index])
def test_limits_of_indices_cover_the_truth(
    index: Callable[[Floats | Ints], Floats],
    errors: tuple[float, float],
    rows: int,
) -> None:
    """By simulation, rare errors included: 200 samples; 95 % less two and a half errors is 91.1 %."""
    shares = np.array([errors[0], 1 - sum(errors), errors[1]])
    assert _coverage(shares, rows, float(index(shares)), _of_index(index)) >= 0.911


@pytest.mark.no_cover
def test_without_the_added_halves_rare_errors_are_not_covered() -> None:
    """Why they are added: the bare bootstrap holds the truth in 65 % instead of 95 % of such samples."""
    shares = np.array([0.01, 0.97, 0.02])
    random = np.random.default_rng(5)

    def bare(cases: Ints) -> tuple[float, float]:
        drawn = entropy_index(random.multinomial(60, cases / 60, size=400))
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)

    assert _coverage(shares, 60, float(entropy_index(shares)), bare) < 0.9


_GROUPS = [
    ([(0.1, 0.1)] * 2, [0.5, 0.5], 400),
    ([(0.1, 0.1), (0.2, 0.05)], [0.5, 0.5], 400),
    ([(0.1, 0.1)] * 8 + [(0.3, 0.02)], [1 / 9] * 9, 1800),
    ([(0.02, 0.01)] * 3 + [(0.1, 0.0)], [0.7, 0.2, 0.05, 0.05], 1600),
    ([(0.4, 0.0), (0.0, 0.4)], [0.5, 0.5], 300),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("errors", "sizes", "rows"), _GROUPS)
def test_limits_of_the_share_cover_the_truth(
    errors: list[tuple[float, float]], sizes: list[float], rows: int
) -> None:
    """By simulation, no difference and rare errors included: 120 samples, 95 % less 2.5 errors is 90 %."""
    shares = np.array(sizes)[:, None] * np.array([[a, 1 - a - b, b] for a, b in errors])
    assert _coverage(shares, rows, float(between_share(shares)), _of_share, draws=120) >= 0.9


@pytest.mark.no_cover
@pytest.mark.parametrize(("errors", "rows"), _RATES)
def test_limits_of_mean_benefits_cover_the_truth(errors: tuple[float, float], rows: int) -> None:
    """By simulation: 2,000 samples; 95 % less two and a half standard errors is 93.8 %."""
    shares = np.array([errors[0], 1 - sum(errors), errors[1]])
    assert _coverage(shares, rows, 1 + errors[1] - errors[0], mean_ends, draws=2000) >= 0.938


def test_the_order_of_groups_does_not_move_the_limits_of_the_share() -> None:
    """Sealed groups stand in another order than named ones; what is drawn must be the same."""
    cases = np.random.default_rng(1).integers(1, 40, (9, 3))
    ends = share_ends(cases)
    assert ends is not None
    assert share_ends(cases[::-1]) == ends
    assert share_ends(cases[[3, 1, 4, 0, 5, 8, 2, 6, 7]]) == ends
