"""Energy of training: a real program, run in long repeats, and every way in which there is no figure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from conformity.errors import DataError, ModelFileError
from conformity.model.base import ProbeId, StepId, SubjectId
from conformity.model.energy import DeclaredFigure, Footprint
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.plan import Step
from conformity.model.subject import Column, ModelSubject, PromptLogSubject, TableSubject
from conformity.probes.environment.training_energy import probe as module
from conformity.probes.environment.training_energy import program as programs
from conformity.probes.environment.training_energy.probe import PROBE, resources
from conformity.probes.environment.training_energy.program import left_mb
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.registry import probe_specs
from conformity.probes.shared.energy.protocol import Length
from conformity.probes.shared.energy.repeats import Timing
from conformity.probes.shared.energy.usage import Usage, usage_now
from conformity.sandbox.interface import Located, MeasureJob
from conformity.sandbox.needs import calls_of, network_of, runs_a_model
from conformity.settings import Settings
from tests.support.energy import Steady, footing

_PROGRAM = """
import pathlib, sys
rows = pathlib.Path(sys.argv[1]).read_text().splitlines()
model = bytearray(60_000_000)
for place in range(0, len(model), 4096):
    model[place] = 1
pathlib.Path("model").write_bytes(b"x" * 500_000)
print("one" * 100_000)
with open("../runs", "a") as runs:
    runs.write("1")
"""


def subject(**changed: Any) -> ModelSubject:
    """Return a program that trains, as declared."""
    given = {
        "id": "m",
        "title": "M",
        "path": "train.py",
        "kind": "model",
        "format": "command",
        "command": {"words": ["python", "{}", "{data}"]},
        "training": {"data": "d", "country": "DEU"},
    }
    return ModelSubject.model_validate({**given, **changed})


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """Give a program, its table and an empty folder."""
    (tmp_path / "train.py").write_text(_PROGRAM, "utf-8")
    (tmp_path / "d.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "scratch").mkdir()
    table = TableSubject(
        id=SubjectId("d"),
        title="D",
        path="d.csv",
        kind="table",
        purpose="training",
        columns=(Column(name="a", roles=("feature",)),),
    )
    return Target(
        subject=subject(),
        path=tmp_path / "train.py",
        tables={SubjectId("d"): (table, tmp_path / "d.csv")},
        scratch=tmp_path / "scratch",
        seed=1,
    )


def on(target: Target, changed: ModelSubject) -> Target:
    """Return a target with another subject."""
    return Target(changed, target.path, target.tables, target.scratch, target.seed)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take repeats of one run each, on a machine whose parts are known."""
    monkeypatch.setattr(module, "protocol_timing", lambda repeats: Timing(0.0, 0.5, max(repeats, 5), 0.01))
    monkeypatch.setattr(module, "LENGTH", Length(0.0, 1))
    monkeypatch.setattr(module, "find_devices", lambda _: (Steady(),))


def _examined(target: Target) -> dict[str, Result]:
    """Return what the probe finds, by metric."""
    result = PROBE.examine(target)
    assert [m.metric for m in result.measurements] == sorted(m.metric for m in result.measurements)
    return {str(one.metric): one.result for one in result.measurements}


@pytest.mark.usefixtures("quick")
def test_a_program_is_run_once_to_warm_up_and_then_measured(target: Target) -> None:
    found = _examined(target)
    assert (target.scratch / "runs").read_text() == "1" * 7  # six repeats of one run each
    declared = next(spec for spec in probe_specs() if spec.id == "environment/training_energy")
    assert set(found) == {str(metric.id) for metric in declared.metrics}
    energy, seconds, power = (
        found[name] for name in ("training_energy_kwh", "training_time_s", "training_idle_power_w")
    )
    assert isinstance(energy, Scalar)
    assert isinstance(seconds, Scalar)
    assert isinstance(power, Scalar)
    # 36 W whatever is done: by hand, 36 W times the time of a run.
    assert energy.value * 3.6e6 == pytest.approx(36 * seconds.value)
    assert power.value == pytest.approx(36)
    assert (energy.n, energy.unit, seconds.obtained) == (6, "kWh", "measured")
    written = found["training_written_mb"]
    assert isinstance(written, Scalar)
    # The model alone, in whole blocks of the disk: neither what was printed nor what earlier runs left.
    assert 0.5 <= written.value < 0.6


def test_storage_is_what_files_take_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "run-1" / "deep"
    folder.mkdir(parents=True)
    (folder / "model").write_bytes(b"x" * 500_000)
    one = left_mb(tmp_path)
    assert 0.5 <= one < 0.6
    (folder / "again").hardlink_to(folder / "model")
    (folder / "gone").symlink_to(tmp_path / "none")
    (folder / "huge").symlink_to(sys.executable)
    with (folder / "hole").open("wb") as file:
        file.truncate(10**10)
    (tmp_path / "answer").write_bytes(b"x" * 500_000)
    assert left_mb(tmp_path) == pytest.approx(one, abs=0.02)


@pytest.mark.usefixtures("quick")
def test_what_qualifies_the_figures_is_told(target: Target) -> None:
    use = DeclaredFigure(value=2.0, source="the operator", year=2025)
    result = PROBE.examine(on(target, subject(footprint=Footprint(uses_per_year=use, pue=use))))
    told = " ".join(result.notes)
    assert "The program was run 6 times in 6 repeats, after once to warm up" in told
    assert "kWh a run" in told
    assert "Idle machine before" in told
    assert "another member state, g CO2e a run" in told
    assert "PUE 2 (the operator, 2025)" in told
    assert "predictions" not in told


def test_repeats_that_are_too_short_give_resources_and_no_energy(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "protocol_timing", lambda _: Timing(0.0, 5.0, 5, 0.01))
    monkeypatch.setattr(module, "find_devices", lambda _: (Steady(),))
    found = _examined(target)
    broken = {metric for metric, result in found.items() if isinstance(result, NotAvailable)}
    assert {"training_energy_kwh", "training_elsewhere_g", "training_energy_budget_kwh"} <= broken
    assert isinstance(found["training_time_s"], Scalar)


def test_a_program_that_takes_too_long_to_repeat_is_refused(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_devices", lambda _: (Steady(),))
    monkeypatch.setattr(module, "MOST_S", 0.0)
    with pytest.raises(NotMeasurableError, match="5 more would take longer than a worker may; track it"):
        PROBE.examine(target)
    assert (target.scratch / "runs").read_text() == "1"


def test_a_program_that_fails_is_told_without_its_words(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_devices", lambda _: (Steady(),))
    target.path.write_text("import sys; sys.exit('a secret value')", "utf-8")
    with pytest.raises(NotMeasurableError, match=r"did not come to a good end \(exit code 1\)"):
        PROBE.examine(target)


def test_python_stands_for_this_interpreter_and_other_programs_for_themselves(target: Target) -> None:
    own = programs.program_of(target)
    data = str(target.tables[SubjectId("d")][1])
    assert own.command.words == (sys.executable, "{}", data)
    other = programs.program_of(on(target, subject(command={"words": ["sh", "{}", "--on={data}"]})))
    assert other.command.words == ("sh", "{}", f"--on={data}")


def test_what_is_not_declared_or_at_hand_is_not_run(target: Target, tmp_path: Path) -> None:
    plain = subject(training=None)
    with pytest.raises(NotMeasurableError, match="does not declare a program that trains"):
        PROBE.examine(on(target, plain))
    with pytest.raises(NotMeasurableError, match="table d, on which to train, is not at hand"):
        PROBE.examine(Target(target.subject, target.path, {}, target.scratch, 1))
    table = target.tables[SubjectId("d")][0]
    several = {SubjectId("d"): (table, tmp_path)}
    with pytest.raises(NotMeasurableError, match="is not one file"):
        PROBE.examine(Target(target.subject, target.path, several, target.scratch, 1))
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(ModelFileError, match="is not a model"):
        PROBE.examine(Target(log, target.path, {}, target.scratch, 1))
    nowhere = subject(training={"data": "d", "country": "ZZZ"})
    with pytest.raises(DataError, match="no electricity mix"):
        PROBE.examine(on(target, nowhere))
    assert not any(target.scratch.iterdir())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"command": {"words": ["python", "{}"]}}, "and `{data}` among the words"),
        ({"format": "joblib", "command": None}, "needs `format: command`"),
        ({"inference": {"data": "d", "country": "DEU"}}, "trains and does not predict"),
        ({"robustness": {"data": "d"}}, "trains and does not predict"),
        ({"membership": {"members": "d", "others": "d"}}, "trains and does not predict"),
        ({"attacks": {}}, "trains and does not predict"),
        ({"training": {"data": "d", "country": "DEU", "repeats": 0}}, "repeats"),
    ],
)
def test_contradictory_declarations_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        subject(**changed)


def test_its_table_is_one_that_the_subject_names() -> None:
    assert subject().tables == ("d",)


def test_its_worker_may_start_the_program_and_has_no_network(target: Target) -> None:
    place = Located(subject=subject(), path=target.path)
    step = Step(
        id=StepId("environment/training_energy@m"),
        probe=ProbeId("environment/training_energy"),
        subject=SubjectId("m"),
    )
    job = MeasureJob(steps=(step,), targets=(place,), seed=1)
    assert calls_of(job, Settings()) == "children"
    assert network_of(job, Settings()) == "none"
    assert runs_a_model(step, job)  # refused where nothing keeps its worker apart


def test_memory_below_that_of_the_worker_cannot_be_told(tmp_path: Path) -> None:
    """By hand: a child counts with the memory of whoever started it until it is its own program."""
    hidden = {metric: one for metric, *_, one in resources(footing((1.0,)), Usage(1, 300, 300), tmp_path)}
    missing = hidden["training_peak_memory_mb"]
    assert isinstance(missing, NotAvailable)
    assert "less memory than the worker that started it (300 MB)" in missing.reason
    shown = {metric: one for metric, *_, one in resources(footing((1.0,)), Usage(1, 300, 301), tmp_path)}
    assert shown["training_peak_memory_mb"] == Scalar(value=301, unit="MB", n=1, obtained="measured")


def test_processor_time_holds_that_of_programs_that_ended() -> None:
    import subprocess

    before = usage_now()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    after = usage_now()
    assert after.processor_s - before.processor_s > 0.02
    assert after.own_mb > 10
