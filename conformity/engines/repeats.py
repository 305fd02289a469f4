"""Find the hashes that occur more than once among very many, in little memory.

Hashes are written to a file of the scratch folder, parted by their first bits, and each part is looked at on
its own: an array of counters, by the last bits, tells most of those that occur once, and only the others are
sorted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from numpy.typing import NDArray

_Hashes = NDArray[np.uint64]

_PARTS = 256
"""How many parts there are."""

_LARGEST = 2**23
"""The most hashes of a part: equal ones, which cannot be parted, may be too many."""

_ROOM = 4
"""How many counters there are for each hash, at least."""


class CrowdedError(Exception):
    """Says that too many hashes are equal, or alike, to be looked at here."""


@dataclass
class _Parted:
    """Hashes in a file: block after block, in each part after part."""

    file: IO[bytes]
    """The file."""
    blocks: list[NDArray[np.int64]] = field(default_factory=list)
    """How many hashes of each part every block has."""

    def add(self, hashes: _Hashes) -> None:
        """Append a block."""
        parts = (hashes >> np.uint64(56)).astype(np.uint8)
        self.file.write(hashes.take(np.argsort(parts, kind="stable")).tobytes())
        self.blocks.append(np.bincount(parts, minlength=_PARTS))

    def part(self, number: int) -> _Hashes:
        """Return the hashes of one part."""
        pieces, start = [], 0
        for sizes in self.blocks:
            self.file.seek(8 * (start + int(sizes[:number].sum())))
            pieces.append(np.frombuffer(self.file.read(8 * int(sizes[number])), np.uint64))
            start += int(sizes.sum())
        return np.concatenate(pieces)


def repeated(hashes: Iterable[_Hashes], file: IO[bytes]) -> tuple[_Hashes, NDArray[np.int64]]:
    """Return the hashes that occur more than once, and how often each does.

    Args:
        hashes: all of them, in blocks.
        file: an empty file, open for writing and reading, for 8 bytes each.

    Raises:
        CrowdedError: far more hashes than usual begin with the same bits.
    """
    parted = _Parted(file)
    for block in hashes:
        parted.add(block)
    if not parted.blocks:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    if int(np.sum(parted.blocks, axis=0).max()) > _LARGEST:
        raise CrowdedError
    found = [_repeated(parted.part(number)) for number in range(_PARTS)]
    return np.concatenate([some for some, _ in found]), np.concatenate([often for _, often in found])


def _repeated(hashes: _Hashes) -> tuple[_Hashes, NDArray[np.int64]]:
    """Return the hashes of one part that occur more than once, and how often each does."""
    room = 2 ** (len(hashes) * _ROOM).bit_length()
    places = (hashes & np.uint64(room - 1)).astype(np.intp)
    counters = np.zeros(room, np.uint16)
    np.add.at(counters, places, np.uint16(1))
    crowded = counters.take(places) != 1
    if int(counters.sum(dtype=np.int64)) != len(hashes):
        # A counter has begun anew at 65,536, and may say 1 of many.
        crowded[:] = True
    values, often = np.unique(hashes[crowded], return_counts=True)
    return values[often > 1], often[often > 1].astype(np.int64)
