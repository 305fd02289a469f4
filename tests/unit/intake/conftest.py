"""What the tests of intake share: a smallest manifest and a way to read text as one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformity.errors import ManifestError
from conformity.intake.loaded import LoadedManifest
from conformity.intake.manifest import parse_manifest

SMALLEST = """\
# what the provider declares
conformity: 1
system:
  name: Scoring
  version: "1.0"
  intended_purpose: To score credit applications
provider: {name: A Bank, address: Street 1, contact: a@example.org}
"""

_NOBODY = 65534
"""The user without rights on Linux."""

Read = Callable[[str], LoadedManifest]
Refused = Callable[[str], list[str]]


@pytest.fixture
def smallest() -> str:
    """Return the text of a manifest that declares only what it must."""
    return SMALLEST


@pytest.fixture
def read() -> Read:
    """Return a function that reads text, appended to the smallest manifest, as a manifest."""

    def read_text(more: str) -> LoadedManifest:
        return parse_manifest((SMALLEST + more).encode(), name="conformity.yaml", folder=Path("/nowhere"))

    return read_text


@pytest.fixture
def refused(read: Read) -> Refused:
    """Return a function that gives the lines of the error that a text, appended, is refused with."""

    def lines(more: str) -> list[str]:
        with pytest.raises(ManifestError) as caught:
            read(more)
        assert caught.value.exit_code == 3
        return caught.value.message.splitlines()

    return lines


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Give a folder of one's own and take away root's right to read everything, so that modes matter."""
    folder = Path(tempfile.mkdtemp()).resolve()
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, _NOBODY, -1)
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        for inner in folder.rglob("*"):
            inner.chmod(0o700)
        shutil.rmtree(folder)
