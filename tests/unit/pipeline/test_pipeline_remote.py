"""Tables from elsewhere: what two subjects name is copied once, and all copies together are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformity.errors import DataError
from conformity.intake.manifest import LoadedManifest, read_manifest
from conformity.pipeline.remote import all_places
from conformity.settings import Settings
from tests.support.servers import Server, s3

HEAD = """\
conformity: 1
system: {name: S, version: "1", intended_purpose: x}
provider: {name: P, address: a, contact: c}
role: provider
subjects:
"""
SUBJECT = """\
  - id: {id}
    kind: table
    title: T
    path: s3://bucket/{key}
    purpose: testing
    columns: [{{name: a, roles: [{role}]}}]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give an S3 server with three tables, each of more than half a MiB."""
    with s3() as running:
        bucket = running.folder / "bucket"
        bucket.mkdir()
        for name in ("one.csv", "two.csv", "three.csv"):
            (bucket / name).write_bytes(b"a\n" + b"1\n" * 300_000)
        yield running


@pytest.fixture
def settings(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Give settings that allow the bucket to somebody who may read it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return Settings(remote=("s3://bucket",), remote_max_mb=1, remote_total_mb=2)


def loaded(folder: Path, **subjects: str) -> LoadedManifest:
    """Return a manifest of tables by id, each with its key and role."""
    parts = [
        SUBJECT.format(id=name, key=key, role=role)
        for name, (key, role) in ((name, said.split()) for name, said in subjects.items())
    ]
    (folder / "conformity.yaml").write_text(HEAD + "".join(parts), encoding="utf-8")
    return read_manifest(folder / "conformity.yaml", root=None, max_bytes=100_000)


def test_a_table_that_two_subjects_name_is_copied_once(tmp_path: Path, settings: Settings) -> None:
    said: list[tuple[str, int, int]] = []
    manifest = loaded(tmp_path, first="one.csv feature", other="two.csv feature", second="one.csv protected")
    with all_places(manifest, settings, lambda *step: said.append(step)) as places:
        paths = {name: place.path for name, place in places.located.items()}
        assert list(paths) == ["first", "other", "second"]
        assert paths["first"] == paths["second"] != paths["other"]
        assert all(path.is_file() for path in paths.values())
        roles = [place.subject.columns[0].roles for place in places.located.values()]  # type: ignore[union-attr]
        assert roles == [("feature",), ("feature",), ("protected",)]
        assert places.roots == {name: path.parent for name, path in paths.items()}
    assert said == [("copying s3://bucket/one.csv", 1, 2), ("copying s3://bucket/two.csv", 2, 2)]
    assert not any(path.exists() for path in paths.values())


def test_all_copies_together_are_bounded(tmp_path: Path, settings: Settings) -> None:
    """Each is small enough; the third no longer fits beside the others."""
    manifest = loaded(
        tmp_path,
        first="one.csv feature",
        other="two.csv feature",
        third="three.csv feature",
        fourth="one.csv time",
    )
    small = Settings(remote=settings.remote, remote_max_mb=1, remote_total_mb=1)
    with (
        pytest.raises(DataError) as caught,
        all_places(manifest, small, lambda _what, _done, _all: None),
    ):
        raise AssertionError("nothing is given")
    assert caught.value.message == (
        "s3://bucket/two.csv is larger than the 0 MiB that are left for all copies together; raise "
        "CONFORMITY_REMOTE_TOTAL_MB, or name a part of it"
    )
    with all_places(manifest, settings, lambda _what, _done, _all: None) as places:
        assert len({place.path for place in places.located.values()}) == 3


def test_each_copy_is_bounded_too(tmp_path: Path, settings: Settings, server: Server) -> None:
    (server.folder / "bucket" / "large.csv").write_bytes(b"a\n" + b"1\n" * 600_000)
    manifest = loaded(tmp_path, first="large.csv feature")
    with (
        pytest.raises(
            DataError, match=r"than the 1 MiB that a copy may have; raise CONFORMITY_REMOTE_MAX_MB"
        ),
        all_places(manifest, settings, lambda _what, _done, _all: None),
    ):
        raise AssertionError("nothing is given")
