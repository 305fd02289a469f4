"""All that a reader must know about figures of energy, in the order in which it qualifies them."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.probes.shared.energy.devices import meter_name
from conformity.probes.shared.energy.footing import Footing
from conformity.probes.shared.energy.machine import graphics_present, hardware_note
from conformity.probes.shared.energy.words import (
    banner,
    declared_note,
    elsewhere_note,
    error_note,
    graphics_note,
    grid_note,
    load_note,
    parts_in_words,
    sampling_note,
    scatter_note,
)


def notes(
    footing: Footing,
    *,
    work: str,
    first: str = "",
    idle: str = "",
    elsewhere: bool = False,
    further: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the notes; the report prints the first few beside the figures.

    Args:
        footing: what was read.
        work: what was done again and again.
        first: what else qualifies the figures most.
        idle: the idle machine; empty where it was not read.
        elsewhere: whether to tell what the same energy would be in each member state.
        further: what else came up.
    """
    parts, silent = footing.parts, footing.silent is not None
    told = (
        f"{banner(parts)} Parts: {parts_in_words(parts, meter_name())}",
        first,
        load_note(footing.repeats),
        work,
        grid_note(footing),
        idle,
        sampling_note(footing),
        "" if silent else scatter_note(footing),
        error_note(footing),
        declared_note(footing),
        "" if silent or not elsewhere else elsewhere_note(footing),
        hardware_note(),
        graphics_note(parts, graphics_present()),
        *further,
    )
    return tuple(note for note in told if note)
