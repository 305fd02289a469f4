"""GitLab's code quality report: every open requirement at its line of the manifest.

Source:
    GitLab documentation, "Code Quality", section "Code Quality report format": description, check_name,
    fingerprint, severity (info, minor, major, critical, blocker), location.path, location.lines.begin.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.finding import Verdict
from conformity.render.ci.points import Placing, Point
from conformity.render.exports.markdown_text import short
from conformity.render.exports.plain import json_bytes

_SEVERITIES: dict[Verdict, str] = {"not_met": "critical", "undetermined": "major", "not_collected": "minor"}
_LETTERS = 500


def code_quality(points: Sequence[Point], placing: Placing) -> bytes:
    """Return the report; it is an empty list where nothing is open.

    Args:
        points: what is open.
        placing: where the manifest lies.
    """
    return json_bytes(
        [
            {
                "description": short(f"{point.title}: {point.text}", _LETTERS),
                "check_name": point.id,
                "fingerprint": point.fingerprint,
                "severity": _SEVERITIES[point.verdict],
                "location": {"path": placing.manifest, "lines": {"begin": point.line}},
            }
            for point in points
        ]
    )
