"""What ``conformity api-keys`` takes, prints and refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformity.entry import api_keys
from conformity.entry.cli import cli
from conformity.entry.rest.auth.callers import SCOPES
from conformity.entry.rest.auth.key_file import KeyRing, read_keys
from conformity.errors import ConformityError, PathError, UsageError


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of keys that the environment names."""
    found = tmp_path / "keys.json"
    monkeypatch.setenv("CONFORMITY_API_KEYS", str(found))
    return found


def run(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, ["api-keys", *map(str, arguments)])


def said(*arguments: object) -> Any:
    """Return the JSON that a command prints."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(kind: type[ConformityError], *arguments: object) -> str:
    """Return why a command is refused."""
    result = run(*arguments)
    assert isinstance(result.exception, kind), result.exception
    return result.exception.message


def test_a_key_is_printed_once_and_let_in(file: Path) -> None:
    result = run("new", "nightly")
    key = result.stdout.strip()
    assert "shown this once" in result.stderr
    found = KeyRing(file).shown(key, datetime.now(UTC))
    assert found is not None
    assert (found.name, found.scopes) == ("nightly", ("assess",))
    listed = run("list").stdout
    assert found.id in listed
    assert key not in listed
    assert key not in file.read_text()


def test_keys_are_told_as_json(file: Path) -> None:
    made = said("new", "ci", "--scope", "archive", "--scope", "assess", "--days", 3)
    assert made["scopes"] == ["assess", "archive"]
    assert made["key"].startswith("cfk_")
    (listed,) = said("list")
    assert listed == {name: value for name, value in made.items() if name not in ("key", "sha256")}
    until = datetime.fromisoformat(listed["expires"]) - datetime.fromisoformat(listed["created"])
    assert until == timedelta(days=3)
    assert said("revoke", "ci")[0]["revoked"] is not None
    assert read_keys(file).keys[0].revoked is not None


def test_the_standing_of_each_key_is_listed(file: Path) -> None:
    for arguments in (["a"], ["b", "--days", 3], ["c"]):
        run("new", *arguments)
    gone = run("revoke", "c")
    assert gone.stdout.startswith("Revoked ")
    content = json.loads(file.read_text())
    content["keys"].append({**content["keys"][1], "id": "0" * 12, "expires": "2026-01-01T00:00:00Z"})
    file.write_text(json.dumps(content))
    lines = [line.split()[1] for line in run("list").stdout.splitlines()]
    assert lines == ["valid", "until", "revoked", "expired"]


def test_another_file_can_be_named(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    run("new", "a", "--file", other)
    assert [key.name for key in read_keys(other).keys] == ["a"]
    assert not file.exists()


def test_what_cannot_be_done_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be the name of a key" in refused(UsageError, "new", "local")
    assert "could not be looked at" in refused(PathError, "list")
    run("new", "a")
    assert "no key with the id or name" in refused(UsageError, "revoke", "b")
    monkeypatch.delenv("CONFORMITY_API_KEYS")
    assert "--file" in refused(UsageError, "list")
    assert run("new", "a", "--scope", "everything", "--file", file).exit_code == 2


def test_the_scopes_are_those_of_the_server() -> None:
    assert api_keys._SCOPES == SCOPES
