"""k-anonymity and the re-identification risks that follow from the sizes of equivalence classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, ClassMatches, ClassSizes, MissingCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.blanks import (
    blank_columns,
    blank_in_every_row,
    missing_cells,
    too_many_patterns,
)

Sizes = Sequence[tuple[int, int]]

MOST_LEFT_OUT = 8
"""The most quasi-identifiers for which it is measured what each adds."""


class KAnonymityProbe:
    """Measures how many rows share each combination of quasi-identifiers."""

    def tallies(self, table: TableSubject) -> tuple[ClassSizes | MissingCounts | ClassMatches, ...]:
        """Return class sizes over the quasi-identifiers, missing cells, and matches where blanks match any.

        Where there are two to eight quasi-identifiers, class sizes without each of them follow. Values are
        compared as they stand in the file: edges, which make groups for fairness, would hide how exact the
        file is.

        Raises:
            NotMeasurableError: no column is bound as quasi-identifier.
        """
        columns = table.with_role("quasi_identifier")
        if not columns:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `quasi_identifier`; bind those by which a person "
                "could be recognised"
            )
        keys = tuple(CategoryKey(column=column.name) for column in columns)
        without = [tuple(key for key in keys if key != left) for left in _left_out(table)]
        matches = ClassMatches(columns=tuple(key.column for key in keys))
        return ClassSizes(keys=keys), MissingCounts(), matches, *(ClassSizes(keys=rest) for rest in without)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return k, the shares of rows in small classes, and the risks.

        When a quasi-identifier is blank in every row there are no numbers: it would hide everybody
        and make k look large.

        Raises:
            NotMeasurableError: there are no rows.
        """
        sizes = _sizes(tallies[0])
        if not sizes:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        cells = missing_cells(tallies[1])
        columns = [column.name for column in table.with_role("quasi_identifier")]
        blank = blank_columns(cells, columns)
        partly = [name for name in columns if cells[name][0] and name not in blank]
        results = _risks(sizes)
        if partly:
            results |= _wildcards(tallies[2], results["unique_share"])
        if blank:
            results = dict.fromkeys(results, blank_in_every_row(blank, cells[blank[0]][1]))
        found = [
            Measurement(metric=MetricId(metric), subject=table.id, result=result)
            for metric, result in results.items()
        ]
        shares = {
            key.column: _unique_share(_sizes(tally))
            for key, tally in zip(_left_out(table), tallies[3:], strict=True)
        }
        for name, share in shares.items():
            result = results["unique_share"] if blank else share
            found.append(
                Measurement(
                    metric=MetricId("unique_share_without"), subject=table.id, by=(name,), result=result
                )
            )
        notes = _notes(partly)
        return ProbeResult(in_order(found), notes if blank else (*notes, *_most_telling(sizes, shares)))


def _left_out(table: TableSubject) -> tuple[CategoryKey, ...]:
    """Return the quasi-identifiers that are left out in turn; none if there is one, or over eight."""
    columns = table.with_role("quasi_identifier")
    if not 2 <= len(columns) <= MOST_LEFT_OUT:
        return ()
    return tuple(CategoryKey(column=column.name) for column in columns)


def _sizes(tally: Tally) -> Sizes:
    """Return ``(size, number of classes)``, sorted by size."""
    return sorted((int(size), int(classes)) for size, classes in tally.entries)


def _unique_share(sizes: Sizes) -> Scalar:
    """Return the share of rows that are alone in their class."""
    return _share(_rows_below(sizes, 2), sum(size * classes for size, classes in sizes))


def _most_telling(sizes: Sizes, without: dict[str, Scalar]) -> Iterator[str]:
    """Yield which quasi-identifier adds most unique rows, if any adds some."""
    if not without:
        return
    least = min(share.value for share in without.values())
    if least < _unique_share(sizes).value:
        names = ", ".join(repr(name) for name, share in without.items() if share.value == least)
        yield f"Leaving out {names} would lower the share of unique rows most."


def _risks(sizes: Sizes) -> dict[str, Result]:
    """Return all metrics from entries ``(size, number of classes)``, sorted by size, at least one.

    Source:
        Sweeney, IJUFKS 10 (2002) 557-570, for k; El Emam and Dankar, JAMIA 15 (2008) 627-637, for the
        prosecutor risks: the highest is 1 / k, the mean over rows is classes / rows.
    """
    rows = sum(size * classes for size, classes in sizes)
    classes = sum(classes for _, classes in sizes)
    smallest = sizes[0][0]
    return {
        "k_anonymity": Count(value=smallest, unit="rows"),
        "equivalence_classes": Count(value=classes, unit="classes"),
        "unique_share": _unique_share(sizes),
        "share_below_5": _share(_rows_below(sizes, 5), rows),
        "share_below_11": _share(_rows_below(sizes, 11), rows),
        "highest_risk": _share(1, smallest, rows),
        "average_risk": _share(classes, rows),
        "k_anonymity_wildcard": Count(value=smallest, unit="rows"),
        "unique_share_wildcard": _unique_share(sizes),
    }


def _wildcards(tally: Tally, unique: Result) -> dict[str, Result]:
    """Return k and the share of unique rows where a blank matches any value.

    A row matches at least the rows of its class, so that neither is worse than where a blank is a value.
    """
    names = ("k_anonymity_wildcard", "unique_share_wildcard")
    assert unique.kind == "scalar"
    if not tally.entries:
        return dict.fromkeys(names, too_many_patterns(tally, unique.n))
    matched = [(int(matches), int(rows)) for matches, _, _, rows in tally.entries]
    alone = sum(rows for matches, rows in matched if matches == 1)
    return {
        names[0]: Count(value=min(matches for matches, _ in matched), unit="rows"),
        names[1]: _share(alone, unique.n),
    }


def _rows_below(sizes: Sizes, limit: int) -> int:
    """Return the number of rows in classes of fewer than ``limit`` rows."""
    return sum(size * classes for size, classes in sizes if size < limit)


def _share(part: int, whole: int, n: int | None = None) -> Scalar:
    """Return a share of ``n`` cases; ``n`` is the whole unless given."""
    return Scalar(value=part / whole, unit="1", n=whole if n is None else n)


def _notes(partly: Sequence[str]) -> tuple[str, ...]:
    """Return how blanks were treated, when there are some."""
    if not partly:
        return ()
    names = ", ".join(repr(name) for name in partly)
    return (
        f"Some cells are missing in {names}. Missing is a value of its own here: such rows match one another "
        "only. In the other convention a blank matches any value; that is told beside it as the wildcard "
        "reading. It never shows more risk, so that the first reading decides.",
    )


PROBE = KAnonymityProbe()
"""The probe that `probe.yaml` beside this file describes."""
