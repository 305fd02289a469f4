"""What a probe is, as data: its question, its metrics, its method and sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import Depth, Line, MetricId, ProbeId, Prose, Value
from conformity.model.subject import ColumnRole, Program, SubjectKind


class Metric(Value):
    """One quantity that a probe measures."""

    id: Annotated[MetricId, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """A name unique among all probes."""
    title: Line
    """The name to print."""
    unit: Line
    """``1`` for a ratio or share, else an SI unit or a counted thing such as ``rows``."""
    better: Literal["higher", "lower", "neither"]
    """In which direction a system gets better."""
    per: Literal["subject", "group", "attribute", "column"]
    """What one value belongs to: the subject, each group, an attribute's groups together, a column."""
    extent: Literal["estimate", "complete", "some", "indicative"]
    """What a bound may rest on: an ``estimate`` with its interval; a ``complete`` count or computation over
    all cases; what a detector found, which is only ``some`` of what there is, so that an upper bound can be
    missed but never met; or an ``indicative`` figure whose error is not known, which settles no bound."""
    of_cases: bool = True
    """For a metric without unit: whether its value times n is a number of people, as with any rate. Then it
    is not printed where those counted, or those not counted, are too few; a mean or a risk counts nobody."""
    definition: Prose
    """The formula, in words or symbols."""


class ProbeSpec(Value):
    """The contents of a ``probe.yaml``."""

    id: Annotated[ProbeId, Field(pattern=r"^[a-z_]+/[a-z0-9_]+$")]
    """``<domain>/<name>``, the same as the folder."""
    version: Annotated[int, Field(ge=1)]
    """Raised when a change of the probe can change a number."""
    title: Line
    """The name to print."""
    question: Line
    """The question that the probe answers."""
    works_on: SubjectKind
    """The kind of subject it looks at."""
    needs: tuple[ColumnRole, ...] = ()
    """Roles that must be bound to columns of a table."""
    declares: tuple[
        Literal[
            "inference",
            "membership",
            "sampling_fraction",
            "robustness",
            "attacks",
            "footprint",
            "generation",
            "training",
        ],
        ...,
    ] = ()
    """Fields that the subject must declare."""
    written_by: Annotated[tuple[Program, ...], Field(exclude_if=lambda value: not value)] = ()
    """Of records that other programs wrote: whose it reads."""
    depth: Depth = "standard"
    """The least depth of a run that it belongs to; what takes longer is left to a full one."""
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]
    """What it measures."""
    method: Prose
    """How it measures, and how intervals are made."""
    sources: Annotated[tuple[Line, ...], Field(min_length=1)]
    """Papers or standards from which definitions and methods come."""
    limits: Annotated[tuple[Prose, ...], Field(min_length=1)]
    """What the numbers do not show."""
    lifecycle: Literal["experimental", "stable", "deprecated"]
    """How settled the probe is."""
