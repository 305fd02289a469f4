"""The doctor prints what was found, and the options reach the settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from conformity.entry.cli import cli
from conformity.model.evidence import Isolation
from conformity.model.machine import IsolationFound, MachineReport
from conformity.settings import Settings


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Give the settings with which the machine was examined."""
    settings: list[Settings] = []

    def examine(given: Settings) -> MachineReport:
        """Return a report with one way of each kind."""
        settings.append(given)
        seen = Isolation(mechanism="sandlock", guarantees=("Held.",), gaps=("Not held.",))
        return MachineReport(
            platform="Linux",
            chosen="sandlock",
            isolations=(
                IsolationFound(name="sandlock", usable=True, seen=seen, took_ms=12),
                IsolationFound(name="container", usable=False, reason="no image; build it"),
            ),
        )

    monkeypatch.setattr("conformity.pipeline.examining.examine_machine", examine)
    return settings


def test_the_doctor_prints_every_way_with_what_held_and_what_is_missing(asked: list[Settings]) -> None:
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 0
    for line in (
        "apart by: sandlock",
        "✓ sandlock  (12 ms",
        "+ Held.",
        "- Not held.",
        "✖ container",
        "build it",
    ):
        assert line in done.output
    assert asked == [Settings()]


def test_the_doctor_answers_in_json(asked: list[Settings]) -> None:
    done = CliRunner().invoke(cli, ["doctor", "--json"])
    assert json.loads(done.output)["isolations"][0]["took_ms"] == 12


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--isolation", "process"], {"isolation": "process"}),
        (["--require-isolation", "container"], {"require_isolation": "container"}),
        (["--i-trust-this-model"], {"trust_model": True}),
    ],
)
def test_options_reach_the_settings(
    asked: list[Settings], arguments: list[str], wanted: dict[str, Any]
) -> None:
    assert CliRunner().invoke(cli, ["doctor", *arguments]).exit_code == 0
    assert asked == [Settings(**wanted)]


@pytest.mark.parametrize("command", [["assess"], ["scan", "data"], ["scan", "prompts"], ["scan", "model"]])
def test_every_command_that_starts_workers_has_the_options(command: list[str]) -> None:
    said = CliRunner().invoke(cli, [*command, "--help"]).output
    for option in ("--isolation", "--require-isolation", "--i-trust-this-model"):
        assert option in said
