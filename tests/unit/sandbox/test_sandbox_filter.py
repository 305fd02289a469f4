"""The kernel's program decides as it is meant to, for every processor, and nothing takes it back."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformity.sandbox import filter as calls
from conformity.sandbox import lifeline, privileges, worker
from conformity.sandbox.confine import EXIT_UNCONFINED, Limits
from conformity.sandbox.filter import Calls, filter_calls, program
from conformity.sandbox.syscalls import ARCHITECTURES, NEWEST, OTHERS, PROGRAMS

_ALLOWED = 0x7FFF_0000
_OWN = 4321


def _decide(
    architecture: str, kept: Calls, name: str | int, *arguments: int, audit: int | None = None
) -> int:
    """Run the program as the kernel would, and return the error that a call ends with; 0 if it is allowed."""
    processor = ARCHITECTURES[architecture]
    number = processor.numbers[name] if isinstance(name, str) else name
    record = {0: number, 4: processor.audit if audit is None else audit}
    record |= {16 + 8 * n: value & 0xFFFF_FFFF for n, value in enumerate(arguments)}
    code, at, held = program(processor, kept, _OWN), 0, 0
    while True:
        kind, yes, no, value = code[at]
        at += 1
        match kind:
            case 0x20:
                held = record.get(value, 0)
            case 0x54:
                held &= value
            case 0x06:
                return 0 if value == _ALLOWED else value & 0xFFFF
            case _:
                true = {0x15: held == value, 0x25: held > value, 0x45: bool(held & value)}[kind]
                at += yes if true else no


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("kept", ["alone", "client", "children", "programs"])
def test_what_no_worker_needs_is_refused_and_the_rest_is_not(architecture: str, kept: Calls) -> None:
    known = ARCHITECTURES[architecture].numbers
    assert {_decide(architecture, kept, name) for name in OTHERS if name in known} == {errno.EPERM}
    assert _decide(architecture, kept, "clone3") == errno.ENOSYS
    assert _decide(architecture, kept, NEWEST + 1) == errno.ENOSYS
    assert _decide(architecture, kept, 0x4000_0001) == errno.EPERM
    assert _decide(architecture, kept, 1, audit=0x4000_0003) == errno.EPERM
    assert _decide(architecture, kept, "prlimit64", 0) == 0
    assert _decide(architecture, kept, "prlimit64", _OWN) == 0
    assert _decide(architecture, kept, "prlimit64", 1) == errno.EPERM
    unlisted = {number for number in range(NEWEST) if number not in known.values()}
    assert {_decide(architecture, kept, number) for number in unlisted} == {0}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_worker_alone_starts_nothing_and_speaks_to_nobody(architecture: str) -> None:
    known = ARCHITECTURES[architecture].numbers
    assert {_decide(architecture, "alone", name) for name in PROGRAMS if name in known} == {errno.EAGAIN}
    assert _decide(architecture, "alone", "clone", 0x11) == errno.EAGAIN
    assert _decide(architecture, "alone", "clone", 0x3D0F00) == 0
    assert _decide(architecture, "alone", "clone", 0x1003D0F00) == 0
    assert _decide(architecture, "alone", "clone", 0x10010000) == errno.EPERM
    assert _decide(architecture, "alone", "socket", 2, 1) == errno.EACCES
    assert _decide(architecture, "alone", "fchmodat") == errno.EPERM
    assert _decide(architecture, "alone", "setpriority") == errno.EPERM
    for name in ("kill", "tgkill"):
        assert _decide(architecture, "alone", name, _OWN) == 0
        assert {_decide(architecture, "alone", name, other) for other in (0, -1, 1)} == {errno.EPERM}


@pytest.mark.parametrize(
    ("kept", "starts", "speaks", "changes"),
    [
        ("alone", False, False, False),
        ("client", False, True, False),
        ("children", True, False, False),
        ("programs", True, True, True),
    ],
)
def test_each_kind_of_worker_has_what_it_needs_and_no_more(
    kept: Calls, starts: bool, speaks: bool, changes: bool
) -> None:
    assert (_decide("x86_64", kept, "execve") == 0) == starts
    assert (_decide("x86_64", kept, "clone", 0x11) == 0) == starts
    assert (_decide("x86_64", kept, "kill", 1) == 0) == starts
    assert (_decide("x86_64", kept, "socket", 2, 1) == 0) == speaks
    assert (_decide("x86_64", kept, "chmod") == 0) == changes
    assert (_decide("x86_64", kept, "sched_setaffinity") == 0) == changes


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_worker_with_programs_has_the_internet_s_sockets_alone(architecture: str) -> None:
    assert _decide(architecture, "programs", "execve") == 0
    assert _decide(architecture, "programs", "clone", 0x11) == 0
    assert _decide(architecture, "programs", "clone", 0x10000011) == errno.EPERM
    for family, kind, wanted in (
        (2, 1, 0),
        (10, 2 | 0o2000000, 0),
        (2, 3, errno.EACCES),
        (1, 1, errno.EACCES),
        (16, 3, errno.EACCES),
        (17, 1, errno.EACCES),
    ):
        assert _decide(architecture, "programs", "socket", family, kind) == wanted


def test_jumps_fit_into_a_byte_and_the_program_into_the_kernel() -> None:
    for processor in ARCHITECTURES.values():
        for kept in ("alone", "client", "children", "programs"):
            code = program(processor, kept, _OWN)
            assert len(code) < 4096
            assert max(max(yes, no) for _, yes, no, _ in code) < 256


def test_where_it_cannot_be_done_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not filter_calls("any")
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    assert not filter_calls("alone")
    privileges.give_up_privileges()
    monkeypatch.setattr("platform.machine", lambda: "s390x")
    assert not calls.filter_calls("alone")


def test_privileges_are_gone_for_good_and_known_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from conformity.sandbox.privileges import give_up_privileges, _permitted\n"
        "give_up_privileges()\n"
        "assert _permitted() & ~4 == 0, hex(_permitted())\n"
        "import os\n"
        "try: os.setgroups([1])\n"
        "except PermissionError: raise SystemExit(0)\n"
        "raise SystemExit('privileges are left')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    monkeypatch.setattr(privileges, "Path", lambda _: Path("/nowhere"))
    assert privileges._permitted() == 0


def test_root_becomes_a_user_that_there_is_not_and_others_stay_who_they_are(tmp_path: Path) -> None:
    code = (
        "import os, pwd\n"
        "from conformity.sandbox.privileges import become_nobody, give_up_privileges, tasks_of_user\n"
        "assert tasks_of_user() > 0\n"
        "was = os.getuid()\n"
        "become_nobody()\n"
        "give_up_privileges()\n"
        "if was: raise SystemExit(0 if os.getuid() == was else 'the user changed')\n"
        "assert os.getresuid() == (os.getuid(),) * 3 and os.getuid() >= 2_000_000_000\n"
        "assert os.stat('.').st_uid == os.getuid() and tasks_of_user() == 1\n"
        "open('made', 'w').close()\n"
        "before = os.getuid()\n"
        "become_nobody()\n"
        "assert os.getuid() == before\n"
        "try: os.setuid(0)\n"
        "except PermissionError: raise SystemExit(0)\n"
        "raise SystemExit('root is back')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(calls.__file__).parents[2])}
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False).returncode
        == 0
    )


def _confined(tmp_path: Path, code: str, paths: list[str]) -> int:
    """Run code in a process that is to confine its files, and return its exit code."""
    (tmp_path / "list").write_text(json.dumps(paths), "utf-8")
    limits = Limits(
        parent=os.getpid(),
        events_fd=1,
        memory_mb=4096,
        cpu_s=20,
        file_mb=10,
        files="landlock",
        readable=str(tmp_path / "list"),
        calls="alone",
    )
    start = "import sys\nfrom conformity.sandbox import confine\n"
    end = "\nconfine.confine(confine.Limits.from_json(sys.argv[1]))\nraise SystemExit(5)\n"
    return subprocess.run(
        [sys.executable, "-c", start + code + end, limits.to_json()], check=False
    ).returncode


@pytest.mark.parametrize(
    "code",
    [
        "sys.modules['sandlock'] = None",
        "import sandlock\ndef fails(_): raise OSError('no Landlock')\nsandlock.confine = fails",
        "confine.filter_calls = lambda _: False",
    ],
)
def test_a_worker_that_cannot_be_confined_does_nothing(tmp_path: Path, code: str) -> None:
    assert _confined(tmp_path, code, ["/usr"]) == EXIT_UNCONFINED


def test_answers_on_standard_output_are_kept_apart_from_prints() -> None:
    code = (
        "import os\n"
        "from conformity.sandbox.worker import _apart\n"
        "fd = _apart(1)\n"
        "assert fd != 1 and _apart(7) == 7\n"
        "print('noise', flush=True)\n"
        "os.write(fd, b'answer')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"answer", b"noise\n")
    assert worker._apart(123) == 123


def test_a_lifeline_gives_the_program_s_exit_code_and_knows_its_parent() -> None:
    start = [sys.executable, "-m", "conformity.sandbox.lifeline"]
    done = subprocess.run([*start, str(os.getpid()), "name", "/bin/sh", "-c", "exit 7"], check=False)
    assert done.returncode == 7
    assert subprocess.run([*start, "1", "name", "/bin/true"], check=False).returncode == lifeline.EXIT_STOPPED


ENGINE = """#!/bin/sh
cd "$(dirname "$0")" && echo "$@" >> log
case $1 in
run)
    sleep 0.3  # the container is made
    echo $$ > started
    exec sleep 60
    ;;
kill)
    [ -e started ] && kill "$(cat started)"
    ;;
esac
"""


@pytest.mark.parametrize("wait_for", ["log", "started"])
def test_a_lifeline_lets_a_container_begin_before_it_ends_it(tmp_path: Path, wait_for: str) -> None:
    """Killed between making a container and starting it, the program would leave processes behind."""
    engine = tmp_path / "engine"
    engine.write_text(ENGINE, "utf-8")
    engine.chmod(0o755)
    arguments = [str(os.getpid()), "the-name", str(engine), "run"]
    child = subprocess.Popen([sys.executable, "-m", "conformity.sandbox.lifeline", *arguments])
    while not (tmp_path / wait_for).exists():
        assert child.poll() is None
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == lifeline.EXIT_STOPPED
    first, *kills, last = (tmp_path / "log").read_text("utf-8").splitlines()
    assert (first, last, set(kills)) == ("run", "rm --force the-name", {"kill the-name"})
    assert (tmp_path / "started").exists()
