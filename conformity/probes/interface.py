"""The seam to the probes: what a probe is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformity.model.base import SubjectId
from conformity.model.manifest import Exhibit
from conformity.model.measurement import Measurement
from conformity.model.subject import Subject, TableSubject
from conformity.model.tally import Tally, TallySpec


class NotMeasurableError(Exception):
    """There is nothing this probe could measure here; the text says why, for the report."""


@dataclass(frozen=True)
class ProbeResult:
    """What a probe found."""

    measurements: tuple[Measurement, ...]
    """The numbers, sorted by metric, attribute and group."""
    notes: tuple[str, ...] = ()
    """What a reader must know about these numbers in particular."""


@dataclass(frozen=True)
class Target:
    """A file to examine, with what else a probe may look at."""

    subject: Subject | Exhibit
    """The subject or exhibit, as declared."""
    path: Path
    """Where it is; absolute."""
    tables: Mapping[SubjectId, tuple[TableSubject, Path]]
    """The declared tables, for probes that run a model over one."""
    scratch: Path
    """A folder of the worker's own, removed afterwards."""
    seed: int
    """Seed of everything drawn at random."""


class TableProbe(Protocol):
    """A question about a table, answered from tallies alone."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return the tallies that :meth:`measure` needs.

        Raises:
            NotMeasurableError: the table does not declare what the question needs.
        """
        ...

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the measurements, a pure function of the tallies in the order asked.

        Raises:
            NotMeasurableError: the tallies hold nothing to measure, such as no rows.
        """
        ...


class ComparisonProbe(Protocol):
    """A question about a table beside the other tables of the system, answered from tallies alone."""

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        """Return the tallies that :meth:`compare` needs of the table and of others, by table.

        Raises:
            NotMeasurableError: there is no other table to compare with, or a role is not declared.
        """
        ...

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        """Return the measurements, a pure function of the tallies by table, each in the order asked.

        Raises:
            NotMeasurableError: the tallies hold nothing to compare.
        """
        ...


class FileProbe(Protocol):
    """A question about a file that is not a table."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the measurements.

        Raises:
            NotMeasurableError: there is nothing to measure.
            ModelFileError: the file cannot be examined.
            DataError: the file is not what it is declared to be.
        """
        ...
