"""Measure the energy of predictions by the whole protocol, with the idle machine read between repeats."""

from __future__ import annotations

from conformity.model.base import SubjectId
from conformity.probes.environment.running import make_ready
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.shared.energy.figures import sorted_measurements
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.protocol import (
    LENGTH,
    Allowance,
    idle_note,
    protocol_results,
    protocol_timing,
)
from conformity.probes.shared.energy.repeats import measure_repeats
from conformity.probes.shared.energy.telling import notes
from conformity.probes.shared.energy.words import repeats_note


class EnergyProtocolProbe:
    """Measure what predictions cost, in long repeats."""

    def examine(self, target: Target) -> ProbeResult:
        """Return energy and carbon of 1,000 predictions, the idle machine's power, and power over time.

        Raises:
            NotMeasurableError: nothing is declared to run, or the model may not be or cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read, or the country is not known.
            MissingLibraryError: the meter does not work on this machine.
        """
        ready = make_ready(target)
        timing = protocol_timing(ready.inference.repeats)
        seen = measure_repeats(ready.devices, ready.work, timing, may_go_on=Allowance())
        footing = Footing(seen.repeats, ready.rows, ready.grid, ready.footprint)
        found = protocol_results(footing, seen, LENGTH, "protocol")
        return ProbeResult(
            measurements=sorted_measurements(SubjectId(target.subject.id), found),
            notes=notes(
                footing, work=repeats_note(footing), idle=idle_note(seen), further=(*ready.cut, *ready.notes)
            ),
        )


PROBE = EnergyProtocolProbe()
"""The probe."""
