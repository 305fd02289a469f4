"""Which findings a declaration must wait for, and how grave a non-conformity is; with the rules.

The Act names no list: these are the tool's rules, drawn from what a declaration says (Annex V(4), Art. 47(2))
and from what has to be done before it (Art. 16, 43). They are printed with every entry of the register.
"""

from __future__ import annotations

from datetime import date

from conformity.model.finding import Finding, Verdict
from conformity.model.nonconformity import Severity
from conformity.model.plan import PlannedRequirement

_SPOKEN_FOR = frozenset(
    [
        *(f"Article {number}" for number in (*range(8, 18), "4a", 72)),
        *("Annex IV", "Annex VI", "Annex VII"),
    ]
)
"""What a declaration says has been met (Art. 47(2)), what has to be met beside it (Art. 16, 17, Annex IV(9)
with Art. 72(3)), and the procedure that comes before it (Art. 43); whether or not these bind already."""

_AFTERWARDS = frozenset(
    ["Article 18", "Article 19", "Article 20", "Article 47", "Article 48", "Article 49", "Article 73"]
)
"""What follows a declaration or comes with it, and so cannot be asked for before it."""

_AFTERWARDS_ROWS = frozenset(["annexIV.8", "annexVII.4.7", "annexVII.5"])
"""The same, where the rest of the article comes before."""

_GRAVEST = frozenset(["Article 4a", *(f"Article {number}" for number in range(8, 16))])
"""Chapter III Section 2 and Art. 4a: what protects people in the system itself."""

MISSED = "It is not met; a declaration of conformity says that what it covers is (Annex V(4))."
"""The rule by which a missed requirement blocks."""


SIGNED = (
    "It is not measured by this tool, a named person has signed for it, and no bound on it is missed or "
    "open: it stays in the register, and whoever signs a declaration of conformity takes it on (Art. 47(4))."
)
"""The rule by which a gap that only a person can settle does not block."""


def gap_rule(item: PlannedRequirement, finding: Finding, as_of: date) -> tuple[str, bool] | None:
    """Return the rule by which a requirement that is not settled is in the register, and whether it blocks.

    Provisions that only allow something, what follows the declaration, and what is not spoken for by a
    declaration and binds later, or from no day that is set (a system of before, Art. 111(2); a voluntary
    commitment), give None. Duties of other roles and provisions that do not concern the system never get
    here: their verdict is ``not_applicable``.

    Args:
        item: the requirement, with whether and from when it binds.
        finding: how it stands; not settled.
        as_of: the day whose law applies.
    """
    row = item.requirement
    if row.permits or row.id in _AFTERWARDS_ROWS or row.article in _AFTERWARDS:
        return None
    rule = None
    if row.article in _SPOKEN_FOR:
        rule = (
            "It is not settled, and a declaration of conformity speaks for it, from whatever day it binds "
            "(Art. 16, 43, 47(2))."
        )
    elif item.applies == "yes" and item.duty_from is not None and item.duty_from <= as_of:
        rule = "It binds this system now and is not settled."
    if rule is None:
        return None
    return (SIGNED, False) if _left_to_a_person(item, finding) else (rule, True)


def _left_to_a_person(item: PlannedRequirement, finding: Finding) -> bool:
    """Tell whether what could be measured is met, the rest cannot be, and a person signed for it."""
    row, declared = item.requirement, finding.declared
    beyond = not row.probes or (row.rule or "").startswith("special_data")
    signed = declared is not None and declared.verdict == "met"
    bounds_kept = all(one.verdict == "met" for one in finding.measured)
    return beyond and signed and bounds_kept and finding.verdict == "undetermined" and item.applies == "yes"


def severity(article: str, verdict: Verdict) -> tuple[Severity, str]:
    """Return how grave a non-conformity is by the tool's rule, and the rule.

    Args:
        article: the article or annex of the requirement.
        verdict: how the requirement stands.
    """
    if verdict == "not_met" and article in _GRAVEST:
        return "critical", "Critical: a requirement of Art. 4a or Art. 8 to 15 is missed."
    if verdict == "not_met":
        return "major", "Major: a requirement other than those of Art. 4a and Art. 8 to 15 is missed."
    if verdict == "not_collected":
        return "major", "Major: nothing settles it yet: not handed in, not signed, or not measured."
    return "minor", "Minor: it was looked at and is not settled, or the provider lists it."
