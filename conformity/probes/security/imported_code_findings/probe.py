"""Count what static analysis found in the provider's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, in_order
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.imported_code_findings.sarif import (
    LEVELS,
    OPEN,
    SUPPRESSED,
    Log,
    log_of,
)
from conformity.probes.shared.imported.origin import imported, notes_of, nothing_read
from conformity.probes.shared.imported.reading import listed, parsed, read_bytes

_NAMES = {"error": "errors", "warning": "warnings", "note": "notes", "none": "unrated"}
_FINDINGS, _FAILURES = "findings", "failures"


class ImportedCodeFindingsProbe:
    """Read a log in SARIF."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the findings, in all, by level and by program, and what is no active finding.

        Raises:
            NotMeasurableError: no run holds a list of results, or the log is of another version.
            DataError: the file is no log in SARIF.
        """
        subject = imported(target, "sarif")
        log = log_of(parsed(read_bytes(target.path), target.path.name), target.path.name)
        if not log.runs:
            raise NotMeasurableError(nothing_read(subject.path))
        return ProbeResult(
            in_order(
                Measurement(
                    metric=MetricId(metric),
                    subject=SubjectId(subject.id),
                    by=("program",) if group else (),
                    group=group,
                    result=Count(value=value, unit=unit),
                )
                for metric, group, value, unit in _numbers(log)
            ),
            (
                *dict.fromkeys(note for run in log.runs for note in notes_of(run.origin, subject)),
                *_notes(log),
            ),
        )


def _numbers(log: Log) -> Iterator[tuple[str, tuple[str, ...], int, str]]:
    """Yield the counts: metric, group, value and unit."""
    ends: Counter[str] = sum((Counter(run.ends) for run in log.runs), Counter())
    yield "code_findings", (), sum(ends[level] for level in LEVELS), _FINDINGS
    for level in LEVELS:
        yield f"code_findings_{_NAMES[level]}", (), ends[level], _FINDINGS
    yield "code_findings_open", (), ends[OPEN], _FINDINGS
    yield "code_findings_suppressed", (), ends[SUPPRESSED], _FINDINGS
    yield "code_scan_failures", (), sum(run.failures for run in log.runs) + log.without, _FAILURES
    programs: Counter[str] = Counter()
    for run in log.runs:
        programs[run.origin.program] += sum(run.ends.get(level, 0) for level in LEVELS)
    for program, value in programs.items():
        yield "code_findings_by_program", (program,), value, _FINDINGS


def _notes(log: Log) -> list[str]:
    """Return what a reader must know: the rules most often broken, and what was not looked at."""
    notes = []
    rules: Counter[str] = sum((Counter(run.rules) for run in log.runs), Counter())
    if rules:
        most = sorted(rules, key=lambda rule: (-rules[rule], rule))
        notes.append(
            f"Rules broken, the most often first: {listed(f'{one} ({rules[one]})' for one in most)}."
        )
    if log.without or any(run.failures for run in log.runs):
        notes.append("A program failed, met errors or left its results out, so that findings may be missing.")
    return notes


PROBE = ImportedCodeFindingsProbe()
"""The probe."""
