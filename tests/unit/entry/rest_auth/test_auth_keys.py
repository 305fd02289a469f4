"""API keys: what is kept, who is let in, and what a file must be."""

from __future__ import annotations

import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from conformity.entry.rest.auth.callers import SCOPES, Caller
from conformity.entry.rest.auth.key_file import KeyRing, change_keys, read_keys, revoked
from conformity.entry.rest.auth.keys import PREFIX, KeyFile, NewKey, key_shown, new_key
from conformity.errors import InputError, PathError, UsageError

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def kept(file: Path, made: NewKey) -> None:
    """Add a key to a file."""
    change_keys(file, lambda there: KeyFile(keys=(*there.keys, made.kept)))


def test_a_key_holds_256_random_bits_and_is_not_kept(tmp_path: Path) -> None:
    one, other = new_key("ci", ("assess",), NOW), new_key("ci", ("assess",), NOW)
    file = tmp_path / "keys.json"
    kept(file, one)
    assert one.key.startswith(PREFIX)
    assert len(one.key) == len(PREFIX) + 43
    assert one.key != other.key
    assert one.kept.id != other.kept.id
    assert one.key not in file.read_text()
    assert one.key.removeprefix(PREFIX) not in repr(one.kept)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(place.name for place in tmp_path.iterdir()) == [".keys.json.lock", "keys.json"]


@pytest.mark.parametrize("name", ["local", "", "github:acme/scorer", "a b", "-a", "x" * 101])
def test_a_name_that_could_be_taken_for_another_owner_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        new_key(name, SCOPES, NOW)


def test_the_key_that_fits_is_found_among_all() -> None:
    made = [new_key(f"n{number}", ("assess", "archive"), NOW) for number in range(3)]
    keys = tuple(one.kept for one in made)
    found = key_shown(made[1].key, keys, NOW)
    assert found is not None
    assert found.caller == Caller("n1", frozenset({"assess", "archive"}))
    for wrong in ("", PREFIX, made[1].key + "x", made[1].key[:-1], keys[1].sha256, "\udcff", "k" * 10_000):
        assert key_shown(wrong, keys, NOW) is None


def test_as_much_is_compared_for_a_key_that_is_not_there_as_for_one_that_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [new_key(f"n{number}", SCOPES, NOW) for number in range(4)]
    keys = revoked(KeyFile(keys=tuple(one.kept for one in made)), "n1", NOW).keys
    compared: list[str] = []
    real = hmac.compare_digest

    def counted(one: str, other: str) -> bool:
        compared.append(other)
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    for shown in (made[0].key, made[3].key, made[1].key, "cfk_unknown", ""):
        compared.clear()
        key_shown(shown, keys, NOW)
        assert [f"sha256:{one}" for one in compared] == [key.sha256 for key in keys]


def test_a_key_is_valid_until_the_moment_it_expires() -> None:
    made = new_key("ci", ("assess",), NOW, NOW + timedelta(days=1))
    end = made.kept.expires
    assert end is not None
    assert key_shown(made.key, (made.kept,), end - timedelta(seconds=1)) == made.kept
    assert key_shown(made.key, (made.kept,), end) is None


def test_a_revoked_key_is_no_longer_let_in_and_stays_as_it_was_revoked() -> None:
    first, second = new_key("ci", ("assess",), NOW), new_key("ci", ("assess",), NOW)
    other = new_key("other", ("assess",), NOW)
    keys = KeyFile(keys=(first.kept, second.kept, other.kept))
    one_gone = revoked(keys, first.kept.id, NOW)
    assert [key.revoked for key in one_gone.keys] == [NOW, None, None]
    later = NOW + timedelta(hours=1)
    all_gone = revoked(one_gone, "ci", later)
    assert [key.revoked for key in all_gone.keys] == [NOW, later, None]
    assert key_shown(second.key, all_gone.keys, later) is None
    with pytest.raises(UsageError, match="no key with the id or name 'nobody'"):
        revoked(keys, "nobody", NOW)


def test_a_change_of_the_file_is_noticed_and_an_unchanged_file_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.json"
    first, second = new_key("a", ("assess",), NOW), new_key("b", ("assess",), NOW)
    kept(file, first)
    ring = KeyRing(file)
    assert ring.shown(first.key, NOW) == first.kept
    assert ring.shown(second.key, NOW) is None
    kept(file, second)
    assert ring.shown(second.key, NOW) == second.kept
    assert ring.valid(second.kept.id, NOW) == second.kept
    change_keys(file, lambda there: revoked(there, "b", NOW))
    assert ring.shown(second.key, NOW) is None
    assert ring.valid(second.kept.id, NOW) is None
    reads: list[Path] = []
    monkeypatch.setattr("conformity.entry.rest.auth.key_file.read_keys", reads.append)
    assert ring.shown(first.key, NOW) == first.kept
    assert reads == []


def test_of_many_changes_at_once_none_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    made = [new_key(f"n{number}", ("assess",), NOW) for number in range(12)]
    threads = [threading.Thread(target=kept, args=(file, one)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in read_keys(file).keys} == {one.kept.name for one in made}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys.json"
    kept(file, new_key("a", ("assess",), NOW))
    file.chmod(mode)
    with pytest.raises(PathError, match="chmod 600"):
        KeyRing(file).keys()
    with pytest.raises(PathError, match="chmod 600"):
        kept(file, new_key("b", ("assess",), NOW))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "what it holds does not fit"),
        ("[]", "what it holds does not fit"),
        ('{"version": 2, "keys": []}', "version does not fit"),
        ('{"keys": [{"id": "x"}]}', "keys.0.id does not fit"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "keys.json"
    file.touch(0o600)
    file.write_text(content)
    with pytest.raises(InputError, match=says):
        read_keys(file)


def test_places_where_no_file_can_be_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PathError, match="could not be looked at"):
        read_keys(tmp_path / "none.json")
    with pytest.raises(PathError, match="must be a file"):
        read_keys(tmp_path)
    with pytest.raises(PathError, match="could not be made"):
        kept(tmp_path / "no" / "keys.json", new_key("a", ("assess",), NOW))
    file = tmp_path / "keys.json"
    kept(file, new_key("a", ("assess",), NOW))
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(PathError, match="No space left on device"):
            kept(file, new_key("b", ("assess",), NOW))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(PathError, match="could not be read"):
            read_keys(file)
    assert file.read_bytes() == before
    assert [place.name for place in tmp_path.glob("*.partial")] == []


def test_the_form_of_the_file_is_that_which_the_documentation_shows(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    made = new_key("ci", ("assess",), NOW)
    kept(file, made)
    assert json.loads(file.read_text()) == {
        "version": 1,
        "keys": [
            {
                "id": made.kept.id,
                "name": "ci",
                "sha256": made.kept.sha256,
                "scopes": ["assess"],
                "created": "2026-11-23T09:00:00Z",
                "expires": None,
                "revoked": None,
            }
        ],
    }
