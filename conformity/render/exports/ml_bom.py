"""CycloneDX ML-BOM: the system, its models, data sets and documents with digests, and a card of the model.

The bill of the software that the system is built of is another one: `conformity sbom` writes it from a lock
file. This one is of what was assessed.

Source:
    OWASP CycloneDX 1.6 (ECMA-424), JSON schema; read as 1.7 it is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformity.model.evidence import SubjectRecord
from conformity.model.manifest import Exhibit
from conformity.model.subject import (
    AttackRecordSubject,
    ImportedRecordSubject,
    ModelSubject,
    Subject,
    TableSubject,
)
from conformity.render.exports.format import Export
from conformity.render.exports.material import CAVEAT, VERDICTS, Material
from conformity.render.exports.measured import the_model
from conformity.render.exports.ml_bom_card import model_card, property_of
from conformity.render.exports.plain import json_bytes, moment, one_line

Plain = dict[str, Any]

_SYSTEM, _MODEL = "system", "model-of-system"
_DATA = {"table": "dataset", "prompt_log": "dataset"}
_NO_DATA = ("model", "dependencies")


def write(material: Material) -> bytes:
    """Return the bill of materials."""
    components = list(_components(material))
    document: Plain = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{material.version_uid('ml-bom')}",
        "version": 1,
        "metadata": _metadata(material),
        "components": components,
        "dependencies": _dependencies(material, [str(one["bom-ref"]) for one in components]),
    }
    return json_bytes(document)


FORMAT = Export("mlbom", "ml-bom.cdx.json", write)
"""The format, found by :func:`conformity.render.formats`."""


def _metadata(material: Material) -> Plain:
    """Return what the bill is of, and what made it."""
    judged = material.assessment
    system = judged.manifest.system
    name, _, version = one_line(judged.tool).partition(" ")
    tool: Plain = {"type": "application", "name": name}
    return {
        "timestamp": moment(judged.assessed_at),
        "tools": {"components": [tool | ({"version": version} if version else {})]},
        "component": {
            "type": "application",
            "bom-ref": _SYSTEM,
            "name": one_line(system.name),
            "version": one_line(system.version),
            "description": system.intended_purpose,
            "supplier": {"name": one_line(judged.manifest.provider.name)},
        },
        "properties": [
            property_of("caveat", CAVEAT),
            property_of("assessment:version", judged.manifest.edition.version),
            property_of("assessment:classification", judged.plan.classification.outcome),
            property_of("assessment:evidence", judged.evidence_sha256),
            *(property_of(f"verdict:{verdict}", str(material.counts[verdict])) for verdict in VERDICTS),
        ],
    }


def _components(material: Material) -> Iterator[Plain]:
    """Yield models, data sets, other files and documents; the model's card stands in one of them."""
    model = the_model(material)
    if model is None:
        yield {
            "type": "machine-learning-model",
            "bom-ref": _MODEL,
            "name": one_line(f"Model of {material.system}"),
            "description": "What gives the outputs that were measured; no one model file of it was declared.",
            "properties": [property_of("handed-in", "no")],
            "modelCard": model_card(material, _data_sets(material)),
        }
    for subject in material.assessment.manifest.subjects:
        made = _component(material, subject)
        if model is not None and subject.id == model.id:
            made["modelCard"] = model_card(material, _data_sets(material))
        yield made
    for exhibit in material.assessment.manifest.exhibits:
        yield _document(material, exhibit)


def _component(material: Material, subject: Subject) -> Plain:
    """Return what was examined as a component."""
    reference, record = _ref(str(subject.id)), material.records.get(str(subject.id))
    made: Plain = {
        "type": "machine-learning-model" if _is_model(subject) else "data",
        "bom-ref": reference,
        "name": one_line(subject.title),
        **_digest(record),
        "properties": [
            property_of("kind", subject.kind),
            property_of("path", subject.path),
            *_about(subject),
            *_found(record),
        ],
    }
    if subject.kind not in _NO_DATA:
        made["data"] = [_data(material, subject)]
    elif not _is_model(subject):
        made["type"] = "file"
    return made


def _is_model(subject: Subject) -> bool:
    """Tell whether a subject is a model, and no program that trains one."""
    return isinstance(subject, ModelSubject) and subject.training is None


def _about(subject: Subject) -> Iterator[Plain]:
    """Yield what the manifest says of a subject."""
    if isinstance(subject, TableSubject):
        yield property_of("purpose", subject.purpose)
    if isinstance(subject, ModelSubject):
        yield property_of("format", subject.format)
    if isinstance(subject, (AttackRecordSubject, ImportedRecordSubject)):
        yield property_of("written-by", subject.written_by)
    if subject.source:
        yield property_of("source", subject.source)
    if subject.produced_on:
        yield property_of("produced-on", subject.produced_on.isoformat())


def _data(material: Material, subject: Subject) -> Plain:
    """Return what kind of data a subject is, with the columns that hold special categories."""
    told = f"{subject.title}: {subject.purpose} data" if isinstance(subject, TableSubject) else subject.title
    made: Plain = {
        "type": _DATA.get(subject.kind, "other"),
        "name": one_line(subject.title),
        "description": f"{told}. {subject.source}" if subject.source else told,
    }
    sensitive = [
        f"column {one_line(column)}: special category of personal data, Art. 4a of Regulation (EU) 2024/1689"
        for use in material.assessment.manifest.special_category_use
        if use.subject == subject.id
        for column in use.columns
    ]
    return made | ({"sensitiveData": sensitive} if sensitive else {})


def _document(material: Material, exhibit: Exhibit) -> Plain:
    """Return a document that was handed in as a component."""
    record = material.records.get(str(exhibit.id))
    return {
        "type": "file",
        "bom-ref": _ref(str(exhibit.id)),
        "name": one_line(exhibit.title),
        **_digest(record),
        "properties": [
            property_of("kind", "exhibit"),
            property_of("path", exhibit.path),
            property_of("dated", exhibit.dated.isoformat()),
            *(property_of("covers", str(one)) for one in exhibit.covers),
            *_found(record),
        ],
    }


def _digest(record: SubjectRecord | None) -> Plain:
    """Return the digest of one file; that of several is over their list, and no hash of a file."""
    if record is None or record.sha256 is None or record.files != 1:
        return {}
    return {"hashes": [{"alg": "SHA-256", "content": record.sha256.removeprefix("sha256:")}]}


def _found(record: SubjectRecord | None) -> Iterator[Plain]:
    """Yield in what state a thing was found."""
    if record is None:
        yield property_of("found", "no record in the evidence")
        return
    if record.problem:
        yield property_of("problem", record.problem)
    if record.sha256 and record.files != 1:
        yield property_of("sha256-of-files", f"{record.sha256} over {record.files} files")


def _data_sets(material: Material) -> list[str]:
    """Return the references of the tables."""
    return [
        _ref(str(subject.id))
        for subject in material.assessment.manifest.subjects
        if isinstance(subject, TableSubject)
    ]


def _dependencies(material: Material, references: list[str]) -> list[Plain]:
    """Return what belongs to what: everything to the system, tables to the models that name them."""
    made: list[Plain] = [{"ref": _SYSTEM, "dependsOn": references}]
    for subject in material.assessment.manifest.subjects:
        if isinstance(subject, ModelSubject) and subject.tables:
            names = sorted({_ref(str(one)) for one in subject.tables})
            made.append({"ref": _ref(str(subject.id)), "dependsOn": names})
    return made


def _ref(name: str) -> str:
    """Return the reference of a subject or exhibit; ids are unique among both."""
    return f"subject:{one_line(name)}"
