"""What pattern counts say: the matches of a column, and what it holds once they are weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformity.engines.matching import SEARCHED
from conformity.engines.patterns import Pattern, pattern
from conformity.model.tally import Tally

Confidence = Literal["confirmed", "likely", "possible"]
"""The values settle it; values and the column's name agree; or only part of the evidence is there."""


@dataclass(frozen=True)
class Match:
    """One entry of the pattern counts."""

    column: str
    """The column."""
    pattern: str
    """The pattern's name."""
    shape: str
    """A frequent form of the values, letters as ``a`` and digits as ``9``; may be empty."""
    filled: int
    """Cells of the column that are not blank."""
    drawn: int
    """Different values that were drawn among those that a quick search found."""
    complete: int
    """1 when all different values were drawn, else 0."""
    matching: int
    """Cells of which all has the form; 0 when the check dismissed it."""
    tested: int
    """Drawn values of which all has the form."""
    verified: int
    """Those of them that pass the check."""
    containing: int
    """Cells that hold the form anywhere; 0 when the check dismissed it."""
    parts_tested: int
    """Different parts of longer drawn values that have the form."""
    parts_verified: int
    """Those of them that pass the check."""

    @property
    def kind(self) -> Pattern:
        """Return the pattern itself, or the one that stands for what a detector saw."""
        return pattern(self.pattern.rpartition("/")[2])

    @property
    def detector(self) -> str:
        """Return the further detector that saw it; empty for the patterns of this package."""
        return self.pattern.rpartition("/")[0]

    @property
    def named(self) -> bool:
        """Return whether the column's name says the same."""
        return self.kind.named_by(self.column)


@dataclass(frozen=True)
class Identified:
    """What a column holds."""

    column: str
    """The column."""
    kinds: tuple[str, ...]
    """The pattern; several where the values do not tell which."""
    confidence: Confidence
    """How surely."""
    inside: bool
    """Whether it stands inside longer text."""
    filled: int
    """Cells that are not blank."""
    cells: int
    """Cells of the form."""
    tested: int
    """Different values checked."""
    verified: int
    """Those of them that passed."""
    complete: bool
    """Whether all different values were checked."""
    shape: str
    """A frequent form of the values; may be empty."""
    detectors: tuple[str, ...] = ()
    """Further detectors that saw the same."""
    own: bool = True
    """Whether the patterns of this package tell it; else only the detectors do."""

    @property
    def share(self) -> float:
        """Return the share of filled cells that hold it, as far as the checked values tell."""
        return self.cells / self.filled * (self.verified / self.tested)

    @property
    def title(self) -> str:
        """Return what it is, in words."""
        return " or ".join(pattern(kind).title for kind in self.kinds)


def matches_of(tally: Tally) -> list[Match]:
    """Return the entries of pattern counts that are about a pattern of this package."""
    return [match for match in entries_of(tally) if not match.detector]


def entries_of(tally: Tally) -> list[Match]:
    """Return the entries about a pattern, and those about what a further detector saw."""
    return [Match(*entry) for entry in tally.entries if entry[1] != SEARCHED]  # type: ignore[arg-type]
