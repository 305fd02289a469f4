"""Model files that cannot be read, in every format, are never clean."""

from __future__ import annotations

import functools
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.subject import ModelSubject, PromptLogSubject
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.security.model_file_scan.probe import PROBE
from conformity.probes.shared.model_files import archives, findings
from conformity.probes.shared.model_files.scan import scan_model_file
from tests.support.model_files import (
    Format,
    corrupt_zip,
    doubled_zip,
    encrypted_zip,
    examine,
    framed,
    safetensors,
    tensor,
    zip_of,
)

_UNREADABLE: dict[str, tuple[Format, Callable[[], bytes], str]] = {
    "empty": ("pickle", lambda: b"", "is empty"),
    "text": ("pickle", lambda: b"Hello, I am no model", "could not be followed"),
    "truncated": ("pickle", lambda: pickle.dumps(["x" * 50])[:-10], "ends too early"),
    "trailing": ("pickle", lambda: pickle.dumps([1]) + b"\xff\xfe", "no instruction"),
    "no end": ("pickle", lambda: b"\x80\x04", "ends too early"),
    "unbalanced": ("pickle", lambda: b"a.", "takes more values than there are"),
    "no mark": ("pickle", lambda: b"(11.", "never opened"),
    "no memo": ("pickle", lambda: b"h\x05.", "never remembered"),
    "nothing kept": ("pickle", lambda: b"q\x01.", "a value that is not there"),
    "nothing made": ("pickle", lambda: b"(o.", "an object of nothing"),
    "computed name": ("pickle", lambda: b"\x8c\x02osK\x01\x93.", "whose name is computed"),
    "numbered name": ("pickle", lambda: b"\x82\x01.", "by a number"),
    "frame in frame": ("pickle", lambda: framed(b"\x95" + bytes(8) + b"N.", 20), "inside another"),
    "frame crossed": ("pickle", lambda: framed(b"K\x01.", 1), "crosses the end of a frame"),
    "lz4": ("joblib", lambda: b"\x04\x22\x4d\x18 and more", "could not be unpacked"),
    "old joblib": ("joblib", lambda: b"ZF0x10              ", "could not be unpacked"),
    "hdf5": ("other", lambda: b"\x89HDF\r\n\x1a\n" + bytes(20), "HDF5 format"),
    "gzip cut": ("joblib", lambda: gzip.compress(pickle.dumps(["x" * 999]))[:-9], "could not be unpacked"),
    "zlib cut": ("joblib", lambda: zlib.compress(pickle.dumps(["x" * 999]))[:-9], "ends too early"),
    "zlib trailing": ("joblib", lambda: zlib.compress(pickle.dumps([1])) + b"more", "more after its end"),
    "xz broken": ("joblib", lambda: lzma.compress(b"x")[:20], "could not be unpacked"),
    "nested": (
        "joblib",
        lambda: functools.reduce(lambda inner, _: gzip.compress(inner), range(5), b"N."),
        "too deeply",
    ),
    "zip empty": ("other", zip_of, "holds nothing"),
    "zip encrypted": ("other", encrypted_zip, "is encrypted"),
    "zip corrupt": ("other", corrupt_zip, "cannot be read as a ZIP file"),
    "zip doubled": ("other", doubled_zip, "two members of the same name"),
    "zip unknown": ("other", lambda: zip_of(model_xyz=b"??"), "whose format is not examined"),
    "skops bare": ("skops", lambda: zip_of(schema_json=b"[1]"), "names no type"),
    "skops broken": ("skops", lambda: zip_of(schema_json=b"{"), "cannot be read as a ZIP file"),
    "npy header": ("other", lambda: b"\x93NUMPY\x09\x00 whatever", "header that cannot be read"),
    "onnx": ("onnx", lambda: b"\x08\x07\x12\x04test", "of an unknown kind"),
    "tensors short": ("safetensors", lambda: b"\x02", "longer than the file"),
    "tensors long": ("safetensors", lambda: safetensors({}, length=2**40), "longer than the file"),
    "tensors broken": ("safetensors", lambda: b"\x02" + bytes(7) + b"{]", "cannot be read"),
    "tensors a list": ("safetensors", lambda: safetensors([1]), "cannot be read"),
    "tensors gap": ("safetensors", lambda: safetensors({"a": tensor(2, 4)}, b"1234"), "leave gaps"),
    "tensors more": ("safetensors", lambda: safetensors({"a": tensor(0, 4)}, b"12345"), "do not fill"),
}


@pytest.mark.parametrize("case", _UNREADABLE)
def test_what_cannot_be_read_is_not_clean(tmp_path: Path, case: str) -> None:
    declared, content, words = _UNREADABLE[case]
    path = tmp_path / "model"
    path.write_bytes(content())
    with pytest.raises(NotMeasurableError, match=words):
        examine(path, declared)


def test_zip_members_that_cannot_be_unpacked_are_not_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(zip_of(model_pkl=pickle.dumps(["x" * 500]), schema_json=b"{}"))
    with monkeypatch.context() as patched:
        patched.setattr(archives, "_LONGEST_SCHEMA", 1)
        with pytest.raises(NotMeasurableError, match="its schema is too large"):
            examine(path, "skops")
    monkeypatch.setattr(findings, "MAX_BYTES", 8)
    path.write_bytes(zip_of(model_pkl=pickle.dumps(["x" * 500])))
    with pytest.raises(NotMeasurableError, match="cannot be unpacked: it holds more than 8 bytes"):
        examine(path, "other")


def test_a_file_beyond_the_cap_is_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(gzip.compress(pickle.dumps(["x" * 5000])))
    monkeypatch.setattr(findings, "MAX_BYTES", 1000)
    with pytest.raises(NotMeasurableError, match="holds more than 1000 bytes"):
        examine(path)


def test_pickles_within_pickles_end(tmp_path: Path) -> None:
    """Arrays of objects nested without end must not exhaust the stack."""
    import joblib
    import numpy as np

    file = io.BytesIO()
    joblib.dump(np.array([None], dtype=object), file)
    outer = file.getvalue()
    head = outer[: outer.rindex(b"\x80\x05")]
    path = tmp_path / "model.joblib"
    path.write_bytes(head * 30 + pickle.dumps(1))
    with pytest.raises(NotMeasurableError, match="too deeply"):
        examine(path, "joblib")


def test_a_folder_or_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no model file at"):
        examine(tmp_path / "gone.pkl")
    with pytest.raises(ModelFileError, match=r"gone\.pkl cannot be read"):
        scan_model_file(tmp_path / "gone.pkl", "pickle", tmp_path)


def test_only_models_are_scanned(tmp_path: Path) -> None:
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(ModelFileError, match="is not a model"):
        PROBE.examine(Target(subject=log, path=tmp_path, tables={}, scratch=tmp_path, seed=1))


def test_a_program_is_not_examined_as_a_model(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text("print('trained')\n")
    subject = ModelSubject.model_validate(
        {
            "kind": "model",
            "id": "program",
            "title": "Program",
            "path": "train.py",
            "format": "command",
            "command": {"words": ["python", "{}"]},
        }
    )
    with pytest.raises(NotMeasurableError, match="it is a program"):
        PROBE.examine(Target(subject=subject, path=program, tables={}, scratch=tmp_path, seed=1))
