"""OSCAL assessment results: what was examined and seen, and a finding on every requirement that applies.

A target is ``satisfied`` only where the verdict is ``met``. What is undetermined or not collected is
``not-satisfied`` for the reason ``other``, never left out; what does not apply is named as excluded.

Source:
    NIST OSCAL 1.2.1, assessment results model, JSON format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformity.model.evidence import Observation
from conformity.model.finding import Verdict
from conformity.model.manifest import SignOff
from conformity.render.exports.format import Export
from conformity.render.exports.material import CAVEAT, Material
from conformity.render.exports.oscal_parts import (
    TOOL,
    assets,
    component,
    metadata,
    person_uid,
    prop,
    resource,
    system_component,
)
from conformity.render.exports.plain import json_bytes, moment, one_line, token
from conformity.render.exports.values import Held, Row

Plain = dict[str, Any]

_STATES: dict[Verdict, tuple[str, str]] = {
    "met": ("satisfied", "pass"),
    "not_met": ("not-satisfied", "fail"),
    "undetermined": ("not-satisfied", "other"),
    "not_collected": ("not-satisfied", "other"),
}
"""State and reason of a target by verdict; what does not apply is no target."""

_SATISFIED = (
    "Satisfied says that the bounds which the provider fixed are kept and that named persons signed where "
    "that is asked for. It does not say that the law is met."
)


def write(material: Material) -> bytes:
    """Return the assessment results."""
    document = {
        "uuid": material.version_uid("assessment-results"),
        "metadata": metadata(material, "Assessment results"),
        "import-ap": {
            "href": f"#{material.uid('plan')}",
            "remarks": "The plan is part of assessment.json in the same pack.",
        },
        "results": [_result(material)],
        "back-matter": {"resources": list(_resources(material))},
    }
    return json_bytes({"assessment-results": document})


FORMAT = Export("oscal", "oscal-assessment-results.json", write)
"""The format, found by :func:`conformity.render.formats`."""


def _result(material: Material) -> Plain:
    """Return the one set of results."""
    judged, plan = material.assessment, material.assessment.plan
    made: Plain = {
        "uuid": material.version_uid("result"),
        "title": one_line(f"Assessment {judged.manifest.edition.version} of {material.system}"),
        "description": f"{plan.classification.summary} {CAVEAT}",
        "start": moment(material.evidence.collected_at),
        "end": moment(judged.assessed_at),
        "props": [
            prop("classification", plan.classification.outcome),
            prop("procedure", plan.classification.route.procedure),
            prop("law", plan.law),
            prop("law-as-of", plan.as_of.isoformat()),
            prop("evidence-sha256", judged.evidence_sha256),
            prop("manifest-sha256", judged.manifest_sha256),
        ],
        "local-definitions": {
            "components": [system_component(material), *_subjects(material)],
            "assessment-assets": assets(material),
        },
        "reviewed-controls": {"control-selections": [_selection(material)]},
        "attestations": [_attestation(material, one) for one in judged.manifest.sign_offs],
        "observations": [_observation(material, one) for one in material.evidence.observations],
        "findings": [_finding(material, row) for row in material.rows if row.verdict in _STATES],
        "remarks": _SATISFIED,
    }
    return {key: value for key, value in made.items() if value != []}


def _selection(material: Material) -> Plain:
    """Return which requirements were reviewed, and which do not apply to the system."""
    aside = [{"control-id": token(row.id)} for row in material.rows if row.verdict not in _STATES]
    reviewed = [{"control-id": token(row.id)} for row in material.rows if row.verdict in _STATES]
    made: Plain = {
        "description": "The requirements of the catalogue, but for those that do not apply to the system.",
    }
    if reviewed:
        made["include-controls"] = reviewed
    else:
        made["include-all"] = {}
    return made | ({"exclude-controls": aside} if aside else {})


def _subjects(material: Material) -> Iterator[Plain]:
    """Yield data sets, models and the like as components."""
    for subject in material.assessment.manifest.subjects:
        record = material.records.get(str(subject.id))
        made = component(
            material,
            "subject",
            str(subject.id),
            token(subject.kind),
            subject.title,
            subject.source or subject.title,
            record.problem or "examined as it was found" if record else "not found in the evidence",
        )
        digest = record.sha256 if record else None
        told = [prop("path", subject.path), prop("sha256", digest or "not known")]
        yield made | {"props": told}


def _observation(material: Material, seen: Observation) -> Plain:
    """Return what one step saw, or why it saw nothing."""
    probe = material.context.probes.get(seen.probe)
    is_exhibit = str(seen.subject) in material.context.exhibits
    title = material.context.probe_title(seen.probe)
    lines = [probe.question if probe else title]
    lines += [material.told(seen.reason)] if seen.reason else []
    lines += [material.told(note) for note in seen.notes]
    return {
        "uuid": material.uid("observation", str(seen.id)),
        "title": one_line(f"{title}, {material.context.subject_title(seen.subject)}"),
        "description": "\n\n".join(lines),
        "props": _how_seen(material, seen),
        "methods": ["EXAMINE" if is_exhibit else "TEST"],
        "origins": [_origin(material)],
        "subjects": [
            {
                "subject-uuid": material.uid("exhibit" if is_exhibit else "subject", str(seen.subject)),
                "type": "resource" if is_exhibit else "component",
            }
        ],
        "relevant-evidence": [
            {
                "href": f"#{material.uid('evidence')}",
                "description": f"Observation {seen.id} in evidence.json.",
            }
        ],
        "collected": moment(seen.collected_at),
    }


def _how_seen(material: Material, seen: Observation) -> list[Plain]:
    """Return which probe saw something, with what outcome, and who measured."""
    return [
        prop("evidence-id", str(seen.id)),
        prop("probe", f"{seen.probe} version {seen.probe_version}"),
        prop("outcome", seen.outcome.replace("_", " ")),
        prop("measured-by", material.written_by(str(seen.subject)) or material.assessment.tool),
        prop("measurements", str(len(seen.measurements))),
    ]


def _origin(material: Material) -> Plain:
    """Return that the tool says so."""
    return {"actors": [{"type": "tool", "actor-uuid": material.uid(TOOL, "")}]}


def _finding(material: Material, row: Row) -> Plain:
    """Return the finding on one requirement."""
    held = list(material.held(row.finding))
    seen = dict.fromkeys([*map(str, row.finding.evidence), *(one.shown.evidence for one in held)])
    known = [one for one in seen if one in material.context.observations]
    made: Plain = {
        "uuid": material.uid("finding", row.id),
        "title": one_line(row.name),
        "description": row.reason,
        "props": [
            prop("verdict", row.verdict),
            prop("requirement", row.id),
            prop("basis", row.finding.basis or "not told"),
            *(prop("reading", _in_words(one)) for one in held),
        ],
        "origins": [_origin(material)],
        "target": _target(material, row),
        "related-observations": [{"observation-uuid": material.uid("observation", one)} for one in known],
        "remarks": "\n\n".join(row.to_do),
    }
    return {key: value for key, value in made.items() if value not in ([], "")}


def _target(material: Material, row: Row) -> Plain:
    """Return the requirement that a finding is on, and how it stands."""
    state, reason = _STATES[row.verdict]
    return {
        "type": "objective-id",
        "target-id": token(row.id),
        "title": one_line(row.name),
        "description": row.requirement.obligation,
        "status": {
            "state": state,
            "reason": reason,
            "remarks": f"{material.word(row.verdict)}: {row.reason}",
        },
    }


def _in_words(held: Held) -> str:
    """Return what was held against a bound, and how it came out."""
    shown = held.shown
    text = f"{shown.text} ({shown.why})" if shown.why else shown.text
    bound = f"; bound {held.criterion}: {held.bound}" if held.bound else f"; bound {held.criterion}"
    return f"{shown.title}, {shown.place}: {text}{bound}; {held.verdict}; {shown.evidence}"


def _attestation(material: Material, signed: SignOff) -> Plain:
    """Return what a person stated."""
    return {
        "responsible-parties": [{"role-id": "signatory", "party-uuids": [person_uid(material, signed.by)]}],
        "parts": [
            {
                "uuid": material.uid("sign-off", str(signed.id)),
                "name": "statement",
                "props": [
                    prop("stance", signed.stance),
                    prop("function", signed.by.function),
                    prop("signed-on", signed.signed_on.isoformat()),
                    *(prop("requirement", str(one)) for one in signed.requirements),
                    *(prop("over", f"{seal.exhibit} {seal.sha256}") for seal in signed.over),
                ],
                "prose": signed.statement,
            }
        ],
    }


def _resources(material: Material) -> Iterator[Plain]:
    """Yield the files of the pack that are referred to, and the documents handed in."""
    judged = material.assessment
    yield resource(material.uid("plan"), "Assessment with its plan", "assessment.json", None)
    yield resource(material.uid("evidence"), "Evidence", "evidence.json", judged.evidence_sha256)
    yield resource(material.uid("manifest"), "Manifest", "manifest.lock.yaml", None)
    for exhibit in judged.manifest.exhibits:
        record = material.records.get(str(exhibit.id))
        sha256 = record.sha256 if record else None
        yield resource(material.uid("exhibit", str(exhibit.id)), exhibit.title, exhibit.path, sha256)
