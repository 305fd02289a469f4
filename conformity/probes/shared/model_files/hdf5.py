"""Examine files in the format HDF5 without reading their structure: settings of Keras, and what reaches out.

A whole reader of HDF5 is a large program. What is looked for stands in the file as plain bytes, since
attributes and names are never compressed; a file without any of it is of no known kind.

Source:
    HDF5 File Format Specification 3.0, IV.A.2.g: the value of an external link is a byte of flags, the name
    of a file and the path of an object in it, each ended by a zero.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from conformity.probes.shared.model_files.findings import Findings, shown, size_of
from conformity.probes.shared.model_files.hdf5_links import examine_links
from conformity.probes.shared.model_files.keras import (
    CONFIG,
    MAX_SEARCHED,
    PICKLED,
    WEIGHTS,
    examine_bytes,
    is_own,
)

MAGIC = b"\x89HDF\r\n\x1a\n"
"""The first eight bytes."""

_WINDOW = 4 * 1024**2
_LONGEST = 256
_PATH = b"\0/"
_BEFORE = re.compile(rb"\0([\x20-\x7e]{3,256})\Z")
_CODED = re.compile(rb"\\u00(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e])")
"""A plain letter written as a code, which no writer of JSON does."""
_MODULE = re.compile(rb'"module"\s*:\s*"([^"\\]{1,200})"')
_ELSEWHERE = re.compile(rb"\0(/[\x21-\x7e]{7,255}|(?:[\x21-\x7e]{0,100}/)?\.\./[\x21-\x7e]{3,255})\0")
"""A path from the root, or out of the folder: the names of a file's own parts never begin so."""
_AFTER = re.compile(rb"/[\x20-\x7e]{0,255}\0")


def examine_hdf5(file: BinaryIO, name: str, into: Findings) -> None:
    """Look at a file in HDF5: a model of Keras, or weights of one; anything else is not known."""
    found = examine_bytes(file, name, into)
    if not found.isdisjoint(PICKLED):
        into.flag("review", f"{name} holds Python objects as pickles")
    if found.isdisjoint((CONFIG, *WEIGHTS)):
        into.problem(f"{name} is in the HDF5 format but holds no settings or weights of Keras that are known")
    if size_of(file) <= MAX_SEARCHED:
        file.seek(0)
        _links(file, name, into)
        _oddities(file, name, into)
        examine_links(file, name, into)


def _links(file: BinaryIO, name: str, into: Findings) -> None:
    """Look for what reads as a link into another file."""
    before = b""
    while piece := file.read(_WINDOW):
        window = before + piece
        at = window.find(_PATH)
        while at >= 0:
            other = _BEFORE.search(window, max(0, at - _LONGEST - 1), at)
            if other and _AFTER.match(window, at + 1):
                target = other.group(1).decode("ascii")
                into.flag("review", f"{name} seems to take data from the file {shown(target)}")
                return
            at = window.find(_PATH, at + 1)
        before = window[-2 * _LONGEST :]


def _oddities(file: BinaryIO, name: str, into: Findings) -> None:
    """Look for settings that are written so that their words do not show, and for files elsewhere."""
    file.seek(0)
    before = b""
    while piece := file.read(_WINDOW):
        window = before + piece
        if _CODED.search(window):
            into.flag("review", f"{name} writes plain letters of its settings as codes")
        for named in _MODULE.finditer(window):
            module = named.group(1).decode("utf-8", "replace")
            if not is_own(module):
                into.flag("review", f"{name} names the module {shown(module)}, which is not part of Keras")
        if found := _ELSEWHERE.search(window):
            into.flag("review", f"{name} seems to name the file {shown(found.group(1).decode('ascii'))}")
        before = window[-2 * _LONGEST :]
