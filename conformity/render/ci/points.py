"""Every open requirement as a point: what is said of it, at which line, and what became of it.

Points are read from the SARIF export, in which everything is guarded already. So they are the same whether
the export was made here or had from a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformity.model.base import RequirementId
from conformity.model.baseline import AgainstBaseline, Change
from conformity.model.finding import Verdict
from conformity.render.exports.sarif import LEVELS

Plain = dict[str, Any]
"""A log of SARIF, as :mod:`json` reads it."""

_ORDER = tuple(LEVELS)


@dataclass(frozen=True)
class Placing:
    """Where things lie in the repository that a pipeline works on."""

    manifest: str
    """The manifest, relative to the repository's root, with ``/`` between parts."""
    lines: Mapping[RequirementId, int] = field(default_factory=dict)
    """The line of the manifest that speaks of a requirement; the first line where none is known."""

    def line(self, requirement: str) -> int:
        """Return the line of a requirement."""
        return self.lines.get(RequirementId(requirement), 1)


@dataclass(frozen=True)
class Point:
    """An open requirement, ready to tell."""

    id: str
    """The requirement."""
    title: str
    """Its citation and name."""
    verdict: Verdict
    """Its verdict."""
    text: str
    """The verdict in words, why, and what to do."""
    line: int
    """Where in the manifest."""
    fingerprint: str
    """What it is known by from run to run."""
    change: Change | None
    """What became of it since the baseline; none without one."""


def points(log: Plain, placing: Placing, against: AgainstBaseline | None) -> tuple[Point, ...]:
    """Return every open requirement: what is missed first, and of that first what a declaration waits for.

    Args:
        log: the SARIF export.
        placing: where things lie.
        against: what is new; None without a baseline.
    """
    changes = {str(one.requirement): one.change for one in against.points} if against else {}
    run = log["runs"][0]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    results = sorted(run["results"], key=_urgency)
    return tuple(
        _point(one, rules[one["ruleId"]], placing.line(one["ruleId"]), changes.get(one["ruleId"]))
        for one in results
    )


def _urgency(result: Plain) -> tuple[int, bool]:
    """Return how pressing a result is, to sort by; the plan's order settles ties."""
    properties = result["properties"]
    return _ORDER.index(properties["verdict"]), not properties["blocksDeclaration"]


def _point(result: Plain, rule: Plain, line: int, change: Change | None) -> Point:
    """Return one open requirement."""
    title = _plain(rule["shortDescription"]["text"])
    return Point(
        id=result["ruleId"],
        title=title,
        verdict=result["properties"]["verdict"],
        text=_plain(result["message"]["text"]).removeprefix(f"{title}. "),
        line=line,
        fingerprint=result["partialFingerprints"]["requirement/v1"],
        change=change,
    )


def _plain(text: str) -> str:
    """Return a message of SARIF as the text that it shows (SARIF 3.11.5, 3.11.6)."""
    text = text.replace("{{", "{").replace("}}", "}")
    return text.replace("\\[", "[").replace("\\]", "]") if "\\](" in text else text
