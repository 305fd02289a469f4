"""The groups with which the others of an attribute are compared."""

from __future__ import annotations

from conformity.render.views.context import Context

SIGN = "◆"
"""What marks such a group in a figure."""

_TO_REFERENCE = "_to_reference"
_TO_OVERALL = "_to_overall"

Place = tuple[str, tuple[str, ...]]


def references(context: Context) -> dict[Place, tuple[str, ...]]:
    """Return the reference group of each table and attribute, where the evidence tells which it is.

    It is the one group that was held against everybody, but not against the reference.
    """
    compared: dict[Place, set[tuple[str, ...]]] = {}
    everyone: dict[Place, set[tuple[str, ...]]] = {}
    for observation in context.evidence.observations:
        for one in observation.measurements:
            place = (one.subject, one.by)
            if one.metric.endswith(_TO_REFERENCE):
                compared.setdefault(place, set()).add(one.group)
            elif one.metric.endswith(_TO_OVERALL):
                everyone.setdefault(place, set()).add(one.group)
    left = {place: everyone.get(place, set()) - groups for place, groups in compared.items()}
    return {place: groups.pop() for place, groups in left.items() if len(groups) == 1}
