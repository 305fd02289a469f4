"""Try patterns on distinct values: how many have the form, and how many of those pass the check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.engines.dates import year_of
from conformity.engines.patterns import Pattern
from conformity.engines.values import shape_of
from conformity.settings import DISCLOSURE_LIMIT

_SPAN_YEARS = 25
"""How many years dates of birth span at least; dates of one undertaking span fewer."""


@dataclass(frozen=True)
class Trial:
    """What one pattern makes of distinct values."""

    pattern: Pattern
    """The pattern."""
    shape: str
    """The most frequent form of the values that pass, letters as ``a`` and digits as ``9``; empty where
    fewer than ten values share it."""
    tested: int
    """Values of which all has the form."""
    verified: int
    """Those of them that pass the check."""
    parts_tested: int
    """Different parts of longer values that have the form; for what lists tell, values that hint at it."""
    parts_verified: int
    """Those of them that pass the check."""


def tried(values: Sequence[str], patterns: Sequence[Pattern]) -> Iterator[Trial]:
    """Yield what each pattern makes of the values, where any of them passes its check.

    Args:
        values: distinct trimmed texts.
        patterns: what to try on them.
    """
    different = set(values)
    for one in patterns:
        whole = [value for value in values if one.fits(value)]
        passed = _passed(one, whole)
        if one.listed:
            # A short text may have the form of a name, and yet hold one among other words.
            parts = [value for value in sorted(different.difference(passed)) if one.hinted_in(value)]
            sound = [value for value in parts if one.listed.sees(value)]
        else:
            parts = _parts(one, different, whole)
            sound = _passed(one, parts)
        if passed or sound:
            shape = _shape(passed or sound)
            yield Trial(one, shape, len(whole), len(passed), len(parts), len(sound))


def _parts(one: Pattern, values: set[str], whole: Sequence[str]) -> list[str]:
    """Return the different parts of longer values that have the form."""
    if not one.within:
        return []
    longer = values.difference(whole) if whole else values
    return sorted({part for value in longer for part in one.found_in(value)})


def _passed(one: Pattern, values: Sequence[str]) -> list[str]:
    """Return the values that pass the check; dates only if together they span enough years."""
    passed = [value for value in values if one.verify(value)]
    if one.name == "birth_date":
        years = [year for value in passed if (year := year_of(value)) is not None]
        if not years or max(years) - min(years) < _SPAN_YEARS:
            return []
    return passed


def _shape(values: Sequence[str]) -> str:
    """Return the most frequent form of some values, if at least ten share it."""
    shapes = Counter(re.sub("a{2,}", "aa", shape_of(value)) for value in values)
    shape, times = max(shapes.items(), key=lambda item: (item[1], item[0]))
    return shape if times >= DISCLOSURE_LIMIT else ""
