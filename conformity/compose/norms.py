"""What presumption of conformity each standard gives on the day of the look-up (Art. 40(1), Art. 41(3))."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformity.catalog.dates import in_words
from conformity.catalog.load import known, standards
from conformity.catalog.rows import Standard
from conformity.compose.words import quoted, recorded, table, told
from conformity.model.document import Block, Cell
from conformity.model.standards import StandardUse

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_YEAR = re.compile(r":\d{4}.*$")


def presumption_blocks(declared: Sequence[StandardUse]) -> list[Block]:
    """Return the standards that the provider declares, at least one, each with the presumption it gives."""
    rows = [
        (
            quoted(one.reference),
            told("In full" if one.extent == "full" else "In part"),
            quoted(one.parts or ""),
            told(presumption(one)),
        )
        for one in declared
    ]
    heads = ["Standard declared", "Applied", "Parts", "Presumption of conformity"]
    return [table(heads, rows, title="Standards declared", widths=[22, 10, 28])]


def presumption(use: StandardUse) -> str:
    """Return what presumption a declared standard gives, as sentences.

    Source:
        Art. 40(1): only a harmonised standard cited in the Official Journal, only for Chapter III Section 2
        (and Chapter V), and only as far as it covers the requirement.
    """
    found = find_standard(use.reference)
    if found is None:
        as_of = in_words(known("standards_cited").as_of)
        return (
            "None: no harmonised standard of this number is known to be cited in the Official Journal for "
            f"this Act (state of {as_of}; Art. 40(1))."
        )
    if found.cited_in is None:
        return f"None. {found.stage} (state of {in_words(found.as_of)}; Art. 40(1))."
    part = " The parts that are not applied give none." if use.extent == "part" else ""
    left = f" The citation leaves out: {found.restriction}." if found.restriction else ""
    articles = ", ".join(found.articles)
    return (
        f"Of what it covers of Chapter III Section 2, {articles} (cited in {found.cited_in}; Art. 40(1))."
        f"{left}{part}"
    )


def find_standard(reference: str) -> Standard | None:
    """Return the standard with this number; the year counts only where both have one."""
    wanted = reference.strip()
    for one in standards():
        if _same(one.reference, wanted):
            return one
    return None


def standards_table() -> Block:
    """Return every standard of the catalogue with its stage and citation."""
    return table(
        ["Standard", "About", "Bears on", "Stage", "Cited in the Official Journal"],
        [_row(one) for one in standards()],
        title="Standards that bear on the Act",
        widths=[17, 28, 13, 27],
    )


def standards_state() -> str:
    """Return from when and where the state of the standards is."""
    first = standards()[0]
    return f"State of {in_words(first.as_of)}. Found in: {first.found_in}."


def _row(one: Standard) -> tuple[Cell, ...]:
    """Return one standard as a row."""
    return (
        recorded(one.reference),
        told(one.title),
        told(", ".join(one.articles)),
        told(f"{one.stage}. {one.note}" if one.note else f"{one.stage}."),
        told(one.cited_in or "No; gives no presumption"),
    )


def _same(known_as: str, wanted: str) -> bool:
    """Tell whether two references name the same standard."""
    if _plain(known_as) == _plain(wanted):
        return True
    lacks_year = not (_YEAR.search(known_as) and _YEAR.search(wanted))
    return lacks_year and _plain(_YEAR.sub("", known_as)) == _plain(_YEAR.sub("", wanted))


def _plain(reference: str) -> str:
    """Return a reference in lower case without spaces and marks."""
    return _NOT_LETTERS.sub("", reference.lower())
