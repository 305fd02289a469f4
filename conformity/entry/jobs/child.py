"""The process that does the stages of one run. Who started it writes what is wanted, and reads how it goes.

It leads a process group of its own, and ends with everything in it when the pipe from its parent closes: a
worker that is killed leaves nothing behind that works on.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformity.model.run import Run, Stage
    from conformity.settings import Settings

_logger = logging.getLogger(__name__)


def main() -> None:  # pragma: no cover - runs in a process of its own, where nobody counts lines
    """Read a run, then stages, each on a line of its own; do each and say so, or why not, in JSON."""
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    os.dup2(2, 1)
    lines: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin, lines), daemon=True).start()
    _serve(lines, answers)


def _listen(source: IO[str], lines: SimpleQueue[str]) -> None:
    """Pass on what the parent writes; end the whole process group when it is gone."""
    for line in source:
        lines.put(line)
    os.killpg(0, signal.SIGKILL)


def _serve(lines: SimpleQueue[str], answers: IO[str]) -> None:
    """Do one stage after another, until there is an empty line."""
    from conformity.entry.logs import set_up_logging
    from conformity.model.run import Run
    from conformity.settings import load_settings

    set_up_logging(debug=False)
    lock = threading.Lock()

    def say(answer: dict[str, Any]) -> None:
        """Write an answer, one at a time: progress comes from several threads."""
        with lock:
            answers.write(json.dumps(answer) + "\n")

    run, settings = Run.model_validate_json(lines.get()), load_settings()
    for line in iter(lines.get, ""):
        say(answer_of(run, json.loads(line), settings, say))


def answer_of(
    run: Run, stage: Stage, settings: Settings, say: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Do a stage of a run; return that it is done, or why it failed.

    Args:
        run: what was asked.
        stage: how far to go.
        settings: limits.
        say: told of every step done.
    """
    from conformity.errors import ConformityError
    from conformity.pipeline.staged import carry_out

    def on_progress(what: str, done: int, total: int) -> None:
        """Pass a step on."""
        say({"told": what, "done": done, "total": total})

    try:
        carry_out(run, stage, settings, on_progress)
    except ConformityError as error:
        return {"failed": error.message, "exit_code": error.exit_code}
    except Exception as error:
        # Its text may hold values of the data; the kind says enough to report it.
        _logger.exception("stage_failed stage=%s", stage)
        told = f"internal error ({type(error).__name__}) while {stage}; the log of the worker says more."
        return {"failed": told, "exit_code": 70}
    return {"finished": stage}


if __name__ == "__main__":  # pragma: no cover - as above
    main()
