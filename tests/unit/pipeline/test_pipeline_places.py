"""Nothing is written outside the allowed root, and what is digested is what was measured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError, PathError, UsageError
from conformity.intake.digest import state_of
from conformity.measure import Observed, observe
from conformity.pipeline import scanning
from conformity.pipeline.drafting import draft_beside
from conformity.pipeline.scanning import Columns, scan_table
from conformity.pipeline.shared import check_output
from conformity.settings import Settings
from tests.support.counted_here import counted_here

_MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count tables in this process: how workers are started is not what is tested here."""
    with counted_here():
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a root with a link that leads out of it."""
    (tmp_path / "outside").mkdir()
    place = tmp_path / "root"
    place.mkdir()
    (place / "way-out").symlink_to(tmp_path / "outside")
    return place


@pytest.mark.parametrize(
    "place", [".", "../root", "../outside/x", "way-out/x", "way-out/deep/x", "x/..", "x/../../outside"]
)
def test_places_outside_or_the_root_itself_are_refused(root: Path, place: str) -> None:
    with pytest.raises(PathError, match="does not lie inside"):
        check_output(root / place, root)
    check_output(root / place, None)


@pytest.mark.parametrize("place", ["x", "x/y", "x/../y", "way-out"])
def test_places_inside_are_allowed(root: Path, place: str) -> None:
    """A link as the last part is the writer's to refuse."""
    check_output(root / place, root)


@pytest.mark.parametrize("planted", ["dangling", "outside"])
def test_a_draft_is_not_written_through_a_link(root: Path, planted: str) -> None:
    folder, outside = root / "data", root.parent / "outside"
    folder.mkdir()
    (folder / "a.csv").write_text("sex,yhat\nf,1\nm,0\n")
    data = folder / "a.csv"
    if planted == "dangling":
        (folder / "conformity.yaml").symlink_to(outside / "written.yaml")
    else:
        (outside / "b.csv").symlink_to(data)
        data = root / "way-out" / "b.csv"
    with pytest.raises(PathError, match=r"exists already|does not lie inside"):
        draft_beside([data], Settings(root=root))
    assert not [f for f in outside.iterdir() if f.name.endswith(".yaml")]


def test_a_scan_without_columns_is_wrong_usage(root: Path) -> None:
    (root / "a.csv").write_text("sex\nf\n")
    with pytest.raises(UsageError, match="Name at least one column"):
        scan_table(root / "a.csv", Columns(), _MOMENT, Settings(root=root))


def test_data_exchanged_after_the_digest_are_not_reported(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest of one table beside the numbers of another would be false evidence."""
    data = root / "a.csv"
    data.write_text("sex\nf\nm\n")
    columns = Columns(protected=("sex",))
    assert scan_table(data, columns, _MOMENT, Settings(root=root)).subject.sha256

    def exchanged(*args: Any, **more: Any) -> Observed:
        old = data.stat()
        data.write_text("sex\nf\nf\n")
        os.utime(data, ns=(old.st_atime_ns, old.st_mtime_ns))
        return observe(*args, **more)

    monkeypatch.setattr(scanning, "observe", exchanged)
    with pytest.raises(DataError, match="changed while it was assessed"):
        scan_table(data, columns, _MOMENT, Settings(root=root))


def test_the_state_of_files_tells_every_exchange(root: Path) -> None:
    data = root / "a.csv"
    data.write_text("x")
    first = state_of(data)
    assert state_of(data, root) == first
    (root / "b.csv").write_text("x")
    (root / "b.csv").rename(data)
    assert state_of(data) != first
    data.unlink()
    data.symlink_to(root / "gone")
    assert state_of(data) == ()
