"""Let a test run that measures coverage follow the workers, which may write nothing but their own folder."""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path

_VARIABLE = "COVERAGE_PROCESS_CONFIG"
_NAME = ".coverage-of-worker"


def followed(folder: Path) -> dict[str, str]:
    """Return the variable that makes a worker record coverage in its folder; none unless it is measured."""
    config = _config()
    if config is None:
        return {}
    text = json.dumps({**config, "data_file": str(folder / _NAME)})
    return {_VARIABLE: base64.b64encode(text.encode()).decode()}


def bring_home(folder: Path) -> None:
    """Move what a worker recorded to where coverage is collected."""
    config = _config()
    if config is not None:
        wanted = Path(str(config["data_file"]))
        for file in folder.glob(f"{_NAME}*"):
            shutil.move(file, wanted.with_name(file.name.replace(_NAME, wanted.name, 1)))


def _config() -> dict[str, object] | None:
    """Return how coverage is measured in this process; None if it is not."""
    text = os.environ.get(_VARIABLE)
    return None if text is None else dict(json.loads(base64.b64decode(text)))
