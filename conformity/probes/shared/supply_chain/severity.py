"""How severe a vulnerability is: CVSS 3 and 4 scores from their vectors, and bands.

Source:
    FIRST, Common Vulnerability Scoring System 3.1, section 5, and 4.0, section 6 (rating scale).
"""

from __future__ import annotations

from typing import Any, Literal

Severity = Literal["critical", "high", "medium", "low", "none", "unrated"]
"""A band of the qualitative rating scale; ``unrated`` where an advisory gives no score that is read here."""

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "none", "unrated")
"""All bands, the worst first."""

_LONGEST = 400
"""No vector is longer than this, in characters."""
_BANDS: tuple[tuple[float, Severity], ...] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
    (0.0, "none"),
)
_WORDS: dict[str, Severity] = {
    "CRITICAL": "critical",
    "HIGH": "high",
    "MODERATE": "medium",
    "MEDIUM": "medium",
    "LOW": "low",
}


def score_of(vector: str) -> float | None:
    """Return the CVSS score of a vector, in [0, 10]: of version 3 the base score; None when it is none.

    What is malformed or of another version has no score, which is not the score 0.

    Args:
        vector: such as ``CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H``, or of version 3.0 or 4.0.
    """
    from cvss import CVSS3, CVSS4, CVSSError

    kind = {"CVSS:3.0": CVSS3, "CVSS:3.1": CVSS3, "CVSS:4.0": CVSS4}.get(vector.partition("/")[0])
    if kind is None or len(vector) > _LONGEST:
        return None
    try:
        return float(kind(vector).base_score)
    except CVSSError:
        return None


def band(score: float) -> Severity:
    """Return the band of a score in [0, 10]."""
    return next(name for least, name in _BANDS if score >= least)


def severity_of(advisory: dict[str, Any]) -> Severity:
    """Return how severe an advisory of OSV says it is: by its highest CVSS score, else by its word."""
    entries = advisory.get("severity")
    vectors = (
        [str(one.get("score", "")) for one in entries if isinstance(one, dict)]
        if isinstance(entries, list)
        else []
    )
    scores = [score for vector in vectors if (score := score_of(vector)) is not None]
    if scores:
        return band(max(scores))
    specific = advisory.get("database_specific")
    word = specific.get("severity") if isinstance(specific, dict) else None
    return _WORDS.get(str(word).upper(), "unrated")
