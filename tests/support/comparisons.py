"""Two versions of a small real system to compare: records at will, told as their own reports tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformity.judge import judge
from conformity.judge.comparison.shown import Telling, Told
from conformity.judge.comparison.sides import Side
from conformity.judge.comparison.versions import compared
from conformity.judge.nonconformities import with_register
from conformity.model.assessment import Assessment
from conformity.model.base import digest_of
from conformity.model.comparison import Comparison, LawQuestion
from conformity.model.evidence import Evidence, Observation, SubjectRecord
from conformity.model.measurement import Interval, Measurement, Scalar
from conformity.model.plan import Plan
from tests.support.assessments import RUN, TODAY, evidence, manifest, measured, observation, plan, record

OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
"""Digests of the data of the two versions."""

QUESTION = LawQuestion(id="purpose", ref="Art. 3(23)", question="Another purpose?", looks_at="The purpose.")

PLAIN = Told(
    text="told", about="", rare=False, number=True, interval=True, cases=True, people=True, counts=True
)
"""A measurement of which the report tells everything."""


def share(hits: int, n: int, method: str = "Wilson score") -> Scalar:
    """Return a share of cases with its Wilson interval."""
    from conformity.judge.comparison.differences import wilson

    low, high = wilson(hits / n, n, 1.959963984540054)
    return Scalar(value=hits / n, unit="1", n=n, interval=Interval(low=low, high=high, method=method))


def rate(hits: int, n: int, *group: str, **changes: Any) -> Measurement:
    """Return the rate of a group by sex, or of everybody."""
    by = ("SEX",) if group else ()
    return measured(share(hits, n), **{"metric": "rate", "by": by, "group": group, **changes})


def version(
    *observations: Observation,
    data: str | None = OLD,
    records: Sequence[SubjectRecord] = (),
    made: Plan | None = None,
    told: Told = PLAIN,
    tool: str = "conformity 0.1.0",
    collected: Evidence | None = None,
    **changes: Any,
) -> Side:
    """Return one version of the system, judged.

    Args:
        observations: what was seen.
        data: the digest of its table.
        records: what was found beside the table.
        made: the plan.
        told: what its report tells of every measurement.
        tool: the tool.
        collected: the evidence, in place of the observations.
        changes: fields of the manifest.
    """
    declared, planned = manifest(**changes), made or plan()
    found = collected or evidence(*observations, subjects=(record("test", data), *records))
    assessment = Assessment(
        tool=tool,
        assessed_at=RUN,
        manifest=declared,
        manifest_sha256=digest_of(declared),
        plan=planned,
        evidence_sha256=digest_of(found),
        findings=judge(declared, planned, found, TODAY),
    )
    keys = {
        (str(o.probe), str(m.subject), str(m.metric), m.by, m.group): told
        for o in found.observations
        for m in o.measurements
    }
    return Side(
        with_register(assessment), found, digest_of(assessment), OLD, Telling(10, keys, lambda text: text)
    )


def of_rates(*rates: Measurement, **changes: Any) -> Side:
    """Return a version in which these rates were measured."""
    return version(observation(*rates), **changes)


def between(before: Side, after: Side, **changes: Any) -> Comparison:
    """Return the comparison of two versions."""
    given: dict[str, Any] = {
        "apart": frozenset(),
        "questions": (QUESTION,),
        "ref": "Art. 3(23), Art. 43(4)",
        "statement": "A person decides.",
        "tool": "conformity 0.1.0",
    }
    return compared(before, after, **{**given, **changes})
