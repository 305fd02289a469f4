"""Hold the packages of a system against advisories that were handed in; nothing is fetched."""

from __future__ import annotations

from collections import Counter

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.model.subject import DependenciesSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.supply_chain.advisories import (
    Vulnerability,
    comparable,
    merged,
    vulnerabilities,
)
from conformity.probes.shared.supply_chain.reading import Software, read_software

_BANDS = ("critical", "high", "medium", "low", "unrated")
_NAMED = 20
_NOTHING = (
    "No advisories were handed in: put an export of OSV for the ecosystem, as JSON or ZIP, or the report of "
    "`pip-audit --format json` beside the list of packages."
)


class VulnerabilitiesProbe:
    """Match packages and advisories."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many vulnerabilities are known, in all and by severity.

        Raises:
            NotMeasurableError: there is no package in what was handed in.
            DataError: it is no list of packages, or cannot be read.
        """
        if not isinstance(target.subject, DependenciesSubject):
            raise DataError(
                f"{target.subject.id} is no list of packages; declare it with `kind: dependencies`"
            )
        software = read_software(target.path)
        if not software.packages:
            raise NotMeasurableError(f"{target.subject.path} lists no package; hand in a lock file")
        return _result(software, SubjectId(target.subject.id))


def _result(software: Software, subject: SubjectId) -> ProbeResult:
    """Return the counts, and what was found in notes."""
    found = merged([*vulnerabilities(software.packages, software.advisories), *software.reported])
    unmatched = [one for one in software.packages if one not in software.audited]
    if software.entries:
        unmatched = [one for one in unmatched if not comparable(one)]
    looked = bool(software.entries or software.audited)
    bands = Counter(one.severity for one in found)
    counts = {
        "unmatched_dependencies": (len(unmatched), "packages"),
        "vulnerabilities": (len(found), "vulnerabilities"),
        "vulnerable_dependencies": (len({one.package for one in found}), "packages"),
        **{f"{band}_vulnerabilities": (bands[band], "vulnerabilities") for band in _BANDS},  # type: ignore[index] # one of the bands
    }
    return ProbeResult(
        measurements=tuple(
            Measurement(metric=MetricId(metric), subject=subject, result=_counted(value, unit, looked))
            for metric, (value, unit) in sorted(counts.items())
        ),
        notes=tuple(_notes(software, found)) if looked else (),
    )


def _counted(value: int, unit: str, looked: bool) -> Result:
    """Return a count; without advisories there is none, and it is not zero."""
    if not looked:
        return NotAvailable(why="not_collected", reason=_NOTHING)
    return Count(value=value, unit=unit)


def _notes(software: Software, found: tuple[Vulnerability, ...]) -> list[str]:
    """Return what a reader must know: which vulnerabilities, and how old the advisories are."""
    notes = [_line(one) for one in sorted(found, key=lambda one: _rank(one.severity))[:_NAMED]]
    if len(found) > _NAMED:
        notes.append(f"And {len(found) - _NAMED} more vulnerabilities.")
    if software.entries:
        newest = f"; the newest was changed on {_printable(software.newest[:10])}" if software.newest else ""
        notes.append(f"Advisories read: {software.entries:,}{newest}.")
    if software.audited:
        notes.append("pip-audit gives no severities; what only it reports counts as unrated.")
    return notes


def _rank(severity: str) -> int:
    """Return where a severity stands, the worst first."""
    return _BANDS.index(severity) if severity in _BANDS else len(_BANDS)


def _line(one: Vulnerability) -> str:
    """Return one vulnerability as a line."""
    fixed = f"; mended in {_printable(', '.join(one.fixed_in[:3]))}" if one.fixed_in else ""
    what = f"{_printable(one.package.name)} {_printable(one.package.version or '')}"
    return f"{what}: {_printable(one.id)} ({one.severity}){fixed}."


def _printable(text: str) -> str:
    """Return a text of a file so that it can be printed."""
    return ascii(text)[1:-1][:80]


PROBE = VulnerabilitiesProbe()
"""The probe."""
