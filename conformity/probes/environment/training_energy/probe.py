"""Run the declared program that trains, by the whole protocol, and tell what one run takes."""

from __future__ import annotations

import time
from pathlib import Path

from conformity.model.base import SubjectId
from conformity.model.energy import Footprint
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import ModelSubject
from conformity.probes.environment.training_energy.program import Program, left_mb, program_of
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.energy.devices import find_devices
from conformity.probes.shared.energy.figures import elsewhere_results, repeated, sorted_measurements
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.grids import grid
from conformity.probes.shared.energy.protocol import (
    FEWEST,
    LENGTH,
    MOST_S,
    Allowance,
    idle_note,
    protocol_results,
    protocol_timing,
)
from conformity.probes.shared.energy.repeats import measure_repeats
from conformity.probes.shared.energy.telling import notes
from conformity.probes.shared.energy.usage import Usage, usage_now

_PREFIX = "training"


class TrainingEnergyProbe:
    """Measure what training costs, in long repeats."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy, carbon, time, memory and storage of one training run, medians over the repeats.

        Raises:
            NotMeasurableError: nothing is declared to run, it cannot be started, fails, or takes too long.
            DataError: the country is not known.
            MissingLibraryError: the meter does not work on this machine.
        """
        program = program_of(target)
        electricity = grid(program.training.country)
        devices = find_devices(program.training.country)
        allowance = Allowance()
        _warm_up(program)
        timing = protocol_timing(program.training.repeats)
        seen = measure_repeats(devices, program.run, timing, may_go_on=allowance)
        footing = Footing(seen.repeats, 1, electricity, _footprint(target), per=1)
        elsewhere = elsewhere_results(footing, _PREFIX)
        found = [
            *protocol_results(footing, seen, LENGTH, _PREFIX, further=elsewhere),
            *resources(footing, usage_now(), target.scratch),
        ]
        return ProbeResult(
            measurements=sorted_measurements(SubjectId(target.subject.id), found),
            notes=notes(footing, work=_work_note(footing), idle=idle_note(seen), elsewhere=True),
        )


def _warm_up(program: Program) -> None:
    """Run the program once, so that what it reads lies in memory.

    Raises:
        NotMeasurableError: it fails, or the repeats would take longer than a worker may.
    """
    began = time.monotonic()
    program.run()
    took = time.monotonic() - began
    if took * (FEWEST + 1) > MOST_S:
        raise NotMeasurableError(
            f"one run takes {took:.0f} s, and {FEWEST} more would take longer than a worker may; track it "
            "with `conformity track` and hand in the record"
        )


def _footprint(target: Target) -> Footprint:
    """Return what was declared about data centre and grid; figures of use have no place in a training run."""
    subject = target.subject
    assert isinstance(subject, ModelSubject), "the program was found in it"
    whole = subject.footprint or Footprint()
    return Footprint(pue=whole.pue, grid_g_per_kwh=whole.grid_g_per_kwh)


def resources(footing: Footing, used: Usage, scratch: Path) -> list[tuple[str, str, str, Result]]:
    """Return what one run needs of the machine, whatever its energy.

    Args:
        footing: what was read.
        used: processor time and memory after all runs.
        scratch: the folder that holds the one in which the program ran.
    """
    repeats = footing.repeats
    seconds = footing.each([repeat.reading.duration_s for repeat in repeats])
    spent = footing.each([repeat.processor_s for repeat in repeats])
    return [
        ("training_time_s", "", "", repeated(seconds, "s", "measured")),
        ("training_processor_s", "", "", repeated(spent, "s", "measured")),
        ("training_peak_memory_mb", "", "", _memory(used)),
        ("training_written_mb", "", "", Scalar(value=left_mb(scratch), unit="MB", n=1, obtained="measured")),
    ]


def _memory(used: Usage) -> Result:
    """Return the most memory that the program held, or that it cannot be told from the worker's own."""
    most = used.of_child_mb
    if most is None:
        return NotAvailable(
            why="undefined",
            reason=f"the program held less memory than the worker that started it ({used.own_mb:.0f} MB)",
        )
    return Scalar(value=most, unit="MB", n=1, obtained="measured")


def _work_note(footing: Footing) -> str:
    """Return how often the program ran, and what a run begins with."""
    runs = sum(repeat.runs for repeat in footing.repeats)
    return (
        f"The program was run {runs} times in {len(footing.repeats)} repeats, after once to warm up; "
        "starting it and reading its data is part of every run."
    )


PROBE = TrainingEnergyProbe()
"""The probe."""
