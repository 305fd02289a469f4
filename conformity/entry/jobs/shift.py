"""What workers do with runs: take one up, tell how far it is, end it.

Every change names the attempt that it belongs to. Once somebody else has taken a run up, its attempt is
another, and whoever had it before changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conformity.entry.jobs.database import Database
from conformity.entry.jobs.interface import ENDED
from conformity.entry.jobs.rows import change, failure, row_of, run_of
from conformity.entry.jobs.tables import RUNS
from conformity.model.run import Run, Stage

MOST_DEATHS = 3
"""How many workers a run may cost before it is given up."""

_HANDED = 50
_GIVEN_UP = (
    f"The run ended the process that worked on it {MOST_DEATHS} times and was given up; look for a lack of "
    "memory in the system's log, or hand in less data."
)


class Shift:
    """One worker's view of the ledger.

    Args:
        database: where the runs are.
        data: the folder of runs.
        worker: the worker's id.
    """

    def __init__(self, database: Database, data: Path, worker: str) -> None:
        self._database = database
        self._data = data
        self.worker = worker

    def begin(self, run_id: str) -> Run | None:
        """Take a run up; return it, or None when there is nothing to do."""
        with self._database.write() as connection:
            row = row_of(connection, run_id)
            if row is None or row.status in ENDED:
                return None
            died = row.worker is not None
            return self._take(connection, row, deaths=row.deaths + died)

    def again(self, run: Run) -> Run | None:
        """Take a run up once more after its process died; return it, or None when that is too often."""
        with self._database.write() as connection:
            row = self._own(connection, run)
            return None if row is None else self._take(connection, row, deaths=row.deaths + 1)

    def holds(self, run: Run) -> bool:
        """Tell whether a run is still this attempt's to do."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(RUNS).where(RUNS.c.id == run.id)).one_or_none()
            return _is_own(row, run, self.worker)

    def tell(self, run: Run, stage: Stage, message: str | None, done: int = 0, total: int = 0) -> bool:
        """Tell how far a run is; return whether it is still this attempt's."""
        news = {"stage": stage, "done": done, "total": max(done, total)}
        with self._database.write() as connection:
            row = self._own(connection, run)
            if row is not None and (message or any(getattr(row, name) != news[name] for name in news)):
                change(connection, row, message=message, **news)
            return row is not None

    def finish(self, run: Run) -> bool:
        """End a run whose result is in its place; return whether it was still this attempt's.

        As after every other end, its folder is to be tidied up.
        """
        return self._change(run, status="succeeded", stage="finished", message="done", done=0, total=0)

    def fail(self, run: Run, message: str, exit_code: int) -> bool:
        """End a run that failed; return whether it was still this attempt's."""
        told = failure(message, exit_code)
        return self._change(
            run, status="failed", stage="finished", message="failed", done=0, total=0, failure=told
        )

    def hand_back(self, run: Run) -> bool:
        """Let somebody else do a run; return whether it was still this attempt's."""
        return self._change(run, status="queued", message="handed back", worker=None, queued="no")

    def to_tidy(self, run_id: str) -> Run | None:
        """Return a run that has ended while this worker had it: its folder is to be tidied up. Else None."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(RUNS).where(RUNS.c.id == run_id)).one_or_none()
            mine = row is not None and row.status in ENDED and row.worker == self.worker
            return run_of(row, self._data) if mine else None

    def tidied(self, run: Run) -> None:
        """Note that the folder of a run that has ended is tidied up."""
        gone = sa.update(RUNS).where(RUNS.c.id == run.id, RUNS.c.worker == self.worker)
        with self._database.write() as connection:
            connection.execute(gone.where(RUNS.c.status.in_(sorted(ENDED))).values(worker=None))

    def waiting(self) -> Sequence[tuple[str, int]]:
        """Take the runs that are to be handed to the queue; return their names and numbers of attempts.

        Those that it took before and did not come to hand over are among them.
        """
        mine = RUNS.c.queued.in_(["no", self.worker])
        wanted = sa.select(RUNS).where(RUNS.c.status == "queued", mine)
        wanted = wanted.order_by(RUNS.c.number).limit(_HANDED)
        with self._database.read() as connection:
            if connection.execute(wanted).first() is None:
                return ()
        with self._database.write() as connection:
            rows = connection.execute(wanted.with_for_update(skip_locked=True)).all()
            names = [row.id for row in rows]
            connection.execute(sa.update(RUNS).where(RUNS.c.id.in_(names)).values(queued=self.worker))
            return [(row.id, row.attempts) for row in rows]

    def handed(self, run_id: str) -> None:
        """Note that a run is in the queue."""
        mine = sa.update(RUNS).where(RUNS.c.id == run_id, RUNS.c.queued == self.worker)
        with self._database.write() as connection:
            connection.execute(mine.values(queued="yes"))

    def anything_to_do(self) -> bool:
        """Tell whether a run waits, or other workers have some that may yet have to be taken up."""
        with self._database.read() as connection:
            wanted = sa.select(RUNS.c.number).where(RUNS.c.status.not_in(ENDED)).limit(1)
            return connection.scalar(wanted) is not None

    def _take(self, connection: sa.Connection, row: Any, deaths: int) -> Run | None:
        """Make a run this worker's, or give it up when it has cost too many."""
        if deaths >= MOST_DEATHS:
            told = failure(_GIVEN_UP, 70)
            change(
                connection,
                row,
                status="failed",
                stage="finished",
                message="failed",
                failure=told,
                deaths=deaths,
                worker=self.worker,
            )
            return None
        stage = "preparing" if row.stage == "queued" else row.stage
        attempts = row.attempts + 1
        change(
            connection,
            row,
            status="running",
            stage=stage,
            worker=self.worker,
            attempts=attempts,
            deaths=deaths,
        )
        return run_of(row_of(connection, row.id), self._data)

    def _change(self, run: Run, **values: Any) -> bool:
        """Change a run if it is still this attempt's; return whether it was."""
        with self._database.write() as connection:
            row = self._own(connection, run)
            if row is None:
                return False
            change(connection, row, **values)
            return True

    def _own(self, connection: sa.Connection, run: Run) -> Any:
        """Return the row of a run that is still this attempt's; None if it is not."""
        row = row_of(connection, run.id)
        return row if _is_own(row, run, self.worker) else None


def _is_own(row: Any, run: Run, worker: str) -> bool:
    """Tell whether a row is still that of a worker's attempt."""
    if row is None or row.status != "running":
        return False
    return bool(row.worker == worker and row.attempts == run.attempts)
