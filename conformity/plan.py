"""Plan: manifest x catalogue x day -> the requirements to judge and the steps to run. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from conformity.catalog.applicability import applicability
from conformity.catalog.classify import classify
from conformity.catalog.load import LAW, requirements
from conformity.model.base import Depth, StepId, SubjectId
from conformity.model.manifest import Exhibit, Manifest
from conformity.model.plan import LEFT_OUT, Plan, Step
from conformity.model.probe import ProbeSpec
from conformity.model.subject import Subject, TableSubject
from conformity.probes.registry import probe_specs


def make_plan(manifest: Manifest, as_of: date, depth: Depth = "full") -> Plan:
    """Return what to look at and with what; the same arguments give the same plan.

    Args:
        manifest: what the provider declared.
        as_of: the day whose law applies.
        depth: ``standard`` leaves out the probes that take longer; their steps say so.
    """
    classification = classify(manifest, as_of)
    steps = plan_steps(manifest.subjects, manifest.exhibits, probe_specs(), depth)
    used = {step.probe for step in steps} | {
        probe for requirement in requirements() for probe in requirement.probes
    }
    return Plan(
        as_of=as_of,
        law=LAW,
        classification=classification,
        requirements=tuple(
            applicability(requirement, classification, manifest.role, as_of) for requirement in requirements()
        ),
        probes=tuple(spec for spec in probe_specs() if spec.id in used),
        steps=steps,
        depth=depth,
    )


def plan_steps(
    subjects: Sequence[Subject],
    exhibits: Sequence[Exhibit],
    specs: Sequence[ProbeSpec],
    depth: Depth = "full",
) -> tuple[Step, ...]:
    """Return a step for every subject or exhibit and every probe that works on its kind.

    A step whose probe needs a role that no column has is kept and marked as blocked, so that the
    evidence says that nothing was measured, and why.
    """
    things: list[tuple[str, Subject | Exhibit]] = [
        *((subject.kind, subject) for subject in subjects),
        *(("exhibit", exhibit) for exhibit in exhibits),
    ]
    return tuple(
        Step(
            id=StepId(f"{spec.id}@{thing.id}"),
            probe=spec.id,
            subject=SubjectId(thing.id),
            blocked=LEFT_OUT if depth == "standard" and spec.depth == "full" else _blocked(spec, thing),
        )
        for kind, thing in things
        for spec in specs
        if spec.works_on == kind and _reads(spec, thing)
    )


def _reads(spec: ProbeSpec, thing: Subject | Exhibit) -> bool:
    """Tell whether a probe reads what the program of a record writes; other things have no such program."""
    return not spec.written_by or getattr(thing, "written_by", None) in spec.written_by


def _blocked(spec: ProbeSpec, subject: Subject | Exhibit) -> str | None:
    """Return what the probe needs and the subject does not declare, as a sentence; None if it can run."""
    silent = [field for field in spec.declares if getattr(subject, field, None) is None]
    if silent:
        return f"The manifest does not declare {' and '.join(f'`{f}`' for f in silent)} for {subject.id}."
    if not isinstance(subject, TableSubject):
        return None
    missing = [role for role in spec.needs if not subject.with_role(role)]
    if not missing:
        return None
    roles = " and ".join(f"`{role}`" for role in missing)
    return f"No column of {subject.id} has the role {roles}; name one in the manifest."
