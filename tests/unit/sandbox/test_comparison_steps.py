"""Steps whose probes look at other tables: what they are given, what they leave behind, how they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformity.engines.hashes import TOTAL
from conformity.model.base import MetricId, ProbeId, StepId, SubjectId
from conformity.model.measurement import Count, Measurement
from conformity.model.plan import Step
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, CellCounts, RowHashes, Tally, TallySpec
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.sandbox import tasks
from conformity.sandbox.interface import Event, Located, MeasureJob, StepDone

_A = CellCounts(keys=(CategoryKey(column="a"),))


class _Comparing:
    """A probe that counts the values of a column in its table and in all others."""

    def __init__(self, spec: TallySpec = _A, failure: Exception | None = None) -> None:
        self._spec, self._failure = spec, failure
        self.seen: list[tuple[str, list[str]]] = []

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        if not others:
            raise NotMeasurableError("there is no other table")
        return {one.id: (self._spec,) for one in (table, *others)}

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        if self._failure:
            raise self._failure
        self.seen.append((table.id, sorted(tallies)))
        return ProbeResult(
            tuple(
                Measurement(
                    metric=MetricId("values"),
                    subject=table.id,
                    by=(name,),
                    result=Count(value=len(tallies[name][0].entries), unit="values"),
                )
                for name in sorted(tallies)
            )
        )


class _Alone:
    """A probe that counts the values of a column in its own table."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        return (_A,)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        count = Count(value=len(tallies[0].entries), unit="values")
        return ProbeResult((Measurement(metric=MetricId("values"), subject=table.id, result=count),))


def located(folder: Path, name: str, purpose: str, content: str) -> Located:
    """Return a table on disk."""
    path = folder / f"{name}.csv"
    path.write_text(content)
    subject = {
        "kind": "table",
        "id": name,
        "title": name,
        "path": path.name,
        "purpose": purpose,
        "columns": [
            {"name": "a", "roles": ["protected"]},
            {"name": "y", "roles": ["label"], "positive": [1], "negative": [0]},
        ],
    }
    return Located(subject=TableSubject.model_validate(subject), path=path)


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Located, Located]:
    """Give a table for testing and one for training."""
    return (
        located(tmp_path, "test", "testing", "a,y\nx,1\ny,0\nx,0\n"),
        located(tmp_path, "train", "training", "a,y\nx,1\nz,0\nw,1\nv,0\n"),
    )


def done(job: MeasureJob) -> dict[str, StepDone]:
    """Do a job and return the ends of its steps by probe."""
    events: list[Event] = []
    tasks.do(job, events.append)
    ends = [event for event in events if isinstance(event, StepDone)]
    assert len(ends) == len(events)
    return {end.step.split("@")[0]: end for end in ends}


def job(tables: Sequence[Located], *probes: str, targets: int = 1) -> MeasureJob:
    """Return a job that runs probes on the first table."""
    steps = tuple(
        Step(id=StepId(f"{probe}@test"), probe=ProbeId(probe), subject=SubjectId("test")) for probe in probes
    )
    return MeasureJob(steps=steps, targets=tuple(tables[:targets]), tables=tuple(tables), seed=1)


def test_the_probe_is_given_the_tallies_of_every_table_it_asks_for(
    monkeypatch: pytest.MonkeyPatch, tables: tuple[Located, Located]
) -> None:
    comparing = _Comparing()
    probes: dict[str, Any] = {"t/beside": comparing, "t/alone": _Alone()}
    monkeypatch.setattr(tasks, "load_probe", lambda probe: probes[probe])
    ends = done(job(tables, "t/beside", "t/alone"))
    assert comparing.seen == [("test", ["test", "train"])]
    beside, alone = ends["t/beside"], ends["t/alone"]
    assert alone.outcome == beside.outcome == "measured"
    assert [(one.by, one.result) for one in beside.measurements] == [
        (("test",), Count(value=2, unit="values")),
        (("train",), Count(value=4, unit="values")),
    ]
    assert [len(tally.entries) for tally in beside.tallies] == [2, 4]
    assert alone.tallies == beside.tallies[:1]


@pytest.mark.parametrize(
    ("probe", "outcome", "reason"),
    [
        (_Comparing(failure=NotMeasurableError("nothing to compare")), "not_available", "nothing to compare"),
        (_Comparing(failure=ValueError("row: Zebedee")), "error", "t/beside failed inside: ValueError"),
        (
            _Comparing(CellCounts(keys=(CategoryKey(column="absent"),))),
            "error",
            "test.csv has no column 'absent'",
        ),
    ],
)
def test_a_comparison_fails_alone_and_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
    tables: tuple[Located, Located],
    probe: _Comparing,
    outcome: str,
    reason: str,
) -> None:
    probes: dict[str, Any] = {"t/beside": probe, "t/alone": _Alone()}
    monkeypatch.setattr(tasks, "load_probe", lambda name: probes[name])
    ends = done(job(tables, "t/beside", "t/alone"))
    assert ends["t/alone"].outcome == "measured"
    assert ends["t/beside"].outcome == outcome
    assert str(ends["t/beside"].reason).startswith(reason)
    assert "Zebedee" not in str(ends["t/beside"].reason)
    assert ends["t/beside"].measurements == ()


def test_without_other_tables_the_probe_says_so(
    monkeypatch: pytest.MonkeyPatch, tables: tuple[Located, Located]
) -> None:
    monkeypatch.setattr(tasks, "load_probe", lambda name: _Comparing())
    (end,) = done(job(tables[:1], "t/beside")).values()
    assert (end.outcome, end.reason) == ("not_available", "there is no other table")


def test_another_table_that_is_damaged_is_named(
    monkeypatch: pytest.MonkeyPatch, tables: tuple[Located, Located]
) -> None:
    monkeypatch.setattr(tasks, "load_probe", lambda name: _Comparing())
    tables[1].path.write_text("a,y\nx,1\ny\n")
    (end,) = done(job(tables, "t/beside")).values()
    assert end.outcome == "error"
    assert "train.csv" in str(end.reason)


def test_a_probe_that_cannot_be_loaded_fails_alone(tables: tuple[Located, Located]) -> None:
    ends = done(job(tables, "t/unknown", "data_quality/overlap"))
    assert ends["t/unknown"].outcome == "error"
    assert ends["data_quality/overlap"].outcome == "measured"


def test_no_hash_of_a_row_leaves_the_worker(tables: tuple[Located, Located]) -> None:
    (end,) = done(job(tables, "data_quality/overlap")).values()
    kept = {str(entry[0]) for tally in end.tallies for entry in tally.entries}
    assert len(end.tallies) == 2
    assert all(isinstance(tally.spec, RowHashes) for tally in end.tallies)
    # Five different rows in the two tables together.
    ranks = {f"{number:08d}" for number in range(5)}
    assert kept - {TOTAL} == ranks
    by_metric = {str(one.metric): one.result for one in end.measurements}
    assert by_metric["overlap_rows"] == Count(value=2, unit="rows")
