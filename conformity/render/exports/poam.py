"""OSCAL plan of action and milestones: the register of non-conformities, who mends each, how, by when.

What the provider undertook is ``planned``; what only follows from the finding is a ``recommendation``.

Source:
    NIST OSCAL 1.2.1, plan of action and milestones model, JSON format; Art. 20(1) of Regulation (EU)
    2024/1689 for corrective action.
"""

from __future__ import annotations

from typing import Any

from conformity.errors import RenderError
from conformity.model.nonconformity import NonConformity
from conformity.render.exports.format import Export
from conformity.render.exports.material import Material
from conformity.render.exports.oscal_parts import assets, metadata, prop, system_component
from conformity.render.exports.plain import end_of, json_bytes, one_line

Plain = dict[str, Any]

_TYPE = "http://ietf.org/rfc/rfc4122"


def write(material: Material) -> bytes:
    """Return the plan.

    Raises:
        RenderError: the assessment is from before the register was kept.
    """
    entries = material.assessment.non_conformities
    if entries is None:
        raise RenderError(
            "the assessment holds no register of non-conformities, from which a plan of action is made; "
            "assess the system again"
        )
    document: Plain = {
        "uuid": material.version_uid("poam"),
        "metadata": metadata(material, "Plan of action and milestones"),
        "system-id": {"identifier-type": _TYPE, "id": material.uid("system", "")},
        "local-definitions": {
            "components": [system_component(material)],
            "assessment-assets": assets(material),
        },
        "risks": [_risk(material, one) for one in entries],
        "poam-items": [_item(material, one) for one in entries] or [_nothing(material)],
    }
    return json_bytes(
        {"plan-of-action-and-milestones": {key: value for key, value in document.items() if value != []}}
    )


FORMAT = Export("poam", "oscal-poam.json", write)
"""The format, found by :func:`conformity.render.formats`."""


def _risk(material: Material, entry: NonConformity) -> Plain:
    """Return an entry of the register as a risk with what is to be done about it."""
    made: Plain = {
        "uuid": material.uid("risk", str(entry.id)),
        "title": one_line(_title(material, entry)),
        "description": material.told(entry.reason),
        "statement": f"{entry.rule} {entry.severity_rule}",
        "props": _props(entry),
        "status": entry.state,
        "remediations": [_remediation(material, entry)],
    }
    if entry.due is not None:
        made["deadline"] = end_of(entry.due)
    return made


def _remediation(material: Material, entry: NonConformity) -> Plain:
    """Return what is to be done, with its day where one was fixed."""
    action = entry.corrective_action if entry.planned else material.told(entry.corrective_action)
    made: Plain = {
        "uuid": material.uid("remediation", str(entry.id)),
        "lifecycle": "planned" if entry.planned else "recommendation",
        "title": f"Corrective action for {one_line(str(entry.id))}",
        "description": action,
        "props": [prop("owner", entry.owner or "nobody named")],
    }
    if entry.due is not None:
        made["tasks"] = [
            {
                "uuid": material.uid("milestone", str(entry.id)),
                "type": "milestone",
                "title": "The corrective action is done",
                "timing": {"on-date": {"date": end_of(entry.due)}},
            }
        ]
    if entry.closure is not None:
        made["remarks"] = f"Closed on {entry.closure.on.isoformat()}: {material.told(entry.closure.reason)}"
    return made


def _item(material: Material, entry: NonConformity) -> Plain:
    """Return an entry of the register as an item of the plan."""
    made: Plain = {
        "uuid": material.uid("poam-item", str(entry.id)),
        "title": one_line(_title(material, entry)),
        "description": material.told(entry.reason),
        "props": _props(entry),
        "related-risks": [{"risk-uuid": material.uid("risk", str(entry.id))}],
    }
    return made | ({"remarks": entry.remarks} if entry.remarks else {})


def _props(entry: NonConformity) -> list[Plain]:
    """Return what is known of an entry besides words."""
    told = [
        prop("id", str(entry.id)),
        prop("requirement", str(entry.requirement)),
        prop("state", entry.state),
        prop("kind", entry.kind),
        prop("verdict", entry.verdict),
        prop("severity", entry.severity),
        prop("blocks-declaration", "yes" if entry.blocks else "no"),
        prop("owner", entry.owner or "nobody named"),
        prop("due", entry.due.isoformat() if entry.due else "no day fixed"),
        prop("opened-on", entry.opened_on.isoformat()),
        prop("opened-in", entry.opened_in),
    ]
    if entry.closure is not None:
        told += [prop("closed-by", str(one)) for one in (*entry.closure.evidence, *entry.closure.sign_offs)]
    return told


def _title(material: Material, entry: NonConformity) -> str:
    """Return the entry's id with the requirement's citation and name."""
    row = material.context.planned.get(entry.requirement)
    name = f"{row.requirement.ref} {row.requirement.title}" if row else str(entry.requirement)
    return f"{entry.id}: {name}"


def _nothing(material: Material) -> Plain:
    """Return the one item of an empty register, since a plan without items is not valid."""
    return {
        "uuid": material.uid("poam-item", ""),
        "title": "The register of non-conformities holds no entry",
        "description": (
            "Nothing was entered in the register. The verdicts of the assessment stand in the properties of "
            "this plan; whatever is open there is not settled by an empty register."
        ),
        "props": [prop("entries", "0")],
    }
