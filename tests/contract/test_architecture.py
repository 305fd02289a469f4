"""The layout is what ``docs/architecture.md`` and the conventions say it is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "conformity"
MODULES = sorted(PACKAGE.rglob("*.py"))
OUR_PYTHON = [
    *MODULES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "samples").rglob("*.py")),
    *sorted(ROOT.glob("*.py")),
]
PROBES = sorted(file.parent for file in (PACKAGE / "probes").glob("*/*/probe.yaml"))


def test_imports_point_one_way() -> None:
    """The contracts stand in ``pyproject.toml``; a package that no layer names breaks them too."""
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_module_has_more_than_400_lines() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in OUR_PYTHON}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    """A name that says nothing ends as a module that holds everything."""
    names = {part for file in MODULES for part in file.relative_to(PACKAGE).with_suffix("").parts}
    assert names & {"utils", "util", "helpers", "common", "misc"} == set()


@pytest.mark.parametrize("folder", PROBES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_probe_is_called_as_its_folder_and_has_code_and_tests(folder: Path) -> None:
    from conformity.model.base import ProbeId
    from conformity.probes.registry import load_probe, probe_specs

    probe_id = ProbeId(f"{folder.parent.name}/{folder.name}")
    assert probe_id in {spec.id for spec in probe_specs()}
    assert load_probe(probe_id)
    tests = "".join(
        file.read_text("utf-8") for file in (ROOT / "tests" / "unit" / "probes").rglob("test_*.py")
    )
    assert folder.name in tests


def test_metric_ids_are_unique_over_all_probes() -> None:
    from conformity.probes.registry import probe_specs

    ids = [metric.id for spec in probe_specs() for metric in spec.metrics]
    assert len(ids) == len(set(ids))
    assert ids


def test_templates_hold_no_logic() -> None:
    """Values arrive finished: a template may loop, choose and include, and give a value a shorter name."""
    words = (
        "for endfor if elif else endif include import from macro endmacro call endcall block endblock extends"
    )
    found = {
        f"{template.relative_to(ROOT)}: {statement}"
        for template in (ROOT / "templates").rglob("*.j2")
        for statement in re.findall(r"{%-?\s*(.*?)\s*-?%}", template.read_text("utf-8"), re.S)
        if statement.split()[0] not in words.split() and not re.fullmatch(r"set \w+ = [\w.]+", statement)
    }
    assert found == set()
