"""What both OSCAL documents hold: metadata, properties, components and references to files of the pack.

Source:
    NIST OSCAL 1.2.1, assessment layer, JSON format.
"""

from __future__ import annotations

from typing import Any

from conformity.model.finding import Verdict
from conformity.model.manifest import Person
from conformity.render.exports.material import CAVEAT, VERDICTS, Material
from conformity.render.exports.plain import moment, one_line, token, uri

VERSION = "1.2.1"
"""The version of OSCAL that is written."""

NAMESPACE = "urn:conformity-report:oscal:v1"
"""Whose names our properties are."""

TOOL = "tool"
"""The kind of id under which the tool is known."""

Plain = dict[str, Any]


def metadata(material: Material, title: str) -> Plain:
    """Return the head of a document: which system and version, who is who, how many have which verdict."""
    manifest = material.assessment.manifest
    parties = [
        {"uuid": material.uid("provider"), "type": "organization", "name": one_line(manifest.provider.name)}
    ]
    parties += [
        {"uuid": person_uid(material, one), "type": "person", "name": one_line(one.name)}
        for one in dict.fromkeys(sign_off.by for sign_off in manifest.sign_offs)
    ]
    roles = [{"id": "provider", "title": "Provider of the AI system, Art. 3(3) of Regulation (EU) 2024/1689"}]
    if manifest.sign_offs:
        roles.append({"id": "signatory", "title": "Person who signed a statement over documents"})
    return {
        "title": one_line(f"{title}: {material.system}"),
        "last-modified": moment(material.assessment.assessed_at),
        "version": manifest.edition.version,
        "oscal-version": VERSION,
        "props": [prop(f"verdict-{count_name(one)}", str(material.counts[one])) for one in VERDICTS],
        "roles": roles,
        "parties": parties,
        "responsible-parties": [{"role-id": "provider", "party-uuids": [material.uid("provider")]}],
        "remarks": CAVEAT,
    }


def person_uid(material: Material, person: Person) -> str:
    """Return the id of a person who signed, in one function."""
    return material.uid("person", person.name, person.function)


def count_name(verdict: Verdict) -> str:
    """Return a verdict as names in OSCAL are written, such as ``not-met``."""
    return verdict.replace("_", "-")


def prop(name: str, value: str) -> Plain:
    """Return a property under our namespace."""
    return {"name": token(name), "ns": NAMESPACE, "value": one_line(value)}


def system_component(material: Material) -> Plain:
    """Return the AI system as a component."""
    system = material.assessment.manifest.system
    placed = system.placed_on_market_on
    told = f"placed on the market or put into service on {placed}" if placed else "no day of placing declared"
    return component(material, "system", "", "this-system", material.system, system.intended_purpose, told)


def tool_component(material: Material) -> Plain:
    """Return the tool as a component."""
    told = "Measured, and judged by bounds that the provider fixed."
    return component(material, TOOL, "", "software", material.assessment.tool, told, "ran to its end")


def component(
    material: Material, kind: str, name: str, sort: str, title: str, description: str, remarks: str
) -> Plain:
    """Return a component.

    Args:
        material: the records.
        kind: the kind of id.
        name: the id within the kind.
        sort: its type in OSCAL.
        title: what it is called.
        description: what it is.
        remarks: why its state is ``other``: OSCAL has no word for it.
    """
    return {
        "uuid": material.uid(kind, name),
        "type": sort,
        "title": one_line(title),
        "description": description,
        "status": {"state": "other", "remarks": remarks},
    }


def assets(material: Material) -> Plain:
    """Return what the assessment was made with: the tool, on the platform that the evidence names."""
    return {
        "components": [tool_component(material)],
        "assessment-platforms": [
            {
                "uuid": material.uid("platform"),
                "title": one_line(material.evidence.platform),
                "props": [
                    prop("isolation", material.evidence.isolation.mechanism),
                    *(prop("software", f"{one.name} {one.version}") for one in material.evidence.software),
                ],
                "uses-components": [{"component-uuid": material.uid(TOOL, "")}],
            }
        ],
    }


def resource(uid: str, title: str, path: str, sha256: str | None) -> Plain:
    """Return a file, with its digest where it is known."""
    link: Plain = {"href": uri(path)}
    if sha256:
        link["hashes"] = [{"algorithm": "SHA-256", "value": sha256.removeprefix("sha256:")}]
    return {"uuid": uid, "title": one_line(title), "rlinks": [link]}
