"""A report that is sealed for archives is still PDF/A-3a and PDF/UA-1, by veraPDF's rules."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal import LongTerm
from conformity.archive.signing.seal_check import check_seal
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.pipeline.declaring import declare
from conformity.pipeline.signing import Proofs, sign_folder
from conformity.settings import Settings
from tests.support.declarations import packed, signed
from tests.support.keys import certified, crl, edwards
from tests.support.stamps import Openssl, serving

MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.mark.slow
def test_a_sealed_declaration_passes_both_standards(tmp_path: Path) -> None:
    """The most that a seal adds (B-LTA) on the smallest document that is made."""
    outcome = declare(packed(signed(), tmp_path / "pack"), None, MOMENT, Settings())
    assert outcome.folder is not None
    folder = Path(outcome.folder)
    before = (folder / "declaration.pdf").read_bytes()
    root = certified().issuer.public_bytes(Encoding.DER)
    key = seal_key_of(signer_of(certified().key, certified().chain))
    (tmp_path / "tsa").mkdir()
    with serving(Openssl(tmp_path / "tsa").answer) as (url, _):
        proofs = Proofs(seal=key, long_term=LongTerm((root,), (crl(),)), server=url)
        sign_folder(folder, edwards(), MOMENT, Settings(), proofs=proofs)
    sealed = folder / "declaration.pdf"
    seal = check_seal(sealed.read_bytes(), [root])
    assert seal is not None
    assert (seal.facts.level, seal.trusted) == ("B-LTA", True)
    assert sealed.read_bytes().startswith(before)
    command = [sys.executable, "-m", "tests.support.verapdf", str(sealed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["standard"], one["conforms"]) for one in found] == [("3a", True), ("ua1", True)], done.stdout
