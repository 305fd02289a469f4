"""Harmless model files, and the names that a file may import."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.names import dangerous, not_loadable
from conformity.probes.shared.model_files.scan import scan_model_file
from tests.support.model_files import (
    Format,
    counts,
    examine,
    safetensors,
    tensor,
)


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
    assert counts(examine(path, "skops" if how == "skops" else "joblib")) == (0, 0)
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
    assert counts(examine(path, "skops"))[0] == 1


@pytest.mark.parametrize("declared", ["safetensors", "other"])
def test_a_sound_safetensors_file_imports_nothing(tmp_path: Path, declared: Format) -> None:
    path = tmp_path / "model.safetensors"
    header = {"__metadata__": {"by": "hand"}, "b": tensor(4, 6), "a": tensor(0, 4)}
    path.write_bytes(safetensors(header, b"123456"))
    result = examine(path, declared)
    assert counts(result) == (0, 0)
    assert result.notes == ("The file imports nothing.",)


def test_plain_values_import_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"a": [1, 2.5, "x", (1,), {2}, b"", None, True], "b": (1, 2, 3, 4)}))
    assert counts(examine(path)) == (0, 0)
    path.write_bytes(pickle.dumps(OrderedDict(a=1)))
    assert counts(examine(path)) == (0, 0)


def test_structured_arrays_are_passed(tmp_path: Path) -> None:
    import joblib
    import numpy as np

    plain = np.zeros(3, dtype=[("a", "f8"), ("b", "i4", (2,))])
    mixed = np.zeros(2, dtype=[("a", "f8"), ("b", "O")])
    joblib.dump([plain, mixed, 1], tmp_path / "model.joblib")
    assert counts(examine(tmp_path / "model.joblib", "joblib"))[0] == 0


def test_names_are_listed_safely_and_not_without_end(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    names = "".join(f"cm{i}\nm\x1b{i}\n0" for i in range(50))
    path.write_bytes(names.encode("ascii") + b"N.")
    result = examine(path)
    assert counts(result) == (0, 50)
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
