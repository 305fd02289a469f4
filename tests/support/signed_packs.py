"""Packs that were signed, for whoever verifies."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from conformity.archive.standalone.folder import read_folder
from conformity.pipeline.signing import sign_folder
from conformity.settings import Settings
from tests.support.keys import edwards
from tests.support.packs import whole_pack, write
from tests.support.statements import MOMENT


@cache
def signed_files(name: str = "Scorer", signer: str = "a") -> dict[str, bytes]:
    """Return the files of a small pack that was signed, its list of digests and its statement among them.

    Args:
        name: the system's name.
        signer: whose key signed.
    """
    folder = Path(mkdtemp())
    try:
        pack = write(folder / "pack", whole_pack(name))
        sign_folder(pack, edwards(signer), MOMENT, Settings())
        return read_folder(str(pack)).files
    finally:
        shutil.rmtree(folder)


def key_file(folder: Path, signer: str = "a") -> Path:
    """Write somebody's public key and return the file."""
    file = folder / f"{signer}.pub.pem"
    file.write_text(edwards(signer).public.pem)
    return file


def put(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files as they are, whatever they are, and return the folder."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder
