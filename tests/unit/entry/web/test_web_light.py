"""Pages are made without any analysis library: what measures or renders a report does so in a worker."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.contract.test_startup import HEAVY
from tests.support.pages import Site

_PROGRAM = """
import json, sys
from pathlib import Path
from starlette.testclient import TestClient
from tests.support.pages import TalkingRuns, app_of
root = Path(sys.argv[1])
client = TestClient(app_of(root, TalkingRuns(root), archive=root / "archive"), base_url="http://127.0.0.1")
for path in sys.argv[2:]:
    assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_pages_import_nothing_heavy(site: Site) -> None:
    system = "scorer-b-bold-b"
    paths = [
        "/",
        f"/systems/{system}",
        f"/compare?a={system}/1.0.0&b={system}/1.1.0",
        "/upload",
        "/requirements",
    ]
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(site.root), *paths], capture_output=True, text=True, check=True
    )
    # The tools of MCP are served by the same process.
    assert set(json.loads(result.stdout)) & (HEAVY - {"mcp"}) == set()
