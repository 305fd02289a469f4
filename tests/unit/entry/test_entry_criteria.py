"""``conformity criteria`` and ``conformity catalog --profile`` as a person sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli

HEAD = """\
conformity: 1
system: {name: Chat, version: "1", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
subjects:
  - {id: net, kind: model, title: Net, path: net.bin, format: other}
criteria:
  - id: clean
    metric: dangerous_globals
    subject: net
    at_most: %s
    requirements: [art15.5.unauthorised]
    reason: Chosen for this test.
    owner: Risk function
    fixed_at: 2026-10-01
%s"""


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the clock at noon of 22 November 2026, UTC."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795348800")


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, list(arguments))


def write(folder: Path, at_most: int = 0, more: str = "") -> str:
    """Write the manifest and return its path."""
    place = folder / "conformity.yaml"
    place.write_text(HEAD % (at_most, more), encoding="utf-8")
    return str(place)


def test_a_lock_is_told_with_its_time_digest_and_what_it_does_not_show(tmp_path: Path) -> None:
    place = write(tmp_path)
    told = run("criteria", "lock", place)
    assert told.exit_code == 0
    digest = json.loads((tmp_path / "criteria.lock.json").read_text())["sha256"]
    for words in (
        "Written: ",
        f"Locked at 2026-11-22 12:00:00 UTC, digest {digest}",
        "  clean: locked since 2026-11-22 12:00 UTC",
        "does not name it yet: add `criteria_lock: criteria.lock.json`",
        "The time is that of this machine's clock.",
    ):
        assert words in told.output
    assert "Unchanged: " in run("criteria", "lock", place).output


def test_a_check_ends_with_the_code_for_integrity(tmp_path: Path) -> None:
    run("criteria", "lock", write(tmp_path))
    place = write(tmp_path, 3, "criteria_lock: criteria.lock.json\n")
    told = run("criteria", "check", place)
    assert (told.exit_code, "clean: changed after it was locked: at_most" in told.output) == (5, True)
    assert "does not name it" not in told.output
    run("criteria", "lock", "--replace", place)
    told = run("criteria", "check", place)
    assert (told.exit_code, "since an earlier lock: clean" in told.output) == (0, True)
    found = json.loads(run("criteria", "check", "--json", place).output)
    assert (found["named"], found["bounds"][0]["state"]) == (True, "locked")


def test_defaults_are_listed_and_proposed(tmp_path: Path) -> None:
    listed = run("criteria", "defaults").output
    assert "disparate_impact_ratio: at least 0.8." in listed
    assert "29 CFR 1607.4(D)" in listed
    assert "dangerous_globals: at most 0." in listed
    assert json.loads(run("criteria", "defaults", "--json").output)[0]["id"] == "conventions-2026-11-22"
    told = run("criteria", "defaults", write(tmp_path), "--set", "conventions-2026-11-22").output
    assert 'default_set: "conventions-2026-11-22"' in told


def test_profiles_are_listed_and_told() -> None:
    assert "annex-iii-5-b" in run("catalog", "--profiles").output
    assert len(json.loads(run("catalog", "--profiles", "--json").output)) > 40
    told = run("catalog", "--profile", "annex-iii-5-b").output
    assert "art10.2.f                   from 2027-12-02" in told
    assert "134 requirements." in told
    found = json.loads(run("catalog", "--profile", "minimal", "--as-of", "2027-01-01", "--json").output)
    assert found["classification"]["as_of"] == "2027-01-01"
