"""Records of other programs as test input: the real ones in tests/data/imports, and changed ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformity.model.base import ProbeId
from conformity.model.subject import ImportedRecordSubject
from conformity.probes.interface import FileProbe, ProbeResult, Target
from conformity.probes.registry import load_probe

DATA = Path(__file__).parents[1] / "data" / "imports"
"""The files as the programs wrote them; README.md there says how."""


def record(path: Path, program: str, **fields: Any) -> Target:
    """Return a record as declared."""
    declared = {"id": "r", "kind": "imported_record", "title": "R", "path": path.name, "written_by": program}
    return Target(ImportedRecordSubject.model_validate(declared | fields), path, {}, path.parent, 1)


def examined(probe: str, target: Target) -> ProbeResult:
    """Return what a probe finds in a record."""
    loaded: FileProbe = load_probe(ProbeId(probe))  # type: ignore[assignment] # these are probes of files
    return loaded.examine(target)


def real(name: str) -> Any:
    """Return the contents of a real file in JSON, to be changed."""
    return json.loads((DATA / name).read_text("utf-8"))


def written(folder: Path, data: Any, name: str = "record.json") -> Path:
    """Write a changed record."""
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return path


STRANGE: tuple[Any, ...] = ([], {}, 3, None, "text", [[]], {"a": 1}, {"a": {}}, {"a": {"b": [1]}}, [{}])
"""Contents in JSON that are no record of any program."""


def damaged(data: Any, depth: int = 3) -> list[Any]:
    """Return a record many times, each time with one part replaced by something of another kind.

    Args:
        data: what a file holds.
        depth: down to which depth parts are replaced.
    """
    found: list[Any] = []
    if depth and isinstance(data, dict):
        for key in data:
            swaps = [*damaged(data[key], depth - 1), None, 7, "text", [3], {"x": []}]
            found += [data | {key: other} for other in swaps]
            found.append({name: value for name, value in data.items() if name != key})
    elif depth and isinstance(data, list):
        for place, one in enumerate(data[:2]):
            swaps = [*damaged(one, depth - 1), None, 7, "text", [], {}]
            found += [[*data[:place], other, *data[place + 1 :]] for other in swaps]
    return found
