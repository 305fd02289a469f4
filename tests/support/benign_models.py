"""Harmless model files, made with the installed libraries or by hand as other libraries make them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

from tests.support import hand_made_models as hand


def benign_files() -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of harmless files."""
    yield from _fitted()
    yield from _other_objects()
    yield from _arrays()
    yield from hand.benign()


def fitted_models() -> dict[str, Any]:
    """Return fitted models of scikit-learn, by name."""
    import numpy as np
    from sklearn import (
        calibration,
        cluster,
        compose,
        decomposition,
        ensemble,
        feature_selection,
        gaussian_process,
        impute,
        linear_model,
        model_selection,
        naive_bayes,
        neighbors,
        neural_network,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    draw = np.random.default_rng(1)
    x = np.round(draw.random((120, 4)), 2)
    y = (x[:, 0] + draw.random(120) * 0.3 > 0.6).astype(int)
    columns = compose.ColumnTransformer(
        [
            ("a", preprocessing.OneHotEncoder(handle_unknown="ignore"), [0]),
            ("b", preprocessing.FunctionTransformer(np.log1p), [1]),
            ("c", impute.SimpleImputer(), [2, 3]),
        ]
    )
    kinds = {
        "logistic": linear_model.LogisticRegression(),
        "ridge": linear_model.Ridge(),
        "sgd": linear_model.SGDClassifier(),
        "forest": ensemble.RandomForestClassifier(n_estimators=5),
        "gradient": ensemble.GradientBoostingClassifier(n_estimators=3),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=3),
        "isolation": ensemble.IsolationForest(n_estimators=3),
        "stack": ensemble.VotingClassifier(
            [("a", tree.DecisionTreeClassifier(max_depth=2)), ("b", naive_bayes.GaussianNB())]
        ),
        "svc": svm.SVC(),
        "neighbours": neighbors.KNeighborsClassifier(algorithm="kd_tree"),
        "ball": neighbors.KNeighborsClassifier(algorithm="ball_tree"),
        "kmeans": cluster.KMeans(n_clusters=2, n_init=1),
        "pca": decomposition.PCA(2),
        "process": gaussian_process.GaussianProcessRegressor(),
        "network": neural_network.MLPClassifier((4,), max_iter=20),
        "calibrated": calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2),
        "pipeline": pipeline.make_pipeline(columns, linear_model.LogisticRegression()),
        "select": pipeline.make_pipeline(feature_selection.SelectKBest(k=2), svm.LinearSVC()),
        "search": model_selection.GridSearchCV(
            tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2, scoring="roc_auc"
        ),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: kind.fit(x, y) for name, kind in kinds.items()}


def _fitted() -> Iterator[tuple[str, bytes]]:
    """Yield fitted models, as pickles and as joblib writes them."""
    import joblib

    for index, (name, model) in enumerate(fitted_models().items()):
        yield f"{name}.pkl", pickle.dumps(model, protocol=2 + index % 4)
        for how in (0, ("zlib", "gzip", "bz2", "xz", "lzma")[index % 5]):
            file = io.BytesIO()
            joblib.dump(model, file, compress=(how, 3) if how else 0)
            yield f"{name}-{how or 'plain'}.joblib", file.getvalue()


def _other_objects() -> Iterator[tuple[str, bytes]]:
    """Yield pickles of data frames, sparse matrices, distributions and plain values, and skops files."""
    import numpy as np
    import pandas as pd
    import scipy.interpolate
    import scipy.sparse
    import scipy.stats
    import skops.io
    from sklearn.linear_model import LogisticRegression

    frame = pd.DataFrame(
        {"a": [1, 2], "c": pd.Categorical(["x", "y"]), "d": pd.to_datetime(["2026-01-01"] * 2)}
    )
    plain = {
        "classes": ["a", "b"],
        "weights": [0.5, 1.5],
        "n": 10**20,
        "x": {1, 2},
        "e": b"\x80\x04 no pickle",
    }
    objects: dict[str, Any] = {
        "frame": frame,
        "series": frame["a"],
        "sparse": scipy.sparse.csr_matrix(np.eye(3)),
        "spline": scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 0]),
        "rows": scipy.stats.gaussian_kde([1.0, 2.0, 4.0]),
        "generator": np.random.default_rng(1),
        "random": np.random.RandomState(1),
        "masked": np.ma.masked_array([1, 2], [False, True]),
        "plain": plain,
    }
    for name, value in objects.items():
        yield f"{name}.pkl", pickle.dumps(value)
    yield "plain.pkl.gz", gzip.compress(pickle.dumps(plain, 0))
    yield "plain.pkl.zlib", zlib.compress(pickle.dumps(plain, 1))
    yield "plain.pkl.xz", lzma.compress(pickle.dumps(plain))
    yield "plain.pkl.bz2", bz2.compress(pickle.dumps(plain))
    yield "model.skops", skops.io.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    yield "settings.json", json.dumps({"model_type": "bert", "hidden_size": 768}).encode()


def _arrays() -> Iterator[tuple[str, bytes]]:
    """Yield files of NumPy."""
    import numpy as np

    for name, array in {
        "numbers.npy": np.arange(20.0).reshape(4, 5),
        "texts.npy": np.array(["a", "bc"]),
        "objects.npy": np.array([{"a": 1}, None], dtype=object),
    }.items():
        file = io.BytesIO()
        np.save(file, array)
        yield name, file.getvalue()
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(9), b=np.arange(3))
    yield "arrays.npz", file.getvalue()
