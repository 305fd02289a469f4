"""Energy as a record: what a machine used, part by part, each part with the way its figure was obtained."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from conformity.model.base import Instant, Line, Sha256, Slug, SubjectId, Value
from conformity.model.measurement import Obtained

Method = Literal["measured", "modelled"]
"""Read from a sensor, or computed from an assumed power."""

PartName = Literal["processor", "graphics", "memory", "other"]
"""A part of the machine."""

_ROUNDING = 1e-6


def obtained_by(methods: Iterable[Method]) -> Obtained:
    """Return how a sum was obtained whose terms were obtained by ``methods``.

    Only what is measured in all its parts is measured; a sum of nothing is modelled.
    """
    match frozenset(methods):
        case kinds if kinds == {"measured"}:
            return "measured"
        case kinds if "measured" in kinds:
            return "partly modelled"
        case _:
            return "modelled"


class DeclaredFigure(Value):
    """A figure that nobody measured here: with its range, and where it comes from."""

    value: Annotated[float, Field(ge=0)]
    """The figure."""
    low: Annotated[float, Field(ge=0)] | None = None
    """The least that it may be; the figure itself when not given."""
    high: Annotated[float, Field(ge=0)] | None = None
    """The most that it may be; the figure itself when not given."""
    source: Line
    """Who says so, and where."""
    year: Annotated[int, Field(ge=2000, le=2100)]
    """Of which year it is."""

    @model_validator(mode="after")
    def _in_order(self) -> DeclaredFigure:
        """Check that the figure lies in its range."""
        if not self.ends[0] <= self.value <= self.ends[1]:
            raise ValueError(f"the value {self.value:g} does not lie between `low` and `high`")
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most that it may be."""
        return (
            self.value if self.low is None else self.low,
            self.value if self.high is None else self.high,
        )


class Footprint(Value):
    """What is declared so that energy can be told per year, as carbon, and beside the version before."""

    uses_per_year: DeclaredFigure | None = None
    """How many predictions are made in a year."""
    pue: DeclaredFigure | None = None
    """Energy of the data centre over that of its computers (ISO/IEC 30134-2); 1 or more."""
    grid_g_per_kwh: DeclaredFigure | None = None
    """Emissions of the electricity used, in g CO2e per kWh; the country's average when not given."""
    embodied_g_per_1000: DeclaredFigure | None = None
    """Share of the making of the hardware in 1,000 predictions, in g CO2e."""
    water_l_per_kwh: DeclaredFigure | None = None
    """Water used per kWh of the computers, in litres."""
    previous_kwh_per_1000: DeclaredFigure | None = None
    """Energy of 1,000 predictions of the version before, in kWh."""

    @model_validator(mode="after")
    def _pue_adds(self) -> Footprint:
        """Check that the data centre does not use less than its computers."""
        if self.pue is not None and self.pue.ends[0] < 1:
            raise ValueError("a `pue` below 1 cannot be: the computers are part of the data centre")
        return self


class Training(Value):
    """How the declared program is run to measure what it takes to train a model."""

    data: Annotated[SubjectId, Slug]
    """The table that it trains on, whose file is put in the place of ``{data}`` among the words."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code of the country whose grid powers the machine."""
    repeats: Annotated[int, Field(ge=1, le=10)] = 6
    """How often it is measured; fewer than six give no interval at the level of 95 % and are raised to it."""


class Generation(Value):
    """Which hosted language model answers the prompts of a log, so that its energy can be estimated."""

    provider: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    """Who hosts it, as EcoLogits names providers, such as ``openai`` or ``mistralai``."""
    model: Line
    """Its name in the provider's interface."""
    tokens_field: Annotated[str, Field(min_length=1)]
    """The column or JSON key that holds the number of tokens of the answer."""
    latency_field: Annotated[str, Field(min_length=1)] | None = None
    """The one that holds how long the answer took, in seconds."""
    zone: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code of the country where it runs; WOR for the world's average mix."""


class PartEnergy(Value):
    """What one part of the machine used."""

    name: PartName
    """Which part."""
    method: Method
    """Whether it was read from a sensor."""
    how: Line
    """Which sensor, or which assumption."""
    energy_kwh: Annotated[float, Field(ge=0)]
    """Its energy, in kWh."""


class Grid(Value):
    """The electricity that was used."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code."""
    name: Line
    """Name of the country."""
    g_per_kwh: Annotated[float, Field(gt=0)]
    """Average emissions, in g CO2e per kWh."""
    year: int
    """Of which year."""
    source: Line
    """Where the figure comes from."""


class PowerSample(Value):
    """The machine's power at one time."""

    at_s: Annotated[float, Field(ge=0)]
    """Seconds since the start."""
    watts: Annotated[float, Field(ge=0)]
    """Average power since the sample before, in W."""


class EnergyRecord(Value):
    """What ``conformity track`` writes: the energy of one run of one piece of work."""

    format: Literal["conformity-energy/1"] = "conformity-energy/1"
    """Name and version of this form."""
    run: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """A number drawn at random, so that no run is counted twice."""
    complete: bool
    """Whether the work came to its end; records are written while it runs, as a tracker may be killed."""
    program: Line
    """The program, without its arguments: they may hold secrets."""
    command_sha256: Sha256 | None
    """Digest of the whole command as a JSON list; none for work inside a program."""
    exit_code: int | None
    """How a program ended; none while it runs, and for work inside a program."""
    started_at: Instant
    """When it began, by the clock on the wall; durations are taken from a clock that cannot be set."""
    duration_s: Annotated[float, Field(ge=0)]
    """How long it took so far, in seconds."""
    interval_s: Annotated[float, Field(gt=0)]
    """How often sensors were to be read, in seconds."""
    samples: Annotated[int, Field(ge=0)]
    """How often they were."""
    covered: Annotated[float, Field(ge=0, le=1)]
    """Share of the time that lay within three intervals of a reading."""
    parts: tuple[PartEnergy, ...]
    """What was covered, part by part; what is not listed is not in the figures."""
    energy_kwh: Annotated[float, Field(ge=0)]
    """The sum of the parts, in kWh."""
    obtained: Obtained
    """How that sum was obtained; it follows from the parts."""
    grid: Grid
    """The electricity."""
    emissions_g: Annotated[float, Field(ge=0)]
    """Energy times the grid's average, in g CO2e; the data centre's overhead is not added."""
    idle_subtracted: Literal[False] = False
    """That the power of the idle machine is part of the figures."""
    other_load: Annotated[float, Field(ge=0, le=1)] | None
    """Share of the processors that other programs used; none when the system did not tell."""
    processor_s: Annotated[float, Field(ge=0)] | None
    """Processor time of the work, in seconds; none when the system did not tell."""
    peak_memory_mb: Annotated[float, Field(ge=0)] | None
    """Most memory that it held, in MB; none when the system did not tell."""
    hardware: tuple[Line, ...]
    """Processors, memory, graphics processors, system."""
    gaps: tuple[Line, ...]
    """What is missing from the figures."""
    software: Line
    """The meter."""
    power: tuple[PowerSample, ...] = ()
    """Power over time, thinned out to a few hundred samples."""

    @model_validator(mode="after")
    def _words_follow_from_parts(self) -> EnergyRecord:
        """Check that sums and words are those that the parts give."""
        whole = math.fsum(part.energy_kwh for part in self.parts)
        if not math.isclose(whole, self.energy_kwh, rel_tol=_ROUNDING, abs_tol=1e-15):
            raise ValueError("`energy_kwh` is not the sum of the parts")
        if self.obtained != obtained_by(part.method for part in self.parts):
            raise ValueError(f"`obtained` says {self.obtained!r}, which the parts do not bear out")
        carbon = self.energy_kwh * self.grid.g_per_kwh
        if not math.isclose(carbon, self.emissions_g, rel_tol=_ROUNDING, abs_tol=1e-15):
            raise ValueError("`emissions_g` is not the energy times the grid's average in grams")
        return self
