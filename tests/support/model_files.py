"""Model files made by hand, sound and not, and the scan of one; nothing here is ever unpickled."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from conformity.model.base import SubjectId
from conformity.model.measurement import Count
from conformity.model.subject import ModelSubject
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.security.model_file_scan.probe import PROBE

Format = Literal["joblib", "pickle", "skops", "onnx", "safetensors", "other"]
"""What a manifest may say of a model file."""


class Call:
    """Something that calls a function when it is loaded."""

    def __init__(self, function: Callable[..., object], *args: object) -> None:
        self._made = (function, args)

    def __reduce__(self) -> Any:
        return self._made


def examine(path: Path, declared: Format = "pickle") -> ProbeResult:
    """Run the probe on a file."""
    subject = ModelSubject(id=SubjectId("m"), title="A model", path=path.name, kind="model", format=declared)
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    try:
        return PROBE.examine(Target(subject=subject, path=path, tables={}, scratch=scratch, seed=1))
    finally:
        assert list(scratch.iterdir()) == []


def counts(result: ProbeResult) -> tuple[int, int]:
    """Return how many names are dangerous, and how many are on no list."""
    return counted(result, "dangerous_globals"), counted(result, "suspicious_globals")


def counted(result: ProbeResult, metric: str) -> int:
    """Return one count."""
    (found,) = (m.result for m in result.measurements if m.metric == metric)
    assert isinstance(found, Count)
    return found.value


def zip_of(**members: bytes) -> bytes:
    """Return a ZIP file; two underscores stand for a slash, one for a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def safetensors(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """Return a safetensors file."""
    text = json.dumps(header).encode("utf-8")
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(start: int, end: int) -> dict[str, object]:
    """Return the description of a tensor of bytes."""
    return {"dtype": "U8", "shape": [end - start], "data_offsets": [start, end]}


def encrypted_zip() -> bytes:
    """Return a ZIP file whose member says that it is encrypted."""
    content = bytearray(zip_of(model_pkl=pickle.dumps([1])))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def corrupt_zip() -> bytes:
    """Return a ZIP file whose member is not what its check sum says."""
    content = bytearray(zip_of(model_pkl=pickle.dumps(["text"])))
    content[content.index(b"text")] ^= 1
    return bytes(content)


def doubled_zip() -> bytes:
    """Return a ZIP file with two members of the same name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.pkl", pickle.dumps([1]))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.pkl", pickle.dumps([2]))
    return file.getvalue()


def framed(body: bytes, length: int) -> bytes:
    """Return a pickle whose only frame has the given length."""
    return b"\x80\x04\x95" + struct.pack("<Q", length) + body
