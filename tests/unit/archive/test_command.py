"""Programs that sign: what they print is checked, and what goes wrong is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformity.archive.signing.command import CommandSigner
from conformity.archive.signing.dsse import sign, verify
from conformity.errors import UsageError
from tests.support.keys import edwards, elliptic, write_key

_OPENSSL = ("openssl", "dgst", "-sha256", "-sign")


def _python(code: str, timeout_s: float = 30) -> CommandSigner:
    """Return a signer that runs a few lines of Python."""
    return CommandSigner((sys.executable, "-S", "-c", code), elliptic().public, timeout_s)


def test_openssl_signs_for_us(tmp_path: Path) -> None:
    key = write_key(tmp_path, elliptic())
    signer = CommandSigner((*_OPENSSL, str(key)), elliptic().public)
    envelope = sign(b"payload", "text/plain", signer)
    assert verify(envelope, "text/plain", [elliptic().public]) == (elliptic().public.keyid,)
    assert (signer.public.keyid, signer.public.algorithm) == (elliptic().public.keyid, "ecdsa-p256-sha256")
    assert (signer.place, signer.public.development) == ("command", True)


def test_a_signature_may_be_printed_in_base64(tmp_path: Path) -> None:
    key = write_key(tmp_path, elliptic())
    shell = f"openssl dgst -sha256 -sign '{key}' | openssl base64"
    signer = CommandSigner(("sh", "-c", shell), elliptic().public)
    assert elliptic().public.has_signed(signer.sign(b"data"), b"data")


def test_a_signature_of_another_key_is_refused(tmp_path: Path) -> None:
    signer = CommandSigner((*_OPENSSL, str(write_key(tmp_path, elliptic()))), edwards().public)
    with pytest.raises(UsageError, match="is no signature by the key"):
        signer.sign(b"data")


@pytest.mark.parametrize("printed", ["", "not base64 %", "AAAA"])
def test_other_output_is_refused(printed: str) -> None:
    with pytest.raises(UsageError, match="is no signature by the key"):
        _python(f"print({printed!r})").sign(b"data")


def test_a_program_that_fails_is_told() -> None:
    with pytest.raises(UsageError, match="ended with exit code 3 and signed nothing"):
        _python("raise SystemExit(3)").sign(b"data")


def test_a_program_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(UsageError, match="did not sign within"):
        _python("import time; time.sleep(60)", 0.2).sign(b"data")


@pytest.mark.parametrize("command", [(), ("/nowhere/to/be/found",), ("a\0b",)])
def test_a_program_that_cannot_run_is_told(command: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="cannot be run"):
        CommandSigner(command, elliptic().public).sign(b"data")
