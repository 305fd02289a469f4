"""A worker may read what its job names, and what Python needs; the list says no more than that."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conformity.model.base import SubjectId
from conformity.model.subject import Column, TableSubject
from conformity.sandbox import following
from conformity.sandbox.grants import inputs, readable
from conformity.sandbox.interface import InspectJob, Located, MeasureJob, ProfileJob, SelfTestJob
from conformity.sandbox.watch import Watch


def _located(path: Path) -> Located:
    """Return a table at a path."""
    columns = (Column(name="a", roles=("feature",)),)
    table = TableSubject(
        id=SubjectId("d"), title="D", path="d", kind="table", purpose="testing", columns=columns
    )
    return Located(subject=table, path=path)


def test_a_file_is_named_alone_with_what_its_database_keeps_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "d.duckdb"
    for name in ("d.duckdb", "d.duckdb.wal", "other.duckdb"):
        (tmp_path / name).write_text("x", "utf-8")
    found = inputs(InspectJob(tables=(_located(file),)))
    assert found == (str(file), str(file) + ".wal")


def test_a_folder_is_named_with_the_files_to_which_its_links_lead(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "in", tmp_path / "elsewhere" / "b.parquet"
    folder.mkdir()
    elsewhere.parent.mkdir()
    elsewhere.write_text("x", "utf-8")
    (folder / "b.parquet").symlink_to(elsewhere)
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    assert inputs(ProfileJob(path=folder)) == (str(folder), str(elsewhere))


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [("data/part-*.csv", "data"), ("data/*/x.csv", "data"), ("da[[]ta/?.csv", "da[ta"), ("*.csv", ".")],
)
def test_of_a_glob_the_fixed_folder_is_named(tmp_path: Path, pattern: str, wanted: str) -> None:
    folder = (tmp_path / wanted).resolve()
    folder.mkdir(exist_ok=True)
    assert inputs(ProfileJob(path=tmp_path / pattern)) == (str(folder),)


def test_a_self_test_names_nothing(tmp_path: Path) -> None:
    assert inputs(SelfTestJob(port=1, marker=tmp_path, memory_mb=1)) == ()


def test_the_home_folder_and_passwords_are_not_among_what_may_be_read(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("a\n1\n", "utf-8")
    job = MeasureJob(steps=(), targets=(_located(file),), tables=(_located(file),), seed=1)
    paths = readable(job, spark=False)
    assert paths.count(str(file)) == 1
    assert not {"/", "/etc", "/proc", "/dev", "/home", str(Path.home()), str(tmp_path)} & set(paths)
    assert all(Path(path).exists() for path in paths)
    more = readable(job, spark=True)
    assert {"/proc", "/etc/passwd"} <= set(more) - set(paths)


def test_coverage_of_a_worker_is_kept_in_its_folder_and_brought_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64

    home, folder = tmp_path / "home", tmp_path / "worker"
    home.mkdir()
    folder.mkdir()
    config = {"data_file": str(home / ".coverage"), "branch": True}
    monkeypatch.setenv("COVERAGE_PROCESS_CONFIG", base64.b64encode(json.dumps(config).encode()).decode())
    (value,) = following.followed(folder).values()
    given = json.loads(base64.b64decode(value))
    assert given == {"data_file": str(folder / ".coverage-of-worker"), "branch": True}
    (folder / ".coverage-of-worker.host.1").write_text("lines", "utf-8")
    following.bring_home(folder)
    assert (home / ".coverage.host.1").read_text("utf-8") == "lines"
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG")
    assert following.followed(folder) == {}
    following.bring_home(folder)


def test_a_folder_is_full_at_its_bound_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.sandbox.watch._EVERY_S", 0.0)
    watch = Watch(tmp_path, 1)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "half").write_bytes(os.urandom(500_000))
    assert not watch.is_full()
    (tmp_path / "more").write_bytes(os.urandom(600_000))
    assert watch.is_full()
    assert not Watch(tmp_path, None).is_full()
    monkeypatch.setattr("conformity.sandbox.watch._MOST_ENTRIES", 2)
    assert Watch(tmp_path, 1000).is_full()


def test_a_disk_that_becomes_full_is_the_worker_s_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.sandbox.watch._EVERY_S", 0.0)
    free = [10_000]
    monkeypatch.setattr("conformity.sandbox.watch._free_mb", lambda _: free[0])
    watch = Watch(tmp_path, 1)
    assert not watch.is_full()
    free[0] = 1
    assert watch.is_full()
    assert not Watch(tmp_path, 1).is_full()


def test_a_folder_that_goes_away_while_it_is_looked_at_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformity.sandbox.watch._EVERY_S", 0.0)
    folder = tmp_path / "gone"
    folder.mkdir()
    watch = Watch(folder, 1)
    monkeypatch.setattr("conformity.sandbox.watch._free_mb", lambda _: 10_000)
    folder.rmdir()
    assert not watch.is_full()
