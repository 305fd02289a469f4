"""Hold the packages of a system against advisories that were handed in; nothing is fetched."""

from __future__ import annotations

from collections import Counter

from conformity.model.measurement import Count, NotAvailable, Result
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.shared.supply_chain.advisories import (
    Vulnerability,
    comparable,
    merged,
    vulnerabilities,
)
from conformity.probes.shared.supply_chain.declared import NAMED, measured, printable, software_of
from conformity.probes.shared.supply_chain.reading import Software

_BANDS = ("critical", "high", "medium", "low", "unrated")
_NOTHING = (
    "No advisories were handed in: put an export of OSV for the ecosystem, as JSON or ZIP, or the report of "
    "`pip-audit --format json` beside the list of packages."
)


class VulnerabilitiesProbe:
    """Match packages and advisories."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many vulnerabilities are known, in all and by severity, and how many may be there.

        Raises:
            NotMeasurableError: there is no package in what was handed in.
            DataError: it is no list of packages, or cannot be read.
        """
        software = software_of(target)
        every = merged([*vulnerabilities(software.packages, software.advisories), *software.reported])
        found = tuple(one for one in every if one.decided)
        undecided = tuple(one for one in every if not one.decided)
        looked = bool(software.entries or software.audited)
        return ProbeResult(
            measurements=measured(
                target,
                {
                    metric: _counted(value, unit, looked)
                    for metric, (value, unit) in _counts(software, found, undecided).items()
                },
            ),
            notes=tuple(_notes(software, found, undecided)) if looked else (),
        )


def _counts(
    software: Software, found: tuple[Vulnerability, ...], undecided: tuple[Vulnerability, ...]
) -> dict[str, tuple[int, str]]:
    """Return all counts with their units."""
    unmatched = [one for one in software.packages if one not in software.audited]
    if software.entries:
        unmatched = [one for one in unmatched if not comparable(one)]
    bands = Counter(str(one.severity) for one in found)
    return {
        "undecided_vulnerabilities": (len(undecided), "vulnerabilities"),
        "unmatched_dependencies": (len(unmatched), "packages"),
        "vulnerabilities": (len(found), "vulnerabilities"),
        "vulnerable_dependencies": (len({one.package for one in found}), "packages"),
        **{f"{band}_vulnerabilities": (bands[band], "vulnerabilities") for band in _BANDS},
    }


def _counted(value: int, unit: str, looked: bool) -> Result:
    """Return a count; without advisories there is none, and it is not zero."""
    if not looked:
        return NotAvailable(why="not_collected", reason=_NOTHING)
    return Count(value=value, unit=unit)


def _notes(
    software: Software, found: tuple[Vulnerability, ...], undecided: tuple[Vulnerability, ...]
) -> list[str]:
    """Return what a reader must know: which vulnerabilities, and how old the advisories are."""
    notes = [_line(one) for one in sorted(found, key=lambda one: _rank(one.severity))[:NAMED]]
    if len(found) > NAMED:
        notes.append(f"And {len(found) - NAMED} more vulnerabilities.")
    if undecided:
        named = ", ".join(f"{printable(one.package.name)} ({printable(one.id)})" for one in undecided[:NAMED])
        more = f" and {len(undecided) - NAMED} more" if len(undecided) > NAMED else ""
        notes.append(f"Not told by their advisories, which list no versions: {named}{more}.")
    if software.nameless:
        notes.append(
            f"Advisories that name no package: {software.nameless:,}; whether others of them concern the "
            "packages here cannot be told."
        )
    if software.entries:
        newest = f"; the newest was changed on {printable(software.newest[:10])}" if software.newest else ""
        notes.append(f"Advisories read: {software.entries:,}{newest}.")
    if software.audited:
        notes.append("pip-audit gives no severities; what only it reports counts as unrated.")
    return notes


def _rank(severity: str) -> int:
    """Return where a severity stands, the worst first."""
    return _BANDS.index(severity) if severity in _BANDS else len(_BANDS)


def _line(one: Vulnerability) -> str:
    """Return one vulnerability as a line."""
    fixed = f"; mended in {printable(', '.join(one.fixed_in[:3]))}" if one.fixed_in else ""
    what = f"{printable(one.package.name)} {printable(one.package.version or '')}"
    return f"{what}: {printable(one.id)} ({one.severity}){fixed}."


PROBE = VulnerabilitiesProbe()
"""The probe."""
