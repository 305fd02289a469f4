"""Decisions within strata with survey weights and clusters: against repeated rows, and by simulation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
import pytest

from conformity.engines.frame import open_frame
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.fairness.conditional_disparity.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult
from tests.support.number_rows import Rows, number_table, tallied

_Rows = Mapping[str, Sequence[object]]
_DIFFERENCE, _DISPARITY = "conditional_selection_difference", "conditional_demographic_disparity"


def _table(names: Iterable[str]) -> TableSubject:
    roles = {"sex": "protected", "job": "factor", "w": "weight", "home": "cluster"}
    columns = [
        Column.model_validate({"name": name, "roles": (roles[name],)}) for name in names if name in roles
    ]
    return number_table(
        *columns, Column(name="hired", roles=("prediction",), positive=("1",), negative=("0",))
    )


def _measure(rows: _Rows) -> ProbeResult:
    table = _table(rows)
    return PROBE.measure(table, open_frame(pl.DataFrame(dict(rows))).tally(PROBE.tallies(table)))


def _result(found: ProbeResult, metric: str, group: str = "f") -> Result:
    (one,) = [one.result for one in found.measurements if one.metric == metric and one.group == (group,)]
    return one


def _scalar(found: ProbeResult, metric: str) -> Scalar:
    result = _result(found, metric)
    assert isinstance(result, Scalar), result
    return result


def _rows(n: int = 600, seed: int = 1) -> dict[str, list[object]]:
    random = np.random.default_rng(seed)
    job = random.integers(0, 3, n)
    women = random.random(n) < 0.3 + 0.1 * job
    hired = random.random(n) < 0.6 - 0.1 * job - 0.1 * women
    return {
        "sex": np.where(women, "f", "m").tolist(),
        "job": [f"j{one}" for one in job],
        "hired": hired.astype(int).astype(str).tolist(),
    }


def test_equal_weights_change_nothing_but_the_name_of_the_method() -> None:
    plain, same = _measure(_rows()), _measure({**_rows(), "w": [3.0] * 600})
    one, other = _scalar(plain, _DIFFERENCE), _scalar(same, _DIFFERENCE)
    assert one.interval is not None
    assert other.interval is not None
    assert other.n == one.n
    assert other.value == pytest.approx(one.value)
    assert other.interval.low == pytest.approx(one.interval.low)
    assert other.interval.high == pytest.approx(one.interval.high)
    assert other.interval.method == "Mantel-Haenszel score, Sato's variance, on effective cases by weight"
    assert _scalar(same, _DISPARITY).value == pytest.approx(_scalar(plain, _DISPARITY).value)
    assert same.notes[0].startswith("Column 'w' says for how many people a row stands.")


def test_the_disparity_is_that_of_rows_repeated_as_often_as_their_weight() -> None:
    rows, weight = _rows(), [1 + k % 4 for k in range(600)]
    repeated = {
        name: [v for v, w in zip(column, weight, strict=True) for _ in range(w)]
        for name, column in rows.items()
    }
    found, wanted = _measure({**rows, "w": [float(w) for w in weight]}), _measure(repeated)
    assert _scalar(found, _DISPARITY).value == pytest.approx(_scalar(wanted, _DISPARITY).value)
    assert _scalar(found, _DIFFERENCE).value == pytest.approx(_scalar(wanted, _DIFFERENCE).value, abs=5e-3)


def test_few_homes_are_not_compared_and_homes_of_alike_rows_widen_the_interval() -> None:
    rows = _rows(150)
    wide = {name: [value for value in column for _ in range(4)] for name, column in rows.items()}
    found = _scalar(_measure({**wide, "home": [k // 4 for k in range(600)]}), _DIFFERENCE)
    plain, single = _scalar(_measure(wide), _DIFFERENCE), _scalar(_measure(rows), _DIFFERENCE)
    widths = [
        one.interval.high - one.interval.low for one in (found, plain, single) if one.interval is not None
    ]
    assert widths[0] > 1.7 * widths[1]
    assert 0.95 * widths[2] < widths[0] < 1.3 * widths[2]
    few = _result(_measure({**wide, "home": [k // 24 for k in range(600)]}), _DIFFERENCE)
    assert isinstance(few, NotAvailable)
    assert "fewer than 30 clusters" in few.reason


def test_weights_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(NotMeasurableError, match="negative weight"):
        _measure({**_rows(), "w": [-1.0, *[1.0] * 599]})


@pytest.mark.no_cover
def test_limits_with_informative_weights_hold_the_truth_in_nine_of_ten_samples_or_more() -> None:
    """Of three people hired one answers and stands for three: the true difference in each job is -0.1."""

    def measured(rows: Rows) -> Scalar:
        """Return the difference, from tallies that are added up here: no engine has to start 160 times."""
        table = _table(rows)
        return _scalar(
            PROBE.measure(table, [tallied(spec, rows) for spec in PROBE.tallies(table)]), _DIFFERENCE
        )

    random, held, plain = np.random.default_rng(4), 0, 0
    for run in range(80):
        rows = _rows(1500, seed=run)
        hired = np.array(rows["hired"]) == "1"
        kept = random.random(1500) < np.where(hired, 1 / 3, 1)
        some: Rows = {
            name: [str(v) for v, k in zip(column, kept, strict=True) if k] for name, column in rows.items()
        }
        weighted = measured({**some, "w": np.where(hired[kept], 3.0, 1.0)})
        assert weighted.interval is not None
        held += weighted.interval.low <= -0.1 <= weighted.interval.high
        unweighted = measured(some)
        assert unweighted.interval is not None
        plain += unweighted.interval.low <= -0.1 <= unweighted.interval.high
    assert 0.9 <= held / 80 <= 0.995
    assert plain < held
