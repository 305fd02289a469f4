"""An imported record: sums by hand, and everything that cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.measurement import Scalar
from conformity.model.subject import EnergyRecordSubject, PromptLogSubject
from conformity.probes.environment.recorded_energy.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target

_HEADER = "run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name"
_ROWS = ("a,100,0.5,0.5,0,0.5,1.0,Germany", "b,50.5,0.25,0.2,0.1,0.2,0.5,Germany")


def _examine(path: Path) -> ProbeResult:
    """Run the probe on a record."""
    subject = EnergyRecordSubject(
        id=SubjectId("e"), title="E", path=path.name, kind="energy_record", phase="training"
    )
    return PROBE.examine(Target(subject=subject, path=path, tables={}, scratch=path.parent, seed=1))


def _write(folder: Path, *lines: str) -> Path:
    """Write a record."""
    path = folder / "emissions.csv"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def test_rows_are_added_up(tmp_path: Path) -> None:
    result = _examine(_write(tmp_path, _HEADER, *_ROWS, ""))
    assert [(m.metric, m.result) for m in result.measurements[:3]] == [
        ("recorded_duration_s", Scalar(value=150.5, unit="s", n=2, obtained="declared")),
        ("recorded_emissions_kg", Scalar(value=0.75, unit="kg", n=2, obtained="declared")),
        ("recorded_energy_kwh", Scalar(value=1.5, unit="kWh", n=2, obtained="declared")),
    ]
    per_run = {str(m.metric): m.result for m in result.measurements[3:]}
    assert list(per_run) == ["recorded_run_emissions_kg", "recorded_run_energy_kwh"]
    energy = per_run["recorded_run_energy_kwh"]
    assert isinstance(energy, Scalar)
    assert (energy.value, energy.n) == (0.75, 2)  # the median of 1 and 0.5
    assert energy.interval is None  # declared: how far it is from the truth is not known
    assert result.notes[0].startswith("DECLARED")
    assert "phase: training; grid: Germany" in result.notes[1]


def test_what_codecarbon_writes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Peer: the installed CodeCarbon writes the run and the tasks; both files must be understood."""
    from codecarbon import OfflineEmissionsTracker

    monkeypatch.setenv("HOME", str(tmp_path))
    tracker = OfflineEmissionsTracker(country_iso_code="DEU", output_dir=str(tmp_path), log_level="critical")
    for name in ("first", "second"):
        tracker.start_task(name)
        sum(range(1_000_000))
        tracker.stop_task(name)
    tracker.stop()
    tasks = next(tmp_path.glob("emissions_*.csv"))
    run = _examine(tmp_path / "emissions.csv").measurements[2].result
    parts = _examine(tasks).measurements[2].result
    assert isinstance(run, Scalar)
    assert isinstance(parts, Scalar)
    assert (run.n, parts.n) == (1, 2)
    assert 0 < parts.value <= run.value
    # Neither one run nor the tasks of one are runs to take a median of.
    assert len(_examine(tmp_path / "emissions.csv").measurements) == len(_examine(tasks).measurements) == 3


def test_canada_is_pointed_out(tmp_path: Path) -> None:
    """The online tracker without a network takes Canada's grid (a defect seen in peers)."""
    result = _examine(_write(tmp_path, _HEADER, "a,1,0.1,0.5,0,0.5,1.0,Canada"))
    assert "Canada" in result.notes[2]


def test_only_three_columns_are_needed(tmp_path: Path) -> None:
    result = _examine(_write(tmp_path, "duration,emissions,energy_consumed", "1,2,3", "1,2,3"))
    # Without a run nothing tells that the rows are the same one twice.
    assert isinstance(result.measurements[2].result, Scalar)
    assert result.measurements[2].result.value == 6
    assert "grid: not stated" in result.notes[1]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), "is empty"),
        (("duration,emissions", "1,2"), "'energy_consumed' is not in"),
        (("duration,emissions,energy_consumed,duration", "1,2,3,4"), "'duration' is twice in"),
        (("duration,emissions,energy_consumed", "1,2"), "line 2, has 2 cells where the header has 3"),
        (("duration,emissions,energy_consumed", "1,x,3"), "line 2: emissions is not a number"),
        (("duration,emissions,energy_consumed", "1,,3"), "emissions is not a number"),
        (("duration,emissions,energy_consumed", "1,2,-3"), "energy_consumed is -3"),
        (("duration,emissions,energy_consumed", "1,2,nan"), "energy_consumed is nan"),
        (("duration,emissions,energy_consumed", "inf,2,3"), "duration is inf"),
        (("duration,emissions,energy_consumed", "0,2,3"), "duration is 0"),
        (("duration,emissions,energy_consumed", "1,0,3"), "emissions is 0"),
        (("duration,emissions,energy_consumed", "1,2,0.0"), "energy_consumed is 0"),
        (("duration,emissions,energy_consumed", '1,"2"3,3'), "is not CSV"),
        ((_HEADER, "a,1,0.1,500,0,500,1.0,Germany"), "do not add up"),
        ((_HEADER, _ROWS[0], _ROWS[0]), "a run occurs twice"),
        ((_HEADER, "a,1,380,0.5,0,0.5,1.0,Germany"), "emissions are in g where kg are due"),
        ((_HEADER, "a,1,0.00038,0.5,0,0.5,1.0,Germany"), "emissions are in tonnes where kg are due"),
        (("task_name,run_id,duration,emissions,energy_consumed", "t,a,1,2,3", ",b,1,2,3"), "mixes rows"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(DataError, match=words):
        _examine(_write(tmp_path, *lines))


def test_a_header_alone_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="no row in"):
        _examine(_write(tmp_path, _HEADER))


def test_other_files_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "emissions.csv"
    with pytest.raises(DataError, match="cannot be read"):
        _examine(path)
    path.write_bytes(b"duration\xff,")
    with pytest.raises(DataError, match="not UTF-8"):
        _examine(path)
    monkeypatch.setattr("conformity.probes.environment.recorded_energy.probe._MAX_BYTES", 3)
    with pytest.raises(DataError, match="larger than 3 bytes"):
        _examine(path)
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(DataError, match="is not an energy record"):
        PROBE.examine(Target(subject=log, path=path, tables={}, scratch=tmp_path, seed=1))
