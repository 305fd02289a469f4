"""The list of digests of a pack: what it is called, how it is read, and what stands outside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from conformity.errors import IntegrityError
from conformity.model.base import sha256_of

SUMS: Final = "SHA256SUMS"
"""The file that lists the digest of every other file, in the form that ``sha256sum -c`` reads."""

ENVELOPE: Final = "statement.dsse.json"
"""The signed statement over the files of a pack; it names the list too, and so is not in it."""

TOKEN: Final = "statement.tsr"  # noqa: S105 (a file's name)
"""The time-stamp over the signed statement."""

OUTSIDE: Final = frozenset({SUMS, ENVELOPE, TOKEN})
"""Files of a pack that its list does not hold."""

_MOST_BYTES = 16 * 1024 * 1024
_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\x7f\\]+)")


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """Return the list of the digests of files by name, sorted, without those that stand outside it."""
    listed = sorted((name, content) for name, content in files.items() if name not in OUTSIDE)
    return "".join(f"{sha256_of(content)[7:]}  {name}\n" for name, content in listed).encode()


def read_sums(folder: Path) -> dict[str, str]:
    """Return the 64 hex digits of every file that a pack lists, by its name.

    Raises:
        IntegrityError: there is no list, or it is not one that a pack has.
    """
    file = folder / SUMS
    try:
        if file.is_symlink() or not file.is_file():
            raise IntegrityError(f"{folder} holds no {SUMS}; take the whole pack from where it was archived.")
        if file.stat().st_size > _MOST_BYTES:
            raise IntegrityError(f"{file} is larger than any list of a pack; name the folder of a pack.")
        return parse_sums(file.read_bytes(), str(file))
    except OSError as error:
        raise IntegrityError(
            f"{file} cannot be read ({error.strerror or error}); name a folder that you may read."
        ) from error


def parse_sums(content: bytes, where: str = SUMS) -> dict[str, str]:
    """Return the 64 hex digits of each file in a list, by its name.

    The list has to be the one that would be written for the same files: sorted, each name once, no name
    that leaves the pack. So no two lists stand for the same files.

    Args:
        content: the bytes of the list.
        where: what to call it in an error.

    Raises:
        IntegrityError: it is not such a list.
    """
    found: dict[str, str] = {}
    before = ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IntegrityError(f"{where} is not UTF-8 text; take the whole pack anew.") from error
    if text and not text.endswith("\n"):
        raise IntegrityError(f"{where} does not end with a line's end: it was cut short; take the pack anew.")
    for number, line in enumerate(text.split("\n")[:-1], 1):
        matched = _LINE.fullmatch(line)
        if matched is None or _leaves(matched[2]) or matched[2] <= before:
            raise IntegrityError(
                f"{where}, line {number}, is not as the list of a pack is written; take the pack anew."
            )
        before = matched[2]
        found[before] = matched[1]
    return found


def _leaves(name: str) -> bool:
    """Tell whether a name is no plain place inside a pack, or one that the list never holds."""
    return name in OUTSIDE or any(part in ("", ".", "..") for part in name.split("/"))
