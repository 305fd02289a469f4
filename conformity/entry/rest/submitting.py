"""Hand what was asked to the engine of runs: input put in place and asked for in one go."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Header, Response

from conformity.entry.jobs.interface import ENDED
from conformity.entry.rest.asked import Key, run_id_for
from conformity.entry.rest.auth.callers import Caller
from conformity.entry.rest.parts import Upload
from conformity.entry.rest.problems import Fault, ProblemError
from conformity.entry.rest.service import Service
from conformity.entry.rest.staging import settle
from conformity.entry.rest.views import RETRY_S, RunView, view_of
from conformity.entry.rest.webhooks import Webhooks
from conformity.errors import InputError, UsageError
from conformity.model.run import Run, RunRequest

IdempotencyKey = Annotated[
    Key | None,
    Header(description="The same key with the same request is the same run; the key is the caller's alone."),
]
"""What makes asking twice the same as asking once."""

_DIGEST_LETTERS = 32
_LOCKS = tuple(threading.Lock() for _ in range(64))


@dataclass(frozen=True)
class Asking:
    """Somebody asks for a run."""

    service: Service
    """What the server works with."""
    caller: Caller
    """Who."""
    key: str | None
    """The idempotency key, if there is one."""
    moment: datetime
    """When, in UTC."""
    webhooks: Webhooks | None = None
    """Who may be told that a run has ended; None where nobody may."""

    def submit(self, request: RunRequest, tell: str | None = None) -> Run:
        """Return the run that does what is asked.

        Args:
            request: what is asked.
            tell: an address that is to be told when the run has ended.

        Raises:
            ConflictError: the key was used for something else.
            BusyError: as many runs wait as may wait.
            ProblemError: the address is none that may be told (422).
        """
        return self._submitted(request, run_id_for(self.caller.owner, self.key), tell)

    def submit_upload(
        self, upload: Upload, request_at: Callable[[Path], RunRequest], tell: str | None = None
    ) -> Run:
        """Return the run that does what is asked of files that were uploaded; they become its input.

        The folder of the input bears the digest of what is in it: another body under the same key is
        another request, which the engine refuses.

        Args:
            upload: the files.
            request_at: what is asked, given the folder where they lie then.
            tell: an address that is to be told when the run has ended.

        Raises:
            ConflictError: the key was used for something else.
            BusyError: as many runs wait as may wait.
            ProblemError: the address is none that may be told (422).
        """
        run_id = run_id_for(self.caller.owner, self.key)
        name = upload.digest()[:_DIGEST_LETTERS]
        with _LOCKS[hash(run_id) % len(_LOCKS)]:
            settled = settle(upload.folder, self.service.data, run_id, name)
            wanted = False
            try:
                run = self._submitted(request_at(settled.place), run_id, tell)
                wanted = run.status not in ENDED
            finally:
                # Nothing was begun, or it ended long ago: what came now is of no use.
                if not wanted:
                    settled.undo()
            return run

    def _submitted(self, request: RunRequest, run_id: str, tell: str | None) -> Run:
        """Return the run that does what is asked."""
        url = self._checked(tell) if tell else None
        run = self.service.engine.submit(
            request, owner=self.caller.owner, asked_at=self.moment, run_id=run_id
        )
        if url and self.webhooks:
            self.webhooks.order(run, url)
        return run

    def _checked(self, url: str) -> str:
        """Return an address that may be told.

        Raises:
            ProblemError: it may not (422).
        """
        try:
            if self.webhooks is None:
                raise UsageError("this server tells nobody; see CONFORMITY_WEBHOOKS")
            return self.webhooks.check(url)
        except (InputError, UsageError) as error:
            fault = Fault(parameter="callback_url", detail=error.message)
            raise ProblemError(422, "Nobody can be told at `callback_url`; see errors.", [fault]) from error


def announced(run: Run, response: Response, service: Service) -> RunView:
    """Return what is told of a run that was asked for, with the headers that lead to it."""
    response.headers["Location"] = f"/v1/runs/{run.id}"
    response.headers["Retry-After"] = str(RETRY_S)
    return view_of(run, service.root)


def stored(content: bytes, folder: Path, name: str) -> Upload:
    """Return a body that is one file as an upload.

    Args:
        content: the bytes.
        folder: an empty folder.
        name: what the file is called.
    """
    (folder / name).write_bytes(content)
    return Upload(folder, digests={name: hashlib.sha256(content).hexdigest()})
