"""The action and the component as their hosts run them: their scripts taken out, and run with Bash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # it ships no types

ROOT = Path(__file__).parents[2]
"""The root of this repository."""

BARE = """\
conformity: 1
system: {name: Scorer, version: "2.0", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
"""
"""A manifest without data, which is assessed in a moment."""

MOMENT = "1795000000"
"""The present of a run, in seconds since 1970, so that two runs give the same bytes."""

_INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
_GITLAB_INPUT = re.compile(r"\$\[\[ inputs\.([a-z-]+) \]\]")


def action() -> Any:
    """Return the GitHub action."""
    return yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def component_text() -> tuple[str, str]:
    """Return what the GitLab component asks for, and its jobs, as texts."""
    asked, jobs = (ROOT / "templates" / "conformity-report.yml").read_text("utf-8").split("\n---\n")
    return asked, jobs


def component(**inputs: str) -> Any:
    """Return the jobs of the component with its inputs put in, as GitLab does."""
    asked, jobs = component_text()
    declared = yaml.safe_load(asked)["spec"]["inputs"]
    given = {name: str(one["default"]) for name, one in declared.items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    return yaml.safe_load(_GITLAB_INPUT.sub(lambda found: given[found[1]], jobs))


def run_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the action that assesses, in a workspace.

    Args:
        folder: the workspace; the files of the runner are beside it.
        inputs: inputs of the action, with underscores for dashes.
    """
    made = action()
    given = {name: str(one.get("default", "")) for name, one in made["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    (step,) = [one for one in made["runs"]["steps"] if one.get("id") == "assess"]
    variables = {name: _INPUT.sub(lambda found: given[found[1]], one) for name, one in step["env"].items()}
    runner = folder.parent / f"{folder.name}-runner"
    runner.mkdir(exist_ok=True)
    variables |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "RUNNER_TEMP": str(runner),
    }
    return _bash(step["run"], folder, variables)


def run_component(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the component's job in a project; where it installs from is not given.

    Args:
        folder: the project.
        inputs: inputs of the component, with underscores for dashes.
    """
    (job,) = component(**inputs).values()
    variables = {name: str(one["value"]) for name, one in job["variables"].items()}
    script = "\n".join([*job["before_script"], *job["script"]])
    return _bash(script, folder, {**variables, "CI_PROJECT_DIR": str(folder), "GITLAB_CI": "true"})


def _bash(script: str, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as runners do, with the `conformity` of this environment on the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": programs, "HOME": str(folder), "SOURCE_DATE_EPOCH": MOMENT, **variables}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=120
    )
