"""Check the index of an archive: every line names the line before, and the pack that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformity.archive.standalone.pack import sha256_hex
from conformity.archive.standalone.strict_json import canonical, loaded
from conformity.archive.standalone.told import Told

INDEX = "index.jsonl"
"""The file with one line for every archived version."""

_NO_HEAD = (
    "No digest of the last line, kept elsewhere, was given (--head), so it cannot be told whether versions "
    "were dropped at the end."
)


def chain_told(index: bytes, packs: Mapping[str, str], head: str | None = None) -> Told:
    """Tell whether the lines of an index follow one another, and every pack is the one of its line.

    Args:
        index: the bytes of the index.
        packs: digest of the list of digests of every folder with a version, by its place in the archive.
        head: digest of the last line, from a place that is trusted.
    """
    faults: list[str] = []
    lines = index.split(b"\n")
    if lines.pop() != b"":
        faults.append(f"{INDEX} is cut short.")
    latest: dict[str, Mapping[str, Any]] = {}
    before: bytes | None = None
    paths = set()
    for number, line in enumerate(lines, 1):
        entry = entry_of(line)
        if entry is None:
            faults.append(f"Line {number} is no entry, or not written as entries are.")
        else:
            faults += _breaks(entry, number, before, latest.get(entry["system"]))
            faults += _pack_faults(entry, number, packs)
            latest[entry["system"]] = entry
            paths.add(entry["path"])
        before = line
    faults += [f"{path} is in no line of {INDEX}." for path in sorted(set(packs) - paths)]
    last = f"sha256:{sha256_hex(before)}" if before is not None else None
    if head is not None and head != last:
        faults.append("The last line is not the one whose digest was given.")
    seen = (f"{len(lines)} versions.", *((f"The last line has the digest {last}.",) if last else ()))
    return Told(tuple(faults), () if head else (_NO_HEAD,), seen)


def entry_of(line: bytes) -> dict[str, Any] | None:
    """Return the entry that a line is; None when it is none, or could be written in another way."""
    try:
        value = loaded(line)
        whole = isinstance(value, dict) and canonical(value) == line
    except ValueError:
        return None
    texts = ("system", "version", "path", "pack_sha256", "entry_schema")
    if not whole or not all(isinstance(value.get(name), str) for name in texts):
        return None
    fits = value["path"] == f"systems/{value['system']}/{value['version']}"
    found: dict[str, Any] = value
    return found if fits and value["entry_schema"] == "conformity/archive-entry/v1" else None


def _breaks(
    entry: Mapping[str, Any], number: int, before: bytes | None, earlier: Mapping[str, Any] | None
) -> list[str]:
    """Return how an entry does not follow what stands before it."""
    faults = []
    if entry.get("sequence") != number:
        faults.append(f"Line {number} has another number: lines were dropped, inserted or moved.")
    if entry.get("previous_entry") != (f"sha256:{sha256_hex(before)}" if before is not None else None):
        faults.append(f"Line {number} does not name the line before it: that was changed, dropped or moved.")
    if entry.get("previous_version") != (earlier["pack_sha256"] if earlier else None):
        faults.append(f"Line {number} does not follow the version before of the same system.")
    if earlier is not None and _numbers(entry["version"]) <= _numbers(earlier["version"]):
        faults.append(f"Line {number} has a version that does not come after the one before.")
    return faults


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to compare; none when it has another form."""
    parts = version.split(".")
    plain = version.isascii() and all(part.isdigit() and len(part) < 19 for part in parts)
    return tuple(int(part) for part in parts) if plain else ()


def _pack_faults(entry: Mapping[str, Any], number: int, packs: Mapping[str, str]) -> list[str]:
    """Return how the pack of an entry is not the one that the entry names."""
    there = packs.get(entry["path"])
    if there is None:
        return [f"Line {number}: there is no pack in {entry['path']}."]
    if f"sha256:{there}" != entry["pack_sha256"]:
        return [f"Line {number}: the pack in {entry['path']} is not the one that was archived."]
    return []
