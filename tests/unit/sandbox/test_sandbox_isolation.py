"""What is said of the isolation is what was seen, and what was not seen is a gap."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from conformity.engines.choose import EngineChoice
from conformity.sandbox import attempts, confine
from conformity.sandbox.attempts import attempt
from conformity.sandbox.confine import Limits
from conformity.sandbox.environment import worker_environment
from conformity.sandbox.interface import MeasureJob, ProfileJob, SelfTested, SelfTestJob
from conformity.sandbox.needs import network_of
from conformity.sandbox.process import ProcessSandbox
from conformity.sandbox.promises import bait, broken, describe
from conformity.settings import IsolationLevel, Settings


def test_isolation_is_tried_once(settings: Settings) -> None:
    first = ProcessSandbox(settings).isolation()
    assert ProcessSandbox(settings).isolation() is first
    assert first.mechanism == "process"
    assert any(
        line.startswith("Memory is bounded: a worker could not have 2048 MiB") for line in first.guarantees
    )
    assert any("a sleeping worker was stopped" in line for line in first.guarantees)
    assert any("environment is clean" in line for line in first.guarantees)
    assert any("file system is not confined" in line for line in first.gaps)


def _seen(*, free: bool) -> SelfTested:
    """Return what a worker saw that could do everything, or nothing."""
    return SelfTested(
        connected=free,
        way_out=free,
        spoke=free,
        read_marker=free,
        wrote_outside=free,
        read_parent=free,
        signalled=free,
        started=free,
        got_memory=free,
        gained_privileges=free,
        dumps_core=free,
        processor_s=0 if free else 20,
        files=0 if free else 1024,
        variables=("HOME", "SECRET") if free else ("HOME", "LC_CTYPE"),
        version="1",
    )


def test_nothing_is_promised_that_was_not_seen(settings: Settings) -> None:
    free = describe(_seen(free=True), stopped=False, granted=frozenset({"HOME"}), settings=settings)
    assert free.guarantees == ()
    assert len(free.gaps) == 17
    assert any("reach a worker: SECRET." in gap for gap in free.gaps)
    held = describe(_seen(free=False), stopped=True, granted=frozenset({"HOME"}), settings=settings)
    assert len(held.guarantees) == 15
    assert held.gaps == ()


@pytest.mark.parametrize(
    ("mechanism", "words"), [("sandlock", "Graphics processors"), ("container", "all energy is modelled")]
)
def test_what_a_meter_cannot_read_is_said(settings: Settings, mechanism: IsolationLevel, words: str) -> None:
    (gap,) = describe(
        _seen(free=False),
        stopped=True,
        granted=frozenset({"HOME"}),
        settings=settings,
        mechanism=mechanism,
    ).gaps
    assert words in gap


@pytest.mark.parametrize(
    ("field", "engine", "words"),
    [
        ("read_marker", "duckdb", "read a file"),
        ("wrote_outside", "spark", "wrote outside"),
        ("read_parent", "spark", "environment of the process"),
        ("connected", "duckdb", "reached the network"),
        ("way_out", "duckdb", "reached the network"),
        ("started", "duckdb", "started another process"),
        ("connected", "spark", None),
        ("started", "spark", None),
        ("got_memory", "duckdb", None),
    ],
)
def test_a_broken_promise_is_named(
    settings: Settings, field: str, engine: Literal["duckdb", "spark"], words: str | None
) -> None:
    seen = _seen(free=False).model_copy(update={field: True})
    said = broken(seen, "sandlock", replace(settings, engine=engine))
    assert said is None if words is None else words in (said or "")
    assert broken(_seen(free=True), "process", settings) is None


def test_what_spark_changes_is_said(settings: Settings) -> None:
    local = replace(settings, engine="spark")
    remote = replace(local, spark_remote="sc://spark.example:15002/;token=secret")
    for chosen, free, wanted in (
        (local, False, "over a loopback network that only the two can reach."),
        (local, True, "over the machine's loopback network, by a secret."),
        (remote, False, "Spark at spark.example:15002 reads the tables and counts in them, outside"),
    ):
        said = describe(_seen(free=free), stopped=True, granted=frozenset(), settings=chosen)
        assert wanted in said.gaps[-1]
        assert "secret=" not in said.gaps[-1]


def test_a_worker_of_spark_still_cannot_reach_the_machine(settings: Settings) -> None:
    """Tried by a real worker, whose own loopback network is on."""
    said = ProcessSandbox(replace(settings, engine="spark")).isolation()
    assert said.guarantees[0].startswith("No network: a connection to a listening port")
    assert "A worker may start other processes." in said.gaps


def test_a_loopback_network_of_its_own_can_be_used() -> None:
    code = (
        "import socket\n"
        "from conformity.sandbox import confine\n"
        "before = confine._network_space()\n"
        "confine._cut_network()\n"
        "if confine._network_space() == before: raise SystemExit(0)\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "try: socket.create_connection(server.getsockname(), 1)\n"
        "except OSError: pass\n"
        "else: raise SystemExit('the network was on already')\n"
        "confine._raise_loopback()\n"
        "socket.create_connection(server.getsockname(), 1).close()\n"
        "server.close()\n"
    )
    assert _child(code) == 0


@pytest.mark.parametrize("network", ["none", "own_loopback", "open"])
def test_the_network_is_cut_unless_it_is_open(network: str) -> None:
    code = (
        "import os\n"
        "from conformity.sandbox import confine\n"
        "before = confine._network_space()\n"
        f"confine.confine(confine.Limits(os.getppid(), 1, 4096, 20, 10, {network!r}))\n"
        "kept = confine._network_space() == before\n"
        f"assert kept if {network!r} == 'open' else not kept or not confine._unshare(0x40000000)\n"
    )
    assert _child(code) == 0


def test_what_of_the_network_is_left(settings: Settings, tmp_path: Path) -> None:
    spark, remote = EngineChoice(name="spark"), EngineChoice(name="spark", remote="sc://host:1")
    probe = SelfTestJob(port=1, marker=tmp_path, memory_mb=1)
    for job, wanted in (
        (MeasureJob(steps=(), targets=(), seed=1), "none"),
        (MeasureJob(steps=(), targets=(), seed=1, engine=spark), "own_loopback"),
        (MeasureJob(steps=(), targets=(), seed=1, engine=remote), "open"),
        (ProfileJob(path=tmp_path), "none"),
        (probe, "none"),
    ):
        assert network_of(job, settings) == wanted
    assert network_of(probe, replace(settings, engine="spark")) == "own_loopback"
    assert "JAVA_HOME" in worker_environment(tmp_path, replace(settings, engine="spark"))
    assert "JAVA_HOME" not in worker_environment(tmp_path, settings)


@pytest.mark.network
def test_a_free_process_can_do_what_a_worker_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempts themselves must be able to succeed; otherwise they would show nothing."""
    with bait(tmp_path, 1) as job:
        seen = attempt(job)
    assert all((seen.connected, seen.spoke, seen.read_marker, seen.wrote_outside, seen.read_parent))
    assert all((seen.signalled, seen.started, seen.got_memory))
    assert not Path(tmp_path, "written").exists()
    with bait(tmp_path, 2**40) as job:
        assert not attempt(job).got_memory
    monkeypatch.setattr(attempts, "Path", lambda _: tmp_path / "nowhere")
    assert attempts._may_gain_privileges()


def _child(code: str) -> int:
    """Run code in a process of its own and return its exit code."""
    return subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_limits_travel_as_json() -> None:
    limits = Limits(parent=1, events_fd=2, memory_mb=3, cpu_s=4, file_mb=5)
    assert Limits.from_json(limits.to_json()) == limits


def test_a_limit_that_is_tighter_stays() -> None:
    code = (
        "import resource\n"
        "from conformity.sandbox.confine import _bound\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (40, 50))\n"
        "_bound(resource.RLIMIT_NOFILE, 1000)\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (50, 50)\n"
        "_bound(resource.RLIMIT_NOFILE, 30, 5)\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (30, 35)\n"
    )
    assert _child(code) == 0
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 50


def test_a_user_name_space_serves_where_the_plain_one_is_refused() -> None:
    """As an ordinary user only the second way is open; it must cut the network as well."""
    code = (
        "import os, sys, pathlib\n"
        "from conformity.sandbox import confine\n"
        "real = confine._unshare\n"
        "confine._unshare = lambda flags: flags != confine._CLONE_NEWNET and real(flags)\n"
        "def spaces(): return [os.readlink(f'/proc/self/ns/{kind}') for kind in ('net', 'user')]\n"
        "before, user = spaces(), os.getuid()\n"
        "confine._cut_network()\n"
        "net, own = (old != new for old, new in zip(before, spaces(), strict=True))\n"
        "assert net == own and os.getuid() == user\n"
    )
    assert _child(code) == 0


def test_a_system_without_the_calls_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Path("/proc/self/ns/net").readlink()
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    assert not confine._unshare(0)
    confine._prctl(1, 9)
    confine._cut_network()
    assert Path("/proc/self/ns/net").readlink() == before
