"""Accuracy by period and its worst drop: by hand, with limits that hold the truth."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from conformity.engines.frame import open_frame
from conformity.model.base import ProbeId, SubjectId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe

_PROBE: TableProbe = load_probe(ProbeId("accuracy/stability"))  # type: ignore[assignment] # it works on tables

_SUBJECT = TableSubject(
    id=SubjectId("people"),
    title="People",
    kind="table",
    purpose="operation",
    path="people.csv",
    columns=(
        Column(name="when", roles=("time",)),
        Column(name="truth", roles=("label",), positive=("1",), negative=("0",)),
        Column(name="guess", roles=("prediction",), positive=("1",), negative=("0",)),
    ),
)

Rows = dict[tuple[str, str, str | None], int]


def _measure(counts: Rows) -> ProbeResult:
    rows = [row for row, n in counts.items() for _ in range(n)]
    names = ("when", "truth", "guess")
    data = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    return _PROBE.measure(_SUBJECT, open_frame(pa.table(data)).tally(_PROBE.tallies(_SUBJECT)))


def _of(right: dict[str, tuple[int, int]]) -> Rows:
    """Return rows from the right and the wrong predictions of each period."""
    rows: Rows = {}
    for when, (good, bad) in right.items():
        rows |= {(when, "1", "1"): good, (when, "0", "1"): bad}
    return rows


def _result(found: ProbeResult, metric: str, *group: str) -> Result:
    (one,) = [m for m in found.measurements if (m.metric, m.group) == (metric, group)]
    assert one.by == (("when",) if group else ())
    return one.result


def _scalar(result: Result) -> Scalar:
    assert isinstance(result, Scalar), result
    return result


def _absent(result: Result) -> NotAvailable:
    assert isinstance(result, NotAvailable), result
    return result


def test_accuracy_by_period_is_that_computed_by_hand() -> None:
    found = _measure(_of({"2022": (90, 10), "2023": (80, 20), "2024": (85, 15)}))
    values = [_scalar(_result(found, "accuracy_in_period", year)) for year in ("2022", "2023", "2024")]
    assert [one.value for one in values] == [0.9, 0.8, 0.85]
    assert values[0].interval is not None
    # Wilson (1927) for 90 of 100.
    assert values[0].interval.low == pytest.approx(0.8256, abs=5e-5)
    assert values[0].interval.high == pytest.approx(0.9448, abs=5e-5)
    drop = _scalar(_result(found, "worst_accuracy_drop"))
    assert drop.value == pytest.approx(0.1, abs=1e-12)
    assert drop.n == 100
    keys = [(m.metric, m.by, m.group) for m in found.measurements]
    assert keys == sorted(keys)


def test_with_two_periods_the_drop_has_newcombes_interval() -> None:
    """Newcombe (1998), table II, method 10: 56/70 minus 48/80 lies in 0.0524 to 0.3339."""
    drop = _scalar(_result(_measure(_of({"2023": (56, 14), "2024": (48, 32)})), "worst_accuracy_drop"))
    assert drop.interval is not None
    assert drop.interval.low == pytest.approx(0.0524, abs=5e-5)
    assert drop.interval.high == pytest.approx(0.3339, abs=5e-5)


def test_a_rise_is_a_negative_drop() -> None:
    drop = _scalar(_result(_measure(_of({"2023": (50, 50), "2024": (90, 10)})), "worst_accuracy_drop"))
    assert drop.value == pytest.approx(-0.4)
    assert drop.interval is not None
    assert drop.interval.high < 0


@pytest.mark.no_cover
@pytest.mark.parametrize("rates", [(0.9, 0.9, 0.9, 0.9), (0.9, 0.85, 0.7, 0.8), (0.99, 0.97, 0.99, 0.98)])
def test_limits_hold_the_true_worst_drop_in_at_least_95_of_100_samples(rates: tuple[float, ...]) -> None:
    """600 samples; at a true coverage of 95 % fewer than 92.5 % happen about once in 200 runs."""
    generator = np.random.default_rng(2)
    (spec,) = _PROBE.tallies(_SUBJECT)
    true = rates[0] - min(rates[1:])
    held = 0
    for _ in range(600):
        won = generator.binomial(150, rates)
        entries = [(f"{2020 + n}", "1", "1", int(good)) for n, good in enumerate(won)]
        entries += [(f"{2020 + n}", "1", "0", 150 - int(good)) for n, good in enumerate(won)]
        tally = Tally(spec=spec, columns=("when", "truth", "guess", "rows"), entries=tuple(sorted(entries)))
        drop = _scalar(_result(_PROBE.measure(_SUBJECT, [tally]), "worst_accuracy_drop"))
        assert drop.interval is not None
        held += drop.interval.low <= true <= drop.interval.high
    assert held / 600 >= 0.925


def test_the_trend_is_tested() -> None:
    falling = _measure(_of({"2022": (95, 5), "2023": (85, 15), "2024": (75, 25)}))
    assert _scalar(_result(falling, "accuracy_trend_p_value")).value < 0.001
    level = _measure(_of({"2022": (85, 15), "2023": (85, 15)}))
    assert _scalar(_result(level, "accuracy_trend_p_value")).value == 1
    perfect = _measure(_of({"2022": (85, 0), "2023": (85, 0)}))
    assert _absent(_result(perfect, "accuracy_trend_p_value")).why == "undefined"


def test_blanks_widen_the_drop() -> None:
    rows = _of({"2023": (90, 10), "2024": (80, 20)})
    one, other = (
        _scalar(_result(_measure(each), "worst_accuracy_drop")).interval
        for each in (rows, rows | {("2024", "1", None): 20})
    )
    assert one is not None
    assert other is not None
    assert other.high > one.high + 0.05
    assert other.method.endswith("blanks counted both ways")


def test_small_periods_are_not_compared() -> None:
    found = _measure(_of({"2022": (5, 5), "2023": (90, 10), "2024": (80, 20)}))
    assert _absent(_result(found, "accuracy_in_period", "2022")).why == "too_few_cases"
    assert _scalar(_result(found, "worst_accuracy_drop")).value == pytest.approx(0.1)
    few = _measure(_of({"2022": (5, 5), "2023": (90, 10)}))
    for metric in ("worst_accuracy_drop", "accuracy_trend_p_value"):
        assert _absent(_result(few, metric)).why == "too_few_cases"


def test_unrecognised_predictions_are_asked_for() -> None:
    found = _measure(_of({"2023": (90, 10), "2024": (80, 20)}) | {("2024", "1", "x"): 30})
    assert _absent(_result(found, "worst_accuracy_drop")).why == "not_collected"
    assert _absent(_result(found, "accuracy_trend_p_value")).why == "not_collected"


def test_rows_out_of_time_are_left_out_and_told() -> None:
    rows = _of({"2023": (90, 10), "2024": (80, 20), "": (15, 15)})
    found = _measure(rows)
    assert found.notes == ("Left out of the periods: 30 rows without a date in 'when'.",)


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        _measure({})
    with pytest.raises(NotMeasurableError, match="two periods"):
        _measure(_of({"2024": (90, 10)}))
    with pytest.raises(NotMeasurableError, match="`time`"):
        _PROBE.tallies(_SUBJECT.model_copy(update={"columns": _SUBJECT.columns[1:]}))
