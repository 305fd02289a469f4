"""Tables of decisions with survey weights or clusters, and what probes measure on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pyarrow as pa

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.interface import ProbeResult, TableProbe
from conformity.probes.registry import load_probe
from tests.strategies import decision_table

Rows = Mapping[str, Sequence[object]]
"""Columns by name: protected attributes, ``label``, ``prediction``, ``w`` and ``home``."""


def declared(rows: Rows) -> TableSubject:
    """Return the table that declares ``w`` as weight and ``home`` as cluster, as far as there."""
    attributes = [name for name in rows if name not in ("label", "prediction", "w", "home")]
    table = decision_table(*attributes, label="label" if "label" in rows else None)
    more = [Column(name="w", roles=("weight",))] if "w" in rows else []
    more += [Column(name="home", roles=("cluster",))] if "home" in rows else []
    return table.model_copy(update={"columns": (*table.columns, *more)})


def measured(probe_id: str, rows: Rows) -> ProbeResult:
    """Return what a probe of rates finds on rows, through the embedded engine."""
    (found,) = measured_by((probe_id,), rows)
    return found


def measured_by(probe_ids: Sequence[str], rows: Rows) -> list[ProbeResult]:
    """Return what each probe finds on rows, which are counted once for all of them."""
    subject = declared(rows)
    probes = [cast("TableProbe", load_probe(ProbeId(probe_id))) for probe_id in probe_ids]
    asked = [probe.tallies(subject) for probe in probes]
    every = tuple(dict.fromkeys(spec for specs in asked for spec in specs))
    data = open_frame(pa.table({name: _typed(column) for name, column in rows.items()}), ENGINE)
    known = dict(zip(every, data.tally(every), strict=True))
    return [
        probe.measure(subject, [known[spec] for spec in specs])
        for probe, specs in zip(probes, asked, strict=True)
    ]


def _typed(column: Sequence[object]) -> Any:
    """Return a column as Arrow has it; numbers where it is empty."""
    return pa.array(list(column)) if len(column) else pa.array([], pa.float64())


ENGINE = DuckDBEngine(threads=1)
"""The engine that counts."""


def result_of(found: ProbeResult, metric: str, *group: str, by: tuple[str, ...] | None = None) -> Result:
    """Return one result."""
    (one,) = [
        each
        for each in found.measurements
        if each.metric == metric and each.group == group and by in (None, each.by)
    ]
    return one.result


def number(found: ProbeResult, metric: str, *group: str) -> Scalar:
    """Return one number, which lies in its interval if it has one."""
    result = result_of(found, metric, *group)
    assert isinstance(result, Scalar), result
    if result.interval is not None:
        assert result.interval.low <= result.value <= result.interval.high
    return result


def absent(found: ProbeResult, metric: str, *group: str) -> NotAvailable:
    """Return why there is no number."""
    result = result_of(found, metric, *group)
    assert isinstance(result, NotAvailable), result
    return result
