"""Find pickles that are hidden in a text or bytes: plain, in base64 or hex, compressed, or nested."""

from __future__ import annotations

import base64
import binascii
import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator

from conformity.probes.shared.model_files.allowlist import words

_LONGEST = 1024 * 1024
_LAYERS = 4
_MEMORY = 128 * 1024**2
"""Most memory that taking off one layer may use; what xz at its strongest writes needs 65 MiB."""
_PICKLE = re.compile(rb"\x80[\x00-\x05]|[(\]}]*[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_SPACE = re.compile(r"\s+")
_HEX_BEGINS = words("80 1f 78 42 fd 63 28 5d 7d 69 67 48 65 51 2f 59 5a")
_BASE64_BEGINS = frozenset("gHeQ/_YKXfaZSWO")
"""How digits begin that stand for a pickle, for something compressed, or for digits of either."""


def begins_as_pickle(content: bytes) -> bool:
    """Tell whether bytes begin as a pickle does that may import something."""
    return _PICKLE.match(content) is not None


def may_hide(content: str | bytes) -> bool:
    """Tell quickly whether a text or bytes could hide a pickle; nearly all do not."""
    if isinstance(content, bytes):
        return (
            content[:1] in _FIRST_BYTES
            or content[:1].decode("latin-1") in _BASE64_BEGINS
            or (content[:2].decode("latin-1").lower() in _HEX_BEGINS)
        )
    start = content.lstrip()[:2] if content[:1].isspace() else content[:2]
    return start[:1] in _BASE64_BEGINS or start.lower() in _HEX_BEGINS or start[:1] in _FIRST_LETTERS


def pickles_in(content: str | bytes) -> Iterator[bytes]:
    """Yield what could be a pickle inside a text or bytes.

    Args:
        content: what a pickle holds; more than a mebibyte is not looked into.
    """
    waiting: list[tuple[str | bytes, int]] = [(content, 0)]
    while waiting:
        one, layers = waiting.pop()
        if len(one) > _LONGEST or layers > _LAYERS:
            continue
        if isinstance(one, bytes) and begins_as_pickle(one):
            yield one
        elif isinstance(one, str) and one.isascii() and begins_as_pickle(one.encode("ascii")):
            yield one.encode("ascii")
        waiting.extend((inner, layers + 1) for inner in _unwrapped(one))


def _unwrapped(content: str | bytes) -> list[str | bytes]:
    """Return what a text or bytes hold when one layer is taken off."""
    if isinstance(content, str):
        return list(_decoded(content))
    for magic, unpack in _UNPACKERS.items():
        if content.startswith(magic):
            return [unpacked] if (unpacked := _unpacked(content, unpack)) else []
    # Text that is kept as bytes.
    return [content.decode("ascii")] if _is_code(content) else []


def _is_code(content: bytes) -> bool:
    """Tell whether bytes are the digits of a text in base64 or hex; their first thousand tell."""
    return content[:1000].isascii() and content[:16].isalnum() and content.isascii()


def _decoded(text: str) -> Iterator[bytes]:
    """Yield what a text in hex or base64 digits stands for."""
    if " " in text[:200] and "\n" not in text[:200]:
        return
    plain = _SPACE.sub("", text) if "\n" in text else text
    if _HEX.fullmatch(plain):
        yield bytes.fromhex(plain)
    if _BASE64.fullmatch(plain):
        padded = plain.rstrip("=") + "=" * (-len(plain.rstrip("=")) % 4)
        try:
            yield base64.b64decode(padded, altchars=b"-_" if "-" in plain or "_" in plain else None)
        except binascii.Error:
            return


def _unpacked(content: bytes, unpack: Callable[[bytes], bytes]) -> bytes | None:
    """Return what compressed bytes hold, no more than the longest that is looked into."""
    try:
        return unpack(content)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError):
        return None


_FIRST_LETTERS = frozenset("(ci]}")
_FIRST_BYTES = frozenset(bytes((code,)) for code in b"\x80(ci]}\x1fxB\xfd")
"""How pickles and compressed bytes begin."""

_UNPACKERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": lambda c: zlib.decompressobj(31).decompress(c, _LONGEST),
    b"x\x9c": lambda c: zlib.decompressobj().decompress(c, _LONGEST),
    b"x\x01": lambda c: zlib.decompressobj().decompress(c, _LONGEST),
    b"x\xda": lambda c: zlib.decompressobj().decompress(c, _LONGEST),
    b"x\x5e": lambda c: zlib.decompressobj().decompress(c, _LONGEST),
    b"BZh": lambda c: bz2.BZ2Decompressor().decompress(c, _LONGEST),
    b"\xfd7zXZ\x00": lambda c: lzma.LZMADecompressor(memlimit=_MEMORY).decompress(c, _LONGEST),
}
"""How to take one layer of compression off, by its first bytes."""
