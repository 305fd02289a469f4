"""Which observations a finding rests on, and which requirements an observation speaks to."""

from __future__ import annotations

import re

from conformity.compose.material import Material
from conformity.model.finding import Finding

_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9._-]")


def anchor(kind: str, name: str) -> str:
    """Return the place of something: a letter for what it is, and its id without marks."""
    return f"{kind}-{_NOT_IN_ANCHOR.sub('.', name)}"


def evidence_of(finding: Finding | None) -> tuple[str, ...]:
    """Return the observations that a finding names or was read from, each once."""
    if finding is None:
        return ()
    read = [reading.evidence for judged in finding.measured for reading in judged.readings]
    return tuple(dict.fromkeys([*finding.evidence, *read]))


def users(material: Material) -> dict[str, tuple[str, ...]]:
    """Return the requirements that each observation speaks to, by its id."""
    found: dict[str, list[str]] = {}
    for finding in material.assessment.findings:
        for name in evidence_of(finding):
            found.setdefault(name, []).append(finding.requirement)
    return {name: tuple(several) for name, several in found.items()}
