"""Small tables, models and targets on which probes of robustness are tried."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from conformity.model.base import SubjectId
from conformity.model.measurement import Measurement, Scalar
from conformity.model.subject import ModelSubject, TableSubject
from conformity.probes.interface import ProbeResult, Target
from tests.support.hand_made_models import field

ROWS = 400


def people(rows: int = ROWS, seed: int = 1) -> pd.DataFrame:
    """Return rows of two numbers, a whole number, a category, a group, and a label told by ``a`` alone."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    return pd.DataFrame(
        {
            "a": a,
            "b": rng.normal(size=rows),
            "age": rng.integers(18, 90, rows),
            "job": rng.choice(["clerk", "cook", "smith"], rows),
            "sex": rng.choice(["f", "m"], rows),
            "y": (a > 0).astype(int),
        }
    )


def columns(features: Sequence[str], **changes: Any) -> list[dict[str, Any]]:
    """Return the columns of such a table as declared; ``changes`` adds fields to features by name."""
    return [
        *({"name": name, "roles": ["feature"], **changes.get(name, {})} for name in features),
        {"name": "sex", "roles": ["protected"]},
        {"name": "y", "roles": ["label"], "positive": [1], "negative": [0]},
    ]


def table(declared: Sequence[dict[str, Any]], name: str = "rows") -> TableSubject:
    """Return a table as declared."""
    return TableSubject.model_validate(
        {
            "id": name,
            "kind": "table",
            "title": name,
            "path": f"{name}.csv",
            "purpose": "testing",
            "columns": declared,
        }
    )


def target(
    folder: Path,
    rows: pd.DataFrame,
    declared: Sequence[dict[str, Any]],
    model: Any = None,
    *,
    seed: int = 7,
    training: pd.DataFrame | None = None,
    **robustness: Any,
) -> Target:
    """Return a joblib model over a table, ready to be tried; the scratch folder is new each time.

    Args:
        folder: where files go.
        rows: the table.
        declared: its columns.
        model: what is saved as ``m.joblib``; nothing if None.
        seed: seed of the run.
        training: the table on which it was trained, if that is declared.
        robustness: further fields of the declaration.
    """
    rows.to_csv(folder / "rows.csv", index=False)
    tables = {SubjectId("rows"): (table(declared), folder / "rows.csv")}
    fields: dict[str, Any] = {"data": "rows", **robustness}
    if training is not None:
        training.to_csv(folder / "training.csv", index=False)
        tables[SubjectId("training")] = (table(declared, "training"), folder / "training.csv")
        fields["training"] = "training"
    if model is not None:
        joblib.dump(model, folder / "m.joblib")
    subject = {"id": "m", "kind": "model", "title": "M", "path": "m.joblib", "format": "joblib"}
    return Target(
        subject=ModelSubject.model_validate({**subject, "robustness": fields}),
        path=folder / "m.joblib",
        tables=tables,
        scratch=scratch(folder),
        seed=seed,
    )


def scratch(folder: Path) -> Path:
    """Return an empty folder."""
    made = folder / f"scratch-{sum(1 for _ in folder.glob('scratch-*'))}"
    made.mkdir()
    return made


def of_metric(found: ProbeResult, metric: str) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Any]:
    """Return the results of one metric by attribute and group."""
    return {(m.by, m.group): m.result for m in found.measurements if m.metric == metric}


def scalar(found: ProbeResult, metric: str, by: tuple[str, ...] = (), group: tuple[str, ...] = ()) -> Scalar:
    """Return one result that is a number."""
    result = of_metric(found, metric)[by, group]
    assert isinstance(result, Scalar), result
    return result


def order(measurements: Sequence[Measurement]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return what measurements are sorted by."""
    return [(str(m.metric), m.by, m.group) for m in measurements]


def linear_onnx(weights: Sequence[float], *, whole: bool = False) -> bytes:
    """Return an ONNX model of one output: the logistic function of a weighted sum.

    Args:
        weights: one for each feature.
        whole: whether its input is whole numbers, which it turns into fractions first.

    Source:
        ONNX, onnx/onnx.proto: numbers of the fields.
    """
    data = field(1, len(weights)) + field(1, 1) + field(2, 1) + field(8, "w")
    tensor = data + field(9, struct.pack(f"<{len(weights)}f", *weights))
    cast = field(1, "x") + field(2, "f") + field(4, "Cast") + field(5, _whole_number("to", 1))
    nodes = [cast] if whole else []
    nodes.append(field(1, "f" if whole else "x") + field(1, "w") + field(2, "s") + field(4, "MatMul"))
    nodes.append(field(1, "s") + field(2, "p") + field(4, "Sigmoid"))
    graph = b"".join(field(1, node) for node in nodes) + field(2, "g") + field(5, tensor)
    graph += field(11, _matrix("x", 7 if whole else 1, len(weights))) + field(12, _matrix("p", 1, 1))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def sum_onnx(*names: str) -> bytes:
    """Return an ONNX model of two inputs of one column each, whose sum is its output."""
    node = b"".join(field(1, name) for name in names) + field(2, "s") + field(4, "Add")
    graph = field(1, node) + field(2, "g")
    graph += b"".join(field(11, _matrix(name, 1, 1)) for name in names) + field(12, _matrix("s", 1, 1))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def _whole_number(name: str, value: int) -> bytes:
    """Return an attribute of an operator that is a whole number."""
    return field(1, name) + field(3, value) + field(20, 2)


def _matrix(name: str, kind: int, width: int) -> bytes:
    """Return a description of a matrix with any number of rows."""
    shape = field(1, field(2, "rows")) + field(1, field(1, width))
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))
