"""How far columns are from training: by hand, by SciPy on rows, and with intervals that hold the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from conformity.engines.frame import open_frame
from conformity.engines.profiles import COLUMNS, _entries, counted
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import Check, ColumnProfiles, Tally
from conformity.probes.data_quality.drift.columns import Drift, drift
from conformity.probes.data_quality.drift.probe import PROBE
from conformity.probes.data_quality.profiles import ColumnProfile, read_profiles
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs


def subject(name: str, purpose: str, *columns: str, roles: tuple[str, ...] = ("feature",)) -> TableSubject:
    """Return a table with these columns bound."""
    bound: list[dict[str, Any]] = [{"name": column, "roles": roles} for column in columns]
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": name,
            "title": name,
            "path": f"{name}.csv",
            "purpose": purpose,
            "columns": [*bound, {"name": "when", "roles": ["time"]}],
        }
    )


def compared(here: pl.DataFrame, there: pl.DataFrame) -> ProbeResult:
    """Return what the probe finds in two frames, all of whose columns are features."""
    tables = {
        "test": (subject("test", "testing", *here.columns), here),
        "train": (subject("train", "training", *there.columns), there),
    }
    table, training = (tables[name][0] for name in ("test", "train"))
    asked = PROBE.asks(table, [training])
    tallies = {name: open_frame(tables[name][1]).tally(specs) for name, specs in asked.items()}
    return PROBE.compare(table, [training], tallies)


def found(result: ProbeResult) -> dict[tuple[str, str], Result]:
    """Return the results by metric and column; check that they are sorted and unique."""
    keys = [(one.metric, one.by, one.group) for one in result.measurements]
    assert keys == sorted(set(keys))
    return {(str(one.metric), one.by[0]): one.result for one in result.measurements}


def profile(values: list[Any]) -> ColumnProfile:
    """Return the profile of a column with these values."""
    check = Check(column="x")
    entries = _entries(counted([(value, 1) for value in values], check), check)
    spec = ColumnProfiles(columns=("x",))
    ordered = tuple(sorted(("x", *entry) for entry in entries))
    return read_profiles(Tally(spec=spec, columns=COLUMNS, entries=ordered))["x"]


def test_values_by_hand() -> None:
    here = pl.DataFrame({"x": ["a"] * 50 + ["b"] * 40 + [None] * 10})
    there = pl.DataFrame({"x": ["a"] * 60 + ["b"] * 20 + ["c"] * 20})
    result = compared(here, there)
    values = found(result)
    distance = values["drift_total_variation", "x"]
    assert isinstance(distance, Scalar)
    # 0.1 + 0.2 + 0.2 + 0.1, halved
    assert distance.value == pytest.approx(0.3)
    assert distance.n == 100
    assert distance.interval is not None
    # sqrt(ln 40 / 2 * 2 / 100) above; below also the bias of both samples, sqrt(3 / 100) / 2 each.
    assert distance.interval.high == pytest.approx(0.3 + 0.192065, abs=1e-5)
    assert distance.interval.low == pytest.approx(0)
    psi, divergence = values["drift_psi", "x"], values["drift_jensen_shannon", "x"]
    assert isinstance(psi, Scalar)
    assert isinstance(divergence, Scalar)
    p, q = np.array([0.5, 0.4, 0.005, 0.1]), np.array([0.6, 0.2, 0.2, 0.005])
    assert psi.value == pytest.approx(((p - q) * np.log(p / q)).sum())
    assert 0 < divergence.value < 1
    assert result.notes == ("1 of 1 columns are compared with the training table 'train'.",)


def test_numbers_are_near_scipy_on_rows() -> None:
    from scipy.stats import ks_2samp

    random = np.random.default_rng(2)
    for shift in (0.0, 0.2, 1.5):
        here, there = random.normal(shift, 1, 2000), random.normal(0, 1, 3000)
        values = found(compared(pl.DataFrame({"x": here}), pl.DataFrame({"x": there})))
        distance = values["drift_kolmogorov_smirnov", "x"]
        assert isinstance(distance, Scalar)
        exact = float(ks_2samp(here, there).statistic)
        # Within 0.02 by construction; on straight lines between percentiles of many rows far closer.
        assert abs(distance.value - exact) <= 0.006
        assert abs(distance.value * 100 - round(distance.value * 100)) > 1e-6 or shift == 1.5
        assert distance.interval is not None
        assert distance.interval.low <= exact <= distance.interval.high
        assert distance.n == 2000
        assert ("drift_jensen_shannon", "x") not in values


def test_the_stability_index_of_numbers_is_over_tenths_of_training() -> None:
    there = profile(list(range(1000)))
    moved = drift(profile([value + 100 for value in range(1000)]), there)
    assert isinstance(moved, Drift)
    # A tenth is empty here (raised to 0.0005), and the last one has two tenths of the rows.
    floor = 0.5 / 1000
    expected = (0.1 - floor) * np.log(0.1 / floor) + 0.1 * np.log(2)
    assert moved.psi == pytest.approx(expected, abs=0.005)
    same = drift(there, there)
    assert isinstance(same, Drift)
    assert (same.psi, same.distance) == (0, 0)


@pytest.mark.parametrize("values", [["1", "2"], [1, 2, 3]])
def test_few_numbers_are_compared_value_by_value(values: list[Any]) -> None:
    one = drift(profile(values * 20), profile(values * 30))
    assert isinstance(one, Drift)
    assert not one.numbers
    assert one.distance == pytest.approx(0)


def test_text_and_numbers_share_values_by_value() -> None:
    one = drift(profile(["01", "2.0"] * 20), profile([1, 2] * 20))
    assert isinstance(one, Drift)
    assert one.distance == 0


@pytest.mark.parametrize(
    ("here", "there", "why"),
    [
        ([1] * 29, [1] * 40, "too_few_cases"),
        ([None] * 40, [1] * 40, "too_few_cases"),
        ([f"t{n}" for n in range(60)], ["t1"] * 60, "undefined"),
        (list(range(60)), ["t1"] * 60, "undefined"),
    ],
)
def test_what_cannot_be_compared(here: list[Any], there: list[Any], why: str) -> None:
    one = drift(profile(here), profile(there))
    assert isinstance(one, NotAvailable)
    assert one.why == why


def test_what_cannot_be_compared_is_said_for_each_column() -> None:
    frame = pl.DataFrame({"n": list(range(20)), "t": [f"t{n % 2}" for n in range(20)]})
    values = found(compared(frame, frame))
    assert isinstance(values["drift_kolmogorov_smirnov", "n"], NotAvailable)
    assert isinstance(values["drift_total_variation", "t"], NotAvailable)
    assert len(values) == 2


def test_the_columns_that_could_be_furthest_are_given() -> None:
    here = pl.DataFrame({f"c{n:02d}": ["a"] * (40 + n) + ["b"] * (60 - n) for n in range(25)})
    there = pl.DataFrame({f"c{n:02d}": ["a"] * 40 + ["b"] * 60 for n in range(25)})
    result = compared(here, there)
    shown = sorted(column for metric, column in found(result) if metric == "drift_total_variation")
    assert shown == [f"c{n:02d}" for n in range(5, 25)]
    assert result.notes[1] == "The 20 whose distance could be largest are given."


@pytest.mark.no_cover
@pytest.mark.parametrize("apart", [0.0, 0.5])
def test_intervals_of_numbers_hold_the_truth(apart: float) -> None:
    from scipy.stats import norm

    random = np.random.default_rng(13)
    truth = 2 * float(norm.cdf(apart / 2)) - 1  # two normal distributions, ``apart`` deviations apart
    covered = 0
    for _ in range(300):
        one = drift(
            profile(random.normal(apart, 1, 150).tolist()), profile(random.normal(0, 1, 150).tolist())
        )
        assert isinstance(one, Drift)
        covered += one.interval.low <= truth <= one.interval.high
    assert covered >= 0.95 * 300


@pytest.mark.parametrize(
    ("table", "others", "reason"),
    [
        (subject("a", "training", "x"), (subject("b", "testing", "x"),), "is for training"),
        (subject("a", "testing", "x"), (subject("b", "reference", "x"),), "no tables have the purpose"),
        (
            subject("a", "testing", "x"),
            (subject("b", "training", "x"), subject("c", "training", "x")),
            "2 tables have the purpose",
        ),
        (
            subject("a", "testing", "x"),
            (subject("b", "training", "y"),),
            "no column is bound in 'a' and in 'b'",
        ),
        (
            subject("a", "testing", "x", roles=("direct_identifier",)),
            (subject("b", "training", "x"),),
            "no column is bound",
        ),
    ],
)
def test_nothing_to_compare_with(table: TableSubject, others: tuple[TableSubject, ...], reason: str) -> None:
    with pytest.raises(NotMeasurableError, match=reason):
        PROBE.asks(table, others)


@pytest.mark.parametrize("empty", ["test", "train"])
def test_no_rows_is_not_measurable(empty: str) -> None:
    full, none = pl.DataFrame({"x": ["a"]}), pl.DataFrame({"x": []}, schema={"x": pl.String})
    with pytest.raises(NotMeasurableError, match=f"'{empty}' has no rows"):
        compared(*((none, full) if empty == "test" else (full, none)))


def test_measurements_are_the_declared_metrics() -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "data_quality/drift"]
    assert load_probe(spec.id) is PROBE
    frame = pl.DataFrame({"n": list(range(40)), "t": ["a", "b"] * 20})
    assert {metric for metric, _ in found(compared(frame, frame))} == {metric.id for metric in spec.metrics}
