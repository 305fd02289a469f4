"""The work sheet on a substantial modification: what changed beside what was determined in advance."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.comparison import Comparison, ObservedChange
from conformity.render.comparison.parts import Section, day_or, table
from conformity.render.comparison.words import COVERAGES, WHYS

_MOST = 200
_NAMES: dict[str, str] = {"intended_purpose": "intended purpose"}
_OBSERVED_HEADS = ("What", "Kind", "Beside it", "Why", "Declared change")
_PLACED = "/system/placed_on_market_on"


def sheet_section(comparison: Comparison) -> Section:
    """Return the work sheet on a substantial modification, with room for a person's answers."""
    sheet = comparison.work_sheet
    declared = tuple((one.id, one.after or "") for one in sheet.declared)
    made = [one for one in sheet.observed if one.kind != "measure"]
    moved = [one for one in sheet.observed if one.kind == "measure"]
    asked = tuple((one.ref, one.question, one.looks_at, "For a person") for one in sheet.questions)
    intro = [sheet.statement, _placed(comparison), *coverage_words(comparison)]
    if sheet.declared_later:
        names = ", ".join(sheet.declared_later)
        intro.append(
            f"Only the later version declares, or declares otherwise: {names}. These cover nothing here."
        )
    if comparison.withheld_measures:
        intro.append(
            f"Measures that are withheld, and so laid beside nothing: {comparison.withheld_measures}."
        )
    return Section(
        "sheet",
        f"Work sheet: a substantial modification? ({sheet.ref})",
        tuple(intro),
        tables=(
            *table(
                "Questions of the law", ("Provision", "Question", "What bears on it here", "Answer"), asked
            ),
            *table("Determined in advance by the earlier version", ("Change", "Description"), declared),
            *table("What was changed, beside it", _OBSERVED_HEADS, tuple(map(_observed, made))),
            *table("Measures that changed, beside it", _OBSERVED_HEADS, tuple(map(_observed, moved)), _MOST),
        ),
    )


def coverage_words(comparison: Comparison) -> tuple[str, str]:
    """Return how many changes, and how many measures that changed, lie how beside those determined before.

    What a person changed and what it did to the figures are counted apart: a hundred figures that moved are
    no hundred changes.
    """
    observed = comparison.work_sheet.observed
    return (
        "Changes of data, models, software, records, purpose, role and bounds: "
        + _counted([one.coverage for one in observed if one.kind != "measure"]),
        "Measures that changed: " + _counted([one.coverage for one in observed if one.kind == "measure"]),
    )


def _counted(coverages: Sequence[str]) -> str:
    """Return how often each coverage occurs, as the end of a sentence."""
    return (
        f"{coverages.count('not_covered')} not covered by a change determined in advance, "
        f"{coverages.count('cannot_tell')} of which it cannot be told, {coverages.count('covered')} covered."
    )


def _placed(comparison: Comparison) -> str:
    """Return the declared day of the placing on the market, and the later version's where it is another."""
    none = "no day is declared"
    said = day_or(comparison.work_sheet.placed_on_market_on, none)
    words = f"Placed on the market or put into service, as the earlier version declares: {said}"
    later = [one.after or none for one in comparison.fields if one.id == _PLACED]
    return "; as the later one declares: ".join((words, *later)) + "."


def _observed(one: ObservedChange) -> tuple[str, ...]:
    """Return one observed change as a row."""
    return (
        _NAMES.get(one.what, one.what),
        one.kind,
        COVERAGES[one.coverage],
        WHYS[one.why],
        ", ".join(one.by) or "–",
    )
