"""Hold two observations of one step side by side: the recorded one and the one computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar
from conformity.model.reproduction import ABSOLUTE, RELATIVE

_NAMED = 3
"""How many metrics are named of those that differ."""


@dataclass(frozen=True)
class Alike:
    """How far two observations agree."""

    numbers: bool = True
    """Whether all numbers agree, up to the last digits of a computation."""
    exactly: bool = True
    """Whether they agree to the last digit, and the texts beside them too."""
    physical: bool = False
    """Whether they are readings of a machine at work, which no second run can give again."""
    why: str = ""
    """What differs, in a sentence; empty where nothing does."""


def alike(recorded: Observation, again: Observation, *, texts: bool) -> Alike:
    """Return how far two observations of one step agree.

    Args:
        recorded: as it stands in the pack.
        again: as it was computed.
        texts: whether reasons, notes and the names of methods must be the same too.
    """
    physical = is_physical(recorded) or is_physical(again)
    if recorded.outcome != again.outcome:
        then, now = _told(recorded), _told(again)
        return Alike(False, False, physical, f"In the pack it is {then}; now it is {now}.")
    mine, theirs = list(recorded.measurements), list(again.measurements)
    if sorted(map(_place, mine)) != sorted(map(_place, theirs)):
        why = f"The pack holds {len(mine)} numbers, now there are {len(theirs)}, or of other groups."
        return Alike(False, False, physical, why)
    pairs = list(zip(sorted(mine, key=_place), sorted(theirs, key=_place), strict=True))
    apart = [one for one, other in pairs if not _same(one.result, other.result, _close, texts=texts)]
    if apart:
        return Alike(False, False, physical, _differing(apart, len(pairs)))
    exactly = all(_same(one.result, other.result, _equal, texts=texts) for one, other in pairs)
    if texts and (recorded.reason, recorded.notes) != (again.reason, again.notes):
        return Alike(
            False, False, physical, "The numbers are the same; a reason or a note beside them is not."
        )
    return Alike(True, exactly, physical, "" if exactly else "Only the last digits of a computation differ.")


def is_physical(observation: Observation) -> bool:
    """Tell whether an observation holds readings of a machine: energy, time, memory."""
    return any(
        isinstance(one.result, Scalar) and one.result.obtained is not None for one in observation.measurements
    )


def _told(observation: Observation) -> str:
    """Return what came of an observation, in a few words."""
    if observation.outcome == "measured":
        return "measured"
    words = {"not_available": "not available", "error": "an error"}
    return f"{words[observation.outcome]} ({(observation.reason or '').rstrip('.')[:150]})"


def _place(one: Measurement) -> tuple[str, tuple[str, ...], tuple[str, ...], str]:
    """Return of what a measurement is."""
    return one.metric, one.by, one.group, one.subject


def _differing(apart: Sequence[Measurement], total: int) -> str:
    """Return how many numbers differ, and of which metrics; no group is named and no number told."""
    metrics = list(dict.fromkeys(str(one.metric) for one in apart))
    more = f" and {len(metrics) - _NAMED} more" if len(metrics) > _NAMED else ""
    return f"{len(apart)} of {total} numbers differ: {', '.join(metrics[:_NAMED])}{more}."


def _same(one: Result, other: Result, same: Callable[[float, float], bool], *, texts: bool) -> bool:
    """Tell whether two results are the same; counts, numbers of cases and units must be equal."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return (one.unit, one.n, one.obtained) == (other.unit, other.n, other.obtained) and all(
            same(mine, theirs) for mine, theirs in _numbers(one, other, texts=texts)
        )
    if isinstance(one, NotAvailable) and isinstance(other, NotAvailable) and not texts:
        return (one.why, one.n) == (other.why, other.n)
    return one == other


def _numbers(one: Scalar, other: Scalar, *, texts: bool) -> Iterator[tuple[float, float]]:
    """Yield the numbers of two results in pairs; a pair that never agrees where only one has an interval."""
    yield one.value, other.value
    mine, theirs = one.interval, other.interval
    if mine is not None and theirs is not None and not (texts and mine.method != theirs.method):
        yield from ((mine.low, theirs.low), (mine.high, theirs.high), (mine.level, theirs.level))
    elif mine is not theirs:
        yield 0.0, 1.0


def _equal(one: float, other: float) -> bool:
    """Tell whether two numbers are the same to the last digit."""
    return one == other


def _close(one: float, other: float) -> bool:
    """Tell whether two numbers are the same up to the last digits of a computation."""
    return abs(one - other) <= max(ABSOLUTE, RELATIVE * max(abs(one), abs(other)))
