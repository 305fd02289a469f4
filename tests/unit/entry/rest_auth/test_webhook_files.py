"""The file of receivers: who may read it, where it may lie, and what is a secret."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from conformity.entry.jobs.choose import open_engine
from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest.guarding import guard
from conformity.entry.rest.webhooks import Webhooks, open_webhooks
from conformity.entry.rest.webhooks.configured import Receiver, ReceiverFile, read_receivers
from conformity.errors import InputError, PathError, UsageError
from conformity.settings import Settings

NAME = "hooks.example.org"
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of receivers."""
    return written(tmp_path)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[JobEngine]:
    """Return an engine without workers."""
    found = open_engine(Settings(root=tmp_path / "root"), workers=0)
    yield found
    found.close()


def written(folder: Path, secret: str = SECRET) -> Path:
    """Write a file of receivers."""
    file = folder / "webhooks.yaml"
    file.touch(0o600)
    file.write_text(f"version: 1\nreceivers:\n- host: {NAME}\n  secrets: ['{secret}']\n")
    return file


@pytest.mark.parametrize(
    "text", ["", SECRET.removeprefix("whsec_"), "whsec_", "whsec_AAAA", "whsec_!" + "A" * 40]
)
def test_a_weak_secret_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValidationError):
        Receiver(host=NAME, secrets=(text,))
    with pytest.raises(InputError, match="a secret is whsec_ and 24 to 64") as caught:
        read_receivers(written(tmp_path, text))
    assert text in ("", "whsec_") or text not in caught.value.message


def test_receivers_are_read_from_a_file_that_only_its_owner_may_open(
    file: Path, tmp_path: Path, engine: JobEngine
) -> None:
    settings = Settings(root=tmp_path / "root", webhooks=file)
    assert read_receivers(file) == ReceiverFile(receivers=(Receiver(host=NAME, secrets=(SECRET,)),))
    app = FastAPI()
    app.state.lives = []
    guard(app, settings, engine)
    assert isinstance(app.state.webhooks, Webhooks)
    assert app.state.lives == [app.state.webhooks.life]
    file.chmod(0o644)
    with pytest.raises(PathError, match="chmod 600"):
        open_webhooks(settings, engine)


def test_without_a_file_nobody_is_told(tmp_path: Path, engine: JobEngine) -> None:
    assert open_webhooks(Settings(root=tmp_path), engine) is None


def test_secrets_may_not_lie_where_callers_may_name_files(
    file: Path, tmp_path: Path, engine: JobEngine
) -> None:
    with pytest.raises(UsageError, match="lies in the root"):
        open_webhooks(Settings(root=tmp_path, webhooks=file), engine)
