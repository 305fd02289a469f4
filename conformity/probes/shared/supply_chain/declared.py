"""What the probes of a system's software share: how it is handed in, counted and printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, Result
from conformity.model.subject import DependenciesSubject
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.supply_chain.reading import Software, read_software

if TYPE_CHECKING:
    from conformity.probes.shared.supply_chain.packages import Package

NAMED = 20
"""Most packages or vulnerabilities that are named one by one."""

_LONGEST = 80


def software_of(target: Target) -> Software:
    """Return the packages and advisories of a declared subject.

    Raises:
        NotMeasurableError: there is no package in what was handed in.
        DataError: it is no list of packages, or cannot be read.
    """
    if not isinstance(target.subject, DependenciesSubject):
        raise DataError(f"{target.subject.id} is no list of packages; declare it with `kind: dependencies`")
    software = read_software(target.path)
    if not software.packages:
        raise NotMeasurableError(f"{target.subject.path} lists no package; hand in a lock file")
    return software


def measured(target: Target, results: Mapping[str, Result]) -> tuple[Measurement, ...]:
    """Return results as measurements of the whole subject, in the order of their metrics."""
    subject = SubjectId(target.subject.id)
    return tuple(
        Measurement(metric=MetricId(metric), subject=subject, result=result)
        for metric, result in sorted(results.items())
    )


def printable(text: str) -> str:
    """Return a text of a file so that it can be printed."""
    return ascii(text)[1:-1][:_LONGEST]


def listed(packages: tuple[Package, ...]) -> str:
    """Return the names of some packages, and how many more there are."""
    more = f" and {len(packages) - NAMED} more" if len(packages) > NAMED else ""
    return ", ".join(printable(one.name) for one in packages[:NAMED]) + more
