"""Until when a version must be kept: ten years after placing on the market or putting into service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from conformity.model.archive import ArchiveEntry, Kept
from conformity.model.classification import Outcome

YEARS: Final = 10
"""For how many years a provider keeps the documents of a high-risk system (Art. 18(1))."""

_HIGH_RISK: Final = frozenset({"high_risk_annex_i_a", "high_risk_annex_i_b", "high_risk_annex_iii"})
_RULE = "Art. 18(1): {years} years after the system was placed on the market or put into service on {day}"


def retention(outcome: Outcome, placed: date | None) -> tuple[date | None, str]:
    """Return the last day on which a version must be kept, and why; no day where none is known.

    Args:
        outcome: where the classification ended.
        placed: when the system was placed on the market or put into service; None while that is not declared.

    Source:
        Art. 18(1): a provider of a high-risk system keeps its documents for ten years from that day.
    """
    if outcome not in _HIGH_RISK and outcome != "cannot_tell":
        return None, (
            "No period of Art. 18(1) runs: the classification did not end at a high-risk system. The "
            "provider decides how long it is kept."
        )
    unsettled = " The classification is open; it is kept as for a high-risk system." * (
        outcome == "cannot_tell"
    )
    if placed is None:
        return None, (
            "The period of Art. 18(1) has no end yet: `system.placed_on_market_on` is not declared."
            f"{unsettled}"
        )
    return ten_years_after(placed), f"{_RULE.format(years=YEARS, day=placed)}.{unsettled}"


def ten_years_after(day: date) -> date:
    """Return the same day ten years later; 1 March for 29 February, which is on the safe side."""
    year = min(day.year + YEARS, date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def kept(entries: Sequence[ArchiveEntry], today: date) -> tuple[Kept, ...]:
    """Return every version with the day until when it must be kept, in the same order.

    A version is kept as long as any later one of the same system: a day that was not declared yet, or was
    corrected, counts for the versions before it too. A version for which no day is known is never due, and
    keeps those before it from being due. That is the tool's own rule, on the safe side.

    Args:
        entries: the whole index, in its order.
        today: the day asked about.
    """
    latest: dict[str, ArchiveEntry] = {}
    found: list[Kept] = []
    for entry in reversed(entries):
        decisive = _later(entry, latest.get(entry.system))
        latest[entry.system] = decisive
        until, why = decisive.retain_until, decisive.retain_because
        if decisive is not entry:
            why = f"{why} Taken from version {decisive.version} of the same system."
        found.append(
            Kept(entry=entry, keep_until=until, because=why, due=until is not None and until < today)
        )
    return tuple(reversed(found))


def _later(entry: ArchiveEntry, after: ArchiveEntry | None) -> ArchiveEntry:
    """Return which of two versions decides how long the earlier one is kept."""
    if after is None or (entry.retain_until is None and after.retain_until is None):
        return entry
    if entry.retain_until is None or after.retain_until is None:
        return after
    return after if after.retain_until > entry.retain_until else entry
