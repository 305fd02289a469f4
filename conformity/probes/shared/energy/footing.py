"""What figures of energy rest on: the repeats, the parts, the grid, and what was declared."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.energy import DeclaredFigure, Footprint, Grid, obtained_by
from conformity.model.measurement import Interval, NotAvailable, Obtained
from conformity.probes.shared.energy.data_files import errors
from conformity.probes.shared.energy.parts import Part
from conformity.probes.shared.energy.repeats import Repeat

PER = 1000
"""How many predictions figures are told for, unless it is a whole run."""

_LEVEL = 0.95
_NOTHING_DECLARED = Footprint()


@dataclass(frozen=True)
class Span:
    """A figure with the ends between which it lies, as far as is known."""

    value: float
    """The figure."""
    low: float
    """The least that it may be."""
    high: float
    """The most that it may be."""

    def times(self, other: Span) -> Span:
        """Return the product; all ends are positive, so the ends of the product are products of ends."""
        return Span(self.value * other.value, self.low * other.low, self.high * other.high)

    def plus(self, other: Span) -> Span:
        """Return the sum."""
        return Span(self.value + other.value, self.low + other.low, self.high + other.high)

    def scaled(self, factor: float) -> Span:
        """Return the figure in another unit."""
        return self.times(exactly(factor))


def exactly(value: float) -> Span:
    """Return a figure that is known exactly."""
    return Span(value, value, value)


def declared(figure: DeclaredFigure | None, otherwise: float) -> Span:
    """Return a declared figure, or what is taken where none is declared."""
    return exactly(otherwise) if figure is None else Span(figure.value, *figure.ends)


@dataclass(frozen=True)
class Footing:
    """The readings of one piece of work, and how to read them."""

    repeats: tuple[Repeat, ...]
    """The repeats, at least one."""
    rows: int
    """How many rows are predicted each time the work is done; 1 for work that is told as a whole."""
    grid: Grid
    """The electricity of the declared country."""
    footprint: Footprint = _NOTHING_DECLARED
    """What was declared."""
    per: int = PER
    """How many predictions figures are told for; 1 for work that is told as a whole."""

    @property
    def unit(self) -> str:
        """What figures are told for, in words."""
        return "a run" if self.per == 1 else f"per {self.per:,}"

    @property
    def suffix(self) -> str:
        """What the names of metrics end with."""
        return "" if self.per == 1 else f"_per_{self.per}"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the machine that were covered."""
        return self.repeats[0].reading.parts

    @property
    def obtained(self) -> Obtained:
        """How the energy was obtained; it follows from the parts and cannot be given."""
        return obtained_by(part.method for part in self.parts)

    @property
    def silent(self) -> NotAvailable | None:
        """Why there is no energy: in some repeat some part gave nothing; none when all gave something."""
        found = [repeat.reading.silent for repeat in self.repeats if repeat.reading.silent]
        if not found:
            return None
        reason = (
            f"the {found[0][0].name} gave no energy for {len(found)} of {len(self.repeats)} repeats; predict "
            "more rows, or see whether its sensor can be read"
        )
        return NotAvailable(why="undefined", reason=reason, n=len(self.repeats))

    def each(self, quantities: Sequence[float]) -> list[float]:
        """Return a quantity of each repeat for 1,000 predictions, or for one run."""
        pairs = zip(self.repeats, quantities, strict=True)
        return [quantity / (self.rows * repeat.runs) * self.per for repeat, quantity in pairs]

    @property
    def energies(self) -> list[float]:
        """Energy of each repeat per 1,000 predictions or per run, in kWh."""
        return self.each([repeat.reading.energy_kwh for repeat in self.repeats])

    def part_energies(self, place: int) -> list[float]:
        """Return the energy of one part in each repeat per 1,000 predictions or per run, in kWh."""
        return self.each([repeat.reading.energies_kwh[place] for repeat in self.repeats])

    @property
    def meter_error(self) -> Span:
        """The truth over the figure: the parts' errors, weighted, but no less than any such meter's."""
        known, sums = errors(), [0.0, 0.0, 0.0]
        for place, part in enumerate(self.parts):
            error = known.of(part.method, part.name)
            energy = statistics.median(self.part_energies(place))
            sums = [sums[0] + energy, sums[1] + energy * error.low, sums[2] + energy * error.high]
        whole = known.whole_machine
        if sums[0] <= 0:
            return Span(1.0, whole.low, whole.high)
        return Span(1.0, min(whole.low, sums[1] / sums[0]), max(whole.high, sums[2] / sums[0]))

    @property
    def energy(self) -> Span:
        """Energy per 1,000 predictions or per run, in kWh: the median, between ends by scatter and error."""
        return _between_ends(self.energies).times(self.meter_error)

    def part_energy(self, place: int) -> Span:
        """Return the energy of one part per 1,000 predictions or per run, in kWh, with its ends."""
        part, known = self.parts[place], errors()
        error, whole = known.of(part.method, part.name), known.whole_machine
        span = Span(1.0, min(whole.low, error.low), max(whole.high, error.high))
        return _between_ends(self.part_energies(place)).times(span)

    @property
    def carbon(self) -> Span:
        """Emissions of that energy, in g CO2e, with the data centre's overhead where declared."""
        return self.energy.times(self.overhead).times(self.intensity)

    @property
    def overhead(self) -> Span:
        """Energy of the data centre over that of its computers; 1 where nothing is declared."""
        return declared(self.footprint.pue, 1.0)

    @property
    def intensity(self) -> Span:
        """Emissions of the electricity, in g CO2e per kWh."""
        return declared(self.footprint.grid_g_per_kwh, self.grid.g_per_kwh)

    def interval_of(self, span: Span) -> Interval | None:
        """Return the ends of a figure as an interval; none where a single repeat shows no scatter."""
        base = median_interval(self.energies)
        if base is None:
            return None
        method = (
            f"{base.method}, widened by the error of the meter (table of errors, version "
            f"{errors().version}) and the declared ranges"
        )
        return Interval(low=span.low, high=span.high, level=base.level, method=method)


def _between_ends(values: Sequence[float]) -> Span:
    """Return the median of repeats between the ends of its interval, or alone where it has none."""
    interval = median_interval(values)
    middle = statistics.median(values)
    low, high = (interval.low, interval.high) if interval else (middle, middle)
    return Span(middle, low, high)


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
