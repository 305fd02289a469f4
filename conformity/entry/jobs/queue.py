"""The queue of runs, which DBOS keeps: every run is a workflow, and every stage of it a step.

A workflow whose worker died goes on with the step that was broken off. DBOS leaves it to others to notice the
death: see ``working``.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformity.entry.jobs.desk import Desk
from conformity.errors import BusyError
from conformity.pipeline.staged.doing import stages_of

_logger = logging.getLogger(__name__)

_QUEUE = "conformity-runs"
_EDITION = "conformity-runs-1"
"""DBOS hands a workflow to workers of the same application version alone: that of the order of steps."""
_BROKEN_OFF = ("PENDING", "ENQUEUED", "CANCELLED")
_LOOK_S = 0.25
_EVERYWHERE = 64
"""How many runs all workers together do at the same time."""


class Queue:
    """The queue, and this process as one of its workers. There is one in a process.

    Args:
        address: of the database.
        worker: this worker's id.
        desk: what does the runs.
        runs: how many at the same time.
    """

    def __init__(self, address: str, worker: str, desk: Desk, runs: int) -> None:
        import dbos

        self._dbos = dbos
        config: dbos.DBOSConfig = {
            "name": "conformity",
            "system_database_url": address,
            "application_version": _EDITION,
            "executor_id": worker,
            "enable_otlp": False,
            "use_listen_notify": False,
            "log_level": "ERROR",
        }
        dbos.DBOS(config=config)
        self._work = dbos.DBOS.workflow(name="conformity_run")(_workflow(dbos, desk))
        dbos.DBOS.listen_queues([_QUEUE])
        with _told():
            dbos.DBOS.launch()
            dbos.DBOS.register_queue(
                _QUEUE,
                worker_concurrency=runs,
                global_concurrency=max(_EVERYWHERE, runs),
                polling_interval_sec=_LOOK_S,
                on_conflict="always_update",
            )

    def put(self, run_id: str, attempts: int) -> None:
        """Put a run into the queue, whatever became of it there before.

        Args:
            run_id: the run.
            attempts: how often it was taken up so far.

        Raises:
            BusyError: the database does not answer.
        """
        with _told():
            self._put(run_id, attempts)

    def held_by(self, worker: str) -> list[str]:
        """Return the runs that a worker has taken out of the queue and not done.

        Raises:
            BusyError: the database does not answer.
        """
        with _told():
            held = self._dbos.DBOS.list_workflows(
                status="PENDING", executor_id=worker, load_input=False, load_output=False
            )
        return [one.workflow_id.partition(".")[0] for one in held]

    def close(self) -> None:
        """Take part no longer."""
        self._dbos.DBOS.destroy(destroy_registry=True)

    def _put(self, run_id: str, attempts: int) -> None:
        """Put a run into the queue, or have it go on there where it was broken off."""
        api = self._dbos.DBOS
        # A workflow that has ended is not begun again; the run goes on under another name.
        for name in run_id, f"{run_id}.{attempts}", f"{run_id}.{attempts}.{secrets.token_hex(4)}":
            known = api.get_workflow_status(name)
            if known is None:
                with self._dbos.SetWorkflowID(name):
                    api.enqueue_workflow(_QUEUE, self._work, run_id)
                return
            if known.status in _BROKEN_OFF:
                api.resume_workflow(name, queue_name=_QUEUE)
                return


@contextmanager
def _told() -> Iterator[None]:
    """Put errors of the library into words.

    Raises:
        BusyError: there was one.
    """
    import dbos
    import sqlalchemy

    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, dbos.error.DBOSException) as error:
        _logger.warning("queue_failed kind=%s", type(error).__name__)
        raise BusyError("The queue of runs does not answer; look whether its database does.") from error


def _workflow(dbos: Any, desk: Desk) -> Any:
    """Return the workflow of a run."""

    def conformity_run(run_id: str) -> None:
        """Do a run stage by stage; an error of ours ends it too."""
        try:
            _do(dbos.DBOS, desk, run_id)
        except BusyError as error:
            # The worker stops, and the ledger cannot be told: others find out, and take the run up.
            _logger.warning("run_left run=%s reason=%s", run_id, error.message)

    return conformity_run


def _do(api: Any, desk: Desk, run_id: str) -> None:
    """Do a run stage by stage, each a step; a step that was done before is passed over."""
    with desk.taken(run_id) as run:
        if run is None:
            return
        try:
            for stage in stages_of(run.request):
                if desk.has(run_id):
                    api.run_step({"name": stage}, desk.do, run_id, stage)
            if desk.has(run_id):
                api.run_step({"name": "publishing"}, desk.put_out, run_id)
        except BusyError:
            raise
        except Exception as error:
            _logger.exception("run_failed run=%s", run_id)
            desk.fail(run_id, error)
