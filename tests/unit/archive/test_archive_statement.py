"""A pack with a signed statement: archived with it, and checked by hand as the archive explains."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest

from conformity.archive.sums import ENVELOPE
from conformity.errors import IntegrityError, PathError
from conformity.pipeline.signing import sign_folder
from conformity.settings import Settings
from tests.support.archives import NOW, archived, small_pack
from tests.support.keys import edwards


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a small pack that was signed; ``tmp_path / "unsigned"`` is the same without a signature."""
    for name in ("unsigned", "pack"):
        small_pack(tmp_path / name)
    sign_folder(tmp_path / "pack", edwards(), NOW, Settings())
    return tmp_path / "pack"


def test_the_entry_says_that_there_is_a_statement(pack: Path, tmp_path: Path) -> None:
    entry = archived(pack, tmp_path / "archive").entry
    assert entry.statement == "assessment"
    assert (tmp_path / "archive" / entry.path / ENVELOPE).read_bytes() == (pack / ENVELOPE).read_bytes()
    assert archived(pack, tmp_path / "archive").state == "already_there"


@pytest.mark.parametrize(("first", "second"), [("pack", "unsigned"), ("unsigned", "pack")])
def test_a_signature_is_neither_added_later_nor_left_out(
    pack: Path, tmp_path: Path, first: str, second: str
) -> None:
    archived(tmp_path / first, tmp_path / "archive")
    with pytest.raises(PathError, match="sign a pack before it is archived"):
        archived(tmp_path / second, tmp_path / "archive")


def test_another_signature_over_the_same_files_is_not_the_same_pack(pack: Path, tmp_path: Path) -> None:
    archived(pack, tmp_path / "archive")
    sign_folder(pack, edwards("b"), NOW, Settings(), replace=True)
    with pytest.raises(PathError, match="sign a pack before it is archived"):
        archived(pack, tmp_path / "archive")


def test_a_statement_over_other_files_is_refused(pack: Path, tmp_path: Path) -> None:
    small_pack(tmp_path / "other", name="Other")
    (tmp_path / "other" / ENVELOPE).write_bytes((pack / ENVELOPE).read_bytes())
    with pytest.raises(IntegrityError, match="signed over other files"):
        archived(tmp_path / "other", tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("whole", [True, False], ids=["as it is", "one byte changed"])
def test_openssl_checks_the_signature_as_the_archive_explains(
    pack: Path, tmp_path: Path, whole: bool
) -> None:
    entry = archived(pack, tmp_path / "archive").entry
    found = json.loads((tmp_path / "archive" / entry.path / ENVELOPE).read_bytes())
    payload, kind = base64.b64decode(found["payload"]), found["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    (tmp_path / "pae").write_bytes(signed if whole else signed[:-1] + b"!")
    (tmp_path / "sig").write_bytes(base64.b64decode(found["signatures"][0]["sig"]))
    (tmp_path / "key.pem").write_text(edwards().public.pem)
    line = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in pae -sigfile sig"
    assert line in (tmp_path / "archive/README.txt").read_text()
    done = subprocess.run(line.split(), cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode == 0) == whole
