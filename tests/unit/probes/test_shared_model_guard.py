"""Loading under guard: what the scan did not see is refused, even when the scan is not asked.

The files are written by hand; each of those with a marker ran its command in ``joblib.load`` behind a
scan that followed opcodes alone.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.model_files.guard import GuardError, check_names, load_guarded
from conformity.probes.shared.model_files.loading import load_model
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.scan import scan_model_file
from tests.support import hidden

_SEEN = frozenset(
    Global(module, name)
    for module, name in (
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper"),
        ("copyreg", "_reconstructor"),
        ("builtins", "object"),
        ("pandas.core.indexes.base", "_new_Index"),
        ("sklearn.neighbors._kd_tree", "newObj"),
    )
)
_FILES: dict[str, Callable[[Path], bytes]] = {
    "f8": lambda marker: hidden.inside_numbers("f8", 8, -1, marker),
    "U2": lambda marker: hidden.inside_numbers("U2", 8, 8, marker),
    "S8": lambda marker: hidden.inside_numbers("S8", 8, 8, marker),
    "within": lambda _: hidden.objects_within(),
    "two states": lambda _: hidden.two_states(),
    "memory": lambda _: hidden.objects_from_bytes(),
    **{
        name: lambda marker, make=make: hidden.behind_an_array(make, marker)  # type: ignore[misc]
        for name, make in hidden.OTHER_MAKERS.items()
    },
}


@pytest.mark.parametrize("name", _FILES)
def test_hidden_commands_never_run(tmp_path: Path, name: str) -> None:
    marker = tmp_path / "marker"
    path = tmp_path / "model.joblib"
    path.write_bytes(_FILES[name](marker))
    # Past the scan, the guard holds alone ...
    with pytest.raises((GuardError, TypeError)):
        load_guarded(path, _SEEN)
    # ... and in its place both do.
    subject = ModelSubject(id=SubjectId("m"), title="M", path="m", kind="model", format="joblib")
    with pytest.raises((NotMeasurableError, ModelFileError), match=r"not loaded|not be loaded"):
        load_model(subject, path, tmp_path)
    assert not marker.exists()


@pytest.mark.parametrize("name", sorted(set(_FILES) - {"memory"}))
def test_hidden_commands_are_never_reported_clean(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(_FILES[name](tmp_path / "marker"))
    assert scan_model_file(path, "joblib", tmp_path).problems


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn.utils._available_if", "MethodType"),
        ("sklearn.cluster._bicluster", "ABCMeta"),
        ("scipy.sparse.linalg", "SuperLU"),
        ("numpy.ma.mrecords", "MaskedRecords"),
        ("scipy._lib._ccallback", "PyCFuncPtr"),
    ],
)
def test_what_a_library_merely_imports_is_not_its_own(tmp_path: Path, module: str, name: str) -> None:
    """Standard classes lie under many names in large libraries; so do classes that make classes."""
    path = tmp_path / "model.pickle"
    path.write_bytes(f"c{module}\n{name}\n.".encode())
    wanted = frozenset([Global(module, name)])
    with pytest.raises(GuardError, match="is not a class of that library's own"):
        load_guarded(path, wanted)
    with pytest.raises(GuardError, match="is not a class of that library's own"):
        check_names(wanted)


def test_a_name_the_scan_did_not_see_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps({1: complex(1, 2)}))
    with pytest.raises(GuardError, match="its scan did not show"):
        load_guarded(path, frozenset())
    assert load_guarded(path, frozenset([Global("builtins", "complex")])) == {1: complex(1, 2)}


def test_the_old_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(b"ZF" + b"0" * 40)
    with pytest.warns(DeprecationWarning, match="joblib"), pytest.raises(GuardError, match="old format"):
        load_guarded(path, frozenset())


def _kept(value: Any, tmp_path: Path, how: str) -> Any:
    """Return what comes back of a value that was saved and loaded under guard."""
    import joblib

    path = tmp_path / "model"
    if how == "pickle":
        path.write_bytes(pickle.dumps(value))
    else:
        joblib.dump(value, path, compress=3 if how == "zlib" else 0)
    scan = scan_model_file(path, "joblib", tmp_path)
    assert scan.problems == ()
    return load_guarded(path, scan.globals)


@pytest.mark.parametrize("how", ["pickle", "joblib", "zlib"])
def test_every_sound_type_comes_back(tmp_path: Path, how: str) -> None:
    import numpy as np

    arrays = [
        np.arange(3.0),
        np.arange(3, dtype=">i4"),
        np.array(["a", "bc"]),
        np.array([b"a", b"bc"]),
        np.array(["2026-01-31"], dtype="M8[D]"),
        np.array([1, "x", None], dtype=object),
        np.zeros(2, dtype=[("a", "f8"), ("b", "i4", (2,))]),
        np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)),
        np.zeros(2, dtype=[("a", "f8"), ("b", "O")]),
    ]
    for given, got in zip(arrays, _kept(arrays, tmp_path, how), strict=True):
        assert (given == got).all()
        assert got.dtype.newbyteorder("=") == given.dtype.newbyteorder("=")


@pytest.mark.parametrize("how", ["pickle", "joblib"])
def test_data_frames_come_back(tmp_path: Path, how: str) -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2], "c": pd.Categorical(["x", "y"])})
    assert _kept(frame.index, tmp_path, how).equals(frame.index)
    assert _kept(frame.columns, tmp_path, how).equals(frame.columns)


@pytest.mark.parametrize(
    "kind",
    [
        hidden.dtype("V8", hidden.state(8, names=b"(" + hidden.text("a") + b"t", order="|")),
        hidden.dtype("f8", hidden.state(version=9)),
        hidden.dtype("f8", b"(K\x03t"),
        hidden.dtype("M8", hidden.state()),
        hidden.dtype("V8", hidden.state(-1, order="|")),
    ],
    ids=["names without fields", "version", "short", "no unit", "no size"],
)
def test_types_that_cannot_be_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(b"\x80\x02" + kind + b".")
    with pytest.raises((GuardError, ValueError, TypeError)):
        load_guarded(path, _SEEN)


def test_an_array_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(b"\x80\x02cnumpy._core.multiarray\n_reconstruct\n(cbuiltins\nobject\n(K\x00tC\x01btR.")
    with pytest.raises(GuardError, match="array of an unknown kind"):
        load_guarded(path, _SEEN)


def test_arrow_data_that_point_outside_are_refused() -> None:
    """Offsets beyond the buffer would read whatever lies behind it."""
    import struct

    import pyarrow as pa

    from conformity.probes.shared.model_files.guard import _make_arrow_array

    def data(end: int) -> Any:
        offsets = pa.py_buffer(struct.pack("<ii", 0, end))
        return (pa.utf8(), 1, 0, 0, [None, offsets, pa.py_buffer(b"abc")], [], None)

    assert _make_arrow_array(data(3)).to_pylist() == ["abc"]
    with pytest.raises(pa.ArrowInvalid):
        _make_arrow_array(data(3000))
