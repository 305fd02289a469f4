"""The command tells which documents were written and what is missing in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformity.entry.cli import cli
from conformity.entry.documents import print_documents
from conformity.model.document import DocumentInShort, DocumentSet, Standing
from tests.support.composed import material
from tests.support.declarations import packed

SHA = "sha256:" + "a" * 64


def _pack(folder: Path) -> Path:
    made = material("timeline")
    return packed(made, folder)


def test_counts_stand_beside_every_document(capsys: pytest.CaptureFixture[str]) -> None:
    one = DocumentInShort(
        id="timeline",
        title="Timeline",
        ref="Art. 113",
        standing=Standing(state="cannot_tell", reason="Open."),
        items={"missing": 2, "filled": 1},
    )
    print_documents(
        DocumentSet(folder="set", system="Scorer 1\u202e", assessment_sha256=SHA, documents=(one,), files=())
    )
    out = capsys.readouterr().out
    assert "timeline                  open             1 filled, 2 missing" in out
    assert "Documents: set" in out
    assert "\u202e" not in out


def test_the_command_writes_and_prints_them(tmp_path: Path) -> None:
    pack = _pack(tmp_path / "pack")
    arguments = ["documents", str(pack), "--formats", "html, json", "--only", "timeline", "--only", "limits"]
    shown = CliRunner().invoke(cli, arguments)
    assert shown.exit_code == 0
    assert "limits" in shown.output
    out = tmp_path / "elsewhere"
    as_json = CliRunner().invoke(cli, [*arguments, "-o", str(out), "--json"])
    told = json.loads(as_json.output)
    assert told["folder"] == str(out)
    assert [one["id"] for one in told["documents"]] == ["timeline", "limits"]
    assert (out / "timeline.html").exists()
