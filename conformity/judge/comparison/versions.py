"""Put a comparison together from its parts."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Literal

from conformity.judge.comparison import inputs
from conformity.judge.comparison.foreseen import work_sheet
from conformity.judge.comparison.measures import measures
from conformity.judge.comparison.registers import register_change
from conformity.judge.comparison.shown import Group
from conformity.judge.comparison.sides import Side
from conformity.judge.comparison.verdicts import verdict_changes
from conformity.model.comparison import Comparison, LawQuestion, Version


def compared(
    before: Side,
    after: Side,
    *,
    apart: Container[Group],
    independent: bool = False,
    questions: Sequence[LawQuestion],
    ref: str,
    statement: str,
    tool: str,
) -> Comparison:
    """Return two versions beside each other.

    Args:
        before: the earlier version.
        after: the later version.
        apart: the groups of which subtraction would tell of few people.
        independent: whether it is stated that no person is in the data of both.
        questions: the law's questions on a substantial modification.
        ref: the provisions they come from.
        statement: what the work sheet is and is not.
        tool: name and version of the tool that compares.
    """
    verdicts, same = verdict_changes(before, after)
    found = measures(before, after, apart, independent=independent)
    return Comparison(
        tool=tool,
        before=_version(before),
        after=_version(after),
        same_system=same_system(before, after),
        independent=independent,
        follows=_follows(before, after),
        verdicts=verdicts,
        unchanged_verdicts=same,
        bounds=inputs.bound_changes(before, after),
        measures=found.changes,
        compared=found.compared,
        unchanged_measures=found.unchanged,
        withheld_measures=found.withheld,
        subjects=inputs.subject_changes(before, after),
        exhibits=inputs.exhibit_changes(before, after),
        sign_offs=inputs.sign_off_changes(before, after),
        fields=inputs.field_changes(before, after),
        law=inputs.law_change(before, after),
        register_entries=register_change(before, after),
        probes=inputs.probe_changes(before, after),
        software=inputs.software_changes(before, after),
        work_sheet=work_sheet(before, after, found.moved, questions, ref, statement),
    )


def same_system(before: Side, after: Side) -> bool:
    """Tell whether both are about the system of the same name of the same provider."""
    names = [
        (one.assessment.manifest.system.name, one.assessment.manifest.provider.name)
        for one in (before, after)
    ]
    return names[0] == names[1]


def _version(side: Side) -> Version:
    """Return how a version is named."""
    manifest = side.assessment.manifest
    return Version(
        system=f"{manifest.system.name} {manifest.system.version}",
        provider=manifest.provider.name,
        edition=manifest.edition.version,
        assessed_at=side.assessment.assessed_at,
        tool=side.assessment.tool,
        assessment_sha256=side.assessment_sha256,
        pack_sha256=side.pack_sha256,
    )


def _follows(before: Side, after: Side) -> Literal["names_it", "later", "same", "earlier"]:
    """Return how the later version stands to the earlier one."""
    named = after.assessment.manifest.edition.previous, getattr(after.assessment.previous, "sha256", None)
    if before.assessment_sha256 in named:
        return "names_it"
    editions = [
        tuple(int(part) for part in one.assessment.manifest.edition.version.split("."))
        for one in (before, after)
    ]
    if editions[0] == editions[1]:
        return "same"
    return "later" if editions[1] > editions[0] else "earlier"
