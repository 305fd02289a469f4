"""The scripts of the action and the component, really run: a gate that fails, a baseline, hostile inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.pipelines import BARE, run_action, run_component

HOSTILE = "$(touch owned) `touch owned`; touch owned && ${HOME} 'q' * --help"
"""A name that would run commands if a shell took it for anything but a name."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository whose manifest lies in a folder with a hostile name."""
    folder = tmp_path_factory.mktemp("a repository")
    (folder / HOSTILE).mkdir()
    (folder / HOSTILE / "conformity.yaml").write_text(BARE)
    return folder


@dataclass(frozen=True)
class First:
    """What the first run of the action left."""

    code: int
    """Its exit code."""
    said: str
    """What it printed."""
    output: dict[str, str]
    """The outputs of the step."""
    summary: str
    """The summary of the step."""


@pytest.fixture(scope="module")
def first(repository: Path) -> First:
    """Return what the first run of the action left."""
    done = run_action(
        repository,
        manifest=f"{HOSTILE}/conformity.yaml",
        output=f"{HOSTILE}/out",
        formats="json",
        as_of="2026-11-23",
    )
    runner = repository.with_name(f"{repository.name}-runner")
    lines = (runner / "output").read_text().splitlines()
    output = dict(line.split("=", 1) for line in lines)
    return First(done.returncode, done.stdout + done.stderr, output, (runner / "summary").read_text())


def test_the_action_fails_at_its_gate_and_leaves_everything(repository: Path, first: First) -> None:
    assert first.code == 4, first.said
    assert first.output["gate"] == "4"
    published = Path(first.output["publish"])
    assert published == repository / HOSTILE / "out" / "publish"
    assert {"comment.md", "report.sarif", "junit.xml", "codequality.json"} <= {
        one.name for one in published.iterdir()
    }
    assert first.summary.startswith("<!-- conformity-report ")
    assert "\n::notice file=" in first.said


def test_the_action_passes_against_a_baseline(repository: Path, first: First) -> None:
    done = run_action(
        repository,
        manifest=f"{HOSTILE}/conformity.yaml",
        output="again",
        formats="json",
        baseline=f"{HOSTILE}/out/publish/assessment.json",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        json.loads((repository / "again/publish/outcome.json").read_text())["against"]["version"] == "1.0.0"
    )


def test_the_component_does_the_same_as_the_action(repository: Path, first: First) -> None:
    """GitLab puts inputs into the text of the file, so that a quote in one ends the text; the rest holds."""
    name = HOSTILE.replace("'", "")
    (repository / name).mkdir()
    (repository / name / "conformity.yaml").write_text(BARE)
    done = run_component(
        repository, manifest=f"{name}/conformity.yaml", output="gitlab", formats="json", as_of="2026-11-23"
    )
    assert done.returncode == 4, done.stdout + done.stderr
    assert "::" not in done.stdout
    records = [
        (repository / place / "publish" / "assessment.json").read_bytes()
        for place in (f"{HOSTILE}/out", "gitlab")
    ]
    assert records[0] == records[1]


def test_no_input_was_run(repository: Path, first: First) -> None:
    assert [one for one in repository.rglob("owned")] == []
    assert not Path("owned").exists()


def test_a_wrong_input_is_refused_by_the_command(repository: Path) -> None:
    done = run_component(repository, fail_on="sometimes")
    assert done.returncode == 2
    assert "sometimes" in done.stderr


def test_a_source_without_its_commit_is_refused(repository: Path) -> None:
    done = run_component(repository, source="file:///nowhere")
    assert done.returncode == 2
    assert "name the commit" in done.stderr
