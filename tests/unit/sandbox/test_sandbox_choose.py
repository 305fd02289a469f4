"""What is asked for is taken or refused, and what is refused says why and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformity.engines.choose import EngineChoice
from conformity.errors import MissingLibraryError
from conformity.model.base import ProbeId, StepId, SubjectId
from conformity.model.evidence import Isolation
from conformity.model.plan import Step
from conformity.model.subject import ModelSubject
from conformity.pipeline.examining import examine_machine
from conformity.sandbox import bubblewrap, container, sandlock
from conformity.sandbox.awaited import problem_of
from conformity.sandbox.bubblewrap import BubblewrapSandbox
from conformity.sandbox.choose import KINDS, choose
from conformity.sandbox.confine import EXIT_UNCONFINED
from conformity.sandbox.container import ContainerSandbox
from conformity.sandbox.interface import Event, Located, MeasureJob, StepDone
from conformity.sandbox.needs import calls_of, network_of, runs_a_model
from conformity.sandbox.process import ProcessSandbox
from conformity.sandbox.sandlock import SandlockSandbox, landlock_version
from conformity.sandbox.selftest import SelfTest, self_test
from conformity.sandbox.supervise import Ending
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import Settings


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Let every test choose anew."""
    for remembered in (choose, bubblewrap._refused, container._missing):
        remembered.cache_clear()
    yield
    for remembered in (choose, bubblewrap._refused, container._missing):
        remembered.cache_clear()


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a way to say which ways can be used."""

    def set_up(*names: str) -> None:
        """Let just these be usable."""
        for kind in KINDS:
            reason = None if kind.name in names else f"no {kind.name}; install it"
            monkeypatch.setattr(kind, "unavailable", lambda _, reason=reason: reason)

    return set_up


@pytest.mark.parametrize(
    ("usable", "chosen"),
    [
        (("process", "container", "bubblewrap", "sandlock"), "sandlock"),
        (("process", "container", "bubblewrap"), "bubblewrap"),
        (("process", "container"), "container"),
        (("process",), "process"),
    ],
)
def test_the_first_that_works_is_taken(
    only: Callable[..., None], usable: tuple[str, ...], chosen: str
) -> None:
    only(*usable)
    assert choose(Settings()).name == chosen


def test_what_is_asked_for_is_taken_or_refused(only: Callable[..., None]) -> None:
    only("process", "sandlock")
    assert choose(Settings(isolation="process")).name == "process"
    with pytest.raises(MissingLibraryError, match="--isolation bubblewrap cannot be used: no bubblewrap"):
        choose(Settings(isolation="bubblewrap"))


def _holding(broken: str | None) -> Callable[..., SelfTest]:
    """Return a trial that ends as told."""
    seen = Isolation(mechanism="tried", guarantees=())
    return lambda *_: SelfTest(isolation=seen, took_s=0.1, broken=broken)


def test_weaker_than_required_is_refused(only: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.sandbox.choose.self_test", _holding(None))
    only("process")
    with pytest.raises(MissingLibraryError, match="process is weaker than sandlock") as caught:
        choose(Settings(require_isolation="sandlock"))
    assert caught.value.exit_code == 69
    assert choose(Settings(require_isolation="process")).name == "process"
    choose.cache_clear()
    only("process", "sandlock", "bubblewrap", "container")
    assert choose(Settings(require_isolation="container")).name == "container"
    assert choose(Settings(require_isolation="bubblewrap")).name == "sandlock"
    with pytest.raises(MissingLibraryError, match="bubblewrap is weaker than container"):
        choose(Settings(isolation="bubblewrap", require_isolation="container"))


def test_what_does_not_hold_is_refused_where_it_is_required(
    only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.sandbox.choose.self_test", _holding("a worker read a file"))
    only("sandlock", "process")
    with pytest.raises(MissingLibraryError, match="sandlock does not hold on this machine: a worker read"):
        choose(Settings(require_isolation="sandlock"))
    assert choose(Settings()).name == "sandlock"


def test_a_machine_is_examined_whatever_is_required(
    only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(kind: type[WorkerSandbox], _: Settings) -> SelfTest:
        """Try in vain for one way."""
        if kind.name == "bubblewrap":
            raise MissingLibraryError("it fails")
        return _holding("it leaks" if kind.name == "process" else None)()

    monkeypatch.setattr("conformity.pipeline.examining.self_test", fails)
    only("sandlock", "bubblewrap", "process")
    report = examine_machine(Settings(require_isolation="container"))
    assert report.chosen.startswith("none: sandlock is weaker than container")
    found = {one.name: (one.usable, one.reason, one.took_ms) for one in report.isolations}
    assert found == {
        "sandlock": (True, None, 100),
        "bubblewrap": (False, "it fails", None),
        "container": (False, "no container; install it", None),
        "process": (False, "it leaks", 100),
    }


def test_sandlock_needs_the_library_the_kernel_and_a_known_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandlock, "landlock_version", lambda: 6)
    assert SandlockSandbox(Settings()).unavailable() is None
    monkeypatch.setattr(sandlock, "landlock_version", lambda: 4)
    assert "version 4 of Landlock" in (SandlockSandbox(Settings()).unavailable() or "")
    monkeypatch.setattr(sandlock, "landlock_version", lambda: -1)
    assert "has none of Landlock" in (SandlockSandbox(Settings()).unavailable() or "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'sandlock" in (SandlockSandbox(Settings()).unavailable() or "")
    monkeypatch.setattr("platform.machine", lambda: "s390x")
    assert "--isolation container" in (SandlockSandbox(Settings()).unavailable() or "")


def test_a_system_without_landlock_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(landlock_version(), int)
    monkeypatch.setattr("ctypes.CDLL", lambda *_: object())
    assert landlock_version() == 0


def _program(folder: Path, name: str, script: str) -> None:
    """Put a program on the path."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "apt-get install bubblewrap"),
        ("echo 'No permissions' >&2; exit 1", "does not let bwrap make name spaces (No permissions)"),
        ("exit 0", None),
    ],
)
def test_bubblewrap_needs_the_program_and_name_spaces(
    script: str | None, words: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if script is not None:
        _program(tmp_path, "bwrap", script)
    reason = BubblewrapSandbox(Settings()).unavailable()
    assert reason is None if words is None else words in (reason or "")


def test_a_program_that_does_not_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _program(tmp_path, "bwrap", "")
    (tmp_path / "bwrap").write_bytes(b"\x7fELF nothing")
    assert "bwrap does not start (OSError)" in (BubblewrapSandbox(Settings()).unavailable() or "")
    _program(tmp_path, "podman", "")
    (tmp_path / "podman").write_bytes(b"\x7fELF nothing")
    assert "does not work for this user" in (ContainerSandbox(Settings()).unavailable() or "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "neither podman nor docker"),
        ("exit 1", "start its service"),
        ('[ "$1" = version ]', "podman build -t conformity ."),
        ('[ "$1" != run ]', "cannot start a container"),
        ("echo conformity 0.0.0", "holds another version"),
    ],
)
def test_a_container_needs_a_program_its_service_and_our_image(
    script: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if script is not None:
        _program(tmp_path, "podman", script)
    assert words in (ContainerSandbox(Settings()).unavailable() or "")


def _model_job(tmp_path: Path, *probes: str) -> MeasureJob:
    """Return a job on a model."""
    subject = ModelSubject(id=SubjectId("m"), title="M", path="m.joblib", kind="model", format="joblib")
    steps = tuple(
        Step(id=StepId(f"{probe}@m"), probe=ProbeId(probe), subject=SubjectId("m")) for probe in probes
    )
    (tmp_path / "m.joblib").write_bytes(b"\x80\x04N.")
    place = Located(subject=subject, path=tmp_path / "m.joblib")
    return MeasureJob(steps=steps, targets=(place,), seed=1)


def test_a_bare_process_runs_no_model_unless_it_is_trusted(tmp_path: Path) -> None:
    job = _model_job(tmp_path, "security/model_file_scan", "environment/inference_energy")
    assert [runs_a_model(step, job) for step in job.steps] == [False, True]
    for trusted in (False, True):
        events: list[Event] = []
        ProcessSandbox(Settings(trust_model=trusted)).run(job, events.append)
        done = {event.step: event for event in events if isinstance(event, StepDone)}
        assert len(done) == 2
        reason = done[StepId("environment/inference_energy@m")].reason or ""
        assert ("--i-trust-this-model" in reason) != trusted


def test_a_job_of_which_nothing_is_left_starts_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    events: list[Event] = []
    job = _model_job(tmp_path, "environment/inference_energy")
    ProcessSandbox(Settings()).run(job, events.append)
    assert [event.event for event in events] == ["step_done"]


def test_how_a_step_is_kept_apart_is_said(tmp_path: Path) -> None:
    job = _model_job(tmp_path, "security/model_file_scan")
    local = job.model_copy(update={"engine": EngineChoice(name="spark")})
    remote = job.model_copy(
        update={"engine": EngineChoice(name="spark", remote="sc://spark.example:15002/;token=secret")}
    )
    sandbox = SandlockSandbox(Settings())
    assert sandbox.isolation_of(job) == "sandlock"
    assert sandbox.isolation_of(local) == "sandlock; Spark's Java process beside the worker"
    assert sandbox.isolation_of(remote) == "sandlock with the network open; Spark at spark.example:15002"


def test_only_a_job_at_a_server_has_the_network(tmp_path: Path) -> None:
    job = _model_job(tmp_path, "security/model_file_scan")
    remote = job.model_copy(update={"engine": EngineChoice(name="spark", remote="sc://h:1")})
    for kind, cut in ((BubblewrapSandbox, "--unshare-net"), (ContainerSandbox, "--network=none")):
        sandbox = kind(replace(Settings(), container_image="conformity"))
        assert cut in sandbox.command(job, tmp_path).argv(3)
        assert cut not in sandbox.command(remote, tmp_path).argv(3)


def _declared_job(tmp_path: Path, probe: str, **declared: Any) -> MeasureJob:
    """Return a job on a model that declares something."""
    model = ModelSubject.model_validate(
        {"id": "m", "title": "M", "path": "m.py", "kind": "model", "format": "other", **declared}
    )
    step = Step(id=StepId(f"{probe}@m"), probe=ProbeId(probe), subject=SubjectId("m"))
    place = Located(subject=model, path=tmp_path)
    return MeasureJob(steps=(step,), targets=(place,), seed=1)


def test_a_model_that_is_a_program_or_a_service_gets_what_it_needs_when_it_is_run(tmp_path: Path) -> None:
    program = {"format": "command", "command": {"words": ["python", "{}"]}}
    service = {"attacks": {"endpoint": "http://127.0.0.1:8000/v1"}}
    for declared, probe, kept, network, words in (
        (program, "security/robustness", "children", "none", "the model is a program"),
        (program, "security/model_file_scan", "alone", "none", "sandlock"),
        (service, "security/unknown", "alone", "none", "sandlock"),
    ):
        job = _declared_job(tmp_path, probe, **declared)
        assert calls_of(job, Settings()) == kept
        assert network_of(job, Settings()) == network
        assert words in SandlockSandbox(Settings()).isolation_of(job)


def test_a_service_is_spoken_to_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.sandbox.needs._declares", lambda _: ("attacks",))
    endpoint = {"endpoint": "http://127.0.0.1:8000/v1"}
    job = _declared_job(tmp_path, "security/tried", attacks=endpoint)
    assert calls_of(job, Settings()) == "client"
    assert network_of(job, Settings()) == "open"
    assert "answers at an address of this machine" in SandlockSandbox(Settings()).isolation_of(job)
    assert "--network=host" in ContainerSandbox(Settings()).command(job, tmp_path).argv(3)


def test_workers_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.sandbox.selftest.__version__", "9.9")
    with pytest.raises(MissingLibraryError, match=r"run version .* and not 9\.9; build the image anew"):
        self_test.__wrapped__(ProcessSandbox, Settings(worker_memory_mb=2048, worker_wall_s=30))


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending("disk", -9, ""), "more than 1025 MiB, or the disk"),
        (Ending("ended", EXIT_UNCONFINED, ""), "could not be confined and has done nothing"),
        (Ending("ended", 0, ""), None),
    ],
)
def test_an_end_is_told_in_words(ending: Ending, words: str | None) -> None:
    said = problem_of(ending, Settings(spill_mb=1), 1)
    assert said is None if words is None else words in (said or "")
