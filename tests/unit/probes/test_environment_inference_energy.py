"""Energy of predictions: a real model, a real meter, and everything that must not be loaded."""

from __future__ import annotations

import os
import pickle
import socket
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from conformity.errors import DataError, MissingLibraryError, ModelFileError
from conformity.model.base import SubjectId
from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.subject import (
    Column,
    Inference,
    ModelSubject,
    PromptLogSubject,
    TableSubject,
)
from conformity.probes.environment.inference_energy.probe import PROBE, resources
from conformity.probes.environment.running import make_ready, work_of
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.energy.accelerator import Graphics
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.model_files import loading
from tests.support.energy import footing, part

Format = Literal["joblib", "pickle", "skops", "onnx", "safetensors", "other"]
_COLUMNS = ("a", "b")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Give a folder with a table in every format and a model trained on it."""
    import joblib
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.feather
    import skops.io
    from sklearn.linear_model import LogisticRegression

    frame = pd.DataFrame(np.random.default_rng(1).random((40, 3)), columns=["b", "x", "a"])
    frame.to_csv(tmp_path / "d.csv", index=False)
    frame.to_csv(tmp_path / "d.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "d.parquet")
    frame.to_json(tmp_path / "d.jsonl", orient="records", lines=True)
    pyarrow.feather.write_feather(
        pa.Table.from_pandas(frame), tmp_path / "d.arrow", compression="uncompressed"
    )
    model = LogisticRegression().fit(frame[["a", "b"]], frame.a > frame.b)
    joblib.dump(model, tmp_path / "m.joblib")
    (tmp_path / "m.pickle").write_bytes(pickle.dumps(model))
    skops.io.dump(model, tmp_path / "m.skops")
    (tmp_path / "scratch").mkdir()
    return tmp_path


def _target(
    folder: Path,
    model: str = "m.joblib",
    data: str = "d.csv",
    *,
    declared: Format = "joblib",
    columns: tuple[str, ...] = _COLUMNS,
    country: str = "DEU",
) -> Target:
    """Return the target of a run."""
    table = TableSubject(
        id=SubjectId("d"),
        title="D",
        path=data,
        kind="table",
        purpose="testing",
        columns=(
            Column(name="x", roles=("protected",)),
            *(Column(name=c, roles=("feature",)) for c in columns),
        ),
    )
    subject = ModelSubject(
        id=SubjectId("m"),
        title="M",
        path=model,
        kind="model",
        format=declared,
        inference=Inference(data=SubjectId("d"), country=country, repeats=2),
    )
    tables = {SubjectId("d"): (table, folder / data)}
    return Target(subject=subject, path=folder / model, tables=tables, scratch=folder / "scratch", seed=1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each repeat take no longer than it must."""
    monkeypatch.setattr("conformity.probes.environment.inference_energy.probe._LEAST_S", 0.06)
    monkeypatch.setattr("conformity.probes.environment.inference_energy.probe._INTERVAL_S", 0.02)


def _check(result: ProbeResult) -> None:
    """Check what every run must give."""
    found = {str(m.metric): m.result for m in result.measurements if not m.by}
    assert list(found) == sorted(found)
    assert set(found) == {
        "inference_emissions_g_per_1000",
        "inference_energy_kwh_per_1000",
        "inference_peak_memory_mb",
        "inference_power_w",
        "inference_processor_s_per_1000",
        "inference_sci_g_per_1000",
        "inference_time_s_per_1000",
        "inference_year_emissions_kg",
        "inference_year_energy_kwh",
        "model_storage_mb",
    }
    for metric in ("inference_time_s_per_1000", "inference_peak_memory_mb", "model_storage_mb"):
        resource = found[metric]
        assert isinstance(resource, Scalar)
        assert resource.value > 0
        assert resource.obtained == "measured"
    assert isinstance(found["inference_sci_g_per_1000"], NotAvailable)
    emissions, energy = found["inference_emissions_g_per_1000"], found["inference_energy_kwh_per_1000"]
    assert isinstance(emissions, Scalar)
    assert isinstance(energy, Scalar)
    assert energy.value > 0
    assert energy.n == 2  # the repeats, not the forty rows
    assert energy.interval is not None
    assert energy.interval.level == 0.5  # two repeats: the median lies between them with probability 1/2
    # CodeCarbon 3.3 has 380.95 g CO2e per kWh for Germany in 2023; never Canada's.
    assert emissions.value / energy.value == pytest.approx(380.95, rel=1e-3)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("data", ["d.csv", "d.tsv", "d.parquet", "d.jsonl", "d.arrow"])
def test_predictions_are_measured(case: Path, data: str) -> None:
    result = PROBE.examine(_target(case, data=data))
    _check(result)
    assert result.notes[0].split(":")[0] in ("MEASURED", "MODELLED", "PARTLY MODELLED")
    parts = [m for m in result.measurements if m.metric == "inference_part_energy_kwh_per_1000"]
    assert {"memory", "processor"} <= {m.group[0] for m in parts}
    # The report prints the first five beside the figures.
    told = " ".join(result.notes[:5])
    for words in (
        "SHORT READING, INDICATIVE",
        "ther programs used",
        "at once, as one batch",
        "380.95 g CO2e per kWh",
    ):
        assert words in told
    assert "40 rows were predicted" in result.notes[3]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("declared", ["pickle", "skops"])
def test_other_formats_are_run(case: Path, declared: Format) -> None:
    _check(PROBE.examine(_target(case, f"m.{declared}", declared=declared)))


@pytest.mark.usefixtures("quick")
def test_a_model_without_names_takes_the_columns_in_order(case: Path) -> None:
    import joblib
    import numpy as np
    from sklearn.linear_model import LinearRegression

    joblib.dump(LinearRegression().fit(np.eye(2), [1, 0]), case / "m.joblib")
    _check(PROBE.examine(_target(case)))


@pytest.mark.usefixtures("quick")
def test_no_connection_is_tried_and_no_file_written(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(case)
    before = set(case.rglob("*"))
    PROBE.examine(_target(case))
    assert {path.name for path in set(case.rglob("*")) - before} == {"model", "scan"}


@pytest.mark.usefixtures("quick")
def test_only_the_first_rows_are_taken_and_it_is_said(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_ROWS", 7)
    (case / "more").mkdir()
    for name in ("1.csv", "2.csv"):
        (case / "more" / name).write_bytes((case / "d.csv").read_bytes())
    target = _target(case, data="more/*.csv")
    table, _ = target.tables[SubjectId("d")]
    assert len(loading.load_rows(table, case / "more" / "*.csv")) == 7
    result = PROBE.examine(target)
    assert "No more than the first 7 rows of the table were predicted." in result.notes


@pytest.mark.usefixtures("quick")
def test_a_short_reading_takes_a_part_of_a_large_table(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.probes.environment.inference_energy.probe._MOST_ROWS", 39)
    result = PROBE.examine(_target(case))
    assert "39 rows were predicted at once" in result.notes[3]
    assert "No more than the first 39 rows of the table were predicted." in result.notes
    (case / "more").mkdir()
    whole = make_ready(replace(_target(case), scratch=case / "more"))
    assert (whole.rows, whole.cut) == (40, ())


class _Touch:
    """Something that creates a file when loaded."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self._path}",)


def _own_class() -> bytes:
    """Return a pickle that names a class of no known library."""
    return b"cmy.models\nModel\n)\x81."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "which is dangerous"),
        (_own_class(), r"names my\.models\.Model, which is not part of a known model library"),
        (pickle.dumps({"no": "model"}), "no model with a `predict` method"),
        (pickle.dumps(["x" * 99])[:-20], "was not loaded: the file could not be followed"),
    ],
    ids=["dangerous", "unknown", "no model", "truncated"],
)
def test_what_must_not_be_run_is_not(case: Path, content: bytes | None, words: str) -> None:
    marker = case / "marker"
    (case / "m.joblib").write_bytes(pickle.dumps(_Touch(marker)) if content is None else content)
    with pytest.raises(NotMeasurableError, match=words):
        PROBE.examine(_target(case))
    assert not marker.exists()


def test_formats_that_are_not_run(case: Path) -> None:
    with pytest.raises(NotMeasurableError, match="format onnx is not run"):
        PROBE.examine(_target(case, declared="onnx"))


def test_a_file_that_does_not_load_is_an_error(case: Path) -> None:
    (case / "m.joblib").write_bytes(b"csklearn.svm\nNoSuchClass\n)\x81.")
    with pytest.raises(ModelFileError, match=r"could not be loaded \(AttributeError\)"):
        PROBE.examine(_target(case))
    (case / "scratch" / "scan").rmdir()
    (case / "m.joblib").write_bytes(b"ccatboost.core\nCatBoostClassifier\n)\x81.")
    with pytest.raises(MissingLibraryError, match="needs the package catboost"):
        PROBE.examine(_target(case))
    (case / "m.joblib").unlink()
    with pytest.raises(ModelFileError, match="cannot be read"):
        PROBE.examine(_target(case))


def test_warnings_of_loading_are_noted(case: Path) -> None:
    """scikit-learn warns when a model was saved by another version."""
    content = (case / "m.pickle").read_bytes()
    import sklearn

    ours = sklearn.__version__.encode("ascii")
    assert content.count(ours) == 1
    (case / "m.pickle").write_bytes(content.replace(ours, b"0" * (len(ours) - 2) + b".1"))
    subject = _target(case, "m.pickle", declared="pickle").subject
    assert isinstance(subject, ModelSubject)
    loaded = loading.load_model(subject, case / "m.pickle", case / "scratch")
    assert loaded.notes == ("Loading the model gave warnings: InconsistentVersionWarning.",)


@pytest.mark.parametrize("columns", [("b", "a"), ("a",), ("a", "b", "x")])
def test_other_columns_than_those_trained_on_are_not_predicted(case: Path, columns: tuple[str, ...]) -> None:
    target = _target(case, columns=_COLUMNS)
    table, path = target.tables[SubjectId("d")]
    bound = table.model_copy(update={"columns": tuple(Column(name=c, roles=("feature",)) for c in columns)})
    target = Target(target.subject, target.path, {SubjectId("d"): (bound, path)}, target.scratch, 1)
    with pytest.raises(NotMeasurableError, match=r"could not predict the declared rows \(ValueError\)"):
        PROBE.examine(target)


def test_text_where_numbers_were_is_not_predicted_nor_quoted(case: Path) -> None:
    (case / "d.csv").write_text("a,b,x\n1,secret-name,1\n2,3,4\n", "utf-8")
    with pytest.raises(NotMeasurableError) as caught:
        PROBE.examine(_target(case))
    assert "secret-name" not in str(caught.value)


def test_a_model_that_answers_too_little_is_not_measured(case: Path) -> None:
    class One:
        """A model with one answer."""

        def predict(self, rows: object) -> list[int]:
            return [1]

    table, path = _target(case).tables[SubjectId("d")]
    with pytest.raises(NotMeasurableError, match="1 predictions for 40 rows"):
        work_of(One(), loading.load_rows(table, path))


def test_tables_that_cannot_be_fed(case: Path) -> None:
    with pytest.raises(NotMeasurableError, match="no column with the role `feature`"):
        PROBE.examine(_target(case, columns=()))
    with pytest.raises(DataError, match=r"feature columns of d cannot be read \(ValueError\)"):
        PROBE.examine(_target(case, columns=("z",)))
    (case / "d.csv").write_text("a,b,x\n", "utf-8")
    with pytest.raises(NotMeasurableError, match="has no rows"):
        PROBE.examine(_target(case))


@pytest.mark.parametrize("country", ["EUE", "XXX", "ZZZ"])
def test_unknown_countries_are_refused(case: Path, country: str) -> None:
    """CodeCarbon would take a world average with no more than a log line (a defect seen in peers)."""
    with pytest.raises(DataError, match="no electricity mix"):
        PROBE.examine(_target(case, country=country))


@pytest.mark.usefixtures("quick")
def test_a_meter_that_gives_nothing_leaves_time_and_memory(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        """A part that gives nothing."""

        def start(self) -> None:
            """Begin."""

        def measure_power_and_energy(self, _: float) -> tuple[None, Any]:
            return None, SimpleNamespace(kWh=0.0)

    monkeypatch.setattr("conformity.probes.environment.running.find_devices", lambda _: (Silent(),))
    result = PROBE.examine(_target(case))
    found = {str(m.metric): m.result for m in result.measurements}
    for metric in ("inference_energy_kwh_per_1000", "inference_power_w", "inference_elsewhere_g_per_1000"):
        missing = found[metric]
        assert isinstance(missing, NotAvailable)
        assert "no energy for 2 of 2 repeats" in missing.reason
    assert isinstance(found["inference_time_s_per_1000"], Scalar)


def _with_graphics(*seen: Graphics | None) -> Footing:
    """Return repeats of a hundred predictions each, with what graphics processors did in them."""
    base = footing(tuple(1.0 for _ in seen), (part(), part("graphics")))
    repeats = tuple(
        replace(repeat, reading=replace(repeat.reading, graphics=did))
        for repeat, did in zip(base.repeats, seen, strict=True)
    )
    return replace(base, repeats=repeats)


def test_graphics_processors_are_resources_too(tmp_path: Path) -> None:
    """By hand: 50 rows x 2 runs; 2, 3 and 4 s busy are 20, 30 and 40 s per 1,000."""
    seen = _with_graphics(Graphics(2.0, 5.0), Graphics(4.0, 7.0), Graphics(3.0, 6.0))
    found = {name: result for name, _, _, result in resources(seen, tmp_path)}
    busy, memory = (
        found[name] for name in ("inference_accelerator_s_per_1000", "inference_accelerator_memory_mb")
    )
    assert isinstance(busy, Scalar)
    assert isinstance(memory, Scalar)
    assert (busy.value, busy.n, busy.obtained, memory.value) == (30.0, 3, "measured", 7.0)


def test_graphics_processors_that_tell_nothing_are_a_gap(tmp_path: Path) -> None:
    seen = _with_graphics(Graphics(2.0, 5.0), None)
    found = [result for name, _, _, result in resources(seen, tmp_path) if "accelerator" in name]
    assert [result.kind for result in found] == ["not_available", "not_available"]


def test_the_storage_of_a_model_in_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "a").write_bytes(b"x" * 1_500_000)
    (tmp_path / "inside" / "b").write_bytes(b"x" * 500_000)
    found = {metric: result for metric, _, _, result in resources(footing((1.0, 2.0)), tmp_path)}
    assert found["model_storage_mb"] == Scalar(value=2.0, unit="MB", n=1, obtained="measured")
    spent = found["inference_processor_s_per_1000"]
    assert isinstance(spent, Scalar)
    assert spent.value == 40.0  # 4 s for 2 runs of 50 rows


def test_what_is_not_declared_is_not_measured(case: Path) -> None:
    target = _target(case)
    bare = target.subject.model_copy(update={"inference": None})
    with pytest.raises(NotMeasurableError, match="does not say on which table"):
        PROBE.examine(Target(bare, target.path, target.tables, target.scratch, 1))
    with pytest.raises(NotMeasurableError, match="is not at hand"):
        PROBE.examine(Target(target.subject, target.path, {}, target.scratch, 1))
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(ModelFileError, match="is not a model"):
        PROBE.examine(Target(log, target.path, {}, target.scratch, 1))
