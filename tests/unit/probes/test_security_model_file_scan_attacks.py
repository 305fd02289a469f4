"""Malicious model files; nothing here is ever unpickled.

Every malicious file would create a marker file if it were loaded; after each test there must be none.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformity.model.measurement import Count, NotAvailable
from conformity.probes.interface import NotMeasurableError
from tests.support.model_files import (
    Call,
    counts,
    examine,
    zip_of,
)

_WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "raw": bytes,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    "zip": lambda raw: zip_of(model_pkl=raw),
    "torch": lambda raw: zip_of(a__data_pkl=raw, a__data__0=b"1234", a__version=b"3"),
    "gzip in zip": lambda raw: zip_of(model_bin=gzip.compress(raw)),
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrapping", _WRAPPINGS)
def test_a_command_is_found(bomb: Call, tmp_path: Path, wrapping: str, protocol: int) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(_WRAPPINGS[wrapping](pickle.dumps({"model": bomb}, protocol)))
    result = examine(path, "joblib")
    assert counts(result)[0] == 1
    assert result.notes[0] == "Dangerous: posix.system"


@pytest.mark.parametrize(
    "function",
    [eval, exec, __import__, getattr, subprocess.run, pickle.loads, io.open_code, open],
    ids=lambda f: getattr(f, "__name__", "?"),
)
def test_dangerous_functions_are_found(marker: Path, tmp_path: Path, function: Callable[..., object]) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Call(function, str(marker), "w")))
    assert counts(examine(path))[0] == 1


@pytest.mark.parametrize(
    "compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)], ids=str
)
def test_a_command_behind_an_array_is_found(bomb: Call, tmp_path: Path, compress: Any) -> None:
    """joblib writes arrays between opcodes, where picklescan stops reading; the walk goes on."""
    import joblib
    import numpy as np

    path = tmp_path / "model.joblib"
    content = [np.arange(50.0), np.array([{}, None], dtype=object), np.zeros((2, 3), "U4"), bomb]
    joblib.dump(content, path, compress=compress)
    assert counts(examine(path, "joblib"))[0] == 1


def test_a_command_inside_an_array_of_objects_is_found(bomb: Call, tmp_path: Path) -> None:
    import joblib
    import numpy as np

    array = np.array([bomb, None], dtype=object)
    joblib.dump({"inner": array}, tmp_path / "model.joblib")
    assert counts(examine(tmp_path / "model.joblib", "joblib"))[0] == 1
    np.save(tmp_path / "array.npy", array)
    assert counts(examine(tmp_path / "array.npy", "other"))[0] == 1
    np.savez(tmp_path / "arrays.npz", a=np.zeros(3), b=array)
    assert counts(examine(tmp_path / "arrays.npz", "other"))[0] == 1


def test_a_second_pickle_behind_the_first_is_found(bomb: Call, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps([1]) + pickle.dumps(bomb))
    assert counts(examine(path))[0] == 1


def test_what_is_dangerous_counts_even_when_the_rest_is_lost(bomb: Call, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps([bomb, "x" * 1000])[:-500])
    found = {str(m.metric): m.result for m in examine(path).measurements}
    assert found["dangerous_globals"] == Count(value=1, unit="names")
    for metric in ("suspicious_globals", "dangerous_content", "content_for_review"):
        result = found[metric]
        assert isinstance(result, NotAvailable)
        assert "read in part" in result.reason


def test_what_unpacks_to_much_is_followed(bomb: Call, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(zlib.compress(pickle.dumps([bytes(5_000_000), bomb]), 9))
    assert counts(examine(path, "joblib"))[0] == 1


def test_old_instructions_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"((iposix\nsystem\n0(cposix\npopen\no1(d0(S'a'\nI1\nd0(NN1N}b2p5\n0g5\n.")
    assert counts(examine(path))[0] == 2
    path.write_bytes(pickle.dumps({1: 2, "a": (3, 4)}, 0) + b"]N}(I1\nI2\nub0N(}(I1\nI2\nus.")
    with pytest.raises(NotMeasurableError):
        examine(path)


def test_two_readers_must_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What picklescan cannot follow or name is not clean, even if the walk went through."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x8c\x06my.own\x8c\x05Model2\x8c\x01x00\x93.")
    with pytest.raises(NotMeasurableError, match="could not tell the name"):
        examine(path)

    def fail(*_: object) -> None:
        raise ValueError

    path.write_bytes(pickle.dumps([1]))
    monkeypatch.setattr("picklescan.scanner.scan_pickle_bytes", fail)
    with pytest.raises(NotMeasurableError, match=r"second reader could not follow it \(ValueError\)"):
        examine(path)


def _with_longer_frame() -> bytes:
    """Return a joblib file whose first frame reaches into the array behind it."""
    content = bytearray(_joblib_with(b"", b""))
    assert content[2:3] == b"\x95"
    content[3] += 5
    return bytes(content)


def _joblib_with(old: bytes, new: bytes, dtype: str = "f8") -> bytes:
    """Return a joblib file with one array whose description has been tampered with."""
    import joblib
    import numpy as np

    file = io.BytesIO()
    joblib.dump(np.zeros(3, dtype=dtype), file)
    content = file.getvalue()
    assert old in content
    return content.replace(old, new)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: _joblib_with(b"K\x03\x85", b"K\xff\x85"), "ends inside an array"),
        (lambda: _joblib_with(b"K\x03\x85", b"NK\x03"), "not follow|could not be followed"),
        (_with_longer_frame, "stands inside a frame"),
        (lambda: _joblib_with(b"NNNJ", b"NNKJJ"), "not written plainly|could not be followed"),
        (lambda: _joblib_with(b"NNNJ", b"NNK\x01J"), "not written plainly"),
        (lambda: _joblib_with(b"\x8c\x05shape", b"\x8c\x05shade"), "not written plainly"),
        (lambda: _joblib_with(b"\x8c\x02f8", b"\x8c\x02fx"), "type of an array is not written plainly"),
        (lambda: _joblib_with(b"\x8c\x05dtype\x94\x93", b"\x8c\x05dtypo\x94\x93"), "not written plainly"),
        (
            lambda: _joblib_with(
                b"J\xff\xff\xff\xffJ\xff\xff\xff\xff", b"J\x07\x00\x00\x00J\xff\xff\xff\xff"
            ),
            "two sizes",
        ),
        (lambda: _joblib_with(b"K\x10t\x94b", b"K\x11t\x94b", "f8,i4"), "contradicts itself"),
        (lambda: _joblib_with(b"NumpyArrayWrapper", b"NDArrayWrapperXYZ"), "reads from the file itself"),
    ],
)
def test_a_tampered_array_is_not_clean(tmp_path: Path, content: Callable[[], bytes], words: str) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(content())
    with pytest.raises(NotMeasurableError, match=words):
        examine(path, "joblib")


def test_arrays_without_padding_are_passed(bomb: Call, tmp_path: Path) -> None:
    """joblib leaves the padding out where it cannot tell its place in the file."""
    import joblib
    import numpy as np

    class Pipe(io.BytesIO):
        """A stream that does not know where it is."""

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    joblib.dump([np.arange(3), bomb], pipe)
    path = tmp_path / "model.joblib"
    path.write_bytes(pipe.getvalue())
    assert counts(examine(path, "joblib"))[0] == 1
