"""Exports of small and of hostile assessments, and how their outcomes are read back."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from conformity.judge.nonconformities import with_register
from conformity.model.assessment import Assessment
from conformity.model.base import digest_of
from conformity.model.evidence import Evidence
from conformity.model.finding import Finding, Verdict
from conformity.model.manifest import Manifest
from conformity.model.requirement import Requirement
from conformity.render import EXPORTS, formats
from tests.support.assessments import RUN, evidence, manifest, observation, plan, requirement

LIMIT = 10
"""The limit of disclosure."""

Records = tuple[Assessment, Evidence]

ADDRESSES = ("http://", "https://", "www.", "javascript:", "mailto:")
"""Beginnings that would make a link."""

HARD_TEXTS = (
    "<script>alert(1)</script>",
    "[click](https://example.org/x) ![x](https://example.org/p.png)",
    "| a | b |\n| --- | --- |",
    "` `` ``` </summary>",
    "# heading\n\n- list\n1. item\n> quote\n---",
    "@everyone @team/all see https://example.org, www.example.org and me@example.org",
    "---\ntags: [owned]\n---\n!!python/object/apply:os.system ['true']",
    "a: b # c\n  - d: *e\n& !f %g",
    "\x00\x01\x08\x0b\x1b[31m\x7f\x85\ufffe\uffff",
    "\u202ecod.exe\u200b\u2028\u2029",
    "]]> &lt; &#x41; &amp; <!-- --> <?php ?>",
    '=HYPERLINK("https://example.org") +1 -1 @SUM(A1)',
    "{0} {{1}} [text](1) \\[ \\",
    "$\\href{javascript:alert(1)}{x}$ ~~gone~~ ^up^ **b** __u__",
    "\U0001f4a3 \ue000 e\u0301 \U000e0041",
)
"""Texts that try to be markup, a link, another field, a character that a format cannot hold, or a formula."""


def judged(*verdicts: Verdict, texts: tuple[str, ...] = ("Because.",), kept: bool = True) -> Records:
    """Return an assessment with one finding for each verdict, and texts in everything that can hold them.

    Args:
        verdicts: the verdicts, in order.
        texts: put one after the other into names, reasons and steps.
        kept: whether it has a register of non-conformities.
    """

    def text(place: int) -> str:
        return texts[place % len(texts)]

    rows, findings = [], []
    for place, verdict in enumerate(verdicts):
        row = requirement(
            id=f"art{place}.1", ref=f"Art. {place}(1)", title=text(place), obligation=text(place + 1)
        )
        rows.append(row)
        findings.append(
            Finding(requirement=row.id, verdict=verdict, reason=text(place + 2), to_do=(text(place + 3),))
        )
    return assessed(
        manifest(system=_system(text(1), text(2)), provider=_provider(text(3))), rows, findings, kept
    )


def assessed(
    declared: Manifest, rows: list[Requirement], findings: list[Finding], kept: bool = True
) -> Records:
    """Return an assessment of these findings, with its register where it is kept."""
    seen = evidence(observation(outcome="not_available", reason="Nothing to measure.", measurements=()))
    made = Assessment(
        tool="conformity 0.1.0",
        assessed_at=RUN,
        manifest=declared,
        manifest_sha256="sha256:" + "1" * 64,
        # A plan without rows would be given the usual one.
        plan=plan(*rows).model_copy(update={} if rows else {"requirements": ()}),
        evidence_sha256=digest_of(seen),
        findings=tuple(findings),
    )
    return (with_register(made) if kept else made), seen


def written(records: Records, *names: str) -> dict[str, bytes]:
    """Return the exports of records, all of them when none is named."""
    return {name: formats()[name].render(*records, disclosure_limit=LIMIT) for name in names or EXPORTS}


def export_json(records: Records, name: str) -> Any:
    """Return one export as plain data."""
    return json.loads(written(records, name)[name])


def read_yaml(text: str) -> Any:
    """Return a YAML text as PyYAML reads it, as model hubs do: by YAML 1.1, which knows more words."""
    import yaml  # type: ignore[import-untyped] # it has no types

    return yaml.safe_load(text)


def passed(files: dict[str, bytes]) -> dict[str, set[str]]:
    """Return, by format, the requirements that a reader of the file takes as passed."""
    results = json.loads(files["oscal"])["assessment-results"]["results"][0]
    states = [(one["target"]["target-id"], one["target"]["status"]) for one in results.get("findings", ())]
    suites = ElementTree.fromstring(files["junit"])
    cases = {
        case.get("name", "").rpartition("[")[2].rstrip("]"): {one.tag for one in case}
        for case in suites.iter("testcase")
    }
    return {
        "oscal": {name for name, status in states if status["state"] == "satisfied"},
        "oscal by reason": {name for name, status in states if status["reason"] == "pass"},
        "junit": {name for name, held in cases.items() if not held & {"failure", "error", "skipped"}},
    }


def _system(name: str, purpose: str) -> dict[str, Any]:
    """Return a system with these texts."""
    return {"name": name, "version": "2.0", "intended_purpose": purpose}


def _provider(name: str) -> dict[str, Any]:
    """Return a provider with this name."""
    return {"name": name, "address": "Street 1", "contact": "mail"}
