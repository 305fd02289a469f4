"""``conformity track`` on the command line and ``conformity.track_energy`` in Python."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import conformity
from conformity.entry import cli
from conformity.entry.track import told, track
from conformity.model.energy import EnergyRecord, obtained_by
from conformity.pipeline.tracking import Kept

_WORK = ("--", sys.executable, "-c", "sum(range(2_000_000)); raise SystemExit(3)")


def test_the_result_goes_to_standard_error_and_the_exit_code_through() -> None:
    done = CliRunner().invoke(track, ["--country", "DEU", "--interval", "0.05", *_WORK])
    assert done.exit_code == 3
    assert "Energy  " in done.stderr
    assert "Germany 380.95 g per kWh, 2023" in done.stderr
    assert done.stdout == ""


def test_the_record_is_printed_as_json(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        track, ["--country", "DEU", "--interval", "0.05", "--json", "-o", str(tmp_path), *_WORK]
    )
    printed = EnergyRecord.model_validate(json.loads(done.stdout))
    (path,) = tmp_path.iterdir()
    assert EnergyRecord.model_validate_json(path.read_bytes()) == printed


def test_a_country_must_be_given() -> None:
    assert CliRunner().invoke(track, ["--", "true"]).exit_code == 2


def test_what_follows_two_dashes_belongs_to_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import sys; print(sys.argv[1:])"
    monkeypatch.setattr(
        sys,
        "argv",
        ["conformity", "track", "--country", "DEU", "--", sys.executable, "-c", code, "--debug", "-h"],
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert "['--debug', '-h']" in capfd.readouterr().out


def _kept(record: EnergyRecord, method: str) -> Kept:
    """Return the record with all of its parts obtained in one way."""
    parts = tuple(part.model_copy(update={"method": method}) for part in record.parts)
    content = {**record.model_dump(), "parts": [part.model_dump() for part in parts]}
    content["obtained"] = obtained_by(part.method for part in parts)
    return Kept(EnergyRecord.model_validate(content), None)


def test_the_method_changes_every_line_that_tells_energy() -> None:
    """Mutation: no line about energy says measured of a modelled record, or the other way round."""
    with conformity.track_energy("DEU", interval_s=0.02) as tracked:
        sum(range(2_000_000))
    assert tracked.record is not None
    for method, other in (("measured", "modelled"), ("modelled", "measured")):
        lines = [line for line in told(_kept(tracked.record, method)) if "kWh, " in line or "CO2e" in line]
        assert len(lines) == 2 + len(tracked.record.parts)
        assert all(method in line and other not in line for line in lines)


def test_other_load_gaps_and_the_place_are_told(tmp_path: Path) -> None:
    with conformity.track_energy("DEU", interval_s=0.02) as tracked:
        pass
    assert tracked.record is not None
    changed = tracked.record.model_copy(update={"other_load": None, "gaps": ("Something is missing.",)})
    lines = told(replace(Kept(changed, None), path=tmp_path / "r.json"))
    assert "Gap: Something is missing." in lines
    assert f"Record: {tmp_path / 'r.json'}" in lines
    assert not any("Other programs" in line for line in lines)


def test_a_function_is_tracked_at_each_call(tmp_path: Path) -> None:
    records: list[EnergyRecord] = []

    @conformity.track_energy("DEU", output=str(tmp_path), name="adding", interval_s=0.05, then=records.append)
    def add(one: int, other: int) -> int:
        """Add."""
        return one + other

    assert add(1, 2) == 3
    assert add(1, other=3) == 4
    assert len({record.run for record in records}) == 2
    assert {(record.program, record.exit_code, record.complete) for record in records} == {
        ("adding", None, True)
    }
    assert len(list(tmp_path.iterdir())) == 2


def test_an_error_inside_is_passed_on_and_told(tmp_path: Path) -> None:
    tracked = conformity.track_energy("DEU", output=tmp_path, interval_s=0.05)
    with pytest.raises(ZeroDivisionError), tracked:
        print(1 // 0)
    assert tracked.record is not None
    assert not tracked.record.complete
    (path,) = tmp_path.iterdir()
    assert EnergyRecord.model_validate_json(path.read_bytes()) == tracked.record


def test_what_the_package_does_not_have() -> None:
    with pytest.raises(AttributeError, match="no attribute 'track'"):
        conformity.__getattr__("track")
