"""Find columns whose values are direct identifiers, by form and check against chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.engines.chance import Standing, standing
from conformity.engines.patterns import pattern, patterns
from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import MissingCounts, PatternCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult

_DECLARED = "declared"
_MOST_NOTES = 20


@dataclass(frozen=True)
class _Match:
    """A pattern that occurs in a column."""

    column: str
    pattern: str
    filled: int
    matching: int
    tested: int
    verified: int

    @property
    def standing(self) -> Standing:
        """Return whether the values are identifiers."""
        return standing(self.tested, self.verified, pattern(self.pattern).chance)


class DirectIdentifiersProbe:
    """Searches all columns, and reports the declared ones too."""

    def tallies(self, table: TableSubject) -> tuple[PatternCounts, MissingCounts]:
        """Return the matches of all patterns, and the missing cells of all columns."""
        return PatternCounts(patterns=tuple(patterns())), MissingCounts()

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the number of columns with identifiers, and their share in each.

        Raises:
            NotMeasurableError: there are no rows, every cell is blank, or a declared column is absent.
        """
        filled = _filled(table, tallies[1])
        matches = [match for match in _matches(tallies[0]) if match.matching]
        declared = {column.name for column in table.with_role("direct_identifier")}
        if absent := sorted(declared - filled.keys()):
            raise NotMeasurableError(
                f"{table.id!r} has no column {absent[0]!r}, which the manifest binds as direct identifier"
            )
        found = [_about(table, match.column, match.pattern, _result(match)) for match in _telling(matches)]
        for name in declared:
            cells, rows = filled[name]
            found.append(_about(table, name, _DECLARED, Scalar(value=cells / rows, unit="1", n=rows)))
        known = {name for name in declared if filled[name][0]}
        total = Measurement(
            metric=MetricId("identifier_columns"), subject=table.id, result=_total(known, matches)
        )
        found.sort(key=lambda one: (one.metric, one.by, one.group))
        return ProbeResult((total, *found), tuple(_notes(matches))[:_MOST_NOTES])


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


def _matches(tally: Tally) -> Iterator[_Match]:
    """Yield the entries of the tally."""
    for column, name, *counts in tally.entries:
        filled, matching, tested, verified = (int(count) for count in counts)
        yield _Match(str(column), str(name), filled, matching, tested, verified)


def _telling(matches: Sequence[_Match]) -> list[_Match]:
    """Return the matches that are identifiers, or may be."""
    return [match for match in matches if match.standing != "dismissed"]


def _result(match: _Match) -> Result:
    """Return the share of cells with an identifier, or that too few values were there to tell."""
    if match.standing == "undecided":
        return NotAvailable(
            why="too_few_cases",
            reason=f"too few different values to tell a {pattern(match.pattern).title} from chance",
            n=match.tested,
        )
    share = match.matching / match.filled * (match.verified / match.tested)
    return Scalar(value=share, unit="1", n=match.filled)


def _total(declared: set[str], matches: Sequence[_Match]) -> Result:
    """Return the number of columns with identifiers, unless a column is left undecided."""
    known = declared | {match.column for match in matches if match.standing == "confirmed"}
    open_ones = {match.column for match in matches if match.standing == "undecided"} - known
    if open_ones:
        names = ", ".join(repr(name) for name in sorted(open_ones))[:300]
        return NotAvailable(
            why="too_few_cases",
            reason=f"too few different values to tell whether these columns hold identifiers: {names}",
            n=len(known),
        )
    return Count(value=len(known), unit="columns")


def _about(table: TableSubject, column: str, group: str, result: Result) -> Measurement:
    """Return a measurement of one column."""
    return Measurement(
        metric=MetricId("identifier_share"), subject=table.id, by=(column,), group=(group,), result=result
    )


def _notes(matches: Sequence[_Match]) -> Iterator[str]:
    """Yield the patterns that occur in form only, and why they were left out."""
    for match in matches:
        chance = pattern(match.pattern).chance
        if match.standing != "dismissed" or chance is None:
            continue
        yield (
            f"Values of column {match.column!r} have the form of a {pattern(match.pattern).title}, but only "
            f"{match.verified / match.tested:.0%} of the different values tested pass its check; chance "
            f"alone gives about {chance:.0%}. They are not counted as identifiers."
        )


PROBE = DirectIdentifiersProbe()
"""The probe that `probe.yaml` beside this file describes."""
