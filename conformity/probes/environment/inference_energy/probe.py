"""Run the declared model over declared rows and report resources, energy and carbon per 1,000 predictions."""

from __future__ import annotations

import resource
from pathlib import Path

from conformity.model.base import SubjectId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.environment.running import Ready, make_ready
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.shared.energy.figures import energy_results, repeated, sorted_measurements, use_results
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.repeats import Timing, measure_repeats
from conformity.probes.shared.energy.telling import notes
from conformity.probes.shared.energy.words import repeats_note

_LEAST_S, _INTERVAL_S, _MOST_ROWS = 0.1, 0.05, 5_000
"""Short enough to be taken with every assessment: starting the model's libraries takes longer."""
_SHORT = (
    "SHORT READING, INDICATIVE: repeats of less than ten seconds, which single events may move. A run at "
    "depth `full` takes the whole protocol where the manifest declares a `footprint`."
)


class InferenceEnergyProbe:
    """Measure what predictions cost, in a short reading."""

    def examine(self, target: Target) -> ProbeResult:
        """Return time, memory, energy and carbon of 1,000 predictions, medians over the repeats.

        Raises:
            NotMeasurableError: nothing is declared to run, or the model may not be or cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read, or the country is not known.
            MissingLibraryError: the meter does not work on this machine.
        """
        ready = make_ready(target, _MOST_ROWS)
        seen = measure_repeats(ready.devices, ready.work, _timing(ready))
        footing = Footing(seen.repeats, ready.rows, ready.grid, ready.footprint)
        results = [
            *energy_results(footing, "inference"),
            *use_results(footing),
            *resources(footing, target.path),
        ]
        return ProbeResult(
            measurements=sorted_measurements(SubjectId(target.subject.id), results),
            notes=notes(
                footing,
                first=_SHORT,
                work=repeats_note(footing),
                elsewhere=True,
                further=(*ready.cut, *ready.notes),
            ),
        )


def _timing(ready: Ready) -> Timing:
    """Return how long and how often to read."""
    return Timing(least_s=_LEAST_S, interval_s=_INTERVAL_S, repeats=ready.inference.repeats)


def resources(footing: Footing, path: Path) -> list[tuple[str, str, str, Result]]:
    """Return what 1,000 predictions need of the machine, whatever its energy.

    Args:
        footing: what was read.
        path: the model's file or folder.
    """
    repeats = footing.repeats
    seconds = footing.each([repeat.reading.duration_s for repeat in repeats])
    spent = footing.each([repeat.processor_s for repeat in repeats])
    power = [repeat.reading.power_w for repeat in repeats]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    found: list[tuple[str, str, str, Result]] = [
        ("inference_time_s_per_1000", "", "", repeated(seconds, "s", "measured")),
        ("inference_processor_s_per_1000", "", "", repeated(spent, "s", "measured")),
        ("inference_peak_memory_mb", "", "", Scalar(value=memory, unit="MB", n=1, obtained="measured")),
        ("model_storage_mb", "", "", Scalar(value=_size_mb(path), unit="MB", n=1, obtained="measured")),
    ]
    silent = footing.silent
    watts: Result = silent if silent is not None else repeated(power, "W", footing.obtained)
    return [*found, ("inference_power_w", "", "", watts), *_graphics(footing)]


def _graphics(footing: Footing) -> list[tuple[str, str, str, Result]]:
    """Return how busy graphics processors were and the memory in use there; nothing where there are none."""
    names = ("inference_accelerator_s_per_1000", "inference_accelerator_memory_mb")
    did = [repeat.reading.graphics for repeat in footing.repeats]
    known = [one for one in did if one is not None]
    if len(known) == len(did):
        busy = repeated(footing.each([one.busy_s for one in known]), "s", "measured")
        memory = max(one.memory_mb for one in known)
        return [
            (names[0], "", "", busy),
            (names[1], "", "", Scalar(value=memory, unit="MB", n=len(known), obtained="measured")),
        ]
    if not any(part.name == "graphics" for part in footing.parts):
        return []
    reason = "the graphics processors did not tell how busy they were"
    return [(name, "", "", NotAvailable(why="undefined", reason=reason, n=len(did))) for name in names]


def _size_mb(path: Path) -> float:
    """Return the size of a file, or of all files in a folder, in MB."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


PROBE = InferenceEnergyProbe()
"""The probe."""
