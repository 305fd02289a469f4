"""The gate of a CI pipeline: findings in, exit code out."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.finding import Finding


def gate(findings: Sequence[Finding]) -> int:
    """Return the exit code of a gate.

    Returns:
        1 when something is ``not_met``; else 4 when something is ``undetermined`` or
        ``not_collected``, or when there is nothing that applies; else 0.
    """
    verdicts = {finding.verdict for finding in findings}
    if "not_met" in verdicts:
        return 1
    if verdicts & {"undetermined", "not_collected"} or "met" not in verdicts:
        return 4
    return 0
