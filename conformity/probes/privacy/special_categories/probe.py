"""Find columns whose names speak of special categories of personal data, declared or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformity.engines.naming import says
from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import MissingCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.settings import DISCLOSURE_LIMIT

_FILE = Path(__file__).with_name("words.yaml")
_DECLARING = ("sensitive", "protected")


@dataclass(frozen=True)
class Category:
    """A special category, and the words by which a column's name speaks of it."""

    name: str
    """Its name in measurements."""
    title: str
    """Its name in a report, as the law has it."""
    words: tuple[str, ...]
    """The words; see :func:`conformity.engines.naming.says`."""


@cache
def categories() -> tuple[Category, ...]:
    """Return the special categories, in the order of the file."""
    from ruamel.yaml import YAML

    rows = YAML(typ="safe").load(_FILE.read_text("utf-8"))["categories"]
    return tuple(Category(row["id"], row["title"], tuple(map(str, row["words"]))) for row in rows)


class SpecialCategoriesProbe:
    """Reads the names of all columns of a file, and counts what is filled."""

    def tallies(self, table: TableSubject) -> tuple[MissingCounts]:
        """Return the missing cells of all columns."""
        return (MissingCounts(),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return how many columns speak of special categories, declared or not, and how filled each is.

        Raises:
            NotMeasurableError: there are no rows.
        """
        cells = {str(name): (int(rows) - int(gaps), int(rows)) for name, gaps, rows in tallies[0].entries}
        if not any(rows for _, rows in cells.values()):
            raise NotMeasurableError(f"{table.id!r} has no rows")
        found = {
            (name, category.name): _share(filled, rows)
            for name, (filled, rows) in cells.items()
            if filled
            for category in categories()
            if says(name, category.words)
        }
        columns = {name for name, _ in found}
        declared = {one.name for role in _DECLARING for one in table.with_role(role)}
        measurements = [
            _total(table, "special_category_columns", columns),
            _total(table, "undeclared_special_category_columns", columns - declared),
            *(
                Measurement(
                    metric=MetricId("special_category_share"),
                    subject=table.id,
                    by=(name,),
                    group=(category,),
                    result=share,
                )
                for (name, category), share in found.items()
            ),
        ]
        return ProbeResult(in_order(measurements), tuple(_notes(sorted(found), declared)))


def _share(filled: int, rows: int) -> Result:
    """Return the share of rows that are filled, unless they are so few that it would disclose people."""
    if filled < DISCLOSURE_LIMIT and filled < rows:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {DISCLOSURE_LIMIT} cells are filled; the share is not published",
            n=rows,
        )
    return Scalar(value=filled / rows, unit="1", n=rows)


def _total(table: TableSubject, metric: str, columns: set[str]) -> Measurement:
    """Return a number of columns."""
    return Measurement(
        metric=MetricId(metric), subject=table.id, result=Count(value=len(columns), unit="columns")
    )


def _notes(found: Sequence[tuple[str, str]], declared: set[str]) -> Iterator[str]:
    """Yield the columns that speak of a special category and are not declared."""
    titles = {category.name: category.title for category in categories()}
    for name, category in found:
        if name not in declared:
            yield (
                f"Column {name[:80]!r} speaks of {titles[category]}, but has neither the role "
                "`sensitive` nor the role `protected`. Say in the manifest what it is, or remove it."
            )


PROBE = SpecialCategoriesProbe()
"""The probe that `probe.yaml` beside this file describes."""
