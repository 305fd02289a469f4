"""The worker's own start: confine first, then read the job, do it, and answer in JSON lines."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Sequence

from conformity.sandbox.confine import EXIT_MEMORY, Limits, confine


def main(arguments: Sequence[str]) -> int:
    """Run the job on standard input and return the exit code.

    Args:
        arguments: one, the limits as JSON.
    """
    limits = Limits.from_json(arguments[0])
    confine(limits)
    # Importing the numerical libraries makes a million objects that live on: looking for garbage among
    # them again and again takes a tenth of a small worker's time.
    gc.set_threshold(100_000)
    try:
        _serve(limits.events_fd)
    except MemoryError:
        return EXIT_MEMORY
    return 0


def _serve(events_fd: int) -> None:
    """Read the job, do it, and write each event as a line."""
    # Not before the limits are set: these bring in the libraries.
    from pydantic import TypeAdapter

    from conformity.sandbox.interface import Event, Job
    from conformity.sandbox.tasks import do

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    job: Job = TypeAdapter[Job](Job).validate_json(sys.stdin.buffer.read())
    with os.fdopen(_apart(events_fd), "wb") as pipe:

        def emit(event: Event) -> None:
            """Write an event as one line."""
            pipe.write(event.model_dump_json().encode("utf-8") + b"\n")
            pipe.flush()

        do(job, emit)


def _apart(events_fd: int) -> int:
    """Return a descriptor for events on which nothing else is written, neither by this code nor a library."""
    if events_fd != sys.__stdout__.fileno():  # type: ignore[union-attr] # a worker has one
        return events_fd
    own = os.dup(events_fd)
    os.dup2(2, events_fd)
    return own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
