"""From which day something binds: Art. 113, and Art. 111 for what was on the market before that day.

The invariant: an answer that is open never gives a later day than any answer to it would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from conformity.catalog.load import milestone
from conformity.catalog.ternary import Ternary
from conformity.model.classification import Classification, Fact, Outcome
from conformity.model.requirement import Regime, Requirement

AUTHORITY = "public_authority_deployer"
"""The question, and the condition, that tells whether a public authority is to use the system."""

_PATHS: frozenset[Regime] = frozenset({"annex_iii", "annex_i"})
_MARKING = "art50.2"


@dataclass(frozen=True)
class Start:
    """The first day of a duty."""

    on: date | None
    """The day; None when no day is set."""
    why: str | None = None
    """Why it is not the general day, with the provision; None when it is."""


def paths_of(outcome: Outcome, under_annex_iii: Ternary) -> frozenset[Regime]:
    """Return the paths to high-risk whose days count for a system; a path that is open counts."""
    if outcome == "high_risk_annex_i_a" and under_annex_iii == "no":
        return frozenset({"annex_i"})
    return frozenset({"annex_iii"}) if outcome == "high_risk_annex_iii" else _PATHS


def high_risk_start(paths: frozenset[Regime], placed: date | None, authority: Ternary) -> Start:
    """Return from when the duties for high-risk systems bind a system that is one.

    Args:
        paths: the paths on which it is, or may be, high-risk.
        placed: when it was placed on the market; None when that is not known or has not happened.
        authority: whether a public authority is to use it.
    """
    days = {path: milestone(f"high_risk_{path}").on for path in paths}
    return _after_transition(days, placed, authority)


def start_of(requirement: Requirement, classification: Classification) -> Start:
    """Return from when the row binds this system; no day for a voluntary or deleted row."""
    if "voluntary_commitment" in requirement.conditions:
        return Start(None)
    placed = classification.placed_on_market_on
    grace = _grace(requirement, placed)
    if grace is not None:
        return grace
    paths = _paths(classification)
    general = [row.on for row in requirement.applies_from if row.regime == "all"]
    days = {row.regime: row.on for row in requirement.applies_from if row.regime in paths}
    if general or not days:
        return Start(min(general, default=None))
    if placed is None or "high_risk" not in requirement.conditions:
        return Start(min(days.values()))
    return _after_transition(days, placed, fact(classification, AUTHORITY).holds)


def _paths(classification: Classification) -> frozenset[Regime]:
    """Return the paths to high-risk whose days count for this system."""
    if classification.outcome == "high_risk_annex_i_a":
        return paths_of(classification.outcome, fact(classification, "annex_iii").holds)
    return paths_of(classification.outcome, "unknown")


def fact(classification: Classification, condition: str) -> Fact:
    """Return the fact for a condition."""
    return next(row for row in classification.facts if row.condition == condition)


def in_words(day: date) -> str:
    """Return a day as it is written in a sentence."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _grace(requirement: Requirement, placed: date | None) -> Start | None:
    """Return the day that Art. 111(3) or (4) gives a row, or may give it; None when neither concerns it."""
    if requirement.id == _MARKING:
        return marking_start(placed)
    return model_start(placed) if "gpai_model" in requirement.conditions else None


def marking_start(placed: date | None) -> Start | None:
    """Return from when Art. 50(2) binds a generator of before (Art. 111(4)); None for one placed later.

    Where the placing on the market is not declared, the earlier day is given, and both are told.
    """
    general = milestone("general_application").on
    on = milestone("intimate_material").on
    if placed is None:
        return Start(
            general,
            f"Art. 50(2) binds since {in_words(general)}; from {in_words(on)} if the system was placed on "
            "the market before that day (Art. 111(4)). When it was placed is not declared.",
        )
    if placed >= general:
        return None
    return Start(
        on,
        f"Placed on the market before {in_words(general)}: Art. 50(2) binds from {in_words(on)} "
        "(Art. 111(4)).",
    )


def model_start(placed: date | None) -> Start | None:
    """Return from when Chapter V binds a model of before (Art. 111(3)); None for one placed later.

    Where the placing on the market is not declared, the earlier day is given, and both are told.
    """
    general = milestone("gpai_models").on
    on = milestone("legacy_gpai_models").on
    if placed is None:
        return Start(
            general,
            f"Chapter V applies since {in_words(general)}; a model placed on the market before that day must "
            f"meet it by {in_words(on)} (Art. 111(3)). When it was placed is not declared.",
        )
    if placed >= general:
        return None
    return Start(
        on,
        f"A model placed on the market before {in_words(general)} must meet Chapter V by {in_words(on)} "
        "(Art. 111(3)).",
    )


def legacy_rule() -> str:
    """Return what Art. 111(2) says of systems of before, whenever this one was placed on the market."""
    annex_iii, annex_i = milestone("high_risk_annex_iii").on, milestone("high_risk_annex_i").on
    end = milestone("legacy_public_authorities").on
    return (
        "A high-risk system placed on the market or put into service before its duties start "
        f"({in_words(annex_iii)} under Annex III, {in_words(annex_i)} under Annex I) is bound only after a "
        "significant change of its design from that day on; one meant for public authorities must meet them "
        f"by {in_words(end)} in any case (Art. 111(2))."
    )


def _after_transition(days: Mapping[Regime, date], placed: date | None, authority: Ternary) -> Start:
    """Return the first of the days, or what Art. 111(2) puts in its place for a system of before."""
    bound = [day for day in days.values() if placed is None or placed >= day]
    if placed is None or bound:
        return Start(min(bound))
    why = (
        f"Placed on the market on {in_words(placed)}, before {in_words(min(days.values()))}: the duties for "
        "high-risk systems bind only after a significant change of design from that day on (Art. 111(2))."
    )
    if authority == "no":
        return Start(None, why)
    end = milestone("legacy_public_authorities").on
    also = f"A system meant for public authorities must meet them by {in_words(end)} in any case"
    unasked = (
        f"; the question on public authorities ({AUTHORITY}) is not answered, so that day is given"
        if authority == "unknown"
        else ""
    )
    return Start(end, f"{why} {also}{unasked}.")


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
