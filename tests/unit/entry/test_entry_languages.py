"""``--lang``: the language of what people read; the records stay English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformity.entry.cli import cli
from conformity.errors import UsageError
from conformity.render.languages import known_languages

SAMPLE = Path(__file__).resolve().parents[3] / "sample_reports" / "assistant"


def test_documents_are_written_in_the_language_asked_for(tmp_path: Path) -> None:
    said = {}
    for language in ("en", "es"):
        out = tmp_path / language
        arguments = ["documents", str(SAMPLE), "-o", str(out), "--only", "timeline", "--formats", "html,json"]
        done = CliRunner().invoke(cli, [*arguments, "--lang", language])
        assert done.exit_code == 0, done.output
        said[language] = (out / "timeline.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in said["es"]
    assert "Reglamento (UE) 2024/1689" in said["es"]
    assert '<html lang="en">' in said["en"]
    english, spanish = ((tmp_path / language / "timeline.json").read_bytes() for language in ("en", "es"))
    assert english == spanish
    assert json.loads(english)["id"] == "timeline"


@pytest.mark.parametrize("command", [["assess", "conformity.yaml"], ["documents", str(SAMPLE)]])
def test_a_language_that_there_is_not_is_told_with_those_that_there_are(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conformity.yaml").write_text("manifest_schema: conformity/manifest/v1\n", encoding="utf-8")
    done = CliRunner().invoke(cli, [*command, "-o", "out", "--lang", "xx"])
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert done.exception.message.endswith(f"choose from {', '.join(known_languages())}.")
    assert not Path("out").exists()
