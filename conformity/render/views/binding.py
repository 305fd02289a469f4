"""From when a duty binds, in words."""

from __future__ import annotations

from datetime import date

from conformity.model.plan import PlannedRequirement
from conformity.render.views.context import Context


def binds_now(context: Context, since: date | None) -> bool:
    """Tell whether a duty bound already on the day of the law that was assessed."""
    return since is not None and since <= context.assessment.plan.as_of


def binds(context: Context, row: PlannedRequirement) -> str:
    """Return from when a duty binds, with the notes of the law on that day.

    A provision that only allows something binds nobody, and says so. Where a later day holds for what was
    placed on the market before, and nobody declared when this system was, both days are given: neither can be
    said to be the right one.
    """
    words, since = context.words["findings"], row.duty_from
    if "voluntary_commitment" in row.requirement.conditions and since is None:
        return str(words["duty_voluntary"])
    if row.requirement.permits:
        return str(words["duty_may"])
    if since is None:
        return str(words["duty_none"])
    first = _noted(context, row, since)
    later = _later_days(context, row, since)
    if later:
        others = "; ".join(words["duty_later"].format(day=_noted(context, row, day)) for day in later)
        return str(words["duty_open"].format(day=first, later=others))
    key = "duty_now" if binds_now(context, since) else "duty_from"
    return str(words[key].format(day=first))


def _later_days(context: Context, row: PlannedRequirement, since: date) -> list[date]:
    """Return the days after ``since`` that may hold as well, because the placing is not declared."""
    if context.assessment.plan.classification.placed_on_market_on is not None:
        return []
    general = {one.on for one in row.requirement.applies_from if one.regime == "all"}
    return sorted(day for day in general if day > since)


def _noted(context: Context, row: PlannedRequirement, day: date) -> str:
    """Return a day with what the law files note on it."""
    notes = dict.fromkeys(one.note for one in row.requirement.applies_from if one.on == day and one.note)
    shown = context.locale.day(day)
    if not notes:
        return shown
    joined = " ".join(notes).rstrip(".")
    return str(context.words["findings"]["duty_noted"].format(day=shown, note=joined))
