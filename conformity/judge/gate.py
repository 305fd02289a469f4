"""The gate of a CI pipeline: findings in, exit code out."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.classification import Outcome
from conformity.model.finding import Finding


def gate(findings: Sequence[Finding], outcome: Outcome) -> int:
    """Return the exit code of a gate.

    Args:
        findings: all findings.
        outcome: what kind of system it is.

    Returns:
        1 when a requirement or a criterion is ``not_met``, or the practice is prohibited (Art. 5); else 4
        when something is ``undetermined`` or ``not_collected``, when nothing that applies is met, or when
        it is not known what kind of system it is; else 0.
    """
    verdicts = {finding.verdict for finding in findings}
    missed = any(judgement.verdict == "not_met" for f in findings for judgement in f.measured)
    if missed or "not_met" in verdicts or outcome == "prohibited":
        return 1
    if verdicts & {"undetermined", "not_collected"} or "met" not in verdicts or outcome == "cannot_tell":
        return 4
    return 0
