"""What code hosts read of this repository is valid, and nothing in it can be turned against its user."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it ships no types

from conformity.entry.ci import ci
from conformity.entry.ci_host import host_of
from tests.support.pipelines import ROOT, action, component, component_text

DOCUMENT = (ROOT / "docs" / "ci.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n# ([^\n]+)\n(.*?)```", DOCUMENT, re.DOTALL)
"""Files that the document shows, each with its name in the first line."""


def schema(name: str) -> Any:
    """Return a schema that comes with check-jsonschema."""
    place = resources.files("check_jsonschema.builtin_schemas") / "vendor" / f"{name}.json"
    return json.loads(place.read_text("utf-8"))


def check(document: Any, name: str) -> None:
    """Hold a document against a schema; the test fails at the first fault."""
    from jsonschema.validators import validator_for  # type: ignore[import-untyped] # it ships no types

    known = schema(name)
    validator = validator_for(known)(known)
    faults = [f"{fault.json_path}: {fault.message[:300]}" for fault in validator.iter_errors(document)]
    assert faults == []


def example(name: str) -> str:
    """Return a file that the document shows."""
    (found,) = [str(text) for title, text in EXAMPLES if title == name]
    return found


def test_the_action_is_one() -> None:
    check(action(), "github-actions")


def test_the_component_is_one() -> None:
    check(component(), "gitlab-ci")
    asked = yaml.safe_load(component_text()[0])
    check({**asked, "job": {"script": ["true"]}}, "gitlab-ci")


def test_the_examples_of_the_document_are_valid() -> None:
    workflow = yaml.safe_load(example(".github/workflows/conformity.yml"))
    # YAML 1.1 reads the key `on` as true.
    check({"on" if key is True else key: value for key, value in workflow.items()}, "github-workflows")
    check(yaml.safe_load(example(".gitlab-ci.yml")), "gitlab-ci")


def test_the_compose_file_is_one() -> None:
    check(yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8")), "compose-spec")


def test_the_hook_for_manifests_has_what_pre_commit_asks_for() -> None:
    """pre-commit documentation, "Creating new hooks": id, name, entry and language are required."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert (hook["id"], hook["entry"], hook["language"]) == ("check-manifest", "conformity check", "python")
    for name, meant in (("a/conformity.yaml", True), ("conformity.yml", True), ("nonconformity.yaml", False)):
        assert bool(re.search(hook["files"], name)) is meant


def test_an_audit_of_the_action_and_the_example_finds_nothing(tmp_path: Path) -> None:
    """zizmor, without a network, and as strict as it can be."""
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "conformity.yml").write_text(example(".github/workflows/conformity.yml"))
    (tmp_path / "action.yml").write_text((ROOT / "action.yml").read_text("utf-8"))
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--persona=pedantic", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout


def test_no_input_is_ever_text_of_a_script() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    (job,) = component(manifest="HERE", baseline="HERE", previous="HERE", source="HERE").values()
    assert "HERE" not in "".join([*job["before_script"], *job["script"]])
    assert all(one["expand"] is False for one in job["variables"].values())


@pytest.mark.parametrize(
    "text", [(ROOT / "action.yml").read_text("utf-8"), DOCUMENT], ids=["action", "document"]
)
def test_every_action_is_pinned_by_its_commit(text: str) -> None:
    used = re.findall(r"uses: (\S+)", text)
    assert used
    ours = [one for one in used if one.startswith(("OWNER/conformity-report@", "./"))]
    for one in set(used) - set(ours):
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", one)


def test_every_input_is_used_and_every_output_exists() -> None:
    made = action()
    steps = json.dumps(made["runs"]["steps"])
    assert [name for name in made["inputs"] if f"inputs.{name}" not in steps] == []
    asked, jobs = component_text()
    declared = yaml.safe_load(asked)["spec"]["inputs"]
    assert [name for name in declared if f"inputs.{name} " not in jobs] == []
    named = set(re.findall(r"steps\.assess\.outputs\.([a-z0-9-]+)", (ROOT / "action.yml").read_text("utf-8")))
    assert named == set(made["outputs"])


def test_scripts_use_options_that_there_are() -> None:
    texts = (ROOT / "action.yml").read_text("utf-8") + component_text()[1]
    known = {name for one in ci.params for name in one.opts}
    assert set(re.findall(r'"(--[a-z-]+)=', texts)) <= known


def test_the_script_that_installs_is_plain_posix_shell(tmp_path: Path) -> None:
    script = ROOT / ".ci" / "install"
    assert script.read_text("utf-8").startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n", script], check=True)
    said = subprocess.run([script], capture_output=True, text=True, check=False)
    assert (said.returncode, "usage" in said.stderr) == (2, True)
    none = subprocess.run(
        [script, tmp_path / "x"],
        env={"PATH": "/bin:/usr/bin", "PYTHON": "/none"},
        capture_output=True,
        check=False,
    )
    assert none.returncode == 69
    half = subprocess.run([script, "--package", tmp_path / "x"], capture_output=True, text=True, check=False)
    assert (half.returncode, "there are no libraries" in half.stderr) == (69, True)


def test_outputs_go_where_the_host_says(tmp_path: Path) -> None:
    given = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "s")}
    assert host_of(given).files == {"summary": tmp_path / "s"}
