"""Make ready what is to be measured: the model, the rows it predicts, and the machine's parts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from conformity.errors import ModelFileError
from conformity.model.energy import Footprint, Grid
from conformity.model.subject import Inference, ModelSubject
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.energy.devices import find_devices
from conformity.probes.shared.energy.grids import grid
from conformity.probes.shared.model_files import loading
from conformity.probes.shared.model_files.loading import load_model, load_rows


@dataclass(frozen=True)
class Ready:
    """A piece of work that has been done once, and what reads it."""

    work: Callable[[], None]
    """Predicts all rows."""
    rows: int
    """How many rows it predicts."""
    devices: tuple[Any, ...]
    """The machine's parts."""
    grid: Grid
    """The electricity of the declared country."""
    inference: Inference
    """What was declared about running the model."""
    footprint: Footprint
    """What was declared about its use."""
    notes: tuple[str, ...]
    """What loading the model brought up."""
    cut: tuple[str, ...] = ()
    """That no more than the first rows are predicted, where the table may have more."""


def make_ready(target: Target, most_rows: int | None = None) -> Ready:
    """Return the work of predicting the declared rows, done once to warm up.

    Args:
        target: the model and the tables.
        most_rows: how many of the first rows are predicted at most; all that are read when None.

    Raises:
        NotMeasurableError: nothing is declared to run, or the model may not be or cannot be run.
        ModelFileError: the model cannot be read.
        DataError: the table cannot be read, or the country is not known.
        MissingLibraryError: the meter does not work on this machine.
    """
    subject, declared = declared_inference(target)
    electricity = grid(declared.country)
    table, path = target.tables[declared.data]
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Finding the parts waits for other programs for a second, in which the model can be loaded.
        devices = pool.submit(find_devices, declared.country)
        held = load_rows(table, path)
        rows = held if most_rows is None else held.head(most_rows)
        loaded = load_model(subject, target.path, target.scratch)
        work = work_of(loaded.model, rows)
    return Ready(
        work=work,
        rows=len(rows),
        devices=devices.result(),
        grid=electricity,
        inference=declared,
        footprint=subject.footprint or Footprint(),
        notes=loaded.notes,
        cut=_cut(len(held), len(rows)),
    )


def _cut(held: int, taken: int) -> tuple[str, ...]:
    """Return that not all rows are predicted, where that is so or cannot be told."""
    if taken < held or held == loading.MAX_ROWS:
        return (f"No more than the first {taken} rows of the table were predicted.",)
    return ()


def declared_inference(target: Target) -> tuple[ModelSubject, Inference]:
    """Return the model and what is declared about running it.

    Raises:
        ModelFileError: the subject is no model.
        NotMeasurableError: nothing is declared, or the table is not at hand.
    """
    subject = target.subject
    if not isinstance(subject, ModelSubject):
        raise ModelFileError(f"{subject.id} is not a model; declare it with `kind: model`")
    declared = subject.inference
    if declared is None:
        raise NotMeasurableError("the manifest does not say on which table to run the model (`inference`)")
    if declared.data not in target.tables:
        raise NotMeasurableError(f"the table {declared.data}, on which to run the model, is not at hand")
    return subject, declared


def work_of(model: Any, rows: Any) -> Callable[[], None]:
    """Return the prediction of all rows, having done it once to warm up and to see that it works.

    Raises:
        NotMeasurableError: the model cannot predict them.
    """
    given = rows if hasattr(model, "feature_names_in_") else rows.to_numpy()

    def work() -> None:
        """Predict all rows."""
        model.predict(given)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            predicted = len(model.predict(given))
    except Exception as error:
        # The library's own words may hold values of the data.
        raise NotMeasurableError(
            f"the model could not predict the declared rows ({type(error).__name__}); the `feature` columns "
            "must be those it was trained on, in their order"
        ) from error
    if predicted != len(rows):
        raise NotMeasurableError(f"the model gave {predicted} predictions for {len(rows)} rows")
    return work
