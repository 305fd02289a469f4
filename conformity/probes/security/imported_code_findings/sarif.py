"""Read logs in SARIF 2.1.0 and count their results as the standard tells which of them are findings.

Source:
    OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0: 3.14 (run), 3.20 (invocation),
    3.27.9 (kind), 3.27.10 (level), 3.27.23 (suppressions), 3.27.24 (baselineState), 3.35 (suppression).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformity.errors import DataError
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.imported.origin import Origin, day_of, other_version, version_of
from conformity.probes.shared.imported.reading import inner, objects, printable, whole

LEVELS = ("error", "warning", "note", "none")
"""The levels of results, the worst first."""

SUPPRESSED, OPEN, GONE = "suppressed", "open", "gone"
"""What a result is that is no active finding: suppressed, not decided, or nothing to mend."""

_OPEN = frozenset({"open", "review"})
_FINE = frozenset({"pass", "notApplicable", "informational"})
_VERSION = "2.1.0"
_MOST_RUNS = 1_000


@dataclass(frozen=True)
class Run:
    """What one run of one program says."""

    origin: Origin
    """The program."""
    ends: Mapping[str, int]
    """Results by what they are: a level, or :data:`SUPPRESSED`, :data:`OPEN` or :data:`GONE`."""
    rules: Mapping[str, int]
    """Active findings by rule."""
    failures: int
    """Runs that did not end well, and errors that the program met."""


@dataclass(frozen=True)
class Log:
    """All runs of a file."""

    runs: tuple[Run, ...]
    """Those that hold results, even none."""
    without: int
    """Runs of which the log holds no list of results, so that nobody knows what they found."""


def log_of(data: Any, name: str) -> Log:
    """Return what a log holds.

    Args:
        data: the file's contents.
        name: the file, for errors.

    Raises:
        NotMeasurableError: it is of another version.
        DataError: it is no such log.
    """
    if not isinstance(data, dict) or not isinstance(data.get("runs"), list):
        raise DataError(f"{name} is no log in SARIF; hand in the file as the program wrote it")
    if data.get("version") != _VERSION:
        raise NotMeasurableError(other_version(name))
    if len(data["runs"]) > _MOST_RUNS:
        raise DataError(f"{name} holds more than {_MOST_RUNS} runs; hand in fewer")
    runs = [_run(one) if isinstance(one, dict) else None for one in data["runs"]]
    return Log(tuple(run for run in runs if run), sum(run is None for run in runs))


def _run(run: dict[str, Any]) -> Run | None:
    """Return one run; None where its results are not in the log."""
    results = run.get("results")
    if not isinstance(results, list) or inner(run, "externalPropertyFileReferences", "results"):
        return None
    told = inner(run, "tool", "driver")
    driver = told if isinstance(told, dict) else {}
    components = [driver, *objects(inner(run, "tool", "extensions"))]
    defaults = {key: level for one in components for key, level in _defaults(one)}
    ends: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for result in results:
        end = _end(result, driver, defaults) if isinstance(result, dict) else OPEN
        ends[end] += 1
        if end in LEVELS:
            rules[printable(_rule(result, driver) or "")] += 1
    invocations = objects(run.get("invocations"))
    days = [day for one in invocations if (day := day_of(one.get("endTimeUtc") or one.get("startTimeUtc")))]
    return Run(
        origin=Origin(
            printable(inner(driver, "name")),
            version_of(inner(driver, "semanticVersion") or inner(driver, "version")),
            max(days, default=None),
        ),
        ends=dict(ends),
        rules=dict(rules),
        failures=sum(map(_failures, invocations)),
    )


def _failures(invocation: dict[str, Any]) -> int:
    """Return how much went wrong in an invocation: that it failed, and the errors it tells of."""
    told = [
        *objects(invocation.get("toolExecutionNotifications")),
        *objects(invocation.get("toolConfigurationNotifications")),
    ]
    failed = invocation.get("executionSuccessful") is not True
    return int(failed) + len([one for one in told if one.get("level") == "error"])


def _defaults(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the rules of a part of the program with the level that each has where nothing else is said."""
    for rule in objects(component.get("rules")):
        level = inner(rule, "defaultConfiguration", "level")
        if isinstance(rule.get("id"), str) and level in LEVELS:
            yield rule["id"], str(level)


def _rule(result: Mapping[str, Any], driver: Mapping[str, Any]) -> str | None:
    """Return the rule that a result is of: by its name, or by its place among the driver's rules."""
    given = result.get("ruleId") or inner(result, "rule", "id")
    if isinstance(given, str):
        return given
    place, rules = whole(result.get("ruleIndex")), objects(driver.get("rules"))
    found = rules[place].get("id") if place is not None and place < len(rules) else None
    return found if isinstance(found, str) else None


def _end(result: dict[str, Any], driver: Mapping[str, Any], defaults: Mapping[str, str]) -> str:
    """Return what a result is: an active finding of a level, or something else."""
    kind = str(result.get("kind", "fail"))
    if result.get("baselineState") == "absent" or kind in _FINE:
        return GONE
    if _is_suppressed(result.get("suppressions")):
        return SUPPRESSED
    if kind in _OPEN or kind != "fail":
        return OPEN
    if result.get("level") in LEVELS:
        return str(result["level"])
    rule = _rule(result, driver) or ""
    # A rule may be named with the part that it refines behind a slash: 3.27.5.
    return defaults.get(rule) or defaults.get(rule.rpartition("/")[0]) or "warning"


def _is_suppressed(suppressions: object) -> bool:
    """Tell whether a result is suppressed: somebody did so, and nobody refused it or is still looking."""
    listed = objects(suppressions)
    return bool(listed) and all(one.get("status", "accepted") == "accepted" for one in listed)
