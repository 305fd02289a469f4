"""The whole protocol: repeats beside the idle machine, power over time, and when it is not kept."""

from __future__ import annotations

import resource
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.judge.criteria import judge_reading
from conformity.model.base import SubjectId
from conformity.model.energy import Footprint, Method
from conformity.model.evidence import Observation
from conformity.model.manifest import Criterion
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import Column, Inference, ModelSubject, TableSubject
from conformity.probes.environment.energy_protocol import probe as module
from conformity.probes.environment.energy_protocol.probe import PROBE
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.registry import probe_specs
from conformity.probes.shared.energy import protocol
from conformity.probes.shared.energy.protocol import Length, protocol_results
from conformity.probes.shared.energy.repeats import Repeats, Timing
from tests.support.energy import J_PER_KWH, footing, part, reading

_FIVE = (6.0, 6.0, 6.0, 6.0, 6.0)
_LENGTH = Length(10.0, 20)
_METRICS = {
    "protocol_added_energy_kwh_per_1000",
    "protocol_emissions_budget_g_per_1000",
    "protocol_emissions_g_per_1000",
    "protocol_energy_budget_kwh_per_1000",
    "protocol_energy_kwh_per_1000",
    "protocol_idle_power_w",
    "protocol_part_energy_kwh_per_1000",
    "protocol_power_w",
    "protocol_year_emissions_kg",
    "protocol_year_energy_kwh",
}


def _seen(energies: tuple[float, ...] = _FIVE, idle_kwh: float = 0.3, **more: Any) -> dict[str, Result]:
    """Return the figures of repeats of ten seconds, beside an idle machine read for three."""
    base = footing(energies, **more)
    idle = (reading((idle_kwh,), (part(),), duration_s=3.0),) * (len(energies) + 1)
    found = protocol_results(base, Repeats(base.repeats, idle, "it was stopped"), _LENGTH, "protocol")
    return {metric: result for metric, _, _, result in found}


def _number(result: Result) -> Scalar:
    """Return a number."""
    assert isinstance(result, Scalar), result
    return result


def test_energy_above_the_idle_machine() -> None:
    """By hand: 0.3 kWh in 3 s is 0.1 kWh/s; of 6 kWh in 10 s 5 are added; / 100 x 1,000 = 50 kWh."""
    found = _seen()
    assert set(found) == _METRICS
    assert _number(found["protocol_added_energy_kwh_per_1000"]).value == pytest.approx(50)
    assert _number(found["protocol_idle_power_w"]).value == pytest.approx(0.1 * J_PER_KWH)
    assert _number(found["protocol_energy_kwh_per_1000"]).value == 60


def test_rounding_is_no_energy() -> None:
    """0.6 kWh in 10 s is just what the idle machine uses: nothing is added, not 1e-17."""
    found = _seen((0.6,) * 5, idle_kwh=0.18 + 1e-17)
    assert _number(found["protocol_added_energy_kwh_per_1000"]).value == 0


def test_a_measured_figure_bears_a_budget() -> None:
    budget = _number(_seen((6.0,) * 6)["protocol_energy_budget_kwh_per_1000"])
    assert budget.interval is not None
    assert budget.interval.level > 0.95
    assert budget.obtained == "measured"
    guessed = _seen((6.0,) * 6, parts=(part(method="modelled"),))["protocol_energy_budget_kwh_per_1000"]
    assert isinstance(guessed, NotAvailable)


def test_assumptions_less_assumptions_are_no_figure() -> None:
    found = _seen(parts=(part(method="modelled"),))
    above = found["protocol_added_energy_kwh_per_1000"]
    assert isinstance(above, NotAvailable)
    assert (above.n, "were both modelled" in above.reason) == (5, True)
    assert _number(found["protocol_idle_power_w"]).obtained == "modelled"


@pytest.mark.parametrize(
    ("method", "bound", "verdict"),
    [
        ("measured", 100.0, "met"),  # at most 60 x 1.4 = 84
        ("measured", 84.0, "met"),
        ("measured", 60.0, "undetermined"),
        ("measured", 30.0, "not_met"),  # at least 60 x 0.6 = 36
        ("modelled", 1e9, "undetermined"),
        ("modelled", 1e-9, "undetermined"),
    ],
)
def test_a_budget_is_settled_by_what_was_measured_alone(method: Method, bound: float, verdict: str) -> None:
    metric = next(
        one
        for spec in probe_specs()
        for one in spec.metrics
        if one.id == "protocol_energy_budget_kwh_per_1000"
    )
    criterion = Criterion.model_validate(
        {
            "id": "budget",
            "requirements": ["art95.2.b"],
            "metric": metric.id,
            "subject": "m",
            "at_most": bound,
            "reason": "a budget",
            "owner": "a person",
            "fixed_at": "2026-01-01",
        }
    )
    figure = _seen((6.0,) * 6, parts=(part(method=method),))[metric.id]
    measurement = Measurement(metric=metric.id, subject=SubjectId("m"), result=figure)
    observation = Observation.of(
        step="s",
        probe="environment/energy_protocol",
        probe_version=1,
        subject="m",
        outcome="measured",
        measurements=[measurement],
        collected_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert judge_reading(criterion, metric, measurement, observation).verdict == verdict


def test_power_over_time_is_kept_in_few_stretches() -> None:
    base = footing(tuple(6.0 for _ in range(10)))
    idle = (reading((0.3,), (part(),), duration_s=3.0),)
    found = protocol_results(base, Repeats(base.repeats, idle), _LENGTH, "protocol")
    points = [(int(group), result) for metric, by, group, result in found if by == "second"]
    assert [second for second, _ in points] == sorted({second for second, _ in points})
    assert 1 < len(points) <= 41
    assert all(_number(result).value == pytest.approx(0.6 * J_PER_KWH) for _, result in points)


@pytest.mark.parametrize(
    ("energies", "changed", "words"),
    [
        (_FIVE[:4], {}, "4 repeats were made and 5 are needed: it was stopped"),
        (_FIVE, {"duration_s": 9.9, "count": 19}, "shorter than 10 s and 20 readings"),
        (_FIVE, {"covered_s": 8.9}, "cover less than 90%"),
    ],
)
def test_a_protocol_that_is_not_kept_gives_no_figure(
    energies: tuple[float, ...], changed: dict[str, Any], words: str
) -> None:
    base = footing(energies)
    last = replace(base.repeats[-1], reading=replace(base.repeats[-1].reading, **changed))
    short = replace(base, repeats=(*base.repeats[:-1], last))
    idle = (reading((0.3,), (part(),), duration_s=3.0),)
    found = protocol_results(short, Repeats(short.repeats, idle, "it was stopped"), _LENGTH, "protocol")
    assert {metric for metric, *_ in found} == _METRICS
    for *_, result in found:
        assert isinstance(result, NotAvailable)
        assert words in result.reason


def test_twenty_readings_are_long_enough() -> None:
    base = footing(_FIVE)
    quick = replace(base.repeats[0].reading, duration_s=2.0, covered_s=2.0, count=20)
    short = replace(base, repeats=(replace(base.repeats[0], reading=quick), *base.repeats[1:]))
    idle = (reading((0.3,), (part(),), duration_s=3.0),)
    found = protocol_results(short, Repeats(short.repeats, idle), _LENGTH, "protocol")
    assert any(isinstance(result, Scalar) for *_, result in found)


def test_a_silent_part_gives_no_figure() -> None:
    assert all(isinstance(result, NotAvailable) for result in _seen((6.0, 0.0, 6.0, 6.0, 6.0)).values())


def test_a_worker_stops_before_its_processor_time_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    used = iter([10.0, 40.0, 60.0, 100.0])
    monkeypatch.setattr(protocol, "used_s", lambda: next(used))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 100))
    budget = protocol.Allowance()
    assert budget() is True  # 40 s and 30 more are 70 of 100
    assert budget() is True  # 60 and 20 more are just 80
    assert budget() is False


@pytest.mark.parametrize(("declared", "made"), [(1, 6), (6, 6), (8, 8), (10, 10), (100, 10)])
def test_six_to_ten_long_repeats_are_made_whatever_is_declared(declared: int, made: int) -> None:
    timing = protocol.protocol_timing(declared)
    assert (timing.repeats, timing.least_s, timing.idle_s > 0) == (made, 10.0, True)
    assert timing.least_s / timing.interval_s >= protocol.LENGTH.samples


def test_a_worker_without_a_limit_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert protocol.Allowance()() is True
    assert protocol.used_s() > 0


def test_a_repeat_that_would_end_after_the_worker_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: 300 s and 300 more are 600 of 700; 600 s and 300 more are 900."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    at = iter([0.0, 300.0, 600.0])
    allowance = protocol.Allowance(lambda: next(at))
    assert allowance() is True
    assert allowance() is False


def _target(folder: Path) -> Target:
    """Return a target with a real model and a footprint."""
    import joblib
    import numpy as np
    from sklearn.linear_model import LinearRegression

    rows = np.random.default_rng(1).random((40, 2))
    (folder / "d.csv").write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows), "utf-8")
    joblib.dump(LinearRegression().fit(rows, rows[:, 0]), folder / "m.joblib")
    (folder / "scratch").mkdir()
    table = TableSubject(
        id=SubjectId("d"),
        title="D",
        path="d.csv",
        kind="table",
        purpose="testing",
        columns=tuple(Column(name=name, roles=("feature",)) for name in "ab"),
    )
    subject = ModelSubject(
        id=SubjectId("m"),
        title="M",
        path="m.joblib",
        kind="model",
        format="joblib",
        inference=Inference(data=SubjectId("d"), country="DEU", repeats=2),
        footprint=Footprint(),
    )
    tables = {SubjectId("d"): (table, folder / "d.csv")}
    return Target(
        subject=subject, path=folder / "m.joblib", tables=tables, scratch=folder / "scratch", seed=1
    )


def test_a_model_is_measured_by_the_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "protocol_timing", lambda repeats: Timing(0.1, 0.5, max(repeats, 6), 0.02))
    monkeypatch.setattr(module, "LENGTH", Length(0.1, 20))
    result: ProbeResult = PROBE.examine(_target(tmp_path))
    found = {str(m.metric): m.result for m in result.measurements}
    energy = _number(found["protocol_energy_kwh_per_1000"])
    assert (energy.n, energy.value > 0) == (6, True)  # two are declared, and fewer than six give no 95 %
    assert any(note.startswith("Idle machine before, between and after") for note in result.notes)
    assert any("in 6 repeats, after one to warm up" in note for note in result.notes)
