"""An archive is verified as a whole: every version, the chain, what is committed and who signed it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conformity.archive.standalone.told import Told
from conformity.archive.store.chain import INDEX
from conformity.archive.sums import SUMS, sums_of
from conformity.errors import IntegrityError
from conformity.model.base import sha256_of
from conformity.model.verification import Verification, VerifiedStep
from conformity.pipeline.verifying import verify
from conformity.pipeline.verifying.archives import archive_steps
from conformity.pipeline.verifying.folders import Ask, Trust
from conformity.settings import Settings
from tests.support.archives import archived, git
from tests.support.packs import pack_files, write


def _small(minor: int, name: str = "Scorer") -> dict[str, bytes]:
    """Return the files of a version without its report, which takes long to render again."""
    return {k: v for k, v in pack_files(name, minor=minor).items() if not k.startswith("report.")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of two versions of a system and one of another."""
    folder = tmp_path_factory.mktemp("archive")
    for name, minor in (("Scorer", 0), ("Scorer", 1), ("Other", 0)):
        archived(write(folder / f"{name}-{minor}", _small(minor, name)), folder / "repo")
    return folder / "repo"


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copytree(made, tmp_path / "repo"))


def _step(told: Verification, name: str) -> VerifiedStep:
    """Return a step."""
    return next(one for one in told.steps if one.step == name)


def _head(archive: Path) -> str:
    """Return the digest of the last line, as somebody keeps it elsewhere."""
    return sha256_of((archive / INDEX).read_bytes().split(b"\n")[-2])


def _told(archive: Path, step: str, head: str | None = None, signers: Path | None = None) -> Told:
    """Return what a step tells when records are not looked at, which takes longest."""
    ask = Ask(Trust(), pages=False, on_progress=lambda *_: None, bytes_alone=True)
    return archive_steps(archive, ask, head, signers)[0][step]


def _chain(archive: Path, head: str | None = None, signers: Path | None = None) -> Told:
    """Return what is told of the chain."""
    return _told(archive, "chain", head, signers)


def _committed(archive: Path) -> None:
    """Commit whatever lies there, as somebody does who can write to the archive."""
    git(archive, "add", "-A")
    git(archive, "commit", "--quiet", "-m", "x")


def test_an_archive_that_nobody_touched_does_not_fail(archive: Path) -> None:
    told = verify(archive, Settings(), head=_head(archive))
    assert not told.failed, told
    assert told.kind == "archive"
    assert {one.step for one in told.steps if one.outcome == "passed"} == {
        "files",
        "digests",
        "records",
        "law",
        "findings",
    }
    chain = _step(told, "chain")
    assert chain.unknown == ("The commit is not signed.",)
    assert "3 versions." in chain.seen
    assert any("No digest of the last line" in one for one in _chain(archive).unknown)


def test_a_bare_clone_is_verified_from_what_is_committed(archive: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(archive), str(tmp_path / "bare"))
    told = verify(tmp_path / "bare", Settings())
    assert not told.failed, told
    assert told.sha256 == _head(archive)


def test_an_archive_without_its_repository_tells_so(archive: Path) -> None:
    shutil.rmtree(archive / ".git")
    told = _chain(archive)
    assert not told.faults
    assert any(".git" in one for one in told.unknown)


def test_a_changed_version_is_found_with_its_name(archive: Path) -> None:
    file = archive / "systems" / "scorer" / "1.0.0" / "evidence.json"
    file.write_bytes(file.read_bytes().replace(b"100", b"101"))
    assert _told(archive, "digests").faults[0].startswith("systems/scorer/1.0.0: evidence.json was changed")
    assert any("is not as it is committed" in one for one in _chain(archive).faults)
    _committed(archive)
    assert _told(archive, "digests").faults
    assert not _chain(archive).faults


def test_a_version_made_anew_is_not_the_one_of_the_index(archive: Path) -> None:
    folder = archive / "systems" / "other" / "1.0.0"
    files = _small(0, "Another")
    shutil.rmtree(folder)
    write(folder, files)
    _committed(archive)
    told = _chain(archive)
    assert any("is not the one that was archived" in one for one in told.faults)
    assert any("has another name" in one for one in told.faults)


@pytest.mark.parametrize("how", ["dropped", "swapped", "changed", "cut", "broken"])
def test_a_changed_index_is_found(how: str, archive: Path) -> None:
    head, file = _head(archive), archive / INDEX
    lines = file.read_bytes().split(b"\n")[:-1]
    changed = {
        "dropped": lines[:-1],
        "swapped": [lines[1], lines[0], lines[2]],
        "changed": [lines[0].replace(b'"name":"Scorer"', b'"name":"Better"'), *lines[1:]],
        "cut": lines,
        "broken": [b"{}", *lines[1:]],
    }[how]
    file.write_bytes(b"\n".join(changed) + (b"" if how == "cut" else b"\n"))
    if how != "cut":
        _committed(archive)
    assert _chain(archive, head).faults


def test_versions_dropped_at_the_end_are_found_with_the_head_alone(archive: Path) -> None:
    head, file = _head(archive), archive / INDEX
    file.write_bytes(b"\n".join(file.read_bytes().split(b"\n")[:2]) + b"\n")
    shutil.rmtree(archive / "systems" / "other")
    _committed(archive)
    assert _chain(archive).outcome() == "cannot_tell"
    assert _chain(archive, head).outcome() == "failed"


def test_a_folder_that_is_in_no_line_is_found(archive: Path) -> None:
    write(archive / "systems" / "scorer" / "9.9.9", _small(0))
    (archive / "systems" / "scorer" / "link").symlink_to(archive / "systems" / "other")
    assert any("9.9.9 is in no line of" in one for one in _chain(archive).faults)
    assert any("link: " in one for one in _told(archive, "files").faults)


def test_tallies_left_out_of_an_archive_cannot_be_told(tmp_path: Path) -> None:
    archived(write(tmp_path / "pack", _small(0)), tmp_path / "repo", tallies=False)
    told = verify(tmp_path / "repo", Settings())
    assert not told.failed, told
    assert "tallies were left out" in _step(told, "files").unknown[0]


def test_a_register_that_does_not_follow_the_version_before_is_found(tmp_path: Path) -> None:
    """Only an archive holds the version before, without which the register cannot be told."""
    files = _small(1)
    plain = json.loads(files["assessment.json"])
    plain["non_conformities"][0]["opened_on"] = "2026-11-23"
    files["assessment.json"] = (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()
    alone = verify(write(tmp_path / "alone", files), Settings())
    assert _step(alone, "findings").outcome == "cannot_tell"
    for minor, content in ((0, _small(0)), (1, files)):
        archived(write(tmp_path / f"pack-{minor}", content), tmp_path / "repo")
    told = _step(verify(tmp_path / "repo", Settings()), "findings")
    assert told.faults[0].startswith("systems/scorer/1.1.0: The register is not the one")


def _key(folder: Path, name: str) -> Path:
    """Return a new SSH key."""
    file = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(file)], check=True)
    return file


def _allowed(folder: Path, key: Path) -> Path:
    """Return a file that lets a key sign."""
    file = folder / f"{key.name}.allowed"
    file.write_text(f'* namespaces="git" {key.with_suffix(".pub").read_text()}')
    return file


def test_signed_commits_are_held_against_the_keys_that_are_trusted(tmp_path: Path) -> None:
    own, other = _key(tmp_path, "own"), _key(tmp_path, "other")
    archived(write(tmp_path / "pack", _small(0)), tmp_path / "repo", key=own)
    repository = tmp_path / "repo"
    assert "The commit is signed by SHA256:" in str(_chain(repository).unknown)
    good = _chain(repository, signers=_allowed(tmp_path, own))
    assert any("whom you trust" in one for one in good.seen)
    assert not good.faults
    bad = _chain(repository, signers=_allowed(tmp_path, other))
    assert any("not among those that you trust" in one for one in bad.faults)


def test_an_unsigned_commit_is_a_fault_where_keys_are_given(archive: Path, tmp_path: Path) -> None:
    told = _chain(archive, signers=_allowed(tmp_path, _key(tmp_path, "own")))
    assert any("is not signed" in one for one in told.faults)


def test_configuration_of_a_hostile_repository_starts_nothing(archive: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {touched}\n")
    script.chmod(0o755)
    for name in (
        "gpg.program",
        "gpg.ssh.program",
        "core.fsmonitor",
        "core.pager",
        "alias.fsck",
        "core.sshCommand",
    ):
        git(archive, "config", name, str(script))
    _chain(archive, signers=_allowed(tmp_path, _key(tmp_path, "own")))
    assert not touched.exists()


def test_an_archive_without_an_index_is_told(archive: Path) -> None:
    (archive / INDEX).unlink()
    git(archive, "rm", "--quiet", "--cached", INDEX)
    git(archive, "commit", "--quiet", "-m", "x")
    (archive / INDEX).symlink_to(archive / "README.txt")
    with pytest.raises(IntegrityError, match=r"index\.jsonl"):
        verify(archive, Settings())


def test_the_list_of_a_version_counts(archive: Path) -> None:
    folder = archive / "systems" / "other" / "1.0.0"
    (folder / "more.txt").write_bytes(b"x")
    files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    (folder / SUMS).write_bytes(sums_of(files))
    assert any("is not the one that was archived" in one for one in _chain(archive).faults)
