"""Read one member of a ZIP file, packed with Zstandard too, which Python's own reader does not know yet."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

from conformity.errors import DataError
from conformity.probes.shared.imported.reading import MAX_BYTES

_ZSTANDARD = 93
"""The method's number in ZIP files.

Source:
    PKWARE, APPNOTE.TXT 6.3.10, 4.4.5.
"""

_HEAD = 30


def member(path: Path, name: str, most: int = MAX_BYTES) -> bytes | None:
    """Return a member's bytes, or None where the file has no such member.

    Args:
        path: the ZIP file.
        name: the member.
        most: how many bytes it may unpack to.

    Raises:
        DataError: the file is no ZIP file, or the member is too long, encrypted or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = [info for info in archive.infolist() if info.filename == name]
            if not found:
                return None
            if len(found) > 1 or found[0].file_size > most or found[0].flag_bits & 1:
                raise DataError(
                    f"{name} in {path.name} stands there twice, is encrypted or unpacks to more than {most} "
                    "bytes; hand in the file as the program wrote it"
                )
            if found[0].compress_type != _ZSTANDARD:
                return archive.read(found[0])
        return _zstandard(path, found[0])
    except (OSError, zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError) as error:
        raise DataError(
            f"{path.name} is no whole ZIP file ({type(error).__name__}); hand in the file as the program "
            "wrote it"
        ) from error


def _zstandard(path: Path, info: zipfile.ZipInfo) -> bytes:
    """Return a member that is packed with Zstandard.

    Raises:
        ValueError: it is damaged.
        OSError: it cannot be read, or is no such pack.
    """
    import pyarrow

    with path.open("rb") as file:
        file.seek(info.header_offset)
        head = file.read(_HEAD)
        if len(head) < _HEAD:
            raise ValueError("the member's head is cut off")
        name, extra = struct.unpack("<HH", head[26:30])
        file.seek(info.header_offset + _HEAD + name + extra)
        packed = file.read(info.compress_size)
    raw = pyarrow.Codec("zstd").decompress(packed, decompressed_size=info.file_size, asbytes=True)
    if len(raw) != info.file_size or zlib.crc32(raw) != info.CRC:
        raise ValueError("the member is damaged")
    return bytes(raw)
