"""Further detectors of personal data, which may be installed beside the patterns of this package.

A detector sees only the different values that were drawn of a column. What it finds is labelled with its
name, and is never confirmed by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Protocol

from conformity.errors import DataError

PRESIDIO = "presidio"
"""The name of the detector of the extra ``presidio``."""

MOST_VALUES = 200
"""How many different values of a column a detector sees at most; it is far slower than the patterns."""

_LONGEST = 10_000
"""How many characters of a value a detector sees."""


class Detector(Protocol):
    """A detector of personal data in text."""

    def kinds_in(self, text: str) -> frozenset[str]:
        """Return the kinds of personal data in a text, by the names of patterns."""
        ...


@cache
def installed() -> tuple[str, ...]:
    """Return the names of the detectors that can be loaded; nothing is imported for it."""
    return (PRESIDIO,) if find_spec("presidio_analyzer") else ()


def is_detector(name: str) -> bool:
    """Return whether a name in a tally's spec is that of a detector, not of a pattern."""
    return name == PRESIDIO


@cache
def detector(name: str) -> Detector:
    """Return the detector called ``name``, which is loaded when it is first used.

    Raises:
        DataError: it is not installed.
    """
    if name not in installed():
        raise DataError(
            f"the detector {name!r} is not installed; install conformity-report[{name}] or count without it"
        )
    from conformity.engines.presidio import Presidio, analyzer

    return Presidio(analyzer())


def seen_by(one: Detector, values: Sequence[str]) -> dict[str, int]:
    """Return in how many of some texts a detector sees each kind, of those it sees at all, sorted."""
    seen: dict[str, int] = {}
    for value in values:
        for kind in one.kinds_in(value[:_LONGEST]):
            seen[kind] = seen.get(kind, 0) + 1
    return dict(sorted(seen.items()))
