"""What tests of the privacy probes share: a table, its file, and the numbers by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.measurement import Result
from conformity.model.subject import TableSubject
from conformity.probes.interface import ProbeResult, TableProbe


def subject(**roles: str) -> TableSubject:
    """Return a table with columns bound to one role each."""
    columns: list[dict[str, Any]] = [{"name": name, "roles": [role]} for name, role in roles.items()]
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": "people",
            "title": "People",
            "path": "people.csv",
            "purpose": "testing",
            "columns": columns or [{"name": "any", "roles": ["feature"]}],
        }
    )


def probed(probe: TableProbe, table: TableSubject, tmp_path: Path, content: str) -> ProbeResult:
    """Return what a probe finds in a CSV file with this content; check that it is sorted."""
    path = tmp_path / "people.csv"
    path.write_text(content, encoding="utf-8")
    tallies = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(probe.tallies(table))
    result = probe.measure(table, tallies)
    keys = [(one.metric, one.by, one.group) for one in result.measurements]
    assert keys == sorted(set(keys))
    return result


def values(result: ProbeResult) -> dict[str, Result]:
    """Return the results of the whole table by metric."""
    return {str(one.metric): one.result for one in result.measurements if not one.by}


def shares(result: ProbeResult) -> dict[tuple[str, str], Result]:
    """Return the results per column and group."""
    return {(one.by[0], one.group[0]): one.result for one in result.measurements if one.by}
