"""What a step of a verification tells: faults, what cannot be told, and what was seen."""

from __future__ import annotations

from typing import NamedTuple

MOST_TOLD = 12
"""Sentences of one kind that are told of one step; the rest is counted."""

NO_VALUE = "By a development key, no legal value."
"""What is told of a key for which nobody else speaks, with every version of an archive too."""

_LONGEST = 300


class Told(NamedTuple):
    """The outcome of one step, with its reasons."""

    faults: tuple[str, ...] = ()
    """What is wrong; with one of these the step has failed."""
    unknown: tuple[str, ...] = ()
    """What cannot be told, and why; without faults, the step cannot be told then."""
    seen: tuple[str, ...] = ()
    """What was checked or found, for the reader."""

    def outcome(self) -> str:
        """Return ``failed``, ``cannot_tell`` or ``passed``."""
        if self.faults:
            return "failed"
        return "cannot_tell" if self.unknown else "passed"


def joined(*parts: Told) -> Told:
    """Return what several parts of a step tell together."""
    return Told(
        tuple(text for part in parts for text in part.faults),
        tuple(text for part in parts for text in part.unknown),
        tuple(text for part in parts for text in part.seen),
    )


def shortened(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first of many sentences, each cut to a length, and how many more there are."""
    kept = [text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..." for text in texts[:MOST_TOLD]]
    more = len(texts) - len(kept)
    return (*kept, f"And {more} more of this kind.") if more else tuple(kept)


def shown(text: str) -> str:
    """Return a name from a stranger as one printable line: a terminal takes other characters for commands."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
