"""What it costs to keep a worker apart: ``.venv/bin/python tests/benchmarks/bench_sandbox.py``.

Every way runs the smallest real job in turn with a worker that is not confined at all, in one run of this
program. What other programs do makes times longer: so the processor time of a worker and all it needs is
compared, by medians; where it is not a child of ours that works, the shortest time from start to end.
The exit code is 1 if a goal is missed: 50 ms for sandlock and bubblewrap, one second for containers.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from conformity.model.base import ExhibitId, ProbeId, RequirementId, StepId, SubjectId
from conformity.model.manifest import Exhibit
from conformity.model.plan import Step
from conformity.sandbox.choose import KINDS
from conformity.sandbox.confine import Limits
from conformity.sandbox.interface import AnyJob, Event, Located, MeasureJob
from conformity.sandbox.process import ProcessSandbox
from conformity.sandbox.supervise import Command
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import Settings

_GOALS_MS = {"sandlock": 50, "bubblewrap": 50, "container": 1000}
_BY_CLOCK = ("bubblewrap", "container")
_ROUNDS = 12


class Unconfined(ProcessSandbox):
    """A worker that is not confined: what the others are held against."""

    def command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command of a process with the machine's network and all system calls."""
        made = super().command(job, folder)

        def argv(events_fd: int) -> list[str]:
            """Return the program and its arguments."""
            *start, limits = made.argv(events_fd)
            free = replace(Limits.from_json(limits), network="open", calls="any")
            return [*start, free.to_json()]

        return replace(made, argv=argv)


def _job(folder: Path) -> MeasureJob:
    """Return the smallest real job: one document."""
    file = folder / "purpose.md"
    file.write_text("two words", "utf-8")
    exhibit = Exhibit(
        id=ExhibitId("purpose"),
        title="Intended purpose",
        path="purpose.md",
        dated=date(2026, 1, 1),
        covers=(RequirementId("art11.1"),),
    )
    step = Step(
        id=StepId("declared/exhibit@purpose"), probe=ProbeId("declared/exhibit"), subject=SubjectId("purpose")
    )
    return MeasureJob(steps=(step,), targets=(Located(subject=exhibit, path=file),), seed=1)


def _took_ms(sandbox: WorkerSandbox, job: MeasureJob) -> tuple[float, float]:
    """Return the processor time of a job's worker, and the time from start to end."""
    events: list[Event] = []
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    sandbox.run(job, events.append)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    assert len(events) == 1
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * 1000, (ended - began) * 1000


def main() -> int:
    """Measure, print and return the exit code."""
    ways: dict[str, WorkerSandbox] = {"unconfined": Unconfined(Settings())}
    for kind in KINDS:
        reason = kind(Settings()).unavailable()
        if reason is None:
            ways[kind.name] = kind(Settings())
        else:
            print(f"{kind.name}: not measured: {reason}")
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        job = _job(Path(folder))
        for _ in range(_ROUNDS):
            for name, sandbox in ways.items():
                times[name].append(_took_ms(sandbox, job))
    missed = [name for name in ways if not _tell(name, times)]
    return 1 if missed else 0


def _tell(name: str, times: Mapping[str, Sequence[tuple[float, float]]]) -> bool:
    """Print what one way costs more than no confinement, and return whether its goal is reached."""
    spent, base_spent = (statistics.median(cpu for cpu, _ in times[one]) for one in (name, "unconfined"))
    took, base_took = (min(wall for _, wall in times[one]) for one in (name, "unconfined"))
    if name == "unconfined":
        print(f"{name}: {spent:.0f} ms of processor time, {took:.0f} ms from start to end at best")
        return True
    more = took - base_took if name in _BY_CLOCK else spent - base_spent
    of_processor = "" if name in _BY_CLOCK else f"{spent - base_spent:+.0f} ms of processor time, "
    goal = _GOALS_MS.get(name)
    said = f" (goal: at most {goal} ms)" if goal else ""
    print(f"{name}: {of_processor}{took - base_took:+.0f} ms from start to end{said}")
    return goal is None or more <= goal


if __name__ == "__main__":
    sys.exit(main())
