"""What a verdict rests on: numbers of this tool, statements of people, both, or neither."""

from __future__ import annotations

from collections.abc import Iterable

from conformity.judge.parts import Given
from conformity.model.finding import Basis, CriterionJudgement, Declared
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.requirement import Requirement

_OF_OTHERS = frozenset({"attack_record", "imported_record"})
"""The kinds of subjects that hold the numbers of other programs."""


def basis(
    requirement: Requirement, judged: Iterable[CriterionJudgement], declared: Declared, given: Given
) -> Basis:
    """Return what the verdict on a requirement rests on.

    Measured is what a probe that speaks to it saw, or what was held against a bound that names it. Declared
    is a sign-off that counts, where one is asked for, and every date or use that a rule takes from the
    manifest. A document without a signature is no basis. Imported stands in place of measured where every
    number is one that another program measured.

    Args:
        requirement: the row of law.
        judged: the judgements on the bounds that name it.
        declared: what was handed in and signed.
        given: manifest, evidence and the judgements on all bounds.
    """
    stated = bool(declared.sign_offs) and asks_for_signature(requirement)
    if requirement.rule == "fixed_beforehand":
        bounds = {criterion.id for criterion in given.manifest.criteria if criterion.claimed_in is None}
        judged = [judgement for name, judgement in given.judged.items() if name in bounds]
        stated = stated or bool(bounds)
    elif requirement.rule:
        stated = stated or bool(given.manifest.special_category_use)
    seen = {
        observation.subject
        for observation in given.evidence.observations
        if observation.outcome == "measured" and observation.probe in requirement.probes
    }
    seen |= {r.measurement.subject for j in judged for r in j.readings if _is_number(r.measurement.result)}
    if not seen:
        return "declared" if stated else "none"
    if seen <= {subject.id for subject in given.manifest.subjects if subject.kind in _OF_OTHERS}:
        return "imported_and_declared" if stated else "imported"
    return "measured_and_declared" if stated else "measured"


def asks_for_signature(requirement: Requirement) -> bool:
    """Tell whether a statement takes part in the verdict: not where everything is measured.

    A row on a level that is stated to deployers needs a signature too: that the document states it is for a
    person to see. So does a row that this version has no probe for.
    """
    return requirement.automation != "measured" or requirement.of_claims or not requirement.probes


def _is_number(result: Result) -> bool:
    """Tell whether there is a number with a case behind it."""
    return not isinstance(result, NotAvailable) and not (isinstance(result, Scalar) and result.n == 0)
