"""What a worker does with a job: steps fail alone, and every failure has a reason."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformity.engines.choose import EngineChoice
from conformity.errors import DataError
from conformity.model.base import MetricId, ProbeId, StepId, SubjectId
from conformity.model.measurement import Count, Measurement
from conformity.model.plan import Step
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import CategoryKey, CellCounts, Tally, TallySpec
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.sandbox import tasks
from conformity.sandbox.interface import (
    Event,
    InspectJob,
    Located,
    MeasureJob,
    ProfileJob,
    SelfTestJob,
    StepDone,
)


class _Probe:
    """A probe that counts the values of one column."""

    def __init__(self, column: str | None, failure: Exception | None = None, results: int = 1) -> None:
        self._column, self._failure, self._results = column, failure, results

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        if self._column is None:
            raise NotMeasurableError("no column is declared")
        return (CellCounts(keys=(CategoryKey(column=self._column),)),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        if self._failure:
            raise self._failure
        count = Measurement(
            metric=MetricId("values"),
            subject=table.id,
            result=Count(value=len(tallies[0].entries), unit="values"),
        )
        return ProbeResult((count,) * self._results, ("a note",))


_PROBES = {
    "t/good": _Probe("a"),
    "t/good_too": _Probe("a"),
    "t/missing": _Probe("nowhere"),
    "t/undeclared": _Probe(None),
    "t/broken": _Probe("a", ValueError("first line\nrow: Zebedee, 7")),
    "t/wordless": _Probe("a", RuntimeError()),
    "t/refusing": _Probe("a", DataError("it is not what it is said to be")),
    "t/empty": _Probe("a", NotMeasurableError("x" * 600)),
    "t/silent": _Probe("a", results=0),
    "t/greedy": _Probe("a", MemoryError()),
}


@pytest.fixture
def table(tmp_path: Path) -> Located:
    """Give a small table."""
    (tmp_path / "d.csv").write_text("a,b\nx,1\ny,2\nx,3\n", "utf-8")
    columns = (Column(name="a", roles=("protected",)),)
    subject = TableSubject(
        id=SubjectId("d"), title="D", path="d.csv", kind="table", purpose="testing", columns=columns
    )
    return Located(subject=subject, path=tmp_path / "d.csv")


def _run(job: Any) -> list[Event]:
    """Do a job and return its events."""
    events: list[Event] = []
    tasks.do(job, events.append)
    return events


def _measure(monkeypatch: pytest.MonkeyPatch, table: Located, *probes: str) -> dict[str, StepDone]:
    """Run probes on a table and return their ends."""
    monkeypatch.setattr(tasks, "load_probe", lambda probe: _PROBES[probe])
    steps = tuple(Step(id=StepId(f"{p}@d"), probe=ProbeId(p), subject=SubjectId("d")) for p in probes)
    events = _run(MeasureJob(steps=steps, targets=(table,), seed=1))
    ends = [event for event in events if isinstance(event, StepDone)]
    assert [end.step for end in ends] == [step.id for step in steps]
    return {end.step.split("@")[0]: end for end in ends}


def test_steps_share_one_pass(monkeypatch: pytest.MonkeyPatch, table: Located) -> None:
    passes: list[int] = []
    real = tasks._open

    def counting(path: Path, subject: TableSubject, choice: EngineChoice) -> Any:
        opened = real(path, subject, choice)
        tally = opened.tally

        def counted(specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
            passes.append(len(specs))
            return tally(specs)

        monkeypatch.setattr(opened, "tally", counted, raising=False)
        return types.SimpleNamespace(tally=counted)

    monkeypatch.setattr(tasks, "_open", counting)
    ends = _measure(monkeypatch, table, "t/good", "t/good_too")
    assert passes == [1]
    for end in ends.values():
        assert end.outcome == "measured"
        assert end.measurements[0].result == Count(value=2, unit="values")
        assert end.notes == ("a note",)
        assert end.tallies[0].entries == (("x", 2), ("y", 1))


def test_one_bad_step_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch, table: Located) -> None:
    ends = _measure(monkeypatch, table, *_PROBES)
    outcomes = {name: end.outcome for name, end in ends.items()}
    assert outcomes == {
        "t/good": "measured",
        "t/good_too": "measured",
        "t/missing": "error",
        "t/undeclared": "not_available",
        "t/broken": "error",
        "t/wordless": "error",
        "t/refusing": "error",
        "t/empty": "not_available",
        "t/silent": "not_available",
        "t/greedy": "error",
    }
    assert all(end.reason for end in ends.values() if end.outcome != "measured")
    assert "nowhere" in str(ends["t/missing"].reason)
    assert ends["t/undeclared"].reason == "no column is declared"
    # The kind and the place, never the text: it may quote a cell.
    assert re.fullmatch(
        r"t/broken failed inside: ValueError in \w+\.py, line \d+", str(ends["t/broken"].reason)
    )
    assert ends["t/refusing"].reason == "it is not what it is said to be"
    assert len(str(ends["t/empty"].reason)) == 500
    assert "nothing to measure" in str(ends["t/silent"].reason)
    assert "CONFORMITY_WORKER_MEMORY_MB" in str(ends["t/greedy"].reason)


def test_a_table_with_nothing_to_tally_is_not_opened(monkeypatch: pytest.MonkeyPatch, table: Located) -> None:
    gone = table.model_copy(update={"path": table.path.with_name("gone.csv")})
    ends = _measure(monkeypatch, gone, "t/undeclared")
    assert ends["t/undeclared"].outcome == "not_available"
    ends = _measure(monkeypatch, gone, "t/good")
    assert ends["t/good"].outcome == "error"
    assert "gone.csv" in str(ends["t/good"].reason)


def test_files_are_examined(exhibit_job: Callable[[str], MeasureJob], table: Located) -> None:
    (done,) = _run(exhibit_job("two words").model_copy(update={"tables": (table,)}))
    assert isinstance(done, StepDone)
    assert done.outcome == "measured"
    (done,) = _run(exhibit_job("  "))
    assert isinstance(done, StepDone)
    assert (done.outcome, done.reason) == ("not_available", "the document is empty")
    job = exhibit_job("x")
    step = job.steps[0].model_copy(update={"probe": "declared/nothing"})
    (done,) = _run(job.model_copy(update={"steps": (step,)}))
    assert isinstance(done, StepDone)
    assert (done.outcome, done.reason) == ("error", "there is no probe 'declared/nothing'")


def test_tables_are_inspected(table: Located, tmp_path: Path) -> None:
    gone = table.model_copy(update={"path": tmp_path / "gone.csv"})
    good, bad = (event.model_dump() for event in _run(InspectJob(tables=(table, gone))))
    assert good["columns"] == (("a", "text"), ("b", "integer"))
    assert good["problem"] is None
    assert bad["columns"] == ()
    assert "gone.csv" in bad["problem"]


def test_tables_are_profiled(table: Located) -> None:
    (event,) = _run(ProfileJob(path=table.path))
    assert event.event == "profiled"
    assert event.profile["rows"] == 3
    (event,) = _run(ProfileJob(path=table.path.with_name("gone.csv")))
    assert event.event == "failed"
    assert "gone.csv" in event.reason


def test_what_breaks_inside_is_told(monkeypatch: pytest.MonkeyPatch, table: Located) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(tasks, "_open", broken)
    (event,) = _run(InspectJob(tables=(table,)))
    assert event.model_dump()["problem"].startswith(
        "opening the table failed inside: KeyError in tasks.py, line "
    )
    module = types.ModuleType("conformity.engines.profiling")
    monkeypatch.setattr(module, "profile_table", broken, raising=False)
    monkeypatch.setitem(sys.modules, "conformity.engines.profiling", module)
    (event,) = _run(ProfileJob(path=table.path))
    assert event.model_dump()["reason"].startswith("profiling failed inside: KeyError in tasks.py, line ")


@pytest.mark.network
def test_a_self_test_is_a_job_too(tmp_path: Path) -> None:
    (event,) = _run(SelfTestJob(port=1, marker=tmp_path, memory_mb=1))
    assert event.event == "self_tested"
    assert not event.connected
    assert not event.read_marker
