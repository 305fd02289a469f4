"""What a reader must know about figures of energy, in sentences that follow from the readings alone."""

from __future__ import annotations

import math
import statistics

from conformity.model.energy import DeclaredFigure, PartName, obtained_by
from conformity.probes.shared.energy.data_files import errors, member_states
from conformity.probes.shared.energy.footing import Footing, median_interval
from conformity.probes.shared.energy.machine import Seen
from conformity.probes.shared.energy.parts import Part
from conformity.probes.shared.energy.repeats import Repeat

_BUSY = 0.2
"""Above this share of the processors, the load of others is told as a fault of the reading."""

_LARGE = 10_000
"""From here on declared figures are told in whole numbers."""

_NAMES: dict[PartName, str] = {
    "processor": "CPU",
    "graphics": "GPU",
    "memory": "memory",
    "other": "another part",
}

_DECLARED = {
    "uses_per_year": "predictions a year",
    "pue": "PUE",
    "grid_g_per_kwh": "grid, g CO2e per kWh",
    "embodied_g_per_1000": "making of the hardware, g CO2e per 1,000",
    "water_l_per_kwh": "water, l per kWh",
    "previous_kwh_per_1000": "version before, kWh per 1,000",
}


def banner(parts: tuple[Part, ...]) -> str:
    """Return how the energy was obtained, in the first words that a reader sees."""
    match obtained_by(part.method for part in parts):
        case "measured":
            return "MEASURED: all parts listed were read from sensors."
        case "partly modelled":
            return "PARTLY MODELLED: some parts were read from sensors and some are estimates."
        case _:
            return "MODELLED: no part was read from a sensor; the energy is an estimate."


def parts_in_words(parts: tuple[Part, ...], software: str) -> str:
    """Return each part with its method and sensor or assumption."""
    told = "; ".join(f"{_NAMES[part.name]} {part.method} from {part.how}" for part in parts)
    return f"{told} ({software})."


def graphics_note(parts: tuple[Part, ...], present: Seen) -> str:
    """Return whether a graphics processor is missing from the figures; empty when one was read."""
    if any(part.name == "graphics" for part in parts):
        return ""
    said = {
        "present": " by the meter, though the machine has one: GAP, its energy is not in these numbers.",
        "absent": "; the machine lists none.",
        "hidden": "; whether the machine has one could not be told from here, and its energy would not be in "
        "these numbers.",
    }
    return f"No graphics processor was seen{said[present]}"


def repeats_note(footing: Footing) -> str:
    """Return how many rows were predicted at once, how often, and in how many repeats."""
    runs = sum(repeat.runs for repeat in footing.repeats)
    return (
        f"{footing.rows} rows were predicted at once, as one batch, {runs} times in {len(footing.repeats)} "
        "repeats, after one to warm up; single predictions may take more each."
    )


def load_note(repeats: tuple[Repeat, ...]) -> str:
    """Return how much of the machine others used while it was read."""
    told = [repeat.other_load for repeat in repeats if repeat.other_load is not None]
    if not told:
        return "How much of the machine other programs used meanwhile could not be told."
    worst = max(told)
    if worst <= _BUSY:
        return f"Other programs used up to {worst:.0%} of the processors meanwhile."
    return (
        f"OTHER LOAD: other programs used up to {worst:.0%} of the processors meanwhile; their energy is in "
        "these numbers. Measure again on a machine that does nothing else."
    )


def sampling_note(footing: Footing) -> str:
    """Return how often and how densely the parts were read."""
    readings = [repeat.reading for repeat in footing.repeats]
    samples = [reading.count for reading in readings]
    covered = min(reading.covered for reading in readings)
    times = [reading.duration_s for reading in readings]
    return (
        f"Read every {readings[0].interval_s:g} s, {min(samples)} to {max(samples)} times a repeat of "
        f"{min(times):.2g} to {max(times):.2g} s; readings cover {_floored(covered)} of the time."
    )


def scatter_note(footing: Footing) -> str:
    """Return how far repeats lie apart, apart from how far they may be from the truth."""
    interval = median_interval(footing.energies)
    if interval is None:
        return "One repeat does not show how far readings lie apart."
    return (
        f"Repeats alone: {interval.low:.3g} to {interval.high:.3g} kWh {footing.unit}, {interval.method}, "
        f"level {interval.level:.1%}."
    )


def error_note(footing: Footing) -> str:
    """Return how far the figures may be from the truth beside the scatter of repeats, and who says so."""
    known, span = errors(), footing.meter_error
    told = [
        f"{_NAMES[part.name]}, {part.method}: {error.low:g} to {error.high:g} times the figure "
        f"({error.source})"
        for part in footing.parts
        for error in [known.of(part.method, part.name)]
    ]
    whole = known.whole_machine
    return (
        f"Error of the meter, beside the scatter of repeats: the truth may be {span.low:.2g} to "
        f"{span.high:.2g} times the figure (table of errors, version {known.version}): {'; '.join(told)}; "
        f"the whole machine, no better than {whole.low:g} to {whole.high:g} ({whole.source})."
    )


def grid_note(footing: Footing) -> str:
    """Return which electricity and which overhead were taken, each with its source."""
    own, footprint = footing.grid, footing.footprint
    if footprint.grid_g_per_kwh is None:
        grid = f"Grid: {own.name}, {own.g_per_kwh:g} g CO2e per kWh, average of {own.year} ({own.source})"
    else:
        grid = f"Grid: declared instead of {own.name}'s average of {own.g_per_kwh:g} g CO2e per kWh"
    overhead = "" if footprint.pue else " The overhead of a data centre is not added."
    return f"{grid}.{overhead} An idle machine's power is not taken off."


def declared_note(footing: Footing) -> str:
    """Return everything that was declared, with range, source and year; empty when nothing was."""
    told = [
        f"{name} {_range(figure)} ({figure.source}, {figure.year})"
        for field, name in _DECLARED.items()
        if (figure := getattr(footing.footprint, field)) is not None
    ]
    return f"DECLARED, not measured: {'; '.join(told)}." if told else ""


def elsewhere_note(footing: Footing) -> str:
    """Return the carbon of the same energy in each member state."""
    union = member_states()
    energy = statistics.median(footing.energies) * footing.overhead.value
    told = ", ".join(f"{state.name} {energy * state.g_per_kwh:.3g}" for state in union.states)
    return (
        f"With the same energy in another member state, g CO2e {footing.unit}: {told}. Grids of "
        f"{union.year}, {union.source}, version {union.version}."
    )


def _range(figure: DeclaredFigure) -> str:
    """Return a declared figure with its range."""
    low, high = figure.ends
    told = [f"{end:,.0f}" if end >= _LARGE else f"{end:g}" for end in (figure.value, low, high)]
    return told[0] if low == high else f"{told[0]}, {told[1]} to {told[2]}"


def _floored(share: float) -> str:
    """Return a share in whole percent, so that nothing less than all reads 100 %."""
    return f"{math.floor(share * 100 + 1e-9)} %"
