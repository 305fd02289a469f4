"""What ``conformity redact`` and ``conformity disclose`` print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from conformity.errors import IntegrityError, UsageError
from tests.support.assessments import criterion, record, table
from tests.support.composed import material
from tests.support.declarations import packed


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a pack with a bound whose reason is withheld."""
    redaction = {"of": "criterion:gap-sex", "ground": "trade_secret", "reason": "Ours."}
    made = material(
        "timeline",
        records=(record("test"),),
        subjects=(table(),),
        criteria=(criterion(reason="Secret\x1b[2J reason"),),
        redactions=(redaction,),
    )
    return packed(made, tmp_path / "pack")


def ran(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_a_copy_is_told_with_its_key(pack: Path, tmp_path: Path) -> None:
    said = ran("redact", pack, "-o", tmp_path / "copy", "--formats", "html")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert lines[0] == f"Redacted copy: {tmp_path / 'copy'}"
    assert "  redaction.json" in lines
    assert lines[-1] == f"Key: {tmp_path / 'copy-redaction-key.json'}. Keep it, and do not publish it."
    told = ran("redact", pack, "-o", tmp_path / "more", "--formats", "", "--json", "--names", "--columns")
    assert json.loads(told.stdout)["columns"] == 2


def test_a_text_is_proved_and_checked(pack: Path, tmp_path: Path) -> None:
    copy, key = tmp_path / "copy", tmp_path / "copy-redaction-key.json"
    ran("redact", pack, "-o", copy, "--formats", "")
    place = "assessment.json#/manifest/criteria/0/reason"
    proof = tmp_path / "proof.json"
    proof.write_text(ran("disclose", copy, place, "--key", key).stdout, "utf-8")
    checked = ran("disclose", copy, "--check", proof)
    assert checked.stdout == f"{place} held: Secret\\x1b[2J reason\n"
    proof.write_text(proof.read_text("utf-8").replace("Secret", "Other"), "utf-8")
    forged = ran("disclose", copy, "--check", proof)
    assert isinstance(forged.exception, IntegrityError)


@pytest.mark.parametrize("options", [(), ("place",), ("--key", "k"), ("place", "--check", "c")])
def test_half_a_question_is_refused(options: tuple[str, ...]) -> None:
    said = ran("disclose", "copy", *options)
    assert isinstance(said.exception, UsageError)
    assert "Give PLACE with --key" in said.exception.message
