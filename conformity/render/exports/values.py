"""What exports tell of: a finding beside its law, a figure as it may be shown, a figure beside its bound."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.finding import Finding, Verdict
from conformity.model.measurement import Measurement, Obtained
from conformity.model.nonconformity import NonConformity
from conformity.model.requirement import Requirement


@dataclass(frozen=True)
class Row:
    """One finding, ready to tell."""

    requirement: Requirement
    """The row of law."""
    finding: Finding
    """What was judged."""
    reason: str
    """Why, without what may not be shown."""
    to_do: tuple[str, ...]
    """What to hand in, fix or measure, without what may not be shown."""
    entry: NonConformity | None
    """Its open entry in the register of non-conformities."""

    @property
    def id(self) -> str:
        """Return the requirement's id."""
        return str(self.requirement.id)

    @property
    def verdict(self) -> Verdict:
        """Return the verdict."""
        return self.finding.verdict

    @property
    def name(self) -> str:
        """Return the citation and the short name."""
        return f"{self.requirement.ref} {self.requirement.title}"


@dataclass(frozen=True)
class Shown:
    """One measurement as it may be shown: rounded as in the report, empty where that withholds it."""

    measurement: Measurement
    """What was measured, on what, of which group."""
    evidence: str
    """The observation."""
    title: str
    """The metric's name."""
    place: str
    """What it is of: a group, the groups of an attribute, a column or everything; and which program measured
    it, where it was another one."""
    value: float | None
    """The number, rounded; none where there is none to show."""
    unit: str
    """Its unit."""
    low: float | None
    """Lower end of its interval, rounded; none where there is none to show."""
    high: float | None
    """Upper end of its interval."""
    level: float | None
    """Level of the interval; none where it is a range that no level is known of."""
    n: str
    """How many cases, in words where the number is not to be shown; may be empty."""
    text: str
    """Number, unit, interval and how it was obtained, in words."""
    why: str
    """Why there is no number, or empty."""
    obtained: Obtained | None
    """How a physical quantity was obtained."""


@dataclass(frozen=True)
class Held:
    """A measurement that was held against a bound."""

    criterion: str
    """The bound's id."""
    bound: str
    """The bound in words; empty where the manifest does not have it."""
    verdict: Verdict
    """On which side it lies; never better than the verdict on the bound as a whole."""
    reason: str
    """Why."""
    shown: Shown
    """The measurement."""
