"""Who works: hearts that beat, and what becomes of the runs of those whose heart does not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from conformity.entry.jobs.database import Database
from conformity.entry.jobs.identity import is_gone
from conformity.entry.jobs.interface import ENDED
from conformity.entry.jobs.rows import change, run_of
from conformity.entry.jobs.tables import RUNS, WORKERS
from conformity.model.run import Run

_DEAD_S = 6.0
"""How long a heart may stand still, by the watch of whoever looks."""


class Roll:
    """The list of workers, as one of them sees it.

    Args:
        database: where it is.
        data: the folder of runs.
        worker: the worker's id.
    """

    def __init__(self, database: Database, data: Path, worker: str) -> None:
        self._database = database
        self._data = data
        self.worker = worker

    def beat(self) -> None:
        """Let the heart beat once."""
        mine = WORKERS.c.id == self.worker
        with self._database.write() as connection:
            beaten = connection.execute(
                sa.update(WORKERS).where(mine).values(beat=WORKERS.c.beat + 1, at=time.time())
            )
            if not beaten.rowcount:
                connection.execute(sa.insert(WORKERS).values(id=self.worker, beat=1, at=time.time()))

    def beats(self) -> dict[str, int]:
        """Return how often the heart of each other worker has beaten."""
        others = sa.select(WORKERS.c.id, WORKERS.c.beat).where(WORKERS.c.id != self.worker)
        with self._database.read() as connection:
            return {worker: beat for worker, beat in connection.execute(others).all()}

    def bury(self, worker: str, beat: int, held: Sequence[str]) -> Sequence[Run]:
        """Take its runs from a worker that is dead; return those that had ended, which are to be tidied up.

        Args:
            worker: its id.
            beat: its last beat; if there was another meanwhile, it lives.
            held: what it has taken out of the queue, even if it did not come to tell so.
        """
        dead = sa.delete(WORKERS).where(WORKERS.c.id == worker, WORKERS.c.beat == beat)
        with self._database.write() as connection:
            if not connection.execute(dead).rowcount:
                return ()
            taken = sa.and_(RUNS.c.status == "queued", RUNS.c.id.in_(held))
            lost = sa.update(RUNS).where(sa.or_(RUNS.c.queued == worker, taken))
            connection.execute(lost.values(queued="no"))
            had = sa.select(RUNS).where(RUNS.c.worker == worker).with_for_update()
            ended = []
            for row in connection.execute(had).all():
                if row.status in ENDED:
                    values = sa.update(RUNS).where(RUNS.c.id == row.id).values(worker=self.worker)
                    connection.execute(values)
                    ended.append(run_of(row, self._data))
                else:
                    told = "its worker died; it is taken up again"
                    deaths = row.deaths + 1
                    change(
                        connection,
                        row,
                        status="queued",
                        message=told,
                        worker=None,
                        queued="no",
                        deaths=deaths,
                    )
            return ended

    def leave(self) -> None:
        """Strike this worker off the list."""
        with self._database.write() as connection:
            connection.execute(sa.delete(WORKERS).where(WORKERS.c.id == self.worker))


class Hearts:
    """When each heart was last seen to beat, by this machine's watch."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def stopped(self, beats: dict[str, int], at: float) -> list[tuple[str, int]]:
        """Return the workers that are gone or whose heart stood still too long, with their last beat.

        Args:
            beats: how often each heart has beaten by now.
            at: the time, in seconds since anything.
        """
        self._seen = {
            worker: self._seen[worker] if self._seen.get(worker, (None,))[0] == beat else (beat, at)
            for worker, beat in beats.items()
        }
        still = [worker for worker, (_, since) in self._seen.items() if at - since > _DEAD_S]
        return [(worker, beats[worker]) for worker in beats if worker in still or is_gone(worker)]
