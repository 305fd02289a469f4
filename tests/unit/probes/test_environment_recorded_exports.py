"""Records in JSON, folders of records, and what is found in them: ranges, gaps, doubles, other commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId, digest_of
from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.subject import EnergyRecordSubject
from conformity.probes.environment.recorded_energy.probe import PROBE
from conformity.probes.interface import ProbeResult, Target

_HEADER = "run_id,timestamp,duration,emissions,energy_consumed"


def examine(path: Path, command: tuple[str, ...] = ()) -> ProbeResult:
    """Run the probe on a record or a folder."""
    subject = EnergyRecordSubject(
        id=SubjectId("e"), title="E", path=path.name, kind="energy_record", phase="training", command=command
    )
    return PROBE.examine(Target(subject=subject, path=path, tables={}, scratch=path.parent, seed=1))


def numbers(result: ProbeResult) -> tuple[Any, Any, Any]:
    """Return time, emissions and energy."""
    time, emissions, energy = (m.result for m in result.measurements[:3])
    return time, emissions, energy


def own(method: str = "measured", **changed: Any) -> dict[str, Any]:
    """Return a record as ``conformity track`` writes it: 0.5 kWh at 400 g."""
    parts = [
        {"name": "processor", "method": method, "how": "a way", "energy_kwh": 0.25},
        {"name": "memory", "method": method, "how": "a way", "energy_kwh": 0.25},
    ]
    grid = {"country": "DEU", "name": "Germany", "g_per_kwh": 400.0, "year": 2023, "source": "a table"}
    record: dict[str, Any] = {
        "format": "conformity-energy/1",
        "run": "0" * 32,
        "complete": True,
        "program": "python",
        "command_sha256": digest_of(["python", "train.py"]),
        "exit_code": 0,
        "started_at": "2026-11-01T10:00:00Z",
        "duration_s": 100.0,
        "interval_s": 1.0,
        "samples": 100,
        "covered": 1.0,
        "parts": parts,
        "energy_kwh": 0.5,
        "obtained": method,
        "grid": grid,
        "emissions_g": 200.0,
        "other_load": 0.1,
        "processor_s": 90.0,
        "peak_memory_mb": 100.0,
        "hardware": ["a machine"],
        "gaps": [],
        "software": "a meter",
    }
    return {**record, **changed}


def write(path: Path, content: object) -> Path:
    """Write JSON."""
    path.write_text(json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize("method", ["measured", "modelled"])
def test_our_own_record_says_how_it_was_obtained(tmp_path: Path, method: str) -> None:
    result = examine(write(tmp_path / "r.json", own(method)), ("python", "train.py"))
    time, emissions, energy = numbers(result)
    assert energy == Scalar(value=0.5, unit="kWh", n=1, obtained=method)
    assert emissions == Scalar(value=0.2, unit="kg", n=1, obtained=method)
    assert time == Scalar(value=100, unit="s", n=1, obtained="measured")
    assert result.notes[0].startswith(method.upper())
    assert any("memory " + method in note for note in result.notes)
    assert "All records are of the declared command, told by its digest." in result.notes


def test_a_record_of_another_command_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="another command than the declared one"):
        examine(write(tmp_path / "r.json", own()), ("python", "other.py"))
    (tmp_path / "e.csv").write_text(f"{_HEADER}\n", "utf-8")
    with pytest.raises(DataError, match="does not say of which command"):
        examine(tmp_path / "e.csv", ("python", "train.py"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"obtained": "modelled"}, "which the parts do not bear out"),
        ({"energy_kwh": 0.6}, "not the sum of the parts"),
        ({"emissions_g": 0.2}, "grid's average in grams"),
        ({"samples": -1}, "at samples"),
    ],
)
def test_a_record_that_was_changed_is_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        examine(write(tmp_path / "r.json", own(**changed)))


def test_a_run_too_short_to_tell_has_no_energy(tmp_path: Path) -> None:
    time, emissions, energy = numbers(examine(write(tmp_path / "r.json", own(samples=1))))
    assert isinstance(energy, NotAvailable)
    assert isinstance(emissions, NotAvailable)
    assert "not recorded in 1 of 1 entries" in energy.reason
    assert isinstance(time, Scalar)


def test_a_folder_is_added_up_and_gaps_are_told(tmp_path: Path) -> None:
    """Two runs of 100 s, the second begun 300 s after the first: 200 of 400 s are covered."""
    write(tmp_path / "1.json", own())
    second = own("modelled", run="1" * 32, started_at="2026-11-01T10:05:00Z", gaps=["A gap."])
    write(tmp_path / "2.json", second)
    (tmp_path / ".hidden.json").write_text("{", "utf-8")
    result = examine(tmp_path)
    assert numbers(result)[2] == Scalar(value=1.0, unit="kWh", n=2, obtained="partly modelled")
    assert "The records cover 50% of the time" in result.notes[-1]
    assert "A gap." in result.notes
    assert numbers(examine(tmp_path / "*.json"))[2] == numbers(result)[2]


def test_overlaps_and_doubles_are_found(tmp_path: Path) -> None:
    write(tmp_path / "1.json", own())
    write(tmp_path / "2.json", own(run="1" * 32, started_at="2026-11-01T10:00:50Z"))
    assert "1 of them overlap others" in examine(tmp_path).notes[-1]
    write(tmp_path / "3.json", own())
    with pytest.raises(DataError, match="a run occurs twice"):
        examine(tmp_path)


def test_older_and_newer_files_of_codecarbon_are_read_together(tmp_path: Path) -> None:
    """CodeCarbon 2 has no columns for utilisation, water or task; the ones needed are the same in 3."""
    (tmp_path / "two.csv").write_text(
        f"{_HEADER},country_name\na,2024-01-01T10:00:00,60,0.1,0.5,France\n", "utf-8"
    )
    (tmp_path / "three.csv").write_text(f"{_HEADER},wue\nb,2026-01-01T10:00:00,60,0.1,0.5,0\n", "utf-8")
    time, emissions, energy = numbers(examine(tmp_path))
    assert (time.value, emissions.value, energy.value) == (120, 0.2, 1.0)
    assert energy.obtained == "declared"


def test_a_kind_that_cannot_tell_makes_the_sum_declared(tmp_path: Path) -> None:
    write(tmp_path / "1.json", own())
    (tmp_path / "2.csv").write_text(f"{_HEADER}\na,now,60,0.1,0.5\n", "utf-8")
    assert numbers(examine(tmp_path))[2].obtained == "declared"


def impacts(low: float, high: float, unit: str = "kWh", gwp: object = None) -> dict[str, Any]:
    """Return impacts as EcoLogits exports them."""
    energy = {"type": "energy", "name": "Energy", "value": {"min": low, "max": high}, "unit": unit}
    return {"energy": energy, "gwp": gwp}


def test_impacts_of_ecologits_are_added_up_with_their_range(tmp_path: Path) -> None:
    gwp = {"type": "GWP", "value": 0.001, "unit": "kgCO2eq"}
    lines = [impacts(0.001, 0.003, gwp=gwp), {"impacts": impacts(0.002, 0.004, gwp=gwp)}]
    path = tmp_path / "i.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", "utf-8")
    time, emissions, energy = numbers(examine(path))
    assert energy.value == pytest.approx(0.005)
    assert (energy.interval.low, energy.interval.high) == (pytest.approx(0.003), pytest.approx(0.007))
    assert energy.obtained == "modelled"
    assert emissions.value == pytest.approx(0.002)
    assert isinstance(time, NotAvailable)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (impacts(1, 2, unit="Wh"), "energy is not in kWh"),
        (impacts(3, 2), "the least energy is more than the most"),
        (impacts(1, 2, gwp={"value": 5, "unit": "gCO2eq"}), "gwp is not in kgCO2eq"),
        (impacts(1, 2, gwp=7), "gwp is not in kgCO2eq"),
        ({"some": "thing"}, "no record that is known"),
        ([1], "no record that is known"),
        ({"energy_per_token_joules": 2.0}, "add total_output_tokens"),
        ({"energy_per_token_joules": None, "energy_per_request_joules": ""}, "none of energy_per_token"),
        ({"energy_per_token_joules": True, "total_output_tokens": 5}, "is not a number"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, content: object, words: str) -> None:
    with pytest.raises(DataError, match=words):
        examine(write(tmp_path / "r.json", content))


def test_results_of_ml_energy_are_joules(tmp_path: Path) -> None:
    """By hand: 3.6 J a token x 1,000,000 tokens = 3.6 MJ = 1 kWh; 7.2 kJ a picture x 500 = 1 kWh."""
    tokens = {"energy_per_token_joules": 3.6, "total_output_tokens": 1_000_000, "run_id": "a", "task": "chat"}
    assert numbers(examine(write(tmp_path / "t.json", [tokens])))[2].value == pytest.approx(1)
    (tmp_path / "p.csv").write_text("energy_per_generation_joules,num_generations\n7200,500\n", "utf-8")
    result = examine(tmp_path / "p.csv")
    assert numbers(result)[2].value == pytest.approx(1)
    assert any("graphics processors alone" in note for note in result.notes)


def test_files_that_are_no_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.json").write_text("{", "utf-8")
    with pytest.raises(DataError, match="is not JSON"):
        examine(tmp_path / "r.json")
    with pytest.raises(DataError, match="cannot be read"):
        examine(tmp_path / "none.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="there is no record in empty"):
        examine(tmp_path / "empty")
    for name in ("folder.json", "folder.csv"):
        (tmp_path / "odd" / name).mkdir(parents=True)
        with pytest.raises(DataError, match=f"{name} cannot be read: Is a directory"):
            examine(tmp_path / "odd" / f"*{name[6:]}")
    monkeypatch.setattr("conformity.probes.environment.recorded_energy.probe._MAX_FILES", 0)
    with pytest.raises(DataError, match="more than 0 records"):
        examine(tmp_path / "r.json")
