"""Steps measured again from sealed tallies: each read once and checked, hostile packs told as such."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from conformity.errors import DataError
from conformity.model.base import MetricId, ProbeId, Sha256, StepId, SubjectId, canonical_json, digest_of
from conformity.model.measurement import Count, Measurement
from conformity.model.plan import Step
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, CellCounts, Tally, TallySpec
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.sandbox import remeasure, tasks
from conformity.sandbox.awaited import Awaited
from conformity.sandbox.grants import inputs
from conformity.sandbox.interface import (
    Event,
    Located,
    MeasureJob,
    Recalled,
    RemeasureJob,
    StepDone,
    StepWithheld,
    WorkerDiedError,
)
from conformity.sandbox.process import ProcessSandbox
from conformity.settings import Settings

SPEC = CellCounts(keys=(CategoryKey(column="a"),))
OTHER = CellCounts(keys=())
TALLY = Tally(spec=SPEC, columns=("a", "count"), entries=(("x", 3), ("y", 4)))


class Counting:
    """A probe that counts the values of a column."""

    def __init__(self, specs: tuple[TallySpec, ...] = (SPEC,), rows: int | None = None) -> None:
        self._specs, self._rows = specs, rows

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return what it asks for."""
        if not self._specs:
            raise NotMeasurableError(f"{table.id} declares nothing")
        return self._specs

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return how many values there are, or nothing."""
        if self._rows == 0:
            return ProbeResult(())
        if self._rows is not None:
            raise NotMeasurableError("no rows")
        count = Count(value=len(tallies[0].entries), unit="values")
        return ProbeResult((Measurement(metric=MetricId("values"), subject=table.id, result=count),))


class Comparing:
    """A probe that compares a table with the others."""

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        """Return what it asks for."""
        return {one.id: (SPEC,) for one in (table, *others)}

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        """Return the number of values in each."""
        return ProbeResult(
            tuple(
                Measurement(
                    metric=MetricId("values"),
                    subject=table.id,
                    by=(name,),
                    result=Count(value=len(tallies[name][0].entries), unit="values"),
                )
                for name in sorted(tallies)
            ),
            (f"{len(others)} other",),
        )


def table(name: str = "test") -> TableSubject:
    """Return a table as declared."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": name,
            "title": name,
            "path": "x.csv",
            "purpose": "testing",
            "columns": [{"name": "a", "roles": ["feature"]}],
        }
    )


def kept(folder: Path, *tallies: Tally) -> tuple[Sha256, ...]:
    """Write tallies as a pack holds them; return their digests."""
    for tally in tallies:
        (folder / f"{digest_of(tally)[7:]}.json").write_bytes(canonical_json(tally))
    return tuple(digest_of(tally) for tally in tallies)


def job(folder: Path, digests: tuple[Sha256, ...], subject: str = "test") -> RemeasureJob:
    """Return a job of one step."""
    step = Step(id=StepId(f"fairness/x@{subject}"), probe=ProbeId("fairness/x"), subject=SubjectId(subject))
    recalled = Recalled(step=step, tallies=digests)
    return RemeasureJob(steps=(recalled,), tables=(table(), table("train")), folder=folder)


def run(asked: RemeasureJob, monkeypatch: pytest.MonkeyPatch, probe: object) -> StepDone | StepWithheld:
    """Return the end of the one step, in this process."""
    monkeypatch.setattr(remeasure, "load_probe", lambda _name: probe)
    said: list[Event] = []
    tasks.do(asked, said.append)
    (event,) = said
    assert isinstance(event, StepDone | StepWithheld)
    return event


def test_a_probe_measures_on_the_tallies_of_its_observation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(job(tmp_path, kept(tmp_path, TALLY)), monkeypatch, Counting())
    assert isinstance(done, StepDone)
    assert (done.outcome, done.tallies) == ("measured", ())
    assert done.measurements[0].result == Count(value=2, unit="values")


def test_a_probe_that_compares_gets_the_tallies_of_each_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = TALLY.model_copy(update={"entries": (("x", 3),)})
    done = run(job(tmp_path, kept(tmp_path, TALLY, other)), monkeypatch, Comparing())
    assert isinstance(done, StepDone)
    found = {one.by: one.result.value for one in done.measurements if isinstance(one.result, Count)}
    assert found == {("test",): 2, ("train",): 1}
    assert done.notes == ("1 other",)


@pytest.mark.parametrize(("rows", "words"), [(3, "no rows"), (0, "fairness/x found nothing to measure")])
def test_what_cannot_be_measured_says_so_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, words: str
) -> None:
    done = run(job(tmp_path, kept(tmp_path, TALLY)), monkeypatch, Counting(rows=rows))
    assert (done.reason, isinstance(done, StepDone) and done.outcome) == (words, "not_available")


def test_what_the_manifest_does_not_declare_needs_no_tally(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(job(tmp_path, ()), monkeypatch, Counting(specs=()))
    assert (done.reason, done.event) == ("test declares nothing", "step_done")


@pytest.mark.parametrize(
    ("digests", "words"),
    [
        ((), "The pack holds no tally of this step"),
        ((digest_of(TALLY), digest_of(TALLY)), "other tallies of this step than its probe asks for"),
        (("sha256:" + "0" * 64,), "A tally that it rests on is not in the pack."),
    ],
)
def test_what_is_not_in_the_pack_is_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digests: tuple[Sha256, ...], words: str
) -> None:
    kept(tmp_path, TALLY)
    done = run(job(tmp_path, digests), monkeypatch, Counting())
    assert isinstance(done, StepWithheld)
    assert words in done.reason


def test_a_tally_of_another_question_is_withheld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(job(tmp_path, kept(tmp_path, TALLY)), monkeypatch, Counting(specs=(OTHER,)))
    assert isinstance(done, StepWithheld)


def test_a_table_that_is_not_declared_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(job(tmp_path, kept(tmp_path, TALLY), "ghost"), monkeypatch, Counting())
    assert (isinstance(done, StepDone) and done.outcome, "no table 'ghost'" in str(done.reason)) == (
        "error",
        True,
    )


def broken(folder: Path, digest: Sha256, how: str) -> Sha256:
    """Break the file of a tally in one way; return the digest under which it is looked for."""
    file = folder / f"{digest[7:]}.json"
    content = file.read_bytes()
    file.unlink()
    match how:
        case "changed":
            file.write_bytes(content.replace(b"3", b"4"))
        case "link":
            (folder / "elsewhere").write_bytes(content)
            file.symlink_to(folder / "elsewhere")
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case _:
            text = canonical_json({"spec": "none"})
            digest = digest_of({"spec": "none"})
            (folder / f"{digest[7:]}.json").write_bytes(text)
    return digest


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("changed", "was changed: its digest is not the one in its name"),
        ("link", "cannot be read"),
        ("pipe", "no plain file of a size that is read"),
        ("folder", "no plain file of a size that is read"),
        ("no tally", "is no tally that this version reads"),
    ],
)
def test_a_tally_that_is_not_what_it_should_be_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, words: str
) -> None:
    (digest,) = kept(tmp_path, TALLY)
    done = run(job(tmp_path, (broken(tmp_path, digest, how),)), monkeypatch, Counting())
    assert isinstance(done, StepDone)
    assert (done.outcome, words in str(done.reason)) == ("error", True)


def test_a_tally_too_large_to_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (digest,) = kept(tmp_path, TALLY)
    monkeypatch.setattr(remeasure, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="of a size that is read"):
        remeasure.read_tally(tmp_path, digest)


def test_a_worker_is_shown_the_tallies_alone_and_no_place_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "tallies"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "secret")
    assert inputs(job(folder, ())) == (str(folder),)


def test_every_step_must_be_answered_and_no_other(tmp_path: Path) -> None:
    awaited = Awaited(job(tmp_path, ()))
    with pytest.raises(WorkerDiedError, match="without an answer for fairness/x@test"):
        awaited.check_complete()
    awaited.accept(StepWithheld(step=StepId("fairness/x@test"), reason="x").model_dump_json().encode())
    awaited.check_complete()
    with pytest.raises(WorkerDiedError, match="something it was not asked"):
        awaited.accept(StepWithheld(step=StepId("fairness/y@test"), reason="x").model_dump_json().encode())


def test_steps_are_measured_again_in_a_worker_of_their_own(tmp_path: Path) -> None:
    steps = job(tmp_path, ("sha256:" + "0" * 64,)).steps
    real = steps[0].step.model_copy(update={"probe": ProbeId("data_quality/group_sizes")})
    said: list[Event] = []
    recalled = steps[0].model_copy(update={"step": real})
    ProcessSandbox(Settings()).run(job(tmp_path, ()).model_copy(update={"steps": (recalled,)}), said.append)
    (done,) = said
    assert isinstance(done, StepDone | StepWithheld)
    assert done.step == real.id


def test_the_tallies_of_a_step_that_found_nothing_to_measure_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.csv"
    path.write_text("a\nx\ny\n")
    monkeypatch.setattr(tasks, "load_probe", lambda _name: Counting(rows=1))
    measuring = MeasureJob(
        steps=(job(tmp_path, ()).steps[0].step,), targets=(Located(subject=table(), path=path),), seed=1
    )
    said: list[Event] = []
    tasks.do(measuring, said.append)
    (done,) = said
    assert isinstance(done, StepDone)
    assert (done.outcome, done.reason, [one.spec for one in done.tallies]) == (
        "not_available",
        "no rows",
        [SPEC],
    )
