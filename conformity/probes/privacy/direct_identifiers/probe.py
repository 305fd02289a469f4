"""Find columns and texts with personal data, by form, by check against chance, and by column names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformity.engines.chance import seen_with
from conformity.engines.detectors import installed
from conformity.engines.identify import identified
from conformity.engines.matches import Identified, matches_of
from conformity.engines.patterns import pattern, patterns
from conformity.model.base import MetricId
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import MissingCounts, PatternCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.direct_identifiers.wording import dismissed_note, found_note, named
from conformity.probes.shared.intervals import LEVEL, quantile, wilson
from conformity.settings import DISCLOSURE_LIMIT

_DECLARED = "declared"
_MOST_NOTES = 30


class DirectIdentifiersProbe:
    """Searches all columns, and reports the declared ones too."""

    def tallies(self, table: TableSubject) -> tuple[PatternCounts, MissingCounts]:
        """Return the matches of all patterns and detectors, and the missing cells of all columns."""
        return PatternCounts(patterns=(*patterns(), *installed())), MissingCounts()

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the number of columns with identifiers, and their share in each.

        Raises:
            NotMeasurableError: there are no rows, every cell is blank, or a declared column is absent.
        """
        filled = _filled(table, tallies[1])
        found = identified(tallies[0])
        declared = {column.name for column in table.with_role("direct_identifier")}
        if absent := sorted(declared - filled.keys()):
            raise NotMeasurableError(
                f"{table.id!r} has no column {absent[0]!r}, which the manifest binds as direct identifier"
            )
        about = [_about(table, one.column, _group(one), _share(one)) for one in found]
        for name in declared:
            cells, rows = filled[name]
            about.append(_about(table, name, _DECLARED, _declared_share(name, cells, rows)))
        known = {name for name in declared if filled[name][0]}
        totals = _totals(table, known, found)
        return ProbeResult(
            in_order((*totals, *about)),
            tuple(_notes(tallies[0], found))[:_MOST_NOTES],
        )


def _filled(table: TableSubject, tally: Tally) -> dict[str, tuple[int, int]]:
    """Return filled cells and rows of every column.

    Raises:
        NotMeasurableError: there is nothing in any cell.
    """
    filled = {str(name): (int(rows) - int(gaps), int(rows)) for name, gaps, rows in tally.entries}
    if not any(rows for _, rows in filled.values()):
        raise NotMeasurableError(f"{table.id!r} has no rows")
    if not any(cells for cells, _ in filled.values()):
        raise NotMeasurableError(f"every cell of {table.id!r} is blank")
    return filled


def _group(one: Identified) -> str:
    """Return the name under which a column's content is reported."""
    name = " or ".join(one.kinds) + (" in text" if one.inside else "")
    by = "" if one.own else f", by {' and '.join(one.detectors)} only"
    return name + by if one.confidence == "confirmed" else f"{name}{by}, {one.confidence}"


def _share(one: Identified) -> Result:
    """Return the share of filled cells that hold it, or that there are too few to say.

    Where the checked values were drawn, the interval is that of the share that passes.
    """
    if one.own and one.confidence == "possible" and pattern(one.kinds[0]).chance is not None:
        return NotAvailable(
            why="too_few_cases",
            reason=f"too few different values to tell a {one.title} from chance",
            n=one.filled,
        )
    held = one.share * one.filled
    if held < DISCLOSURE_LIMIT and held < one.filled:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {DISCLOSURE_LIMIT} cells hold one; the share is not published",
            n=one.filled,
        )
    interval = None
    if not one.complete:
        passed, failed = np.array([one.verified]), np.array([one.tested - one.verified])
        low, high = wilson(passed, failed, quantile(LEVEL))
        cells = one.cells / one.filled
        interval = Interval(
            low=cells * float(low[0]),
            high=cells * float(high[0]),
            method="Wilson score, over the different values drawn",
        )
    return Scalar(value=one.share, unit="1", n=one.filled, interval=interval)


def _declared_share(name: str, cells: int, rows: int) -> Result:
    """Return the share of rows in which a declared identifier is filled."""
    if 0 < cells < min(rows, DISCLOSURE_LIMIT):
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {DISCLOSURE_LIMIT} cells of {name!r} are filled; the share is not published"[
                :400
            ],
            n=rows,
        )
    return Scalar(value=cells / rows, unit="1", n=rows)


def _totals(table: TableSubject, declared: set[str], found: Sequence[Identified]) -> Iterator[Measurement]:
    """Yield how many columns hold identifiers, and how many more may."""
    sure = declared | {one.column for one in found if one.confidence != "possible"}
    open_ones = {one.column for one in found} - sure
    total: Result = Count(value=len(sure), unit="columns")
    if open_ones and not sure:
        names = ", ".join(repr(name) for name in sorted(open_ones))[:300]
        total = NotAvailable(
            why="too_few_cases",
            reason=f"the evidence does not settle whether these columns hold identifiers: {names}",
        )
    yield Measurement(metric=MetricId("identifier_columns"), subject=table.id, result=total)
    yield Measurement(
        metric=MetricId("possible_identifier_columns"),
        subject=table.id,
        result=Count(value=len(open_ones), unit="columns"),
    )


def _about(table: TableSubject, column: str, group: str, result: Result) -> Measurement:
    """Return a measurement of one column."""
    return Measurement(
        metric=MetricId("identifier_share"), subject=table.id, by=(column,), group=(group,), result=result
    )


def _notes(tally: Tally, found: Sequence[Identified]) -> Iterator[str]:
    """Yield what was found on which evidence, what only chance explains, and how much was seen."""
    for one in found:
        yield found_note(one)
    known = {one.column for one in found}
    for match in matches_of(tally):
        if match.column not in known and match.kind.chance is not None and match.tested:
            yield dismissed_note(match)
            known.add(match.column)
    drawn = {match.column: match.drawn for match in matches_of(tally) if not match.complete}
    if drawn:
        least = min(drawn.values())
        yield (
            f"Every cell was searched. The check was made on {least} different values, drawn by their hash, "
            f"in {named(sorted(drawn))}: a kind that is 1 in 100 of the values found there is among them "
            f"with probability {seen_with(0.01, least):.5f}, one that is 1 in 1,000 with "
            f"{seen_with(0.001, least):.2f}."
        )


PROBE = DirectIdentifiersProbe()
"""The probe that `probe.yaml` beside this file describes."""
