"""A version comes into an archive as a whole, in one commit, once."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from conformity.archive.store.chain import (
    check_chain,
    head_of,
    index_bytes,
    lines_of,
)
from conformity.archive.store.layout import FIRST_FILES
from conformity.errors import PathError
from tests.support.archives import (
    NOW,
    PLACED,
    archived,
    contents,
    git,
    pack_digests,
    read_index,
    small_pack,
    sound,
)

TALLIES = {"tallies/" + "a" * 64 + ".json": b"[1]"}


def test_the_first_version_lies_there_as_it_was_made(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", placed=PLACED, files=TALLIES)
    outcome = archived(tmp_path / "pack", tmp_path / "archive")
    entry = outcome.entry
    assert (outcome.state, outcome.signed, entry.sequence) == ("archived", False, 1)
    assert (entry.path, entry.previous_entry, entry.previous_version) == ("systems/scorer/1.0.0", None, None)
    assert entry.retain_until == date(2036, 12, 1)
    assert contents(tmp_path / "archive" / entry.path) == contents(tmp_path / "pack")
    assert {name: (tmp_path / "archive" / name).read_bytes() for name in FIRST_FILES} == FIRST_FILES
    assert read_index(tmp_path / "archive") == (entry,)
    assert git(tmp_path / "archive", "status", "--porcelain") == ""
    assert git(tmp_path / "archive", "rev-parse", "main").strip() == outcome.commit
    sound(tmp_path / "archive")


def test_tallies_stay_for_their_owner_alone(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", files=TALLIES)
    outcome = archived(tmp_path / "pack", tmp_path / "archive")
    folder = tmp_path / "archive" / outcome.entry.path / "tallies"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert any("confidential" in notice for notice in outcome.notices)


def test_the_commit_bears_the_times_of_assessment_and_archiving_and_nobody_s_name(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    outcome = archived(tmp_path / "pack", tmp_path / "archive")
    said = git(tmp_path / "archive", "log", "--format=%an %ae %aI %cI%n%B").splitlines()
    assert said[0] == (
        "conformity archive archive@conformity.invalid 2026-11-22T12:00:00+00:00 2026-11-23T09:30:00+00:00"
    )
    assert f"Entry: {outcome.entry_sha256}" in said
    assert f"Pack: {outcome.entry.pack_sha256}" in said


def test_versions_follow_one_another_over_several_systems(tmp_path: Path) -> None:
    before: dict[str, str | None] = {"Scorer": None, "Ranker": None}
    for number in range(4):
        for name, previous in before.items():
            pack = tmp_path / f"{name}-{number}"
            before[name] = small_pack(pack, f"1.{number}.0", previous=previous, name=name)
            archived(pack, tmp_path / "archive")
    entries = read_index(tmp_path / "archive")
    lines = lines_of(index_bytes(tmp_path / "archive"))
    assert [entry.sequence for entry in entries] == list(range(1, 9))
    assert check_chain(lines, pack_digests(tmp_path / "archive", entries), head_of(lines)) == ()
    assert len(git(tmp_path / "archive", "log", "--format=%h").split()) == 8
    assert git(tmp_path / "archive", "status", "--porcelain") == ""
    sound(tmp_path / "archive")


def test_the_same_pack_again_changes_nothing(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    first = archived(tmp_path / "pack", tmp_path / "archive")
    again = archived(tmp_path / "pack", tmp_path / "archive")
    assert (again.state, again.entry, again.commit) == ("already_there", first.entry, first.commit)
    assert again.entry_sha256 == first.entry_sha256


@pytest.mark.parametrize(
    ("version", "follows", "says"),
    [
        ("1.0.0", False, "holds another pack as systems/scorer/1.0.0"),
        ("0.9.0", True, "Version 0.9.0 does not come after 1.0.0"),
        ("1.1.0", False, "does not follow 1.0.0"),
    ],
    ids=["same version, other content", "earlier version", "names no version before"],
)
def test_a_pack_that_does_not_follow_is_refused(
    tmp_path: Path, version: str, follows: bool, says: str
) -> None:
    digest = small_pack(tmp_path / "pack")
    outcome = archived(tmp_path / "pack", tmp_path / "archive")
    small_pack(tmp_path / "next", version, previous=digest if follows else None, files={"x.txt": b"other"})
    with pytest.raises(PathError, match=says):
        archived(tmp_path / "next", tmp_path / "archive")
    assert git(tmp_path / "archive", "rev-parse", "HEAD").strip() == outcome.commit


def test_a_first_pack_that_names_one_before_needs_to_be_told_first(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", "1.4.0", previous="sha256:" + "b" * 64)
    with pytest.raises(PathError, match="--first"):
        archived(tmp_path / "pack", tmp_path / "archive")
    assert archived(tmp_path / "pack", tmp_path / "archive", first=True).state == "archived"


def test_two_systems_whose_names_look_alike_stay_apart(tmp_path: Path) -> None:
    small_pack(tmp_path / "one", name="Scorer 2")
    small_pack(tmp_path / "two", name="Scorer-2")
    first = archived(tmp_path / "one", tmp_path / "archive").entry
    second = archived(tmp_path / "two", tmp_path / "archive").entry
    assert first.system == "scorer-2"
    assert second.system.startswith("scorer-2-")
    assert archived(tmp_path / "two", tmp_path / "archive").entry == second


def test_without_tallies_the_list_still_names_them(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", files=TALLIES)
    outcome = archived(tmp_path / "pack", tmp_path / "archive", tallies=False)
    kept = contents(tmp_path / "archive" / outcome.entry.path)
    assert outcome.entry.tallies == "withheld"
    assert kept.keys() == contents(tmp_path / "pack").keys() - TALLIES.keys()
    assert next(iter(TALLIES)).encode() in kept["SHA256SUMS"]
    assert outcome.notices == ()


def test_eight_at_once_queue_and_none_is_lost(tmp_path: Path) -> None:
    packs = [tmp_path / f"pack-{number}" for number in range(8)]
    for number, pack in enumerate(packs):
        small_pack(pack, name=f"System {number}")
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda pack: archived(pack, tmp_path / "archive"), packs))
    assert sorted(one.entry.sequence for one in outcomes) == list(range(1, 9))
    assert len(read_index(tmp_path / "archive")) == 8
    assert git(tmp_path / "archive", "status", "--porcelain") == ""
    sound(tmp_path / "archive")


def test_a_bare_repository_is_an_archive_too(tmp_path: Path) -> None:
    git(tmp_path, "init", "--bare", "--initial-branch=main", "bare")
    small_pack(tmp_path / "pack")
    outcome = archived(tmp_path / "pack", tmp_path / "bare")
    assert outcome.notices == ()
    git(tmp_path, "clone", "--quiet", str(tmp_path / "bare"), "clone")
    assert contents(tmp_path / "clone" / outcome.entry.path) == contents(tmp_path / "pack")


def test_a_repository_with_longer_ids_at_an_odd_place_is_an_archive_too(tmp_path: Path) -> None:
    place = tmp_path / 'a b:"c'
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch=main", str(place))
    digest = small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", place)
    small_pack(tmp_path / "next", "1.1.0", previous=digest)
    outcome = archived(tmp_path / "next", place)
    assert (len(outcome.commit), outcome.notices) == (64, ())
    assert archived(tmp_path / "next", place).state == "already_there"
    assert git(place, "status", "--porcelain") == ""
    sound(place)


def test_the_commands_that_the_archive_explains_work_by_hand(tmp_path: Path) -> None:
    digest = small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    small_pack(tmp_path / "next", "1.1.0", previous=digest)
    second = archived(tmp_path / "next", tmp_path / "archive").entry
    steps = (
        f"cd {second.path} && sha256sum --check --strict SHA256SUMS && sha256sum SHA256SUMS && cd - >&2 && "
        "sed -n '1p' index.jsonl | tr -d '\\n' | sha256sum"
    )
    done = subprocess.run(
        ["sh", "-c", steps], cwd=tmp_path / "archive", capture_output=True, text=True, check=True
    )
    assert f"{second.pack_sha256[7:]}  SHA256SUMS" in done.stdout
    assert str(second.previous_entry)[7:] in done.stdout


def test_the_moment_of_archiving_is_the_one_that_is_given(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    assert archived(tmp_path / "pack", tmp_path / "archive").entry.archived_at == NOW
