"""A comment for a change, in Markdown: what fails the pipeline, what is new, then the summary.

It begins with a mark that nobody sees, by which the comment of the run before is found and replaced, and
stays below the length that code hosts take.

Source:
    GitHub Flavored Markdown 0.29.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from conformity.model.baseline import AgainstBaseline, FailOn
from conformity.render.ci.points import Plain, Point
from conformity.render.exports.markdown import MOST_LETTERS
from conformity.render.exports.markdown_text import code, escaped, short
from conformity.render.views.verdicts import ICONS

_MOST_POINTS = 25
_NAME, _REASON = 120, 300
_ID = re.compile(r"conformity/([0-9a-f-]{36})/")
_CUT = "\nThe rest is left out here; it stands in the report.\n"
GATES = {
    0: "passed: nothing that it counts is open",
    1: "failed: a criterion is missed",
    4: "failed: something is not settled or not collected",
}
"""What the exit code of a gate means."""
_COUNTED: dict[FailOn, str] = {
    "open": "It counts missed criteria and whatever is not settled.",
    "missed": "It counts missed criteria alone; what is not settled does not fail it.",
    "never": "It fails on nothing; what is open is listed below.",
}


def marker(log: Plain) -> str:
    """Return the mark of comments on a system; it stays the same from run to run.

    Args:
        log: the SARIF export, which names the system by an id that lasts.
    """
    found = _ID.fullmatch(log["runs"][0]["automationDetails"]["id"])
    return f"<!-- conformity-report {found[1] if found else 'unknown'} -->"


def comment(
    log: Plain,
    summary: bytes,
    points: Sequence[Point],
    against: AgainstBaseline | None,
    *,
    gate: int,
    fail_on: FailOn,
) -> bytes:
    """Return the comment.

    Args:
        log: the SARIF export.
        summary: the export in Markdown.
        points: what is open.
        against: what is new; None without a baseline.
        gate: exit code of the gate: 0, 1 or 4.
        fail_on: what the gate counts.
    """
    lines = [marker(log), "", f"**Gate {GATES[gate]}.** {_COUNTED[fail_on]}", ""]
    if against is not None:
        lines += [*_since(points, against), ""]
    kept, room = [], MOST_LETTERS - len(_CUT) - sum(len(line) + 1 for line in lines)
    told = summary.decode().splitlines()
    for line in told:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    cut = _CUT if len(kept) < len(told) else ""
    return ("\n".join([*lines, *kept]) + f"\n{cut}").encode()


def _since(points: Sequence[Point], against: AgainstBaseline) -> Iterator[str]:
    """Yield what changed since the baseline, as lines."""
    fresh = [point for point in points if point.change in ("new", "worse")]
    known = len(points) - len(fresh)
    yield f"## Since assessment {code(against.version)} of {against.assessed_at:%Y-%m-%d}"
    yield ""
    settled = len(against.settled)
    yield f"- New or worse: {len(fresh)}; open as before: {known}; open then and no longer: {settled}"
    yield f"- Baseline {code(against.sha256)}"
    if against.loosened:
        names = _some([str(one) for one in against.loosened])
        yield f"- Bounds of the baseline that are gone or changed: {names}"
    if fresh:
        yield ""
    for point in fresh[:_MOST_POINTS]:
        mark = f"{ICONS[point.verdict]} {point.verdict.replace('_', ' ')}"
        worse = ", worse than before" if point.change == "worse" else ""
        title, told = escaped(short(point.title, _NAME)), escaped(short(point.text, _REASON))
        yield f"- {mark}{worse}: **{title}** ({code(short(point.id, _NAME))}): {told}"
    if len(fresh) > _MOST_POINTS:
        yield f"- and {len(fresh) - _MOST_POINTS} more"


def _some(names: Sequence[str]) -> str:
    """Return the first names as code, and how many there are besides."""
    shown: Iterable[str] = (code(short(name, _NAME)) for name in names[:_MOST_POINTS])
    more = f" and {len(names) - _MOST_POINTS} more" if len(names) > _MOST_POINTS else ""
    return ", ".join(shown) + more
