"""One result of what a probe measured, by metric and group."""

from __future__ import annotations

from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.probes.interface import ProbeResult


def result_of(found: ProbeResult, metric: str, *group: str) -> Result:
    """Return the one result of a metric for a group."""
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == group]
    return one.result


def scalar_of(found: ProbeResult, metric: str, *group: str) -> Scalar:
    """Return the one result, which is a number."""
    result = result_of(found, metric, *group)
    assert isinstance(result, Scalar), result
    return result


def absent_of(found: ProbeResult, metric: str, *group: str) -> NotAvailable:
    """Return the one result, which is no number."""
    result = result_of(found, metric, *group)
    assert isinstance(result, NotAvailable), result
    return result
