"""What an archive is told of a pack, and what it tells."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conformity.archive.pack import write_pack
from conformity.errors import ConformityError, DataError, IntegrityError, PathError, UsageError
from conformity.model.base import Sha256, canonical_json, sha256_of
from conformity.pipeline import archiving
from conformity.pipeline.archiving import archive, list_archive, show_version
from conformity.pipeline.packs import read_pack
from conformity.settings import Settings
from tests.support.archives import NOW, PLACED, archived, git, small_pack
from tests.support.assessments import RUN

ALL = Settings()
TALLIES = {f"tallies/{number:064x}.json": b"[]" for number in range(3)}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an archive of two versions of one system and one of another."""
    digest = small_pack(tmp_path / "one", files=TALLIES)
    archived(tmp_path / "one", tmp_path / "archive", tallies=False)
    small_pack(tmp_path / "two", "1.1.0", previous=digest, placed=PLACED)
    archived(tmp_path / "two", tmp_path / "archive")
    small_pack(tmp_path / "other", name="Helper", outcome="minimal")
    archived(tmp_path / "other", tmp_path / "archive")
    return tmp_path / "archive"


def test_all_versions_are_listed_with_the_day_until_which_they_are_kept(place: Path) -> None:
    found = list_archive(place, NOW.date(), ALL)
    assert [(one.entry.system, one.entry.version, one.keep_until) for one in found.versions] == [
        ("scorer", "1.0.0", date(2036, 12, 1)),
        ("scorer", "1.1.0", date(2036, 12, 1)),
        ("helper", "1.0.0", None),
    ]
    assert found.commit == git(place, "rev-parse", "HEAD").strip()
    assert found.head == sha256_of((place / "index.jsonl").read_bytes().splitlines()[-1])
    assert len(list_archive(place, NOW.date(), ALL, system="scorer").versions) == 2


def test_what_is_due_is_listed_and_nothing_is_deleted(place: Path) -> None:
    assert list_archive(place, date(2036, 12, 1), ALL, due=True).versions == ()
    due = list_archive(place, date(2036, 12, 2), ALL, due=True)
    assert [one.entry.version for one in due.versions] == ["1.0.0", "1.1.0"]
    assert len(list_archive(place, date(2036, 12, 2), ALL).versions) == 3


def test_a_version_is_shown_with_its_files(place: Path) -> None:
    shown = show_version(place, NOW.date(), ALL, system="scorer", version="1.0.0")
    files = {file.name: file for file in shown.files}
    assert set(files) == {"SHA256SUMS", "assessment.json", "evidence.json", *TALLIES}
    assert {file.stored for name, file in files.items() if name in TALLIES} == {"withheld"}
    there = (place / "systems/scorer/1.0.0/assessment.json").read_bytes()
    assert files["assessment.json"].sha256 == sha256_of(there)
    assert files["assessment.json"].size_bytes == len(there)
    assert files["SHA256SUMS"].sha256 is None
    assert show_version(place, NOW.date(), ALL, system="scorer").version.entry.version == "1.1.0"


def test_a_bare_clone_tells_the_same(place: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", "archive", "bare")
    found = list_archive(tmp_path / "bare", NOW.date(), ALL)
    assert found.versions == list_archive(place, NOW.date(), ALL).versions


def test_what_is_not_there_is_told_with_what_is(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no system 'x' .* it holds helper, scorer"):
        list_archive(place, NOW.date(), ALL, system="x")
    with pytest.raises(UsageError, match=r"no version '9.9.9' of scorer .* it holds 1.0.0, 1.1.0"):
        show_version(place, NOW.date(), ALL, system="scorer", version="9.9.9")
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(PathError, match="holds no version yet"):
        list_archive(tmp_path / "empty", NOW.date(), ALL)
    with pytest.raises(PathError, match="not the repository of an archive"):
        list_archive(tmp_path / "one", NOW.date(), ALL)
    with pytest.raises(PathError):
        list_archive(tmp_path / "nowhere", NOW.date(), ALL)


@pytest.mark.parametrize("how", ["list", "file", "object"])
def test_a_version_that_is_not_whole_is_not_shown(place: Path, how: str) -> None:
    folder = place / "systems/scorer/1.1.0"
    if how == "list":
        (folder / "SHA256SUMS").write_text("")
    elif how == "file":
        (folder / "evidence.json").unlink()
    else:
        oid = git(place, "rev-parse", "HEAD:systems/scorer/1.1.0/evidence.json").strip()
        (place / ".git/objects" / oid[:2] / oid[2:]).unlink()
    if how != "object":
        git(place, "commit", "--quiet", "-a", "-m", "tidy up")
    with pytest.raises(IntegrityError, match=r"is not the list|is gone|lacks a file"):
        show_version(place, NOW.date(), ALL, system="scorer")


def test_an_object_that_is_gone_from_the_index_is_told(place: Path) -> None:
    oid = git(place, "rev-parse", "HEAD:index.jsonl").strip()
    (place / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(IntegrityError, match="lacks a file that it names"):
        list_archive(place, NOW.date(), ALL)


def test_the_version_before_is_known_from_the_record_too(tmp_path: Path) -> None:
    digest = small_pack(tmp_path / "one")
    archived(tmp_path / "one", tmp_path / "archive")
    small_pack(tmp_path / "plain", "1.1.0")
    pack = _carried_on(tmp_path / "plain", tmp_path / "two", digest)
    assert archived(pack, tmp_path / "archive").entry.sequence == 2


def _carried_on(pack: Path, folder: Path, digest: Sha256) -> Path:
    """Write a pack anew whose record, and not its manifest, names the version before."""
    found = read_pack(pack, ALL)
    named = {"version": "1.0.0", "assessed_at": RUN, "sha256": digest}
    record = type(found.assessment).model_validate({**found.assessment.model_dump(), "previous": named})
    files = {"assessment.json": canonical_json(record), "evidence.json": canonical_json(found.evidence)}
    write_pack(folder, files)
    return folder


def test_a_version_that_is_written_in_another_way_is_told(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", "01.0.0")
    with pytest.raises(DataError, match=r"`edition\.version` 01\.0\.0"):
        archived(tmp_path / "pack", tmp_path / "archive")


def test_an_archive_lies_inside_the_allowed_root(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    small_pack(tmp_path / "root/pack")
    inside = Settings(root=tmp_path / "root")
    with pytest.raises(PathError, match="does not lie inside"):
        archive(tmp_path / "root/pack", tmp_path / "archive", NOW, inside)
    archive(tmp_path / "root/pack", tmp_path / "root/archive", NOW, inside)
    with pytest.raises(PathError):
        list_archive(tmp_path, NOW.date(), inside)


@pytest.mark.parametrize("name", ["pack", "pack/archive"])
def test_an_archive_does_not_lie_inside_the_pack(tmp_path: Path, name: str) -> None:
    small_pack(tmp_path / "pack")
    with pytest.raises(PathError, match="lies inside the pack"):
        archived(tmp_path / "pack", tmp_path / name)
    assert not (tmp_path / "pack/archive").exists()


def test_a_pack_in_the_archive_itself_is_there_already(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    entry = archived(tmp_path / "pack", tmp_path / "archive").entry
    assert archived(tmp_path / "archive" / entry.path, tmp_path / "archive").state == "already_there"


def test_a_record_that_changes_while_it_is_read_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pack(tmp_path / "pack")
    small_pack(tmp_path / "other", name="Other")
    monkeypatch.setattr(archiving, "read_pack", lambda _folder, _settings: read_pack(tmp_path / "other", ALL))
    with pytest.raises(IntegrityError, match="changed while it was read"):
        archived(tmp_path / "pack", tmp_path / "archive")


def test_the_time_of_archiving_is_kept_to_the_second(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    moment = datetime(2026, 11, 23, 9, 30, 5, 999, tzinfo=UTC)
    entry = archived(tmp_path / "pack", tmp_path / "archive", moment=moment).entry
    assert entry.archived_at == moment.replace(microsecond=0)
    with pytest.raises(ConformityError):
        archived(tmp_path / "nowhere", tmp_path / "archive")
