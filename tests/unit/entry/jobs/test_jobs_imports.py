"""What a server imports that asks for runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
_ASKING = """
import json, sys
from pathlib import Path
from conformity.entry.jobs.choose import open_engine
from conformity.settings import Settings
from tests.support.jobs import MOMENT, tiny
root = Path(sys.argv[1])
engine = open_engine(Settings(root=root), workers=0)
opened = sorted(sys.modules)
engine.submit(tiny(root), owner="local", asked_at=MOMENT)
print(json.dumps([opened, sorted(sys.modules)]))
"""


def test_asking_imports_neither_the_queue_nor_what_measures(tmp_path: Path) -> None:
    """A server that is asked for nothing does not even import what talks to databases."""
    result = subprocess.run(
        [sys.executable, "-c", _ASKING, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    opened, asked = ({name.partition(".")[0] for name in names} for names in json.loads(result.stdout))
    heavy = {
        "duckdb",
        "numpy",
        "pandas",
        "pyarrow",
        "sklearn",
        "scipy",
        "fairlearn",
        "weasyprint",
        "narwhals",
    }
    assert "conformity" in opened
    assert opened & {"dbos", "sqlalchemy", *heavy} == set()
    assert asked & {"dbos", *heavy} == set()
