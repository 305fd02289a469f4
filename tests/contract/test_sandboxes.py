"""One contract for all ways to run workers: what is attacked holds, as root and as an ordinary user."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformity.measure import observe
from conformity.model.base import ExhibitId, ProbeId, RequirementId, StepId, SubjectId
from conformity.model.manifest import Exhibit
from conformity.model.plan import Step
from conformity.sandbox.choose import KINDS
from conformity.sandbox.container import ContainerSandbox
from conformity.sandbox.interface import Event, Located, MeasureJob, ProfileJob, StepDone
from conformity.sandbox.selftest import self_test
from conformity.sandbox.supervise import supervise
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import Settings
from tests.support.attacks import FILES, LOUD, OTHERS, PRELUDE

ROOT = Path(__file__).parents[2]
ATTACKER = ROOT / "tests" / "support" / "attacker.py"
STRANGER = 48_123
"""A user id that nobody has here."""
MISSING = {kind.name: kind(Settings()).unavailable() for kind in KINDS}
HERE = [kind for kind in KINDS if MISSING[kind.name] is None]
NAMES = [kind.name for kind in HERE]


def _open_to_all(path: str | Path) -> bool:
    """Return whether every user can read a path and all folders on the way to it."""
    place = Path(path).resolve()
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (place, *place.parents))


PACKAGES = next(path for path in sys.path if path.endswith("site-packages"))
SYSTEM = shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path="/usr/bin:/usr/local/bin")
"""A Python like ours that every user can start: ours may lie in a home folder."""
CAN_CHANGE_USER = os.geteuid() == 0 and SYSTEM is not None and _open_to_all(ROOT) and _open_to_all(PACKAGES)


@cache
def _stranger() -> tuple[str, str]:
    """Return a Python that an ordinary user can start, with our libraries, and the folder it is in."""
    assert SYSTEM is not None
    folder = tempfile.mkdtemp(prefix="stranger-")
    Path(folder).chmod(0o755)
    subprocess.run([SYSTEM, "-m", "venv", "--without-pip", f"{folder}/env"], check=True)
    (site,) = Path(folder, "env", "lib").glob("python3*/site-packages")
    (site / "ours.pth").write_text(f"{PACKAGES}\n{ROOT}\n", "utf-8")
    python = f"{folder}/env/bin/python"
    home = Path(folder, "home")
    home.mkdir()
    os.chown(home, STRANGER, STRANGER)
    return python, folder


def _as_stranger(python: str, folder: str, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run Python as an ordinary user."""
    return subprocess.run(
        [python, *arguments],
        user=STRANGER,
        group=STRANGER,
        extra_groups=[],
        cwd=f"{folder}/home",
        env={"PATH": os.defpath, "HOME": f"{folder}/home", "TMPDIR": f"{folder}/home"},
        capture_output=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module", autouse=True)
def _tidy() -> Iterator[None]:
    """Remove the ordinary user's folder at the end."""
    yield
    if _stranger.cache_info().currsize:
        shutil.rmtree(_stranger()[1])


def attacked(name: str, user: str) -> dict[str, Any]:
    """Return what came of all attacks on one way to run workers."""
    if user == "this user":
        done = subprocess.run(
            [sys.executable, "-P", ATTACKER, name], capture_output=True, check=False, timeout=300, cwd=ROOT
        )
    else:
        done = _as_stranger(*_stranger(), ["-P", str(ATTACKER), name])
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return dict(json.loads(done.stdout))


def _attacked_here() -> list[tuple[str, str]]:
    """Return each way that can run here with each user that can run it."""
    pairs: list[tuple[str, str]] = [(name, "this user") for name in NAMES]
    # An ordinary user has images of his own; making one is not a test's business.
    others: list[tuple[str, str]] = [(name, "an ordinary user") for name in NAMES if name != "container"]
    return pairs + (others if CAN_CHANGE_USER else [])


HELD = pytest.mark.parametrize(("name", "user"), _attacked_here())


def test_what_cannot_run_here_says_why_and_what_to_do() -> None:
    assert "process" in NAMES
    for name, reason in MISSING.items():
        if reason is not None:
            print(f"{name} cannot run here: {reason}")
            assert any(word in reason for word in ("install", "use ", "start ", "run: ", "build", "try: "))


@pytest.mark.slow
@HELD
def test_every_attack_is_contained(name: str, user: str) -> None:
    """All in one test: the attacks take longest, and tests may be spread over processes."""
    seen = attacked(name, user)
    check_quiet(name, seen["quiet"])
    check_loud(seen["loud"])
    check_models(name, seen["models"])
    check_parent(seen)


def check_quiet(name: str, quiet: dict[str, str]) -> None:
    """Check that every quiet attack was contained."""
    assert {what: said for what, said in quiet.items() if not said.startswith("contained: ")} == {}
    assert set(quiet) == set(OTHERS) | (set() if name == "process" else set(FILES))


def check_loud(loud: dict[str, str]) -> None:
    """Check that every loud attack ended with its reason."""
    assert {what: said for what, said in loud.items() if LOUD[what][2] not in said} == {}
    assert set(loud) == set(LOUD)


def check_models(name: str, models: dict[str, str]) -> None:
    """Check that a model whose loading runs code did nothing."""
    assert models["runs a program"].endswith("nothing is there")
    assert models["opens a connection"] == "contained: PermissionError; nothing is there"
    # Bare processes share the user's files; that is why no model is run in them unasked.
    wanted = "a file is there" if name == "process" else "nothing is there"
    assert models["writes a file"].endswith(wanted)


def check_parent(after: dict[str, Any]) -> None:
    """Check that the parent is unharmed and went on."""
    assert after["harmed"] == []
    assert after["again"] == "well"


@pytest.mark.parametrize("kind", HERE, ids=NAMES)
def test_the_self_test_tells_what_holds(kind: type[WorkerSandbox]) -> None:
    trial = self_test(kind, Settings(worker_memory_mb=2048, worker_wall_s=60, worker_cpu_s=60))
    assert trial.broken is None
    assert trial.isolation.mechanism == kind.name
    said = " ".join(trial.isolation.guarantees)
    for held in ("No network", "No way out", "No other process", "Memory is bounded", "Time is bounded"):
        assert held in said
    confined = "A file that the job does not name could not be read." in trial.isolation.guarantees
    assert confined == (kind.name != "process")


@pytest.fixture
def exhibit(tmp_path: Path) -> Located:
    """Give the smallest thing to look at: one document."""
    (tmp_path / "purpose.md").write_text("two words", "utf-8")
    thing = Exhibit(
        id=ExhibitId("purpose"),
        title="Intended purpose",
        path="purpose.md",
        dated=date(2026, 1, 1),
        covers=(RequirementId("art11.1"),),
    )
    return Located(subject=thing, path=tmp_path / "purpose.md")


STEP = Step(
    id=StepId("declared/exhibit@purpose"), probe=ProbeId("declared/exhibit"), subject=SubjectId("purpose")
)


@pytest.mark.parametrize("kind", HERE, ids=NAMES)
def test_a_real_job_comes_back(kind: type[WorkerSandbox], exhibit: Located) -> None:
    events: list[Event] = []
    kind(Settings()).run(MeasureJob(steps=(STEP,), targets=(exhibit,), seed=1), events.append)
    (done,) = events
    assert isinstance(done, StepDone)
    assert done.outcome == "measured", done.reason


@pytest.mark.parametrize("kind", HERE, ids=NAMES)
def test_what_goes_wrong_in_a_step_is_an_observation_with_its_reason(
    kind: type[WorkerSandbox], exhibit: Located
) -> None:
    def seen(sandbox: WorkerSandbox) -> Any:
        """Return what the step saw."""
        (observation,) = observe(
            [STEP],
            {STEP.probe: 1},
            {"purpose": exhibit},
            sandbox,
            workers=1,
            seed=1,
            collected_at=datetime(2026, 1, 1, tzinfo=UTC),
            on_progress=_ignore,
        ).observations
        return observation

    bomb, _, words = LOUD["memory bomb"]
    failed = seen(kind(Settings(worker_memory_mb=512), entry=("-c", PRELUDE + bomb)))
    assert (failed.outcome, failed.isolation) == ("error", kind.name)
    assert words in failed.reason
    well = seen(kind(Settings()))
    assert (well.outcome, well.isolation) == ("measured", kind.name)


_ignore: Callable[[str, int, int], None] = lambda *_: None  # noqa: E731 # one line says it all


PROGRAM = """
import subprocess
found = {}
done = subprocess.run(["/bin/sh", "-c", "echo well; cat " + SECRET], capture_output=True, text=True)
found["program"], found["secret"] = done.stdout.split("\\n")[:2]
try:
    socket.socket()
except OSError:
    found["network"] = "none"
children = []
try:
    while len(children) < 300:
        child = os.fork()
        if child == 0:
            time.sleep(30)
            os._exit(0)
        children.append(child)
except OSError:
    found["children"] = len(children)
for child in children:
    os.kill(child, signal.SIGKILL)
say(json.dumps(found))
"""


@pytest.mark.parametrize("kind", HERE, ids=NAMES)
def test_a_model_that_is_a_program_has_few_processes_and_no_network(
    kind: type[WorkerSandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.sandbox.workers.calls_of", lambda *_: "children")
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "given.csv").write_text("a\n1\n", "utf-8")
    code = f"SECRET = {str(tmp_path / 'secret')!r}\n" + PROGRAM
    said: list[Event] = []
    kind(Settings(), entry=("-c", PRELUDE + code)).run(ProfileJob(path=tmp_path / "given.csv"), said.append)
    found = json.loads(said[0].model_dump()["reason"])
    assert (found["program"], found["network"]) == ("well", "none")
    assert found["secret"] == ("secret" if kind.name == "process" else "")
    assert found["children"] <= 64


@pytest.mark.parametrize("kind", HERE, ids=NAMES)
def test_a_worker_dies_with_its_parent(kind: type[WorkerSandbox], tmp_path: Path) -> None:
    """Kill the parent with SIGKILL, so that it can clean up nothing itself."""
    worker = PRELUDE + "while True: Path('alive').write_text('x'); time.sleep(0.05)\n"
    parent = (
        "from conformity.sandbox.choose import KINDS\n"
        "from conformity.sandbox.interface import ProfileJob\n"
        "from conformity.settings import Settings\n"
        f"kind = next(kind for kind in KINDS if kind.name == {kind.name!r})\n"
        f"kind(Settings(), entry=('-c', {worker!r})).run(ProfileJob(path={str(tmp_path)!r}), print)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", parent], env=environment, cwd=ROOT)
    try:
        _wait_for(lambda: any(tmp_path.glob("*/alive")), 30)
    finally:
        process.kill()
        process.wait()
    (alive,) = tmp_path.glob("*/alive")

    def silent() -> bool:
        """Return whether the worker has given no sign of life for half a second."""
        before = alive.stat().st_mtime_ns
        time.sleep(0.5)
        return alive.stat().st_mtime_ns == before

    _wait_for(silent, 10)


@pytest.mark.skipif("container" not in NAMES, reason=f"no containers here: {MISSING['container']}")
def test_a_container_given_up_at_any_moment_leaves_nothing(tmp_path: Path) -> None:
    """It is made, then started; given up in between, its processes were left for ever."""
    sandbox = ContainerSandbox(Settings(), entry=("-c", PRELUDE + "time.sleep(60)"))
    given, scratch = tmp_path / "given.csv", tmp_path / "scratch"
    given.write_text("a\n1\n", "utf-8")
    scratch.mkdir()
    command = sandbox.command(ProfileJob(path=given), scratch)
    for hundredths in range(15, 45, 5):
        ending = supervise(replace(command, wall_s=hundredths / 100), lambda _: None)
        assert ending.why == "time", ending.diagnostics
        (name,) = (part for part in command.argv(1) if part.startswith("--name="))
        assert _naming(name.partition("=")[2]) == []


def _naming(name: str) -> list[bytes]:
    """Return the command lines of the processes that watch over a container of this name."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return [line for line in found if name.encode() in line]


def _wait_for(happened: Callable[[], bool], seconds: float) -> None:
    """Wait until something happened."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen in time")
