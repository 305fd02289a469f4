"""What the documents name exists, and what exists is named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOP = {entry.name for entry in ROOT.iterdir()}
# A path in backticks: no spaces, no placeholders, and it begins with something that lies at the top.
_CODE = re.compile(r"`([\w./-]+)`")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_COMMAND = re.compile(r"(?:\./run|(?<![\w/.-])conformity) ([a-z][a-z-]*)\b")
# Words of ./run itself, and folders that ./run or a command makes.
RUN_WORDS = set(re.findall(r"^([a-z]+)\)", (ROOT / "run").read_text("utf-8"), re.MULTILINE))
MADE = {".venv", "reports"}


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_paths_in_a_document_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    named = {path.removeprefix("./") for path in _CODE.findall(_FENCE.sub("", text)) if "/" in path}
    ours = {path for path in named if path.split("/")[0] in TOP - MADE}
    missing = {path for path in ours if not (ROOT / path).exists()}
    missing |= {link for link in _LINK.findall(text) if not (document.parent / link).exists()}
    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_commands_in_a_document_exist(document: Path) -> None:
    from conformity.entry.cli import cli

    text = document.read_text("utf-8")
    code = "\n".join([*_FENCE.findall(text), *re.findall(r"`[^`\n]+`", text)])
    assert set(_COMMAND.findall(code)) - set(cli.commands) - RUN_WORDS == set()


def test_readme_names_every_command_and_verdict() -> None:
    from conformity.entry.cli import cli

    readme = (ROOT / "README.md").read_text("utf-8")
    assert {name for name in cli.commands if f"`conformity {name}" not in readme} == set()
    verdicts = {"met", "not_met", "undetermined", "not_collected", "not_applicable"}
    assert {verdict for verdict in verdicts if f"`{verdict}`" not in readme} == set()


def test_architecture_names_every_package_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"^\| `conformity/([\w.]+)` \|", text, re.M))
    there = {
        entry.name
        for entry in (ROOT / "conformity").iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").exists()
    }
    assert named == there - {"__init__.py"}


@pytest.mark.parametrize(
    "package",
    [
        "engines",
        "intake",
        "judge",
        "probes/shared",
        "render/exports",
        "archive/signing",
        "archive/store",
        "archive/redaction",
        "archive/standalone",
        "entry/jobs",
        "pipeline/staged",
    ],
)
def test_architecture_maps_every_module_of_a_package_once(package: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    part = text.split(f"### `conformity/{package}`\n")[1].split("\n#")[0]
    named = [name for row in re.findall(r"^\| (`.*`) \|", part, re.M) for name in re.findall(r"`(\w+)`", row)]
    there = [
        entry.stem
        for entry in (ROOT / "conformity" / package).iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").exists()
    ]
    assert sorted(named) == sorted(set(there) - {"__init__"})


def test_reference_is_what_its_command_writes(tmp_path: Path) -> None:
    program = tmp_path / "make_reference.py"
    program.write_bytes((ROOT / "docs" / "make_reference.py").read_bytes())
    subprocess.run([sys.executable, program], cwd=ROOT, check=True)
    made = (tmp_path / "reference.md").read_text("utf-8")
    written = (ROOT / "docs" / "reference.md").read_text("utf-8")
    assert written == made, "run: .venv/bin/python docs/make_reference.py"


def test_decisions_are_numbered_without_gaps_and_whole() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = file.read_text("utf-8")
        assert text.startswith(f"# {int(file.name[:4])}. ")
        for part in ("Context", "Decision", "Consequences", "Alternatives"):
            assert f"**{part}.**" in text, f"{file.name} has no {part}"


def test_licence_is_the_whole_apache_text() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text.splitlines()[0]
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.splitlines()) == 201


def test_the_walk_from_a_verdict_to_its_bytes_can_be_walked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "walk.md").read_text(), re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(block, "walk.md", "exec"), {})
    assert capsys.readouterr().out == "1534 of 1802: 0.8513\n"
