"""What ``conformity stale`` prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from tests.support.declarations import packed, signed

LIMIT = {"of": ("record",), "days": 60, "reason": "The process changes every quarter."}


def run(pack: Path, *more: str | Path) -> Result:
    """Run the command on a pack."""
    return CliRunner().invoke(cli, ["stale", str(pack), *(str(one) for one in more)])


def test_what_holds_is_told_with_what_was_not_looked_at(tmp_path: Path) -> None:
    said = run(packed(signed(), tmp_path / "pack"), "--as-of", "2026-12-31")
    assert said.exit_code == 0
    assert "     0  stale" in said.stdout
    assert "The manifest sets no age limit" in said.stdout
    assert "Files were not held against their digests; --data does that." in said.stdout


def test_what_is_too_old_is_named_with_its_verdicts_in_80_columns(tmp_path: Path) -> None:
    pack = packed(signed(age_limits=(LIMIT,)), tmp_path / "pack")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "record.md").write_text("# A record\n", "utf-8")
    said = run(pack, "--as-of", "2026-12-01", "--data", tmp_path / "data")
    assert said.exit_code == 4
    assert "  record: record has changed since it was measured; it now is" in said.stdout
    assert "record is of 2026-10-01, and" in said.stdout
    assert "met, then undetermined. The evidence is stale" in said.stdout.replace("\n    ", " ")
    assert "  test: cannot tell; its file is not there." in said.stdout
    assert "sets no age limit" not in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 80


def test_the_result_as_json(tmp_path: Path) -> None:
    pack = packed(signed(age_limits=(LIMIT,)), tmp_path / "pack")
    said = run(pack, "--as-of", "2026-12-01", "--json")
    assert said.exit_code == 4
    found = json.loads(said.stdout)
    assert (found["as_of"], [one["id"] for one in found["stale"]]) == ("2026-12-01", ["record"])


def test_documents_of_a_pack_that_grew_too_old_come_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = packed(signed(age_limits=(LIMIT,)), tmp_path / "pack")
    command = ["documents", str(pack), "--formats", "json", "--only", "limits", "-o"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")  # 2026-12-01
    said = CliRunner().invoke(cli, [*command, str(tmp_path / "late")])
    assert said.exit_code == 0
    assert "requirements were met and are not on 2026-12-01" in said.stderr
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    said = CliRunner().invoke(cli, [*command, str(tmp_path / "early")])
    assert (said.exit_code, said.stderr) == (0, "")
