"""Steps that gave no number: told of together where they share a subject and a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.evidence import Observation
from conformity.render.views.context import Context, Link
from conformity.render.views.front import requirement_links


@dataclass(frozen=True)
class GapStep:
    """One step without a number."""

    anchor: str
    """Its place."""
    id: str
    """Its id."""
    probe: Link
    """The probe."""


@dataclass(frozen=True)
class Gap:
    """Several steps that gave no number for one reason."""

    anchor: str
    """Its place."""
    label: str
    """Its short name."""
    reason: str
    """The reason."""
    subject: str
    """What was looked at."""
    steps: tuple[GapStep, ...]
    """The steps."""
    users: tuple[Link, ...]
    """The requirements that they would speak to."""


def gaps(context: Context) -> tuple[Gap, ...]:
    """Return the steps that several to a reason gave no number, each reason once for each subject."""
    return tuple(_gap(context, number, group) for number, group in enumerate(context.unmeasured, start=1))


def evidence_of(context: Context, evidence_ids: Sequence[str]) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """Return what to print of observations: each that stands alone, and how many there are of each gap.

    At a lesser depth most steps are left out for one reason; twenty ids would lead to one line of annex B.
    """
    wanted = set(evidence_ids)
    found = [
        (number, group, sum(one.id in wanted for one in group))
        for number, group in enumerate(context.unmeasured, start=1)
    ]
    told = {one.id for _, group, n in found if n > 1 for one in group}
    alone = context.evidence_links([one for one in evidence_ids if one not in told])
    return alone, tuple(
        Link(f"{_label(context, number)} ({context.locale.integer(n)})", f"g-{number}")
        for number, _, n in found
        if n > 1
    )


def probe_link(context: Context, observation: Observation) -> Link:
    """Return an observation's probe, with its methods."""
    known = observation.probe in context.probes_explained
    anchor = "p-" + observation.probe.replace("/", ".") if known else None
    return Link(context.probe_title(observation.probe), anchor)


def _gap(context: Context, number: int, group: Sequence[Observation]) -> Gap:
    """Return steps that share a reason."""
    users = [name for one in group for name in context.users.get(one.id, ())]
    return Gap(
        anchor=f"g-{number}",
        label=_label(context, number),
        reason=context.guarded(group[0].subject, group[0].reason or ""),
        subject=context.subject_title(group[0].subject),
        steps=tuple(GapStep(f"e-{one.id}", one.id, probe_link(context, one)) for one in group),
        users=requirement_links(context, tuple(dict.fromkeys(users))),
    )


def _label(context: Context, number: int) -> str:
    """Return the short name of a gap."""
    label: str = context.words["annex"]["gap_label"].format(number=number)
    return label
