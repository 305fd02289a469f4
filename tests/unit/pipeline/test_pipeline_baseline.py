"""A baseline is read from a pack, a record alone or an archive, and is of the same system."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformity.errors import DataError, IntegrityError, NotFoundError, PathError
from conformity.pipeline import baseline
from conformity.pipeline.baseline import read_baseline
from conformity.settings import Settings
from tests.support.archives import archived, small_pack
from tests.support.assessments import manifest

TODAY = date(2026, 11, 23)


def read(place: Path, **changes: object) -> tuple[str, str]:
    """Return the version of a baseline, and its digest."""
    found = read_baseline(place, manifest(**changes), TODAY, Settings())
    return found.assessment.manifest.edition.version, found.sha256


def test_a_pack_and_its_record_alone_are_the_same_baseline(tmp_path: Path) -> None:
    digest = small_pack(tmp_path / "pack", "1.2.0")
    assert read(tmp_path / "pack") == ("1.2.0", digest)
    assert read(tmp_path / "pack" / "assessment.json") == ("1.2.0", digest)


def test_of_an_archive_the_last_version_of_the_system_counts(tmp_path: Path) -> None:
    first = small_pack(tmp_path / "a", "1.0.0")
    second = small_pack(tmp_path / "b", "1.1.0", previous=first)
    small_pack(tmp_path / "c", "7.0.0", name="Other")
    for name in "abc":
        archived(tmp_path / name, tmp_path / "archive")
    assert read(tmp_path / "archive") == ("1.1.0", second)
    unknown = {"name": "Third", "version": "1", "intended_purpose": "Testing."}
    with pytest.raises(NotFoundError, match=r"no version of Third; leave --baseline out"):
        read(tmp_path / "archive", system=unknown)


def test_a_pack_that_was_changed_is_refused(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    with (tmp_path / "pack" / "assessment.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(IntegrityError):
        read(tmp_path / "pack")


def test_a_record_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"tool": 1}')
    with pytest.raises(DataError, match="no assessment that this version can read"):
        read(tmp_path / "other.json")


def test_a_baseline_of_another_system_is_refused(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", name="Other")
    with pytest.raises(DataError, match="about Other of Provider, the manifest about Scorer of Provider"):
        read(tmp_path / "pack")


def test_a_place_with_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PathError):
        read(tmp_path / "nothing")
    with pytest.raises(PathError):
        read(tmp_path)


def test_a_baseline_outside_the_root_is_refused(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    (tmp_path / "root").mkdir()
    with pytest.raises(PathError):
        read_baseline(tmp_path / "pack", manifest(), TODAY, Settings(root=tmp_path / "root"))


def test_a_record_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pack(tmp_path / "pack")
    monkeypatch.setattr(baseline, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="too large"):
        read(tmp_path / "pack" / "assessment.json")


def test_a_record_that_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pack(tmp_path / "pack")

    def refuses(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuses)
    with pytest.raises(PathError, match="cannot be read"):
        read(tmp_path / "pack" / "assessment.json")
