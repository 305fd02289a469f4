"""What starts often starts light: heavy libraries are imported by workers and renderers alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "codecarbon",
    "duckdb",
    "fairlearn",
    "mcp",
    "narwhals",
    "numpy",
    "pandas",
    "phonenumbers",
    "picklescan",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "weasyprint",
}
_PROBE = """
import json, sys
sys.argv = ["conformity", *{arguments!r}]
from conformity.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""
LIGHT = [
    "conformity.model.assessment",
    "conformity.catalog",
    "conformity.engines.interface",
    "conformity.entry.rest.app",
    "conformity.entry.jobs.dbos_engine",
    "conformity.entry.jobs.working",
    "conformity.intake",
    "conformity.judge",
    "conformity.measure",
    "conformity.pipeline",
    "conformity.plan",
    "conformity.probes.registry",
    "conformity.render",
    "conformity.sandbox.interface",
]
_IMPORTS = """
import importlib, json, sys
first = {}
for module in sys.argv[1:]:
    importlib.import_module(module)
    for name in list(sys.modules):
        first.setdefault(name.partition(".")[0], module)
print(json.dumps(first))
"""


def _imported_by(arguments: list[str], folder: Path) -> set[str]:
    """Return the top-level modules that a command of ours has imported when it ends."""
    result = subprocess.run(
        [sys.executable, "-c", _PROBE.format(arguments=arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(result.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["assess", "--help"]], ids=" ".join)
def test_command_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    imported = _imported_by(arguments, tmp_path)
    assert "conformity" in imported
    assert imported & HEAVY == set()


def test_version_imports_not_even_the_command_line(tmp_path: Path) -> None:
    assert _imported_by(["--version"], tmp_path) & {"click", "pydantic", "rich", "jinja2"} == set()


def test_imports_do_no_heavy_work(tmp_path: Path) -> None:
    """Stages, catalogue and seams are imported by commands and servers; only leaves may be heavy."""
    result = subprocess.run(
        [sys.executable, "-c", _IMPORTS, *LIGHT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    first_import_of: dict[str, str] = json.loads(result.stdout)
    assert {name: module for name, module in first_import_of.items() if name in HEAVY} == {}


def test_the_mcp_server_is_put_together_without_stages_runs_and_tools(tmp_path: Path) -> None:
    """Its first reply takes little more than that of a bare one: all else is imported when asked for."""
    script = (
        "import json, sys\nfrom pathlib import Path\n"
        "from conformity.entry.mcp.server import build_server\nfrom conformity.settings import Settings\n"
        "build_server(Settings(root=Path.cwd()))\nprint(json.dumps(sorted(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    imported = set(json.loads(result.stdout))
    top = {name.partition(".")[0] for name in imported}
    assert "mcp" in top
    assert top & ((HEAVY - {"mcp"}) | {"dbos", "jinja2", "sqlalchemy", "yaml"}) == set()
    late = ("conformity.pipeline", "conformity.catalog", "conformity.probes", "conformity.entry.mcp.tools")
    assert {name for name in imported if name.startswith((*late, "conformity.model.run"))} == set()
