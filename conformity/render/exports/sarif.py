"""SARIF: what is open, as results that a code host shows beside the manifest and the data.

Only open requirements are results. Code hosts show every result as a problem, whatever its ``kind`` says, so
that a requirement which is met, or does not apply, would be shown as one. Those are counted, and named with
their verdicts, in the properties of the run.

Source:
    OASIS SARIF 2.1.0 with errata 01, sections 3.11 (messages), 3.19, 3.24, 3.27 and 3.49.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from conformity.model.finding import Verdict
from conformity.render.exports.format import Export
from conformity.render.exports.material import CAVEAT, VERDICTS, Material
from conformity.render.exports.plain import clean, json_bytes, moment, one_line, uri
from conformity.render.exports.values import Row

Plain = dict[str, Any]

LEVELS: dict[Verdict, str] = {"not_met": "error", "undetermined": "warning", "not_collected": "note"}
"""The level of a result by verdict; the other verdicts make none."""

MANIFEST = "conformity.yaml"
"""The manifest's usual name; the records do not hold its own."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BRACKETS = re.compile(r"[\[\]]")
_WORD = re.compile(r"[A-Za-z0-9]+")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def write(material: Material) -> bytes:
    """Return the log with its one run."""
    rows = [row for row in material.rows if row.verdict in LEVELS]
    places = _places(material)
    run: Plain = {
        "tool": {"driver": _driver(material, rows)},
        "automationDetails": {
            "id": f"conformity/{material.uid('system', '')}/",
            "guid": material.version_uid("sarif"),
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "startTimeUtc": moment(material.evidence.collected_at),
                "endTimeUtc": moment(material.assessment.assessed_at),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "artifacts": [_artifact(place, digest) for place, digest in places.items()],
        "results": [_result(material, row, number, list(places)) for number, row in enumerate(rows)],
        "properties": {
            "system": one_line(material.system),
            "caveat": CAVEAT,
            "counts": {verdict: material.counts[verdict] for verdict in VERDICTS},
            "verdicts": {clean(row.id): row.verdict for row in material.rows},
        },
    }
    return json_bytes({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


FORMAT = Export("sarif", "report.sarif", write)
"""The format, found by :func:`conformity.render.formats`."""


def _driver(material: Material, rows: list[Row]) -> Plain:
    """Return the tool and the requirements that its results are about, as rules."""
    name, _, version = one_line(material.assessment.tool).partition(" ")
    made: Plain = {"name": name, "rules": [_rule(row) for row in rows]}
    if version:
        made["version"] = version
    if found := _VERSION.match(version):
        made["semanticVersion"] = found.group()
    return made


def _rule(row: Row) -> Plain:
    """Return a requirement as a rule; its id is the requirement's."""
    need = "\n".join(f"- {one_line(one)}" for one in row.requirement.hand_in)
    law = one_line(f"{row.requirement.ref}, Regulation (EU) 2024/1689")
    return {
        "id": one_line(row.id),
        "name": "".join(word[:1].upper() + word[1:] for word in _WORD.findall(row.requirement.title))
        or "Rule",
        "shortDescription": {"text": _message(one_line(row.name))},
        "fullDescription": {"text": _message(one_line(row.requirement.obligation))},
        "help": {"text": _message(f"{law}.\nWhat a person must hand in:\n{need}" if need else f"{law}.")},
        "defaultConfiguration": {"level": LEVELS[row.verdict]},
        "properties": {"tags": [one_line(row.requirement.article), *map(one_line, row.requirement.domains)]},
    }


def _result(material: Material, row: Row, number: int, places: list[str]) -> Plain:
    """Return what is open about a requirement, at the data that decided or else at the manifest."""
    held = [one for one in material.held(row.finding) if one.verdict == row.verdict]
    subjects = dict.fromkeys(str(one.shown.measurement.subject) for one in held)
    named = [material.context.subjects[one] for one in subjects if one in material.context.subjects]
    found = list(dict.fromkeys(uri(one.path) for one in named)) or [MANIFEST]
    told = " ".join([f"{material.word(row.verdict)}: {one_line(row.reason)}", *map(one_line, row.to_do)])
    made: Plain = {
        "ruleId": one_line(row.id),
        "ruleIndex": number,
        "kind": "fail",
        "level": LEVELS[row.verdict],
        "message": {"text": _message(f"{one_line(row.name)}. {told}")},
        "locations": [_location(places, found[0])],
        "guid": material.uid("sarif-result", row.id),
        "partialFingerprints": {"requirement/v1": fingerprint(material, row)},
        "properties": {
            "verdict": row.verdict,
            "basis": row.finding.basis or "not told",
            "permitsOnly": row.requirement.permits,
            "nonConformity": str(row.entry.id) if row.entry else "",
            "blocksDeclaration": bool(row.entry and row.entry.blocks),
            "evidence": [str(one) for one in row.finding.evidence],
        },
    }
    if len(found) > 1:
        made["relatedLocations"] = [_location(places, one) for one in found[1:]]
    return made


def _places(material: Material) -> dict[str, str | None]:
    """Return the files that results may point to, each with its digest where one file was digested."""
    places: dict[str, str | None] = {MANIFEST: material.assessment.manifest_sha256}
    for subject in material.assessment.manifest.subjects:
        record = material.records.get(str(subject.id))
        alone = record is not None and record.files == 1
        places.setdefault(uri(subject.path), record.sha256 if record and alone else None)
    return places


def _artifact(place: str, digest: str | None) -> Plain:
    """Return a file."""
    made: Plain = {"location": {"uri": place}}
    return made | ({"hashes": {"sha-256": digest.removeprefix("sha256:")}} if digest else {})


def _location(places: list[str], place: str) -> Plain:
    """Return a place: a file as a whole, which hosts that want a line take as its first."""
    where = {"uri": place, "index": places.index(place)}
    return {"physicalLocation": {"artifactLocation": where, "region": {"startLine": 1}}}


def fingerprint(material: Material, row: Row) -> str:
    """Return what a requirement of a system is known by, whatever its verdict and from version to version."""
    return hashlib.sha256(f"{material.uid('system', '')}\n{row.id}".encode("utf-8", "replace")).hexdigest()


def _message(text: str) -> str:
    """Return a text of which nothing is taken for a placeholder or a link (SARIF 3.11.5, 3.11.6)."""
    text = text.replace("{", "{{").replace("}", "}}")
    if "](" in text:
        text = _BRACKETS.sub(lambda found: f"\\{found.group()}", text)
    return text
