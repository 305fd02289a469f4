"""The page on imports says what is so: its example is a manifest, its tables are those of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from ruamel.yaml import YAML

from conformity.catalog.load import requirements
from conformity.model.manifest import Manifest
from conformity.model.subject import Program
from conformity.probes.registry import probe_specs

PAGE = (Path(__file__).parents[2] / "docs" / "imports.md").read_text("utf-8")
SPECS = {str(spec.id): spec for spec in probe_specs() if spec.works_on == "imported_record"}


def example() -> dict[str, Any]:
    """Return the example of the page."""
    found = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = YAML(typ="safe").load(found.group(1))
    return read


def test_the_example_is_a_manifest() -> None:
    fields = {
        "conformity": 1,
        "system": {"name": "S", "version": "1", "intended_purpose": "Testing."},
        "provider": {"name": "P", "address": "A", "contact": "C"},
    }
    manifest = Manifest.model_validate(fields | example())
    assert {subject.kind for subject in manifest.subjects} == {"imported_record"}
    known = {str(metric.id) for spec in SPECS.values() for metric in spec.metrics}
    assert {str(criterion.metric) for criterion in manifest.criteria} <= known


def test_every_program_has_one_probe_and_its_place_in_the_catalogue() -> None:
    rows = dict(re.findall(r"^\| `(\w+/\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    named = {probe: set(re.findall(r"`([\w.]+)`", text)) for probe, text in rows.items()}
    placed = {
        probe: {str(row.id) for row in requirements() if probe in row.probes} for probe in sorted(SPECS)
    }
    assert named == placed
    assert sorted(name for spec in SPECS.values() for name in spec.written_by) == sorted(get_args(Program))


def test_the_page_names_every_metric() -> None:
    """An ending such as ``_ratio`` belongs to the names before it on its line."""
    named = set()
    for line in PAGE.splitlines():
        words = re.findall(r"`(\w+)`", line)
        whole = {word for word in words if not word.startswith("_")}
        named |= whole | {word + ending for word in whole for ending in set(words) - whole}
    assert {str(metric.id) for spec in SPECS.values() for metric in spec.metrics} <= named
