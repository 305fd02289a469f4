"""JUnit XML: a test case for every requirement, for the test reports of build servers.

A requirement that is met is a case that passed; not met is a failure; undetermined and not collected are
errors, since a skipped case leaves a build green; only what does not apply to the system is skipped.

Source:
    The format of the Ant task ``junitreport`` as the Jenkins xUnit plug-in describes it
    (``junit-10.xsd``); there is no standard.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from conformity.render.exports.format import Export
from conformity.render.exports.material import CAVEAT, VERDICTS, Material
from conformity.render.exports.plain import clean, one_line
from conformity.render.exports.values import Row

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OUTCOMES = {
    "not_met": "failure",
    "undetermined": "error",
    "not_collected": "error",
    "not_applicable": "skipped",
}
"""What a case holds by verdict; a case that passed holds nothing of these."""


def write(material: Material) -> bytes:
    """Return the report: a suite for each article, a case for each requirement."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", {"name": one_line(f"conformity: {material.system}")})
    _count(root, material.rows)
    in_order = sorted(material.rows, key=lambda row: row.requirement.article)
    first = {row.requirement.article: place for place, row in reversed(list(enumerate(material.rows)))}
    suites = {article: list(rows) for article, rows in groupby(in_order, lambda row: row.requirement.article)}
    for article in sorted(suites, key=first.__getitem__):
        root.append(_suite(material, article, suites[article]))
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


FORMAT = Export("junit", "junit.xml", write)
"""The format, found by :func:`conformity.render.formats`."""


def _count(element: Element, rows: tuple[Row, ...] | list[Row]) -> None:
    """Write on an element how many cases it holds, and how many of each outcome."""
    held = [_OUTCOMES.get(row.verdict) for row in rows]
    for name, outcome in (("failures", "failure"), ("errors", "error")):
        element.set(name, str(held.count(outcome)))
    element.set("tests", str(len(rows)))
    element.set("time", "0")


def _suite(material: Material, article: str, rows: list[Row]) -> Element:
    """Return the cases of one article."""
    from xml.etree.ElementTree import Element, SubElement

    suite = Element("testsuite", {"name": one_line(article)})
    _count(suite, rows)
    suite.set("skipped", str(sum(row.verdict == "not_applicable" for row in rows)))
    suite.set("timestamp", f"{material.assessment.assessed_at:%Y-%m-%dT%H:%M:%S}")
    properties = SubElement(suite, "properties")
    told = {
        "assessment": material.assessment.manifest.edition.version,
        "evidence": material.assessment.evidence_sha256,
        "caveat": CAVEAT,
    }
    told |= {f"verdict.{one}": str(sum(row.verdict == one for row in rows)) for one in VERDICTS}
    for name, value in told.items():
        SubElement(properties, "property", {"name": name, "value": value})
    for row in rows:
        suite.append(_case(material, row))
    return suite


def _case(material: Material, row: Row) -> Element:
    """Return one requirement; its verdict and why stand in it in words, whatever it is."""
    from xml.etree.ElementTree import Element, SubElement

    name = f"{one_line(row.name)} [{one_line(row.id)}]"
    case = Element("testcase", {"classname": one_line(row.requirement.article), "name": name, "time": "0"})
    told = f"{material.word(row.verdict)}: {one_line(row.reason)}"
    outcome = _OUTCOMES.get(row.verdict)
    if outcome is None:
        SubElement(case, "system-out").text = told
    elif outcome == "skipped":
        SubElement(case, outcome, {"message": told})
    else:
        found = SubElement(case, outcome, {"message": told, "type": row.verdict})
        found.text = "\n".join(
            [told, *_readings(material, row), *(f"To do: {one_line(one)}" for one in row.to_do)]
        )
    return case


def _readings(material: Material, row: Row) -> list[str]:
    """Return what was held against bounds and is not met, a line each."""
    return [
        clean(
            f"{one.criterion} ({one.bound}): {one.shown.title}, {one.shown.place}: {one.shown.text}; "
            f"{material.word(one.verdict)}."
        )
        for one in material.held(row.finding)
        if one.verdict != "met"
    ]
