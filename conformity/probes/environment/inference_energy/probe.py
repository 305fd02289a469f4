"""Run the declared model over declared rows and report energy, emissions and time per 1,000 predictions."""

from __future__ import annotations

import math
import statistics
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from conformity.errors import ModelFileError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import ModelSubject
from conformity.probes.environment.inference_energy.energy import (
    EnergyReading,
    EnergyReadings,
    find_parts,
    grid,
    measure_energy,
)
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.model_files.loading import MAX_ROWS, load_model, load_rows

_PER = 1000
_LEVEL = 0.95


class InferenceEnergyProbe:
    """Measure what predictions cost."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy, emissions and time per 1,000 predictions, medians over the repeats.

        Raises:
            NotMeasurableError: nothing is declared to run, or the model may not be or cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read, or the country is not known.
        """
        subject = target.subject
        if not isinstance(subject, ModelSubject):
            raise ModelFileError(f"{subject.id} is not a model; declare it with `kind: model`")
        declared = subject.inference
        if declared is None:
            raise NotMeasurableError(
                "the manifest does not say on which table to run the model (`inference`)"
            )
        if declared.data not in target.tables:
            raise NotMeasurableError(f"the table {declared.data}, on which to run the model, is not at hand")
        grid(declared.country)
        table, path = target.tables[declared.data]
        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(find_parts, declared.country)
            rows = load_rows(table, path)
            loaded = load_model(subject, target.path, target.scratch)
            work = _work(loaded.model, rows)
        readings = measure_energy(declared.country, work, declared.repeats)
        return ProbeResult(
            measurements=_measurements(readings, len(rows), SubjectId(subject.id)),
            notes=(*_notes(readings, len(rows)), *loaded.notes),
        )


def _work(model: Any, rows: Any) -> Callable[[], None]:
    """Return the prediction of all rows, having done it once to warm up and to see that it works."""
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


def _measurements(readings: EnergyReadings, rows: int, subject: SubjectId) -> tuple[Measurement, ...]:
    """Return the three measurements, sorted by metric."""
    taken = readings.readings
    silent = sum(reading.energy_kwh <= 0 for reading in taken)
    results: list[tuple[str, Result]] = [
        ("inference_emissions_g_per_1000", _per_1000(taken, rows, "g", lambda r: r.emissions_kg * 1000)),
        ("inference_energy_kwh_per_1000", _per_1000(taken, rows, "kWh", lambda r: r.energy_kwh)),
    ]
    if silent:
        reason = f"the meter gave no energy for {silent} of {len(taken)} repeats; predict more rows"
        missing = NotAvailable(why="undefined", reason=reason, n=rows)
        results = [(metric, missing) for metric, _ in results]
    results.append(("inference_time_s_per_1000", _per_1000(taken, rows, "s", lambda r: r.duration_s)))
    return tuple(
        Measurement(metric=MetricId(metric), subject=subject, result=result) for metric, result in results
    )


def _per_1000(
    readings: Sequence[EnergyReading], rows: int, unit: str, pick: Callable[[EnergyReading], float]
) -> Scalar:
    """Return the median of a quantity per 1,000 predictions."""
    values = [pick(reading) / (rows * reading.runs) * _PER for reading in readings]
    return Scalar(value=statistics.median(values), unit=unit, n=rows, interval=median_interval(values))


def median_interval(values: Sequence[float]) -> Interval | None:
    """Return an interval for the median that assumes nothing about the distribution; none for one value.

    The k-th smallest and the k-th largest value hold the median with probability ``1 - 2 P(X < k)``,
    X binomial(n, 1/2). The largest k that reaches 95 % is taken; with fewer than six values none does,
    and the ends are the smallest and the largest, with the level they reach.

    Args:
        values: independent readings, at least one.

    Source:
        David and Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1.
    """
    count = len(values)
    if count < 2:
        return None
    ordered = sorted(values)
    tails = [sum(math.comb(count, i) for i in range(k)) / 2**count for k in range(1, count // 2 + 1)]
    fitting = [k for k, tail in enumerate(tails, start=1) if 1 - 2 * tail >= _LEVEL]
    k = max(fitting, default=1)
    return Interval(
        low=ordered[k - 1],
        high=ordered[-k],
        level=1 - 2 * tails[k - 1],
        method=f"order statistics of {count} repeats",
    )


def _notes(readings: EnergyReadings, rows: int) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    methods = {part.method for part in readings.components}
    banner = {
        frozenset({"measured"}): "MEASURED: all parts come from counters.",
        frozenset(
            {"modelled"}
        ): "MODELLED: this machine offers no energy counter; the energy is an estimate.",
    }.get(frozenset(methods), "MIXED: some parts are measured and some are modelled.")
    parts = "; ".join(f"{part.name} {part.method} from {part.how}" for part in readings.components)
    runs = sum(reading.runs for reading in readings.readings)
    notes = [
        banner,
        f"{parts} ({readings.software}).",
        f"Grid: {readings.country}, {readings.grid_g_per_kwh:g} g CO2e per kWh, average of "
        f"{readings.grid_year}. The overhead of a data centre is not added, and an idle machine's power is "
        "not taken off.",
        f"{rows} rows were predicted {runs} times in {len(readings.readings)} repeats, after one to warm up.",
    ]
    if rows == MAX_ROWS:
        notes.append(f"No more than the first {MAX_ROWS} rows of the table were predicted.")
    if not any(part.name == "GPU" for part in readings.components):
        notes.append("No graphics processor was seen; the energy of one is not in these numbers.")
    return tuple(notes)


PROBE = InferenceEnergyProbe()
"""The probe."""
