"""The MCP server over HTTP as a process of its own, for tests that speak to it as programs of others do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ADDRESS = re.compile(r"serving MCP at (\S+)")


@dataclass(frozen=True)
class Serving:
    """A server that runs."""

    address: str
    """Where its tools are."""
    process: subprocess.Popen[str]
    """The process."""


@contextmanager
def serving(root: Path, command: Sequence[str] = ()) -> Iterator[Serving]:
    """Start a server and yield it when it listens; it is ended afterwards, and what it began is not.

    Args:
        root: the folder that its tools may see.
        command: what to start; `conformity mcp --http` on a free port when not given.
    """
    chosen = command or [
        sys.executable, "-m", "conformity", "mcp", "--http", "--port", "0", "--root", str(root)
    ]  # fmt: skip
    # A run that measures coverage follows the server through these.
    kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    with (root / "server.log").open("a+") as log:
        process = subprocess.Popen(
            chosen,
            env={"PATH": "/usr/bin:/bin", "HOME": str(root), **kept},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        try:
            for line in process.stderr:
                log.write(line)
                if found := _ADDRESS.search(line):
                    yield Serving(found[1], process)
                    return
            raise AssertionError(f"the server did not start; {root / 'server.log'} says why")
        finally:
            process.terminate()
            log.write(process.communicate(timeout=20)[1])
