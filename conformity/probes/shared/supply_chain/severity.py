"""How severe a vulnerability is: CVSS 3 base scores from their vectors, and bands.

Source:
    FIRST, Common Vulnerability Scoring System 3.1, sections 5 (rating scale) and 7.1, 7.4 (base equations).
"""

from __future__ import annotations

from typing import Any, Literal

Severity = Literal["critical", "high", "medium", "low", "none", "unrated"]
"""A band of the qualitative rating scale; ``unrated`` where an advisory gives no score that is read here."""

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "none", "unrated")
"""All bands, the worst first."""

_WEIGHTS = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
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


def base_score(vector: str) -> float | None:
    """Return the CVSS 3.0 or 3.1 base score of a vector, in [0, 10]; None when it is no such vector.

    Args:
        vector: such as ``CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H``.
    """
    if not vector.startswith(("CVSS:3.0/", "CVSS:3.1/")):
        return None
    values = dict(part.partition(":")[::2] for part in vector.split("/")[1:])
    try:
        changed = {"U": False, "C": True}[values["S"]]
        weight = {metric: scale[values[metric]] for metric, scale in _WEIGHTS.items()}
        privileges = _PRIVILEGES[values["S"]][values["PR"]]
    except KeyError:
        return None
    missed = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (missed - 0.029) - 3.25 * (missed - 0.02) ** 15 if changed else 6.42 * missed
    if impact <= 0:
        return 0.0
    together = impact + 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    return _rounded_up(min(1.08 * together if changed else together, 10))


def _rounded_up(value: float) -> float:
    """Return the least number with one decimal that is not below, by the standard's appendix A."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10


def band(score: float) -> Severity:
    """Return the band of a score in [0, 10]."""
    return next(name for least, name in _BANDS if score >= least)


def severity_of(advisory: dict[str, Any]) -> Severity:
    """Return how severe an advisory of OSV says it is: by its highest CVSS 3 score, else by its word."""
    entries = advisory.get("severity")
    vectors = (
        [str(one.get("score", "")) for one in entries if isinstance(one, dict)]
        if isinstance(entries, list)
        else []
    )
    scores = [score for vector in vectors if (score := base_score(vector)) is not None]
    if scores:
        return band(max(scores))
    specific = advisory.get("database_specific")
    word = specific.get("severity") if isinstance(specific, dict) else None
    return _WORDS.get(str(word).upper(), "unrated")
