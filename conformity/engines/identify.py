"""From pattern counts to what a column holds, and how surely: the same decision wherever it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from conformity.engines.chance import standing
from conformity.engines.matching import SEARCHED
from conformity.engines.patterns import Pattern, pattern
from conformity.model.tally import Tally

Confidence = Literal["confirmed", "likely", "possible"]
"""The values settle it; values and the column's name agree; or only part of the evidence is there."""

_SUREST_FIRST: tuple[Confidence, ...] = ("confirmed", "likely", "possible")

_VARIOUS = 5
"""How many different values a column has at least whose values alone settle nothing."""
_MOST = 0.8
"""The share of those values that must have the form."""
_NEARLY = 0.9
"""Patterns that pass on at least this share of what the best one passes on cannot be told apart."""


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
        """Return the pattern itself."""
        return pattern(self.pattern)

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

    @property
    def share(self) -> float:
        """Return the share of filled cells that hold it, as far as the checked values tell."""
        return self.cells / self.filled * (self.verified / self.tested)

    @property
    def title(self) -> str:
        """Return what it is, in words."""
        return " or ".join(pattern(kind).title for kind in self.kinds)


def matches_of(tally: Tally) -> list[Match]:
    """Return the entries of pattern counts that are about a pattern."""
    return [Match(*entry) for entry in tally.entries if entry[1] != SEARCHED]  # type: ignore[arg-type]


def searched_in(tally: Tally) -> dict[str, int]:
    """Return how many filled cells were searched of each column."""
    return {str(entry[0]): int(entry[3]) for entry in tally.entries if entry[1] == SEARCHED}


def identified(tally: Tally) -> list[Identified]:
    """Return what each column holds, sorted by column; a column may hold several kinds inside text."""
    found: list[Identified] = []
    for _, group in groupby(matches_of(tally), key=lambda match: match.column):
        matches = list(group)
        rivals = max(1, sum(1 for match in matches if match.kind.chance is not None))
        whole = _settled([one for match in matches for one in _whole(match, rivals)])
        found += whole
        told = {kind for one in whole for kind in one.kinds}
        found += [
            one
            for match in matches
            if match.pattern not in told
            for one in _inside(match, rivals, bool(whole))
        ]
    return found


def _whole(match: Match, rivals: int) -> Iterator[Identified]:
    """Yield what the cells of a column are, if they have the form as a whole."""
    known = standing(match.tested, match.verified, match.kind.chance, rivals)
    if known == "dismissed":
        return
    most = match.tested >= _MOST * match.drawn
    confidence: Confidence
    if not match.kind.alone:
        if not (match.named or _tells_by_itself(match)) or not most:
            return
        confidence = "likely" if match.named and match.drawn >= _VARIOUS else "possible"
        if confidence == "likely" and known == "confirmed" and match.kind.chance is not None:
            confidence = "confirmed"
    elif known == "undecided":
        confidence = "likely" if match.named else "possible"
    else:
        confidence = "confirmed"
    yield _about(match, confidence, inside=False)


def _tells_by_itself(match: Match) -> bool:
    """Return whether the values hint at the kind although the column's name does not."""
    return match.pattern == "birth_date" and match.drawn >= _VARIOUS


def _inside(match: Match, rivals: int, known: bool) -> Iterator[Identified]:
    """Yield what stands inside the texts of a column; not of one whose cells are known as a whole."""
    found = standing(match.parts_tested, match.parts_verified, match.kind.chance, rivals)
    if found == "dismissed" or known:
        return
    yield _about(match, "confirmed" if found == "confirmed" else "possible", inside=True)


def _about(match: Match, confidence: Confidence, inside: bool) -> Identified:
    """Return the result for one pattern."""
    return Identified(
        column=match.column,
        kinds=(match.pattern,),
        confidence=confidence,
        inside=inside,
        filled=match.filled,
        cells=match.containing if inside else match.matching,
        tested=match.parts_tested if inside else match.tested,
        verified=match.parts_verified if inside else match.verified,
        complete=bool(match.complete),
        shape=match.shape,
    )


def _settled(found: Sequence[Identified]) -> list[Identified]:
    """Return what the cells of one column are, where several patterns fit the same values.

    The surest ones stay, and of those the ones that the column's name says; what then cannot be told
    apart is reported as one or the other.
    """
    if not found:
        return []
    surest = min(_SUREST_FIRST.index(one.confidence) for one in found)
    rest = [one for one in found if one.confidence == _SUREST_FIRST[surest]]
    best = max(one.verified for one in rest)
    rest = [one for one in rest if one.verified >= _NEARLY * best]
    named = [one for one in rest if pattern(one.kinds[0]).named_by(one.column)]
    rest = named or rest
    first = max(rest, key=lambda one: (one.verified, -one.tested, one.cells))
    kinds = tuple(sorted(one.kinds[0] for one in rest))
    return [Identified(**{**vars(first), "kinds": kinds})]
