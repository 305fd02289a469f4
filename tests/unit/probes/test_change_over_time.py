"""Selection rates and gaps by period: rates by hand, drift with limits, trends as published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from conformity.engines.frame import open_frame
from conformity.errors import DataError
from conformity.model.base import ProbeId, SubjectId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.fairness.change_over_time.probe import ALL_GROUPS
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe
from conformity.probes.shared.periods import MOST_PERIODS, timeline, trend_p_value

_PROBE: TableProbe = load_probe(ProbeId("fairness/change_over_time"))  # type: ignore[assignment] # it works on tables

_SUBJECT = TableSubject(
    id=SubjectId("people"),
    title="People",
    kind="table",
    purpose="operation",
    path="people.csv",
    columns=(
        Column(name="when", roles=("time",)),
        Column(name="sex", roles=("protected",)),
        Column(name="decision", roles=("prediction",), positive=("yes",), negative=("no",)),
    ),
)

Rows = dict[tuple[str | None, str, str | None], int]
"""Rows by date, group and decision."""


def _measure(counts: Rows) -> ProbeResult:
    rows = [row for row, n in counts.items() for _ in range(n)]
    names = ("when", "sex", "decision")
    data = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    return _PROBE.measure(_SUBJECT, open_frame(pa.table(data)).tally(_PROBE.tallies(_SUBJECT)))


def _result(found: ProbeResult, metric: str, by: tuple[str, ...] = (), group: tuple[str, ...] = ()) -> Result:
    (one,) = [m for m in found.measurements if (m.metric, m.by, m.group) == (metric, by, group)]
    return one.result


def _scalar(result: Result) -> Scalar:
    assert isinstance(result, Scalar), result
    if result.interval is not None:
        assert result.interval.low <= result.value <= result.interval.high
    return result


def _absent(result: Result) -> NotAvailable:
    assert isinstance(result, NotAvailable), result
    return result


def _month(date: str, men: tuple[int, int], women: tuple[int, int]) -> Rows:
    """Return rows of one date from the selected and the refused of both groups."""
    return {
        (date, "m", "yes"): men[0],
        (date, "m", "no"): men[1],
        (date, "f", "yes"): women[0],
        (date, "f", "no"): women[1],
    }


_YEAR: Rows = (
    _month("2024-01-15", (50, 50), (45, 55))
    | _month("2024-02-15", (55, 45), (35, 65))
    | _month("2024-04-01T08:00", (60, 40), (30, 70))
)


def test_rates_gaps_and_drift_are_those_computed_by_hand() -> None:
    found = _measure(_YEAR)
    rate = _scalar(_result(found, "selection_rate_in_period", ("when",), ("2024-01",)))
    assert (rate.value, rate.n) == (95 / 200, 200)
    gaps = [
        _scalar(_result(found, "selection_gap_in_period", ("sex", "when"), (ALL_GROUPS, month))).value
        for month in ("2024-01", "2024-02", "2024-04")
    ]
    assert gaps == pytest.approx([0.05, 0.20, 0.30], abs=1e-12)
    drift = _scalar(_result(found, "selection_gap_drift", ("sex",)))
    assert drift.value == pytest.approx(0.25, abs=1e-12)
    assert drift.n == 100
    assert drift.interval is not None
    assert drift.interval.low > 0
    women = _scalar(_result(found, "selection_rate_drift", ("sex",), ("f",)))
    assert women.value == pytest.approx(0.30 - 0.45, abs=1e-12)
    whole = _scalar(_result(found, "selection_rate_drift"))
    assert whole.value == pytest.approx(90 / 200 - 95 / 200, abs=1e-12)
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)
    assert found.notes == ()


def test_the_drift_of_a_rate_has_newcombes_interval() -> None:
    """Newcombe (1998), table II, method 10: 56/70 minus 48/80 lies in 0.0524 to 0.3339."""
    found = _measure(_month("2023-01", (48, 32), (30, 30)) | _month("2024-01", (56, 14), (30, 30)))
    drift = _scalar(_result(found, "selection_rate_drift", ("sex",), ("m",)))
    assert drift.interval is not None
    assert drift.interval.low == pytest.approx(0.0524, abs=5e-5)
    assert drift.interval.high == pytest.approx(0.3339, abs=5e-5)


def test_the_trend_test_is_that_of_published_counts() -> None:
    """Carriers of Streptococcus pyogenes by size of tonsils: 19/516, 29/589, 24/293; chi-square 7.19.

    Source: Holmes and Williams (1954), in Armitage, Statistical Methods in Medical Research (1971), and
    Agresti, Categorical Data Analysis: trend chi-square 7.19 on one degree of freedom, n - 1 left aside.
    """
    from scipy.stats import chi2

    wins, cases = np.array([19, 29, 24]), np.array([516, 589, 293])
    value = trend_p_value(wins, cases, (0, 1, 2))
    assert value is not None
    assert float(chi2.isf(value, 1)) == pytest.approx(7.19, abs=0.01)


def test_the_trend_test_is_the_correlation_on_rows() -> None:
    """The statistic is n r^2 with r Pearson's correlation of score and outcome on rows."""
    from scipy.stats import chi2, pearsonr

    found = _measure(_YEAR)
    value = _scalar(_result(found, "selection_trend_p_value", ("sex",), ("f",))).value
    # February to April is two months, so the scores are 1, 2 and 4.
    scores = np.repeat([1, 1, 2, 2, 4, 4], [45, 55, 35, 65, 30, 70])
    outcome = np.repeat([1, 0, 1, 0, 1, 0], [45, 55, 35, 65, 30, 70])
    r = float(pearsonr(scores, outcome).statistic)
    assert value == pytest.approx(float(chi2.sf(300 * r * r, 1)), rel=1e-9)
    assert _scalar(_result(found, "selection_trend_p_value")).n == 600


# Absence


def test_blanks_move_the_ends_outwards() -> None:
    plain, found = _measure(_YEAR), _measure(_YEAR | {("2024-01-15", "m", None): 20})
    for metric, by, group in (
        ("selection_gap_drift", ("sex",), ()),
        ("selection_rate_drift", ("sex",), ("m",)),
        ("selection_gap_in_period", ("sex", "when"), (ALL_GROUPS, "2024-01")),
    ):
        one, other = (_scalar(_result(each, metric, by, group)).interval for each in (plain, found))
        assert one is not None
        assert other is not None
        assert other.high - other.low > one.high - one.low
        assert other.method.endswith("blanks counted both ways")


def test_unrecognised_decisions_are_asked_for() -> None:
    found = _measure(_YEAR | {("2024-01-15", "m", "perhaps"): 20})
    for metric, by, group in (
        ("selection_gap_drift", ("sex",), ()),
        ("selection_rate_drift", ("sex",), ("m",)),
        ("selection_trend_p_value", ("sex",), ("m",)),
        ("selection_rate_in_period", ("when",), ("2024-01",)),
        ("selection_gap_in_period", ("sex", "when"), (ALL_GROUPS, "2024-01")),
    ):
        assert _absent(_result(found, metric, by, group)).why == "not_collected"
    assert _scalar(_result(found, "selection_rate_drift", ("sex",), ("f",))).n == 100


def test_small_groups_have_no_drift_of_their_own() -> None:
    found = _measure(_YEAR | {("2024-01-15", "x", "yes"): 8, ("2024-04-15", "x", "no"): 8})
    for metric in ("selection_rate_drift", "selection_trend_p_value"):
        absent = _absent(_result(found, metric, ("sex",), ("x",)))
        assert absent.why == "too_few_cases"
        assert "8" not in absent.reason
    assert _scalar(_result(found, "selection_gap_drift", ("sex",))).value == pytest.approx(0.25)


def test_one_group_has_no_gap_to_drift() -> None:
    found = _measure({row: n for row, n in _YEAR.items() if row[1] == "f"})
    assert _absent(_result(found, "selection_gap_drift", ("sex",))).why == "too_few_cases"


def test_ends_with_few_rows_are_not_compared() -> None:
    late = {("2024-05-01", "m", "yes"): 5, ("2024-06-01", "f", "no"): 5}
    assert _measure(_YEAR | late).measurements[0].metric == "selection_gap_drift"
    found = _measure(_YEAR | late)
    assert _scalar(_result(found, "selection_gap_drift", ("sex",))).value == pytest.approx(0.25)
    few = _measure({("2024-01", "m", "yes"): 5, ("2024-02", "f", "no"): 5})
    assert all(isinstance(m.result, NotAvailable) for m in few.measurements)


def test_equal_decisions_have_no_trend() -> None:
    found = _measure(_month("2024-01", (50, 0), (50, 0)) | _month("2024-02", (50, 0), (50, 0)))
    assert _absent(_result(found, "selection_trend_p_value")).why == "undefined"


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure({})
    with pytest.raises(NotMeasurableError, match="a change needs two periods"):
        _measure(_month("2024-01", (50, 50), (50, 50)))
    with pytest.raises(NotMeasurableError, match="`time`"):
        _PROBE.tallies(_SUBJECT.model_copy(update={"columns": _SUBJECT.columns[1:]}))
    with pytest.raises(DataError, match="must hold dates"):
        _measure(_month("yesterday", (50, 50), (50, 50)))


# Periods


def test_rows_without_a_date_are_left_out_and_told() -> None:
    found = _measure(_YEAR | {(None, "m", "yes"): 12})
    assert found.notes == ("Left out of the periods: 12 rows without a date in 'when'.",)
    assert _scalar(_result(found, "selection_rate_in_period", ("when",), ("2024-01",))).n == 200


@pytest.mark.parametrize(
    ("labels", "first", "last", "count"),
    [
        (["2024-01", "2024-03"], "2024-01", "2024-03", 2),
        (["2024-01", "2024-Q2", "2024-06"], "2024-Q1", "2024-Q2", 2),
        (["2023-12", "2024"], "2023", "2024", 2),
        ([f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(25)], "2020-Q1", "2022-Q1", 9),
        ([f"{2000 + n // 12}-{n % 12 + 1:02d}" for n in range(100)], "2000", "2008", 9),
        ([str(1990 + n) for n in range(30)], "1996", "2019", MOST_PERIODS),
    ],
)
def test_periods_are_as_fine_as_dates_and_the_limit_allow(
    labels: list[str], first: str, last: str, count: int
) -> None:
    line = timeline("when", dict.fromkeys(labels, 40))
    assert (line.periods[0], line.periods[-1], len(line.periods)) == (first, last, count)
    assert sorted(set(line.places.values())) == list(range(count))
    assert list(line.scores) == sorted(line.scores)


def test_years_beyond_the_limit_are_told() -> None:
    line = timeline("when", {str(1990 + n): 40 for n in range(25)} | {"(missing)": 3})
    assert line.note == (
        "Left out of the periods: fewer than 10 rows without a date in 'when' and 40 rows before the 24 "
        "latest years."
    )


def test_quarters_of_months() -> None:
    months: dict[str, Any] = {f"2024-{month:02d}": 1 for month in range(1, 13)} | {"2023-Q4": 1}
    line = timeline("when", months)
    assert line.periods == ("2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")
    assert [line.places[f"2024-{month:02d}"] for month in (1, 3, 4, 6, 7, 9, 10, 12)] == [
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
    ]
