"""A signed commit covers ids alone: objects of git that are no longer those of their ids are found."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from conformity.archive.standalone.told import Told
from conformity.archive.store import git as running
from conformity.errors import MissingLibraryError
from conformity.pipeline.verifying.archives import archive_steps
from conformity.pipeline.verifying.folders import Ask, Trust
from tests.support.archives import archived, git, small_pack


def _chain(archive: Path, signers: Path | None) -> Told:
    """Return what is told of the chain of an archive, its records not looked at."""
    ask = Ask(Trust(), pages=False, on_progress=lambda *_: None, bytes_alone=True)
    return archive_steps(archive, ask, None, signers)[0]["chain"]


def _unpacked(archive: Path) -> None:
    """Lay every object of a repository into a file of its own."""
    for pack in (archive / ".git/objects/pack").glob("*.pack"):
        taken = archive.with_name(pack.name)
        pack.rename(taken)
        for other in (".idx", ".rev"):
            pack.with_suffix(other).unlink(missing_ok=True)
        with taken.open("rb") as stream:
            subprocess.run(["git", "-C", str(archive), "unpack-objects", "-q"], stdin=stream, check=True)


def _loose(archive: Path, name: str) -> Path:
    """Return the file of the object that a name stands for."""
    oid = git(archive, "rev-parse", name).strip()
    return archive / ".git/objects" / oid[:2] / oid[2:]


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path]:
    """Return an archive with a signed commit, and the file of those who may sign, kept elsewhere."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive", key=key)
    signers = Path(shutil.copy(tmp_path / "archive/keys/allowed_signers", tmp_path / "signers"))
    return tmp_path / "archive", signers


def test_another_archive_under_the_ids_of_a_signed_commit_is_found(
    signed: tuple[Path, Path], tmp_path: Path
) -> None:
    """Folder and index of an unsigned archive are laid under the ids that the signature covers."""
    archive, signers = signed
    assert not _chain(archive, signers).faults
    small_pack(tmp_path / "other", "2.0.0")
    archived(tmp_path / "other", tmp_path / "forged")
    for one in (archive, tmp_path / "forged"):
        _unpacked(one)
    there = {name: _loose(archive, f"HEAD:{name}") for name in ("systems", "index.jsonl")}
    shutil.copytree(tmp_path / "forged/.git/objects", archive / ".git/objects", dirs_exist_ok=True)
    for name, place in there.items():
        place.chmod(0o644)
        place.write_bytes(_loose(tmp_path / "forged", f"HEAD:{name}").read_bytes())
    shutil.rmtree(archive / "systems")
    shutil.copytree(tmp_path / "forged/systems", archive / "systems")
    shutil.copy(tmp_path / "forged/index.jsonl", archive)
    told = _chain(archive, signers)
    assert any("whom you trust" in one for one in told.seen)
    assert [one for one in told.faults if "git fsck finds faults" in one]


def test_a_repository_that_cannot_be_read_has_failed(signed: tuple[Path, Path]) -> None:
    archive, _ = signed
    _unpacked(archive)
    tree = _loose(archive, "HEAD^{tree}")
    tree.chmod(0o644)
    tree.write_bytes(zlib.compress(b"tree 0\0"))
    assert _chain(archive, None).faults


def test_a_repository_that_is_gone_has_failed_where_signatures_are_expected(
    signed: tuple[Path, Path],
) -> None:
    archive, signers = signed
    shutil.rmtree(archive / ".git")
    assert not _chain(archive, None).faults
    assert _chain(archive, signers).faults


def test_without_git_nothing_is_told_of_commits(
    signed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, signers = signed

    def missing() -> str:
        """Find no git."""
        raise MissingLibraryError("git is not installed; install it.")

    monkeypatch.setattr(running, "git_program", missing)
    told = _chain(archive, signers)
    assert not told.faults
    assert "git is not installed; install it." in told.unknown
