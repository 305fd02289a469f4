"""Scan a model file without loading it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import ModelFileError
from conformity.probes.shared.model_files.containers import MAX_BYTES, Findings, examine
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.names import dangerous, harmless

_LENGTH_BYTES = 8
_MAX_HEADER = 100_000_000


@dataclass(frozen=True)
class ModelScan:
    """What a model file would import, as far as it could be read."""

    globals: frozenset[Global]
    """Every name."""
    dangerous: frozenset[Global]
    """Names known to run code, reach files or the network."""
    suspicious: frozenset[Global]
    """Names that are neither known to be dangerous nor known to be harmless."""
    problems: tuple[str, ...]
    """What could not be read; when there is any, the absence of a name shows nothing."""


def scan_model_file(path: Path, declared: str, scratch: Path) -> ModelScan:
    """Return what the model file at ``path`` would import; nothing of it is loaded or run.

    Args:
        path: the file.
        declared: the format that the manifest gives; it decides only where first bytes do not tell.
        scratch: a folder for unpacked copies.

    Raises:
        ModelFileError: there is no readable file.
    """
    found = Findings()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_LENGTH_BYTES + 1)
            file.seek(0)
            if size == 0:
                found.problems.append("the file is empty")
            elif size > MAX_BYTES:
                found.problems.append(f"the file is larger than {MAX_BYTES} bytes")
            elif declared == "safetensors" or (declared == "other" and head.endswith(b"{")):
                found.problems.extend(_safetensors_problems(file, size))
            elif declared == "onnx" and head[:1] == b"\x08":
                found.problems.append(
                    "ONNX files hold no pickles, and their operators and external data are not examined"
                )
            else:
                examine(file, "the file", scratch, found)
    except OSError as error:
        raise ModelFileError(
            f"the model file {path.name} cannot be read: {error.strerror or error}; check the path"
        ) from error
    return _judged(found)


def _judged(found: Findings) -> ModelScan:
    """Return the findings with every name put in its place; two readers must agree on them."""
    from picklescan.scanner import scan_pickle_bytes

    names = set(found.globals)
    problems = list(found.problems)
    for stream in found.streams:
        try:
            second = scan_pickle_bytes(io.BytesIO(stream), "a pickle")
        except Exception as error:  # it raises what it meets
            problems.append(f"a second reader could not follow it ({type(error).__name__})")
            continue
        seen = {Global(g.module, g.name) for g in second.globals}
        nameless = {g for g in seen - names if "unknown" in (g.module, g.name)}
        if nameless:
            problems.append("a second reader could not tell the name of an import")
        names |= seen - nameless
    bad = dangerous(names)
    return ModelScan(
        globals=frozenset(names),
        dangerous=bad,
        suspicious=frozenset(names) - bad - harmless(names),
        problems=tuple(problems),
    )


def _safetensors_problems(file: io.BufferedReader, size: int) -> list[str]:
    """Return what is wrong with a safetensors file; a sound one holds numbers and nothing else.

    Source:
        The safetensors format: eight bytes length, a JSON header, then the tensors without gaps.
    """
    length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    if not 2 <= length <= min(size - _LENGTH_BYTES, _MAX_HEADER):
        return ["the header of the safetensors file is longer than the file"]
    try:
        header = json.loads(file.read(length))
        ends = sorted(
            tuple(entry["data_offsets"]) for name, entry in header.items() if name != "__metadata__"
        )
        steps = [0, *(end for _, end in ends)]
        sound = all(start == before <= end for (start, end), before in zip(ends, steps, strict=False))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ["the header of the safetensors file cannot be read"]
    if not sound or steps[-1] != size - _LENGTH_BYTES - length:
        return ["the tensors of the safetensors file overlap, leave gaps or do not fill it"]
    return []
