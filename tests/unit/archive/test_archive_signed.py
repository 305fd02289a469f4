"""Commits and tags of an archive are signed so that git verifies them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformity.archive.store import journal
from conformity.archive.store.sshkeys import SshKey, public_key
from conformity.errors import MissingLibraryError, PathError
from tests.support.archives import archived, git, small_pack, sound


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Return a new SSH key without a passphrase."""
    return _key(tmp_path / "key")


def _key(file: Path, passphrase: str = "") -> Path:
    """Make an SSH key."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", str(file)], check=True
    )
    return file


def _verified(archive: Path, version: str) -> None:
    """Check with git that the last commit and the tag of a version are signed by a key of the archive."""
    trusted = ("-c", f"gpg.ssh.allowedSignersFile={archive / 'keys/allowed_signers'}")
    git(archive, *trusted, "verify-commit", "HEAD")
    git(archive, *trusted, "verify-tag", f"scorer/{version}")


def test_commit_and_tag_are_signed(tmp_path: Path, key: Path) -> None:
    small_pack(tmp_path / "pack")
    outcome = archived(tmp_path / "pack", tmp_path / "archive", key=key)
    assert outcome.signed
    _verified(tmp_path / "archive", "1.0.0")
    assert git(tmp_path / "archive", "rev-parse", "scorer/1.0.0^{commit}").strip() == outcome.commit
    kind, itself, _ = (tmp_path / "key.pub").read_text().split()
    signers = (tmp_path / "archive/keys/allowed_signers").read_text()
    assert signers == f'archive@conformity.invalid namespaces="git" {kind} {itself}\n'
    sound(tmp_path / "archive")


def test_each_key_is_listed_once(tmp_path: Path, key: Path) -> None:
    previous, other = None, _key(tmp_path / "other")
    for number, one in enumerate([key, key, other]):
        previous = small_pack(tmp_path / f"pack-{number}", f"1.{number}.0", previous=previous)
        archived(tmp_path / f"pack-{number}", tmp_path / "archive", key=one)
        _verified(tmp_path / "archive", f"1.{number}.0")
    assert len((tmp_path / "archive/keys/allowed_signers").read_text().splitlines()) == 2


def test_the_key_of_the_repository_s_own_configuration_signs(tmp_path: Path, key: Path) -> None:
    digest = small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    small_pack(tmp_path / "next", "1.1.0", previous=digest)
    git(tmp_path / "archive", "config", "user.signingkey", str(key))
    git(tmp_path / "archive", "config", "gpg.format", "ssh")
    assert archived(tmp_path / "next", tmp_path / "archive").signed
    _verified(tmp_path / "archive", "1.1.0")


def test_a_configured_key_that_is_no_ssh_key_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "archive")
    git(tmp_path / "archive", "config", "user.signingkey", "0123456789ABCDEF")
    small_pack(tmp_path / "pack")
    outcome = archived(tmp_path / "pack", tmp_path / "archive")
    assert not outcome.signed
    assert "not signed" in outcome.notices[0]


@pytest.mark.parametrize("what", ["no file", "no key", "passphrase", "public key without an agent"])
def test_a_key_that_cannot_sign_archives_nothing(tmp_path: Path, what: str) -> None:
    file = tmp_path / "unusable"
    if what == "no key":
        file.write_text("no key")
    elif what == "passphrase":
        _key(file, "correct horse")
    elif what == "public key without an agent":
        file = _key(file).with_suffix(".pub")
        file.with_suffix("").unlink()
    small_pack(tmp_path / "pack")
    with pytest.raises(PathError, match=r"There is no key|cannot sign"):
        archived(tmp_path / "pack", tmp_path / "archive", key=file)
    assert git(tmp_path / "archive", "branch", "--all") == ""


def test_a_tag_of_the_user_is_not_replaced(tmp_path: Path, key: Path) -> None:
    digest = small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    git(tmp_path / "archive", "tag", "scorer/1.1.0")
    small_pack(tmp_path / "next", "1.1.0", previous=digest)
    with pytest.raises(PathError, match=r"has a tag scorer/1\.1\.0 already"):
        archived(tmp_path / "next", tmp_path / "archive", key=key)


def test_a_tag_that_has_no_room_stops_the_version_too(tmp_path: Path, key: Path) -> None:
    digest = small_pack(tmp_path / "pack")
    before = archived(tmp_path / "pack", tmp_path / "archive").commit
    git(tmp_path / "archive", "tag", "scorer")
    small_pack(tmp_path / "next", "1.1.0", previous=digest)
    with pytest.raises(PathError, match="git update-ref failed"):
        archived(tmp_path / "next", tmp_path / "archive", key=key)
    assert git(tmp_path / "archive", "rev-parse", "HEAD").strip() == before


def test_a_tag_that_a_killed_run_did_not_make_is_made_by_the_next(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pack(tmp_path / "pack")
    finish = journal.finish
    monkeypatch.setattr(journal, "finish", lambda _repository, _move: ())
    archived(tmp_path / "pack", tmp_path / "archive", key=key)
    monkeypatch.setattr(journal, "finish", finish)
    git(tmp_path / "archive", "tag", "--delete", "scorer/1.0.0")
    archived(tmp_path / "pack", tmp_path / "archive")
    _verified(tmp_path / "archive", "1.0.0")
    assert git(tmp_path / "archive", "status", "--porcelain") == ""


def test_a_commit_that_was_changed_is_found_by_git(tmp_path: Path, key: Path) -> None:
    small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive", key=key)
    git(tmp_path / "archive", "commit", "--quiet", "--amend", "-m", "Archive something else")
    with pytest.raises(AssertionError):
        _verified(tmp_path / "archive", "1.0.0")


def test_without_openssh_the_sentence_says_what_to_install(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingLibraryError, match="openssh-client"):
        SshKey(key).sign(b"x")


def test_an_ssh_keygen_that_cannot_be_started_is_told(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssh-keygen").write_text("neither a script nor a program")
    (tmp_path / "ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PathError, match="could not be run"):
        SshKey(key).sign(b"x")


@pytest.mark.parametrize("body", ["", "AAAA", "!!!!", "U1NIU0lHAAAAAf////8=", "WFhYWFhYAAAAAQAAAAUAAAABYQ=="])
def test_what_is_no_signature_holds_no_key(body: str) -> None:
    with pytest.raises(PathError, match="no signature that can be read"):
        public_key(f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----")
