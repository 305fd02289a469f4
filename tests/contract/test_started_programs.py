"""What we start looks for its modules in the installation, never in the folder that it is started in.

That folder may be one of data, or a repository that is assessed: a `json.py` there would run as us.
"""

from __future__ import annotations

import re
from pathlib import Path

from conformity.entry.apart import told_by

ROOT = Path(__file__).resolve().parents[2]


def test_every_module_that_is_started_is_started_without_the_current_folder() -> None:
    started = [
        (file.name, match[1])
        for file in (ROOT / "conformity").rglob("*.py")
        for match in re.finditer(r'sys\.executable,\s*("-\w+")', file.read_text("utf-8"))
    ]
    assert len(started) >= 7
    assert {flag for _, flag in started} == {'"-P"'}, started


def test_a_module_in_the_folder_of_an_upload_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n")
    assert told_by(["--version"], tmp_path).startswith(b"conformity")


def test_image_and_installation_do_not_look_there_either() -> None:
    assert re.search(r"^    PYTHONSAFEPATH=1 ", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    install = (ROOT / ".ci" / "install").read_text("utf-8")
    assert install.index("export PYTHONSAFEPATH") < install.index('"$python"')
