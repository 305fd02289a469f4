"""The copying process's own start: set the limits, read the job, copy, and answer in one JSON line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from conformity.sandbox.confine import EXIT_MEMORY, Limits, confine


def main(arguments: Sequence[str]) -> int:
    """Copy what the job on standard input names and return the exit code.

    Args:
        arguments: one, the limits as JSON.
    """
    limits = Limits.from_json(arguments[0])
    confine(limits)
    try:
        answer = _answer(sys.stdin.buffer.read())
    except MemoryError:
        return EXIT_MEMORY
    with os.fdopen(limits.events_fd, "wb") as pipe:
        pipe.write(answer + b"\n")
    return 0


def _answer(payload: bytes) -> bytes:
    """Copy, and return the event that tells how it went."""
    # Not before the limits are set: these bring in the libraries.
    from conformity.engines.remote import copy_table, parse_address
    from conformity.errors import AbsentError, DataError, MissingLibraryError
    from conformity.sandbox.fetch import Fetched, FetchFailed, FetchJob

    job = FetchJob.model_validate_json(payload)
    event: Fetched | FetchFailed
    try:
        address = parse_address(job.address, job.table)
        event = Fetched(path=copy_table(address, job.folder, job.most_bytes, job.bound))
    except AbsentError as error:
        event = FetchFailed(kind="absent", reason=error.message)
    except DataError as error:
        event = FetchFailed(kind="data", reason=error.message)
    except MissingLibraryError as error:
        event = FetchFailed(kind="library", reason=error.message)
    except MemoryError:
        raise
    except Exception as error:
        # Its text stays here, since it may quote the data.
        reason = f"copying {job.address} failed inside ({type(error).__name__}); try again and report it"
        event = FetchFailed(kind="inside", reason=reason)
    return event.model_dump_json().encode("utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
