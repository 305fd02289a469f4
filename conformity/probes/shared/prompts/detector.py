"""The seam to trained detectors of attacks; each is optional and is imported only when it is asked for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from conformity.errors import DataError

LONGEST_PIECE = 8000
"""Characters of a text that a detector is given at once."""
MOST_PIECES = 40
"""Pieces of a text that are looked at; what lies behind them is said to be left out."""
_OVERLAP = 200


@dataclass(frozen=True)
class Scored:
    """What a trained detector makes of a text."""

    score: float | None
    """From 0 to 1, the higher the more like an attack; None where the text is too short to tell."""
    truncated: bool
    """Whether the end of the text was left out."""


class PromptDetector(Protocol):
    """A detector that has learnt from examples."""

    @property
    def name(self) -> str:
        """Its name and version."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of its model, as 64 hexadecimal digits."""
        ...

    def score(self, text: str) -> Scored:
        """Return what it makes of a text; a long one is split, and its worst piece counts.

        Raises:
            DataError: the detector failed.
        """
        ...


def pieces(text: str) -> tuple[list[str], bool]:
    """Return a text in overlapping pieces, and whether its end is left out."""
    step = LONGEST_PIECE - _OVERLAP
    starts = range(0, max(1, len(text) - _OVERLAP), step)
    found = [text[start : start + LONGEST_PIECE] for start in starts[:MOST_PIECES]]
    return found, len(starts) > MOST_PIECES


def optional(module: str, extra: str) -> ModuleType:
    """Return an optional library.

    Args:
        module: its name.
        extra: what to install.

    Raises:
        DataError: it is not there, or does not load.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DataError(
            f"the library {module.partition('.')[0]} is not installed; install {extra}"
        ) from error
