"""Malicious and harmless model files; nothing here is ever unpickled.

Every malicious file would create a marker file if it were loaded; after each test there must be none.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import struct
import subprocess
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.measurement import Count, NotAvailable
from conformity.model.subject import ModelSubject, PromptLogSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.model_file_scan.probe import PROBE
from conformity.probes.shared.model_files import containers
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.names import dangerous, not_loadable
from conformity.probes.shared.model_files.scan import scan_model_file

Format = Literal["joblib", "pickle", "skops", "onnx", "safetensors", "other"]


class _Call:
    """Something that calls a function when it is loaded."""

    def __init__(self, function: Callable[..., object], *args: object) -> None:
        self._made = (function, args)

    def __reduce__(self) -> Any:
        return self._made


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """Give the file that no test may bring into being."""
    path = tmp_path / "marker"
    yield path
    assert not path.exists(), "a model file was loaded"


@pytest.fixture
def bomb(marker: Path) -> _Call:
    """Give an object that would create the marker when loaded."""
    return _Call(os.system, f"touch {marker}")


def _examine(path: Path, declared: Format = "pickle") -> ProbeResult:
    """Run the probe on a file."""
    subject = ModelSubject(id=SubjectId("m"), title="A model", path=path.name, kind="model", format=declared)
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    try:
        return PROBE.examine(Target(subject=subject, path=path, tables={}, scratch=scratch, seed=1))
    finally:
        assert list(scratch.iterdir()) == []


def _counts(result: ProbeResult) -> tuple[int, int]:
    """Return both counts."""
    first, second = result.measurements
    assert (first.metric, second.metric) == ("dangerous_globals", "suspicious_globals")
    assert isinstance(first.result, Count)
    assert isinstance(second.result, Count)
    return first.result.value, second.result.value


def _zip_of(**members: bytes) -> bytes:
    """Return a ZIP file; two underscores stand for a slash, one for a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


_WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "raw": bytes,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    "zip": lambda raw: _zip_of(model_pkl=raw),
    "torch": lambda raw: _zip_of(a__data_pkl=raw, a__data__0=b"1234", a__version=b"3"),
    "gzip in zip": lambda raw: _zip_of(model_bin=gzip.compress(raw)),
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrapping", _WRAPPINGS)
def test_a_command_is_found(bomb: _Call, tmp_path: Path, wrapping: str, protocol: int) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(_WRAPPINGS[wrapping](pickle.dumps({"model": bomb}, protocol)))
    result = _examine(path, "joblib")
    assert _counts(result)[0] == 1
    assert result.notes[0] == "Dangerous: posix.system"


@pytest.mark.parametrize(
    "function",
    [eval, exec, __import__, getattr, subprocess.run, pickle.loads, io.open_code, open],
    ids=lambda f: getattr(f, "__name__", "?"),
)
def test_dangerous_functions_are_found(marker: Path, tmp_path: Path, function: Callable[..., object]) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(_Call(function, str(marker), "w")))
    assert _counts(_examine(path))[0] == 1


@pytest.mark.parametrize(
    "compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)], ids=str
)
def test_a_command_behind_an_array_is_found(bomb: _Call, tmp_path: Path, compress: Any) -> None:
    """joblib writes arrays between opcodes, where picklescan stops reading; the walk goes on."""
    import joblib
    import numpy as np

    path = tmp_path / "model.joblib"
    content = [np.arange(50.0), np.array([{}, None], dtype=object), np.zeros((2, 3), "U4"), bomb]
    joblib.dump(content, path, compress=compress)
    assert _counts(_examine(path, "joblib"))[0] == 1


def test_a_command_inside_an_array_of_objects_is_found(bomb: _Call, tmp_path: Path) -> None:
    import joblib
    import numpy as np

    array = np.array([bomb, None], dtype=object)
    joblib.dump({"inner": array}, tmp_path / "model.joblib")
    assert _counts(_examine(tmp_path / "model.joblib", "joblib"))[0] == 1
    np.save(tmp_path / "array.npy", array)
    assert _counts(_examine(tmp_path / "array.npy", "other"))[0] == 1
    np.savez(tmp_path / "arrays.npz", a=np.zeros(3), b=array)
    assert _counts(_examine(tmp_path / "arrays.npz", "other"))[0] == 1


def test_a_second_pickle_behind_the_first_is_found(bomb: _Call, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps([1]) + pickle.dumps(bomb))
    assert _counts(_examine(path))[0] == 1


def test_what_is_dangerous_counts_even_when_the_rest_is_lost(bomb: _Call, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps([bomb, "x" * 1000])[:-500])
    first, second = (m.result for m in _examine(path).measurements)
    assert first == Count(value=1, unit="names")
    assert isinstance(second, NotAvailable)
    assert "read in part" in second.reason


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """Give fitted models of several kinds."""
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

    x = np.round(np.random.default_rng(1).random((80, 3)), 1)
    y = (x[:, 0] > 0.5).astype(int)
    columns = ColumnTransformer([("a", OneHotEncoder(), [0]), ("b", FunctionTransformer(np.log1p), [1])])
    kinds = {
        "logistic": LogisticRegression(),
        "gradient": GradientBoostingClassifier(n_estimators=2),
        "histogram": HistGradientBoostingClassifier(max_iter=2),
        "neighbours": KNeighborsClassifier(),
        "pipeline": make_pipeline(columns, LogisticRegression()),
    }
    return {name: kind.fit(x, y) for name, kind in kinds.items()}


_KINDS = ("logistic", "gradient", "histogram", "neighbours", "pipeline")


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("how", ["pickle", "joblib", "zlib", "xz", "skops"])
def test_harmless_models_hold_nothing_dangerous(
    models: dict[str, Any], tmp_path: Path, kind: str, how: str
) -> None:
    import joblib
    import skops.io

    path = tmp_path / "model"
    if how == "pickle":
        path.write_bytes(pickle.dumps(models[kind]))
    elif how == "skops":
        skops.io.dump(models[kind], path)
    else:
        joblib.dump(models[kind], path, compress=0 if how == "joblib" else (how, 3))
    bad, unknown = _counts(_examine(path, "skops" if how == "skops" else "joblib"))
    assert bad == 0
    assert unknown > 0  # a library's classes are code too
    scan = scan_model_file(path, "joblib", tmp_path)
    if how != "skops":
        assert not_loadable(scan.globals) == ()


def test_skops_names_what_skops_itself_does_not_trust(tmp_path: Path) -> None:
    """Peer: skops.io.get_untrusted_types."""
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    path = tmp_path / "model.skops"
    skops.io.dump(FunctionTransformer(os.path.join), path)
    untrusted = skops.io.get_untrusted_types(file=path)
    scan = scan_model_file(path, "skops", tmp_path)
    assert set(untrusted) <= {str(g) for g in scan.suspicious | scan.dangerous}
    skops.io.dump(FunctionTransformer(os.system), path)
    assert _counts(_examine(path, "skops"))[0] == 1


def _safetensors(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """Return a safetensors file."""
    text = json.dumps(header).encode("utf-8")
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def _tensor(start: int, end: int) -> dict[str, object]:
    """Return the description of a tensor of bytes."""
    return {"dtype": "U8", "shape": [end - start], "data_offsets": [start, end]}


@pytest.mark.parametrize("declared", ["safetensors", "other"])
def test_a_sound_safetensors_file_imports_nothing(tmp_path: Path, declared: Format) -> None:
    path = tmp_path / "model.safetensors"
    header = {"__metadata__": {"by": "hand"}, "b": _tensor(4, 6), "a": _tensor(0, 4)}
    path.write_bytes(_safetensors(header, b"123456"))
    result = _examine(path, declared)
    assert _counts(result) == (0, 0)
    assert result.notes == ("The file imports nothing.",)


def test_plain_values_import_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"a": [1, 2.5, "x", (1,), {2}, b"", None, True], "b": (1, 2, 3, 4)}))
    assert _counts(_examine(path)) == (0, 0)
    path.write_bytes(pickle.dumps(OrderedDict(a=1)))
    assert _counts(_examine(path)) == (0, 0)


def _encrypted_zip() -> bytes:
    """Return a ZIP file whose member says that it is encrypted."""
    content = bytearray(_zip_of(model_pkl=pickle.dumps([1])))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _corrupt_zip() -> bytes:
    """Return a ZIP file whose member is not what its check sum says."""
    content = bytearray(_zip_of(model_pkl=pickle.dumps(["text"])))
    content[content.index(b"text")] ^= 1
    return bytes(content)


def _doubled_zip() -> bytes:
    """Return a ZIP file with two members of the same name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.pkl", pickle.dumps([1]))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.pkl", pickle.dumps([2]))
    return file.getvalue()


def _framed(body: bytes, length: int) -> bytes:
    """Return a pickle whose only frame has the given length."""
    return b"\x80\x04\x95" + struct.pack("<Q", length) + body


_UNREADABLE: dict[str, tuple[Format, Callable[[], bytes], str]] = {
    "empty": ("pickle", lambda: b"", "is empty"),
    "text": ("pickle", lambda: b"Hello, I am no model", "could not be followed"),
    "truncated": ("pickle", lambda: pickle.dumps(["x" * 50])[:-10], "cannot be read as a pickle"),
    "trailing": ("pickle", lambda: pickle.dumps([1]) + b"\xff\xfe", "cannot be read as a pickle"),
    "no end": ("pickle", lambda: b"\x80\x04", "cannot be read as a pickle"),
    "unbalanced": ("pickle", lambda: b"a.", "takes more values than there are"),
    "no mark": ("pickle", lambda: b"(11.", "never opened"),
    "no memo": ("pickle", lambda: b"h\x05.", "never remembered"),
    "nothing kept": ("pickle", lambda: b"q\x01.", "a value that is not there"),
    "nothing made": ("pickle", lambda: b"(o.", "an object of nothing"),
    "computed name": ("pickle", lambda: b"\x8c\x02osK\x01\x93.", "whose name is computed"),
    "numbered name": ("pickle", lambda: b"\x82\x01.", "by a number"),
    "frame in frame": ("pickle", lambda: _framed(b"\x95" + bytes(8) + b"N.", 20), "inside another"),
    "frame crossed": ("pickle", lambda: _framed(b"K\x01.", 1), "crosses the end of a frame"),
    "lz4": ("joblib", lambda: b"\x04\x22\x4d\x18 and more", "LZ4 format"),
    "old joblib": ("joblib", lambda: b"ZF0x10              ", "old joblib format"),
    "hdf5": ("other", lambda: b"\x89HDF\r\n\x1a\n" + bytes(20), "HDF5 format"),
    "gzip cut": ("joblib", lambda: gzip.compress(pickle.dumps(["x" * 999]))[:-9], "could not be unpacked"),
    "zlib cut": ("joblib", lambda: zlib.compress(pickle.dumps(["x" * 999]))[:-9], "ends too early"),
    "zlib trailing": ("joblib", lambda: zlib.compress(pickle.dumps([1])) + b"more", "more after its end"),
    "xz broken": ("joblib", lambda: lzma.compress(b"x")[:20], "could not be unpacked"),
    "nested": (
        "joblib",
        lambda: gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"N."))), mtime=0),
        "too deeply",
    ),
    "zip empty": ("other", _zip_of, "holds nothing"),
    "zip encrypted": ("other", _encrypted_zip, "is encrypted"),
    "zip corrupt": ("other", _corrupt_zip, "cannot be read as a ZIP file"),
    "zip doubled": ("other", _doubled_zip, "two members of the same name"),
    "zip unknown": ("other", lambda: _zip_of(config_json=b"{}"), "whose format is not examined"),
    "torchscript": ("other", lambda: _zip_of(m__data_pkl=b"N.", m__code__a_py=b""), "TorchScript"),
    "skops bare": ("skops", lambda: _zip_of(schema_json=b"[1]"), "names no type"),
    "skops broken": ("skops", lambda: _zip_of(schema_json=b"{"), "cannot be read as a ZIP file"),
    "npy header": ("other", lambda: b"\x93NUMPY\x09\x00 whatever", "header that cannot be read"),
    "onnx": ("onnx", lambda: b"\x08\x07\x12\x04test", "ONNX"),
    "tensors short": ("safetensors", lambda: b"\x02", "longer than the file"),
    "tensors long": ("safetensors", lambda: _safetensors({}, length=2**40), "longer than the file"),
    "tensors broken": ("safetensors", lambda: b"\x02" + bytes(7) + b"{]", "cannot be read"),
    "tensors a list": ("safetensors", lambda: _safetensors([1]), "cannot be read"),
    "tensors gap": ("safetensors", lambda: _safetensors({"a": _tensor(2, 4)}, b"1234"), "leave gaps"),
    "tensors more": ("safetensors", lambda: _safetensors({"a": _tensor(0, 4)}, b"12345"), "do not fill"),
}


@pytest.mark.parametrize("case", _UNREADABLE)
def test_what_cannot_be_read_is_not_clean(tmp_path: Path, case: str) -> None:
    declared, content, words = _UNREADABLE[case]
    path = tmp_path / "model"
    path.write_bytes(content())
    with pytest.raises(NotMeasurableError, match=words):
        _examine(path, declared)


def test_what_unpacks_to_much_is_followed(bomb: _Call, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(zlib.compress(pickle.dumps([bytes(5_000_000), bomb]), 9))
    assert _counts(_examine(path, "joblib"))[0] == 1


def test_old_instructions_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"((iposix\nsystem\n0(cposix\npopen\no1(d0(S'a'\nI1\nd0(NN1N}b2p5\n0g5\n.")
    assert _counts(_examine(path))[0] == 2
    path.write_bytes(pickle.dumps({1: 2, "a": (3, 4)}, 0) + b"]N}(I1\nI2\nub0N(}(I1\nI2\nus.")
    with pytest.raises(NotMeasurableError):
        _examine(path)


def test_zip_members_that_cannot_be_unpacked_are_not_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(_zip_of(model_pkl=pickle.dumps(["x" * 500]), schema_json=b"{}"))
    monkeypatch.setattr(containers, "MAX_BYTES", 8)
    with pytest.raises(NotMeasurableError, match="its schema is too large"):
        _examine(path, "skops")
    path.write_bytes(_zip_of(model_pkl=pickle.dumps(["x" * 500])))
    with pytest.raises(NotMeasurableError, match="cannot be unpacked: it holds more than 8 bytes"):
        _examine(path, "other")


def test_two_readers_must_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What picklescan cannot follow or name is not clean, even if the walk went through."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x8c\x06my.own\x8c\x05Model2\x8c\x01x00\x93.")
    with pytest.raises(NotMeasurableError, match="could not tell the name"):
        _examine(path)

    def fail(*_: object) -> None:
        raise ValueError

    path.write_bytes(pickle.dumps([1]))
    monkeypatch.setattr("picklescan.scanner.scan_pickle_bytes", fail)
    with pytest.raises(NotMeasurableError, match=r"second reader could not follow it \(ValueError\)"):
        _examine(path)


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
        _examine(path, "joblib")


def test_structured_arrays_are_passed(tmp_path: Path) -> None:
    import joblib
    import numpy as np

    plain = np.zeros(3, dtype=[("a", "f8"), ("b", "i4", (2,))])
    mixed = np.zeros(2, dtype=[("a", "f8"), ("b", "O")])
    joblib.dump([plain, mixed, 1], tmp_path / "model.joblib")
    assert _counts(_examine(tmp_path / "model.joblib", "joblib"))[0] == 0


def test_arrays_without_padding_are_passed(bomb: _Call, tmp_path: Path) -> None:
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
    assert _counts(_examine(path, "joblib"))[0] == 1


def test_a_file_beyond_the_cap_is_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(gzip.compress(pickle.dumps(["x" * 5000])))
    monkeypatch.setattr(containers, "MAX_BYTES", 1000)
    with pytest.raises(NotMeasurableError, match="holds more than 1000 bytes"):
        _examine(path)
    monkeypatch.setattr("conformity.probes.shared.model_files.scan.MAX_BYTES", 10)
    with pytest.raises(NotMeasurableError, match="larger than 10 bytes"):
        _examine(path)


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
        _examine(path, "joblib")


def test_a_folder_or_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no model file at"):
        _examine(tmp_path / "gone.pkl")
    with pytest.raises(ModelFileError, match=r"gone\.pkl cannot be read"):
        scan_model_file(tmp_path / "gone.pkl", "pickle", tmp_path)


def test_only_models_are_scanned(tmp_path: Path) -> None:
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(ModelFileError, match="is not a model"):
        PROBE.examine(Target(subject=log, path=tmp_path, tables={}, scratch=tmp_path, seed=1))


def test_names_are_listed_safely_and_not_without_end(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    names = "".join(f"cm{i}\nm\x1b{i}\n0" for i in range(50))
    path.write_bytes(names.encode("ascii") + b"N.")
    result = _examine(path)
    assert _counts(result) == (0, 50)
    assert "\x1b" not in result.notes[0]
    assert result.notes[0].endswith(" and 10 more")


@pytest.mark.parametrize(
    ("module", "name", "allowed"),
    [
        ("sklearn.svm._classes", "SVC", True),
        ("numpy", "log1p", True),
        ("numpy", "load", False),
        ("numpy.testing", "Tester", False),
        ("pandas", "HDFStore", False),
        ("pandas", "DataFrame", True),
        ("scipy.odr", "ODR", False),
        ("sklearn.callback._transport", "Client", False),
        ("scipy.special._precompute.hyp2f1_data", "Pool", False),
        ("sklearn.svm.tests.test_svm", "Thing", False),
        ("sklearn.svm._classes", "SVC.fit", False),
        ("my.own", "Model", False),
        ("builtins", "eval", False),
    ],
)
def test_what_may_be_loaded_is_listed(module: str, name: str, allowed: bool) -> None:
    assert (not_loadable([Global(module, name)]) == ()) is allowed


def test_names_that_no_import_can_have_are_not_harmless() -> None:
    assert dangerous([Global("os\n", "system"), Global("é", "x"), Global("a b", "c")]) == frozenset()
    assert not_loadable([Global("os\n", "system")]) != ()
