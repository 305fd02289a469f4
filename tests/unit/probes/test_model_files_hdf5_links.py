"""HDF5 files that take data from others are flagged, under whatever names; harmless ones are not.

Source of the layouts: HDF5 File Format Specification 3.0, II.A, III.D, III.E and IV.A.2.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from conformity.probes.shared.model_files import hdf5_links
from conformity.probes.shared.model_files.findings import Findings
from conformity.probes.shared.model_files.hdf5_links import examine_links
from conformity.probes.shared.model_files.scan import scan_model_file

UNDEFINED = b"\xff" * 8


def number(value: int, width: int = 8) -> bytes:
    """Return a number as HDF5 writes it."""
    return value.to_bytes(width, "little")


def superblock(version: int = 0, width: int = 8, base: int = 0) -> bytes:
    """Return the first bytes of a file."""
    signature = b"\x89HDF\r\n\x1a\n" + number(version, 1)
    if version >= 2:
        return signature + bytes((width, width, 0)) + number(base) + UNDEFINED * 2 + bytes(8)
    more = bytes(4) if version else b""
    sizes = bytes((0, 0, 0, 0, width, width, 0)) + number(4, 2) + number(16, 2) + bytes(4)
    return (signature + sizes + more + number(base) + UNDEFINED * 3).ljust(96, b"\0")


def message_1(kind: int, content: bytes) -> bytes:
    """Return a message of an object header of version 1."""
    return number(kind, 2) + number(len(content), 2) + bytes(4) + content


def message_2(kind: int, content: bytes) -> bytes:
    """Return a message of an object header of version 2."""
    return number(kind, 1) + number(len(content), 2) + b"\0" + content


def local_heap(at: int, names: bytes) -> bytes:
    """Return a local heap that stands at a place, with names in it."""
    return b"HEAP" + bytes(4) + number(len(names)) + number(1) + number(at + 32) + names


def external_storage(start: bytes, message: bytes, names: bytes = b"\0" * 8 + b"weights.bin\0") -> bytes:
    """Return a file whose numbers are in another one; ``message`` is given the address of the heap."""
    at = len(start)
    return start + local_heap(at, names) + b"layer_names\0" + message.replace(b"ADDRESS!", number(at))


SLOTS = b"\x01\0\0\0" + number(1, 2) + number(1, 2) + b"ADDRESS!" + number(8) + number(0) + number(4096)
LAYOUT = b"\x04\x03ADDRESS!" + number(1, 4)


def link(
    target: bytes, path: bytes, *, flags: int = 0x08, before: bytes = b"", width: int = 1, name: bytes = b"w"
) -> bytes:
    """Return a message of an external link."""
    value = b"\0" + target + b"\0" + path + b"\0"
    return (
        b"\x01"
        + number(flags, 1)
        + b"\x40"
        + before
        + number(len(name), width)
        + name
        + number(len(value), 2)
        + value
    )


def found(content: bytes, folder: Path) -> tuple[list[str], list[str]]:
    """Return what is flagged in a file, and what could not be read."""
    into = Findings(folder, len(content))
    examine_links(io.BytesIO(content), "m.h5", into)
    return [one.what for one in into.contents], into.problems


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize("message", [message_1, message_2])
def test_numbers_in_another_file_are_flagged(tmp_path: Path, version: int, message: object) -> None:
    assert callable(message)
    content = external_storage(superblock(version), message(7, SLOTS))
    assert found(content, tmp_path) == (["m.h5 keeps numbers in other files (external storage)"], [])
    (tmp_path / "m.h5").write_bytes(content)
    scan = scan_model_file(tmp_path / "m.h5", "other", tmp_path)
    assert scan.verdict == "review"


def test_bytes_of_no_meaning_hide_nothing(tmp_path: Path) -> None:
    """Readers pass over the reserved bytes, so these tell nothing."""
    slots = SLOTS.replace(b"\x01\0\0\0", b"\x01xyz", 1)
    assert found(external_storage(superblock(), message_1(7, slots)), tmp_path)[0]


@pytest.mark.parametrize(
    "slots",
    [
        SLOTS.replace(b"ADDRESS!", number(8)),
        SLOTS.replace(b"\x01\0\0\0\x01\0\x01\0", b"\x01\0\0\0\x01\0\x02\0"),
        b"ADDRESS!",
    ],
    ids=["another address", "more used than there are", "a group's own heap"],
)
def test_other_words_about_a_heap_are_not(tmp_path: Path, slots: bytes) -> None:
    assert found(external_storage(superblock(), message_1(7, slots)), tmp_path) == ([], [])


@pytest.mark.parametrize("layout", [LAYOUT, b"\x05" + LAYOUT[1:]])
def test_data_put_together_from_others_are_flagged(tmp_path: Path, layout: bytes) -> None:
    start = superblock(2)
    heap = b"GCOL\x01\0\0\0" + number(64) + b"\0" + number(1) + b"other.h5\0data\0"
    content = start + heap + message_2(8, layout.replace(b"ADDRESS!", number(len(start))))
    assert found(content, tmp_path) == (["m.h5 puts data together from other files (virtual data sets)"], [])


@pytest.mark.parametrize(
    "written",
    [
        link(b"other.h5", b"weights"),
        link(b"o", b"w"),
        link("ö.h5".encode(), b"/weights", flags=0x18, before=b"\x01"),
        link(b"other.h5", b"w", flags=0x0C, before=bytes(8)),
        link(b"other.h5", b"w", flags=0x1D, before=bytes(9), width=2),
        link(b"other.h5", b"weights\0and more"),
        link(b"other.h5", b"weights\0\0"),
        link(b"other.h5", b"w", flags=0x09, width=2, name=b"n" * 65_535),
        link(b"other.h5", b"w", flags=0x0A, width=4, name=b"n" * 70_000),
        link(b"o" * 5_000 + b"/o.h5", b"p" * 20_000),
    ],
)
def test_links_into_files_beside_it_are_flagged(tmp_path: Path, written: bytes) -> None:
    flagged, problems = found(superblock(2) + bytes(50) + written + bytes(50), tmp_path)
    assert problems == []
    assert len(flagged) == 1
    assert flagged[0].startswith("m.h5 has a link into the file '")


@pytest.mark.parametrize(
    "written",
    [
        link(b"other.h5", b"weights")[:-1] + b"x",
        link(b"", b"weights"),
        link(b"other.h5", b""),
        b"\x01\x0b\x40" + b"\xff" * 8 + bytes(20),
        b"\x01\x08\x40\x01w\xff\xff" + b"x" * 20,
        link(b"other.h5", b"weights", name=b""),
        link(b"o" * 300, b"weights"),
        b"\x01\x08\x40",
    ],
)
def test_what_only_begins_like_a_link_is_none(tmp_path: Path, written: bytes) -> None:
    assert found(superblock(2) + bytes(50) + written, tmp_path) == ([], [])


def test_numbers_are_not_taken_for_messages(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    numbers = (
        draw.normal(size=200_000).astype("f4").tobytes() + np.arange(100_000, dtype="i4").tobytes()
        + np.ones(100_000, "i8").tobytes() + draw.integers(-128, 127, 400_000, dtype="i1").tobytes()
    )  # fmt: skip
    content = external_storage(superblock(), numbers, b"\0" * 8 + b"kernel:0\0bias:0\0")
    assert found(content, tmp_path) == ([], [])


@pytest.mark.parametrize("start", [superblock(0, width=4), superblock(2, width=2), superblock(0, base=512),
                                   superblock(1, base=512), superblock(3, base=512)])  # fmt: skip
def test_unusual_addresses_are_not_examined(tmp_path: Path, start: bytes) -> None:
    assert found(start, tmp_path) == ([], ["m.h5 writes its addresses in a way that is not examined"])


def test_a_message_on_the_border_of_two_windows_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdf5_links, "_WINDOW", 100)
    content = external_storage(superblock(), bytes(30) + message_1(7, SLOTS) + link(b"other.h5", b"weights"))
    assert len(found(content + bytes(300), tmp_path)[0]) == 2


def test_a_long_link_on_the_border_of_two_windows_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdf5_links, "_WINDOW", 1000)
    written = link(b"other.h5", b"w\0x", flags=0x09, width=2, name=b"n" * 40_000)
    flagged, _ = found(superblock(2) + bytes(930) + written + bytes(3000), tmp_path)
    assert flagged == ["m.h5 has a link into the file 'other.h5'"]


def test_very_many_that_look_alike_are_not_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5_links, "_MOST", 10)
    flagged, problems = found(superblock() + b"\x01\x08\x40" * 11, tmp_path)
    assert flagged == []
    assert problems == ["m.h5 has more that looks like a link into another file than is examined"]
