"""The parts that every document of a comparison is made of: sections, tables, figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conformity.render.charts import Chart


@dataclass(frozen=True)
class Table:
    """Rows under heads."""

    title: str
    """What it shows."""
    columns: tuple[str, ...]
    """The heads."""
    rows: tuple[tuple[str, ...], ...]
    """The rows, each with as many cells as there are heads."""
    more: str = ""
    """What is not listed, or empty."""


@dataclass(frozen=True)
class Section:
    """A part of a comparison."""

    id: str
    """Its place."""
    title: str
    """Its name."""
    intro: tuple[str, ...] = ()
    """What a reader must know first, a paragraph each."""
    charts: tuple[Chart, ...] = ()
    """Figures, for documents that can show them."""
    tables: tuple[Table, ...] = ()
    """Tables."""


@dataclass(frozen=True)
class View:
    """A comparison, ready to print."""

    title: str
    """Its title."""
    system: str
    """The system."""
    statement: str
    """What it is and is not."""
    created: str
    """The later version's time, as the page states it."""
    author: str
    """The provider."""
    generator: str
    """The tool that compared them."""
    facts: tuple[tuple[str, str, str], ...]
    """Names of facts with their values in both versions."""
    sections: tuple[Section, ...]
    """The parts, in the order of importance."""


def table(
    title: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], most: int = 0
) -> tuple[Table, ...]:
    """Return a table of at most ``most`` rows (0 for all), or nothing where there is no row."""
    if not rows:
        return ()
    shown = rows[:most] if most else rows
    left = len(rows) - len(shown)
    more = f"{left} more in comparison.json." if left else ""
    return (Table(title, columns, shown, more),)


def day_or(day: date | None, none: str = "–") -> str:
    """Return a day, or what is said where there is none."""
    return none if day is None else day.isoformat()
